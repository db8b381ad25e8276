"""How does a note get into the runbook? Below the fence of its section "Notes", as an edit that phasegate makes itself.

Rules:
- Nothing that stands there changes: the note is a line of its own behind the fence and the notes before it.
- The edit is taken as a person's is (`apply_runbook_edit.py`): kept, recorded, shown with the task in whose commit it
  rides. The record comes first, then the file: a process that died in between is finished by the next one.
- A note is words and no part of the plan: what would read as a box, a heading or a fence is refused.
"""

from __future__ import annotations

from pathlib import Path

from state.errors import BadInput
from state.line_endings import with_lf
from state.model import Plan
from state.outside_file import read_outside
from state.path_word import path_word
from state.printable import as_name
from workflow.engine.engine import Engine
from workflow.engine.expected_runbook import ExpectedRunbook
from workflow.engine.masked_words import masked_value
from workflow.runbook.grammar import CURRENT_GRAMMAR, GRAMMARS
from workflow.runbook.kept_runbook import read_kept
from workflow.runbook.lines import Lines, scan
from workflow.runbook.report import Report
from workflow.runs.apply_runbook_edit import apply_runbook_edit
from workflow.runs.load_plan import plan_of


def note_in_document(engine: Engine, text: str) -> None:
    """Put the note into the runbook of a run under way, and into its log.

    Raises BadInput where the runbook has no such section, the note is more than a line of words, or an edit cannot be
    taken (`apply_runbook_edit`); nothing was written then.
    """
    run, path = engine.run, Path(engine.plan.runbook)
    before = read_outside(engine.workspace / path, "runbook", limit=None, name=path.as_posix())
    if with_lf(before) != with_lf(ExpectedRunbook(engine.open_run).now()):
        raise BadInput(
            f"{as_name(path.as_posix())} was edited: expected it as run {run.run_id} left it, or the edit to be taken",
            next_command=f"phasegate resume {run.run_id} --take-edit",
        )
    who, when = engine.doors.me.git.partition(" <")[0], engine.doors.clock.now()
    said = f"- {when:%Y-%m-%d}, {who}: {masked_value(text, engine.doors.mask)}"
    after = with_note(before, said, path.as_posix(), run.run_id)
    if _tasks(read_kept(before, run.start)) != _tasks(read_kept(after, run.start)):
        raise _not_words(text, run.run_id)
    apply_runbook_edit(engine, after)
    engine.doors.disk.write_atomic(engine.workspace / path, after)
    engine.go_by(plan_of(engine.workspace, run))
    engine.note(text)


def with_note(runbook: bytes, said: str, name: str, run_id: str) -> bytes:
    """The runbook with this line below the fence of its last section "Notes", behind the notes that stand there.

    Raises BadInput where there is no such fence, or where the note is no line.
    """
    if len(said.splitlines()) != 1:
        raise _not_words(said, run_id)
    lines = scan(runbook, Report(), GRAMMARS[CURRENT_GRAMMAR])
    row = _end_of_notes(lines)
    if row is None:
        raise BadInput(
            f"{as_name(name)} has no section Notes with a fence in it: expected a heading `Notes` and, below it, the "
            "fence that notes are put behind",
            next_command=f"phasegate note {run_id} TEXT   # into the log alone, or: $EDITOR {path_word(name)}",
        )
    end = b"\r\n" if lines.raw(row).endswith(b"\r") else b"\n"
    at = lines.starts[row + 1]
    head, rest = runbook[:at], runbook[at:]
    if not head.endswith(b"\n"):
        head += end
    first = lines.text[row].startswith("- ")
    return head + (b"" if first else end) + said.encode() + end + rest


def _end_of_notes(lines: Lines) -> int | None:
    """The line behind which a note goes: the last of the notes below the fence, or the fence's end."""
    heading = next((each for each in reversed(lines.headings) if each.text.strip().lower() == "notes"), None)
    if heading is None:
        return None
    after = (each.row for each in lines.headings if each.row > heading.row and each.level <= heading.level)
    end = next(after, len(lines))
    fence = next((row for row in sorted(lines.fences) if heading.row < row < end), None)
    if fence is None or lines.fence_ends[fence] >= len(lines) or lines.cut is not None:
        return None
    row = lines.fence_ends[fence]
    notes = [each for each in range(row + 1, end) if lines.text[each].strip()]
    for number, each in enumerate(notes):
        if not lines.text[each].startswith("- ") or each - row > 2 or (number and each - row > 1):
            break
        row = each
    return row


def _tasks(plan: Plan) -> list[tuple[str, str, int]]:
    return [(task.key, task.title, len(list(task.boxes()))) for task in plan.tasks]


def _not_words(text: str, run_id: str) -> BadInput:
    return BadInput(
        f"a note in the document is one line of words, no box, heading or fence: seen {text!r}",
        next_command=f"phasegate note {run_id} TEXT   # into the log alone",
    )
