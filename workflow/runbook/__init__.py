"""How does a team's Markdown become a plan, and how is it ticked off? Reader and marker of runbooks."""

from __future__ import annotations

from workflow.runbook.marks import changes_besides_marks, flip, flip_all, read_marks
from workflow.runbook.reader import read_runbook

__all__ = ["changes_besides_marks", "flip", "flip_all", "read_marks", "read_runbook"]
