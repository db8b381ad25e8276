"""Is a run over, as far as the first and the last line of its journal tell? What stands between them is not read.

Nobody believes these lines as they believe a journal: no chain was followed to the last one. They are enough to leave a
run aside where another one is meant; what is shown or gone on with is read whole (`read_journal.py`).
"""

from __future__ import annotations

import os

from state.cheap_classes import NamedTuple
from state.late_pattern import late
from state.segments import BELOW, JOURNAL, segment_name, segment_number
from state.task_state import LIFE

_CHUNK = 1 << 14  # [bytes] read of a file; nearly every segment is shorter
_FIRST_LINE = 1 << 22  # [bytes] at most: it has the whole plan, a hundred a task
_READING = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
# at, type, task, as `Event.to_line` writes them: these fields in this order, before any text of anybody's
_HEAD = late(rb'\{"v":\d+,"seq":\d+,"at":"([^"\\]+)","type":"([a-z-]+)"(?:,"task":"([^"\\]*)")?')
_OF_A_TASK = b'"key":"'  # in the first line, of each task of the plan; no text in the line can feign it
_UNDER_WAY = frozenset(event.encode() for _, event in LIFE) - {b"commit-intended"}  # the task of such a one is not done


class End(NamedTuple):
    """What a journal's ends tell.

    Attributes:
        began: when the run began, as its first line has it.
        is_over: whether the run has ended; a last task that intends to commit counts as over. None: not told.
    """

    began: str
    is_over: bool | None


def end_of(directory: str) -> End | None:
    """The end of the run with this directory; None where its journal has not begun, or must be read to tell."""
    try:
        tail, is_whole = _begin_of(f"{directory}/{JOURNAL}", _FIRST_LINE)
        first = tail[: tail.find(b"\n") + 1]
        if b'"storage":2' in first and (newest := _newest(directory, first.count(_OF_A_TASK))):
            tail, is_whole = _begin_of(f"{directory}/{newest}", _CHUNK)
        is_first_runbook = not os.access(f"{directory}/runbook-2.md", os.F_OK)
    except (OSError, ValueError):  # ValueError: an empty directory, or a file of another name
        return None
    if not is_whole or not tail.endswith(b"\n"):
        return None  # longer than what was read, or torn
    begins, last = _HEAD.match(first), _HEAD.match(tail, tail.rfind(b"\n", 0, -1) + 1)
    if begins is None or last is None:
        return None
    _, type_, task = last.groups()
    return End(begins[1].decode("utf-8", "replace"), _is_over(first if is_first_runbook else b"", type_, task))


def _is_over(first: bytes, type_: bytes, task: bytes) -> bool | None:
    """`first`: the first line, where the plan in it is in force, else b""; type and task are those of the last line."""
    if type_ in _UNDER_WAY:
        return False
    if type_ == b"aborted":
        return True
    if type_ != b"commit-intended" or b'"adopted":' in first:
        return None
    _, _, last = first.rpartition(_OF_A_TASK)
    return True if task and last.partition(b'"')[0] == task else None


def _begin_of(path: str, limit: int) -> tuple[bytes, bool]:
    """What a file begins with, by chunks up to a line's end or `limit` [bytes], and whether that is all of it.

    Raises OSError for a link.
    """
    handle = os.open(path, _READING)
    try:
        data = chunk = os.read(handle, _CHUNK)
        while len(chunk) == _CHUNK and b"\n" not in data and len(data) < limit:
            data += (chunk := os.read(handle, _CHUNK))
        return data, len(chunk) < _CHUNK
    finally:
        os.close(handle)


def _newest(directory: str, tasks: int) -> str:
    """The name of the further segment with the highest number, in the run's directory; "" where there is none.

    Most runs are over, and of a plan of so many tasks: their last segment is tried before the directories are listed.
    """
    if tasks > 1 and os.access(f"{directory}/{segment_name(tasks - 1)}", os.F_OK):
        if os.access(f"{directory}/{segment_name(tasks)}", os.F_OK):
            raise ValueError(tasks)
        return segment_name(tasks - 1)
    try:
        groups = os.listdir(f"{directory}/{BELOW}")  # noqa: PTH208 - names only
    except FileNotFoundError:
        return ""
    group = max(groups, key=int)
    newest = max(os.listdir(f"{directory}/{BELOW}/{group}"))  # noqa: PTH208
    name = f"{BELOW}/{group}/{newest}"
    if segment_number(name) is None:
        raise ValueError(name)
    return name
