"""Which events does a journal hold? Its lines read, each once, from bytes, a directory, or a tree.

Rules:
- A torn last line of the last file is not an event yet; readers ignore it. Any other damage is refused with file and
  line number: a line that is no event, a wrong hash, a line that belongs into another file (`segments.py`).
- Nothing is locked and nothing is written.
- What this process has parsed before is not parsed again, where the same bytes begin the journal (`read_before.py`).
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from state.errors import JournalDamaged
from state.events import Event, NewerFormat, from_line
from state.files import sha256
from state.outside_file import read_outside
from state.path_word import path_word
from state.plain_files import refuse_links
from state.read_before import ReadBefore
from state.segments import BELOW, JOURNAL, Segments, file_name, pieces, put_back, segment_name, segment_number

FIRST_PREV = "0" * 64  # what the first line has in the place of a hash
_BEFORE: ReadBefore[Lines] = ReadBefore()  # of this process


def parse(
    data: bytes, *, name: str = JOURNAL, before: Sequence[Event] = (), prev: str = FIRST_PREV
) -> tuple[list[Event], int]:
    """The events in a journal's bytes, in whichever files they were, and how many of the bytes are whole lines.

    Where the bytes only continue a journal, `before` are the events that were read already, and `prev` is the hash of
    their last line.

    Raises JournalDamaged with the line number for anything but a torn last line: a line that is not an event,
    a wrong `seq`, another format than the first line's, a `prev` that is not the hash of the line before.
    """
    lines = Lines(before, prev, places=False)
    whole = lines.take(data, name, len(before) + 1)
    return lines.events[len(before) :], whole


def read_pieces(found: Sequence[bytes], *, run: str) -> tuple[Lines, int]:
    """The lines in the files of a journal, as `segments.pieces` gives them, and how many bytes of the last are whole.

    `run`: the run's directory, for messages. Raises JournalDamaged with file and line, as `parse`; and for a line that
    belongs into another file.
    """
    lines, first, whole = _BEFORE.beginning_of(found) or (Lines(), 0, 0)
    with without_collector():
        for number in range(first, len(found)):
            known, new = found[number][:whole], found[number][whole:]
            line = known.count(b"\n") + 1
            whole += lines.take(new, file_name(run, number), line, begins=number > 0 and not known)
            if number < len(found) - 1:
                whole = 0
    _BEFORE.keep(found, whole, lines)
    return lines, whole


def read(path: Path) -> list[Event]:
    """The events on disk of the run whose `journal.jsonl` is at `path`, without locking.

    A torn last line is not an event yet. Raises JournalDamaged as `read_pieces` and `segments.pieces`; BadInput for a
    file that is no plain one; WorkspaceRefused for a link in the place of a segment.
    """
    run = run_name(path)
    return read_pieces(files_of(path), run=run)[0].events


def files_of(path: Path) -> list[bytes]:
    """The bytes of each file of the journal that begins at `path`. Raises as `read`."""
    run, directory = run_name(path), path.parent
    names = _names_below(directory)  # first: whoever writes meanwhile has filled the files before the ones that we see
    first = read_outside(path, "journal", limit=None, name=f"{run}/{JOURNAL}")

    def further() -> dict[str, bytes]:
        return {name: read_outside(directory / name, "journal", limit=None, name=f"{run}/{name}") for name in names}

    return pieces(first, further, run=run)


def _names_below(directory: Path) -> list[str]:
    """The names of the further segments in a run's directory. Raises WorkspaceRefused where a link stands for one."""
    refuse_links(_top(directory), directory / BELOW)
    groups = _entries(directory, BELOW)
    return [name for group in groups for name in _entries(directory, group) if segment_number(name)]


def _top(directory: Path) -> Path:
    """The workspace, from whose top people type the paths below a run's directory."""
    return directory.parent.parent


def _entries(directory: Path, name: str) -> list[str]:
    """What lies in a directory below the run's, by its name from there; nothing where it is none, or not there."""
    try:
        with os.scandir(directory / name) as entries:
            found = list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return []
    for each in found:
        if each.is_symlink():
            refuse_links(_top(directory), Path(each.path))
    return [f"{name}/{each.name}" for each in found]


