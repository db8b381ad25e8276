"""How is a box ticked without touching anything else? One byte, found by line, checked before and after.

Rules:
- A flip replaces exactly one byte. The line, the old byte and the hash of the rest of the line must be those of the
  plan; otherwise the file was changed and the flip is refused. Nothing is searched for or guessed.
- A box in an unknown state is never flipped.
- A line that moved because somebody inserted text elsewhere is a change by hand, and reported as one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate

from state.counted import counted
from state.errors import BadInput, Problem
from state.model import BOX_STATES, Box, Plan
from state.path_word import path_word
from state.printable import as_name, printable_line


def flip(data: bytes, box: Box, *, to: str = "x") -> bytes:
    """The runbook with this one box set to `to`.

    Raises BadInput when `to` or the box's state is unknown, when the box is in that state already, and when the file
    is no longer the one that the plan was read from.
    """
    return flip_all(data, [box], to=to)


def flip_all(data: bytes, boxes: Iterable[Box], *, to: str = "x") -> bytes:
    """The runbook with all these boxes set to `to`. Raises BadInput as `flip`, with every refused box."""
    if to not in BOX_STATES:
        raise BadInput(f"a box cannot be set to {to!r}, expected one of {', '.join(map(repr, BOX_STATES))}")
    flipped = bytearray(data)
    problems = []
    for box, seen in _look(data, boxes):
        if isinstance(seen, Problem):
            problems.append(seen)
        elif box.state not in BOX_STATES:
            problems.append(_problem(box, f"state {box.state!r} is unknown and is never flipped"))
        elif seen != box.state:
            problems.append(_problem(box, f"expected state {box.state!r}, seen {seen!r}"))
        elif seen == to or (seen in "xX" and to in "xX"):
            problems.append(_problem(box, f"the box is {seen!r} already"))
        else:
            flipped[box.offset] = ord(to)
    if problems:
        raise BadInput("boxes were not flipped", problems=problems, next_command="git -P diff   # see what was changed")
    return bytes(flipped)


def read_marks(data: bytes, plan: Plan) -> Mapping[int, str]:
    """The state of every box of the plan in this version of the runbook, by byte offset.

    Raises BadInput, with every box that is not where the plan has it.
    """
    states: dict[int, str] = {}
    problems = []
    for box, seen in _look(data, (box for task in plan.tasks for box in task.boxes())):
        if isinstance(seen, Problem):
            problems.append(seen)
        else:
            states[box.offset] = seen
    if problems:
        raise BadInput(
            f"{plan.runbook} was changed by hand",
            problems=problems,
            next_command=f"git -P diff -- {path_word(plan.runbook)}   # see what was changed",
        )
    return states


def changes_besides_marks(before: bytes, after: bytes, plan: Plan) -> list[Problem]:
    """What differs between two versions of a runbook, other than the plan's marks; empty when nothing does.

    A mark that became something else than a known state is a difference, too.
    """
    if before == after:
        return []
    old, new = before.split(b"\n"), after.split(b"\n")
    columns = _columns(old, plan)
    shared = min(len(old), len(new))
    head = 0
    while head < shared and _same(old[head], new[head], columns.get(head)):
        head += 1
    if head == len(old) == len(new):
        return []
    tail = 0
    while tail < shared - head and _same(old[-1 - tail], new[-1 - tail], columns.get(len(old) - 1 - tail)):
        tail += 1
    was, now = old[head : len(old) - tail], new[head : len(new) - tail]
    return [Problem(f"{as_name(plan.runbook)}:{head + 1}", f"expected {_quote(was)}, seen {_quote(now)}")]


def _columns(lines: list[bytes], plan: Plan) -> dict[int, int]:
    """Where the state byte stands on its line, by the line's index."""
    starts = list(accumulate(map(len, lines), lambda start, size: start + size + 1, initial=0))
    boxes = [box for task in plan.tasks for box in task.boxes() if box.line <= len(lines)]
    return {box.line - 1: box.offset - starts[box.line - 1] for box in boxes}


def _same(old: bytes, new: bytes, column: int | None) -> bool:
    """Whether a line is as it was but for the known state at `column`."""
    if old == new:
        return True
    if column is None or len(old) != len(new) or not 0 <= column < len(new):
        return False
    return chr(new[column]) in BOX_STATES and old[:column] == new[:column] and old[column + 1 :] == new[column + 1 :]


def _look(data: bytes, boxes: Iterable[Box]) -> Iterator[tuple[Box, str | Problem]]:
    """Each box, in the order of the file, with its state in `data`, or with why it is not there."""
    line, counted = 1, 0
    for box in sorted(boxes, key=lambda each: each.offset):
        if box.offset >= len(data):
            yield box, _problem(box, f"expected a box at byte {box.offset}, the file ends at {len(data)}")
            continue
        start = data.rfind(b"\n", 0, box.offset) + 1
        end = data.find(b"\n", box.offset)
        end = len(data) if end < 0 else end
        line += data.count(b"\n", counted, start)
        counted = start
        after = box.offset + len(box.state.encode())  # an unknown state may be wider than a byte
        seen = data[box.offset : after]
        rest = data[start : box.offset] + b" " + data[after:end]
        if line != box.line:
            yield box, _problem(box, f"expected on line {box.line}, that byte is on line {line} now")
        elif hashlib.sha256(rest).hexdigest() != box.line_sha256:
            text = printable_line(data[start:end].decode("utf-8", "backslashreplace").strip())
            yield box, _problem(box, f"expected the line as it was read, seen `{text}`")
        else:
            yield box, seen.decode("utf-8", "backslashreplace")


def _problem(box: Box, message: str) -> Problem:
    return Problem(f"line {box.line}", message)


def _quote(lines: list[bytes]) -> str:
    if not lines:
        return "nothing"
    text = lines[0].decode("utf-8", "backslashreplace")
    more = f" and {counted(len(lines) - 1, 'more line')}" if len(lines) > 1 else ""
    return f"{text!r}{more}"
