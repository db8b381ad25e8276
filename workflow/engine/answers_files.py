"""Which files of the repository gave this run its answers? They order, and are no work, also of earlier commands.

Kept beside the clone's other private things, a path a line: no commit can bring it, and none takes it along. Without it
(in another clone) only the file of the command itself is known.
"""

from __future__ import annotations

import json
from pathlib import Path

from workflow.engine.open_run import OpenRun


def answers_files(run: OpenRun) -> set[str]:
    """Workspace paths of the answers files of this command and of earlier ones of the run; it is remembered."""
    kept = run.doors.git.git_dir() / "phasegate" / "answers" / run.run_id
    known = _read(kept)
    here = _inside(run)
    if here and here not in known:
        kept.parent.mkdir(parents=True, exist_ok=True)
        run.doors.disk.write_atomic(kept, json.dumps(sorted({*known, here})).encode(), sync=False)
    return known | ({here} if here else set())


def _read(kept: Path) -> set[str]:
    try:
        found = json.loads(kept.read_bytes())
    except (FileNotFoundError, ValueError):  # it helps where it is there, and is nobody's evidence
        return set()
    return {each for each in found if isinstance(each, str)} if isinstance(found, list) else set()


def _inside(run: OpenRun) -> str:
    """The path of this command's answers file, where it lies in the repository; else ""."""
    given = run.settings.answers_file
    if not given:
        return ""
    top, full = run.workspace.resolve(), Path(given).resolve()
    return full.relative_to(top).as_posix() if full.is_relative_to(top) else ""