def newest_file(path: Path) -> Path:
    """The file of a journal that was written to last: `path`, or the segment with the highest number; nothing is read.

    A link in the way leads nowhere.
    """
    top = path.parent / BELOW
    if top.is_symlink() or not top.is_dir():
        return path
    groups = sorted((each.name for each in top.iterdir() if each.name.isdigit()), key=int)
    names = [f"{BELOW}/{groups[-1]}/{each.name}" for each in (top / groups[-1]).iterdir()] if groups else []
    last = max(filter(None, map(segment_number, names)), default=0)
    return path.parent / segment_name(last)


def run_name(path: Path) -> str:
    """The run's directory as people and git find it, of its `journal.jsonl`: `.phasegate/<run>`."""
    return "/".join(path.parts[-3:-1])


@contextmanager
def without_collector() -> Iterator[None]:
    """For reading much that stays: the garbage collector would look at it again and again, and find nothing.

    It takes a tenth of the time of a long audit.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class ConvertedLines(ValueError):
    """A line whose end is not as it was written: by core.autocrlf, or by an attribute in a `.gitattributes`."""


def _way_on(error: ValueError, name: str) -> str:
    if isinstance(error, NewerFormat):
        return "pip install --upgrade phasegate"
    if isinstance(error, ConvertedLines):
        return f"git check-attr text eol -- {path_word(name)}   # text must be unset; who sets it?"
    return put_back(name)


class Lines:
    """The lines of a journal, as they are taken in.

    Attributes:
        events: those so far.
        last: hash of the last line, which the next one names.
        segments: where they stand.
    """

    def __init__(self, events: Iterable[Event] = (), last: str = FIRST_PREV, *, places: bool = True) -> None:
        """Without `places` nobody asks in which file a line is."""
        self.events = list(events)
        self.last = last
        self.segments = Segments()
        self._places = places

    def copy(self) -> Lines:
        """The same lines, to go on from."""
        copied = Lines(self.events, self.last, places=self._places)
        copied.segments = self.segments.copy()
        return copied

    def take(self, data: bytes, name: str, line: int, *, begins: bool = False) -> int:
        """Take in the lines in these bytes, and return how many bytes they are.

        `name`, `line`: the file, and the line in it that the bytes begin with; `begins`: they are a further segment.
        """
        with without_collector():
            return self._take(data, name, line, begins=begins)

    def _take(self, data: bytes, name: str, line: int, *, begins: bool) -> int:
        *lines, rest = data.split(b"\n")
        for number, written in enumerate(lines, line):
            try:
                self._take_line(written, begins)
            except ValueError as error:
                raise JournalDamaged(f"{name}:{number}: {error}", next_command=_way_on(error, name)) from error
            begins = False
        return len(data) - len(rest)

    def _take_line(self, written: bytes, begins: bool) -> None:
        """Take in one line; `begins`: it is the first one of a further segment."""
        if written[-1:] == b"\r":
            raise ConvertedLines("it ends with CR LF: git converted the line ends of what is hashed byte by byte")
        event, events = from_line(written), self.events
        seq = len(events)
        if event.seq != seq:
            raise ValueError(f"seq is {event.seq}, expected {seq}: a line is missing or out of order")
        if events and event.version != events[0].version:
            raise ValueError(f"format version {event.version}, its run is of {events[0].version}")
        if event.prev != self.last:
            raise ValueError(f"prev is {event.prev[:12]}, the line before hashes to {self.last[:12]}: it was changed")
        if self._places:
            segments = self.segments
            due = segments.commit_is_unnamed and segments.begins(event.type, event.fields)
            if due != begins:
                raise ValueError(f"{event.type} belongs into {segment_name(segments.last + due)}")
        self.add(event, written)

    def add(self, event: Event, written: bytes) -> None:
        """Go on by an event that is good, and by its line."""
        if self._places:
            self.segments.take(event)
        self.events.append(event)
        self.last = sha256(written)
