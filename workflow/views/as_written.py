"""What does a task's text look like in the runbook? With the states of its boxes, which the text lacks. Pure.

A task's text stands for it in digests whatever somebody has ticked meanwhile, so that its boxes are open there; a
person who reads it sees them as they stood when the run began.
"""

from __future__ import annotations

import re

from state.model import PlannedTask

_BOX = re.compile(r"\[ \]")


def as_written(task: PlannedTask) -> str:
    """The task's text, each box with its state: `- [x] Built`."""
    lines = task.text.split("\n")
    first = task.end_line - len(lines) + 1
    for box in task.boxes():
        row = box.line - first
        if 0 <= row < len(lines) and box.state.strip():
            lines[row] = _BOX.sub(f"[{box.state}]", lines[row], count=1)
    return "\n".join(lines)
