"""In which file does each line of a run's journal belong? Told by the events alone, for a directory and a tree alike.

`storage` in `run-started` says how the journal is kept (docs/decisions/0016-format-2.md, "How it is kept"):

    1 (or absent)   journal.jsonl            all of it, in one file
    2               journal.jsonl            segment 0: up to the first `commit-intended` whose commit was made
                    journal/00/01.jsonl      segment 1, and so on: one a commit, a hundred to a directory
                    journal/12/34.jsonl      segment 1234

Rules:
- A segment is begun by the first event after a found commit, which names that commit (`after`), and by no other.
- The chain runs through: `seq` counts on, and the first line of a segment has the hash of the last one before.
- Files that are no segments by their name are left alone.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping

from state.errors import JournalDamaged
from state.event_types import Event, RunStarted
from state.json_line import read_object
from state.json_values import Fields
from state.late_pattern import late
from state.path_word import path_word

JOURNAL = "journal.jsonl"  # in the directory of each run
BELOW = "journal"  # the directory beside it, of the further segments
ONE_FILE, SEGMENTS = 1, 2  # kinds of storage
STORAGE = SEGMENTS  # of the runs that begin now
IN_A_DIRECTORY = 100

# what can be the first event after a commit
_NAMES_A_COMMIT = ("task-started", "rollback-started", "aborted", "runbook-taken", "noted", "policy-approved")
# what may stand between a commit's intent and the event that names the commit, and says nothing of it
_BESIDE_THE_TASK = ("noted", "policy-approved", "aborted")
_SEGMENT = late(rf"{BELOW}/(\d{{2,}})/(\d\d)\.jsonl")


def segment_name(number: int) -> str:
    """Of segment `number`, the file in the run's directory."""
    if number == 0:
        return JOURNAL
    return f"{BELOW}/{number // IN_A_DIRECTORY:02}/{number % IN_A_DIRECTORY:02}.jsonl"


def file_name(run: str, number: int) -> str:
    """The path of segment `number`, for people, of the run whose directory is `run`; "" for one that nobody names."""
    return f"{run}/{segment_name(number)}" if run else segment_name(number)


def segment_number(name: str) -> int | None:
    """Which segment the file of this name in the run's directory is; None where it is none."""
    if name == JOURNAL:
        return 0
    found = _SEGMENT.fullmatch(name)
    number = int(found[1]) * IN_A_DIRECTORY + int(found[2]) if found else 0
    return number if number and segment_name(number) == name else None


class Segments:
    """Where the segments of one run begin, as its events come in.

    Attributes:
        starts: `seq` of the first event of each segment.
        commit_is_unnamed: whether a commit was intended last, and no event has named it, or said that it was not made.
    """

    def __init__(self) -> None:
        self.starts = [0]
        self.commit_is_unnamed = False
        self._storage = ONE_FILE

    def copy(self) -> Segments:
        """The same, to go on from."""
        copied = Segments()
        copied.starts, copied.commit_is_unnamed = [*self.starts], self.commit_is_unnamed
        copied._storage = self._storage
        return copied

    @property
    def are_kept_apart(self) -> bool:
        """Whether each is a file of its own."""
        return self._storage == SEGMENTS

    @property
    def last(self) -> int:
        """The number of the one that is open."""
        return len(self.starts) - 1

    def begins(self, type_: str, fields: Fields) -> bool:
        """Whether an event of this type, with these fields, is the first one of a segment, were it the next."""
        unnamed = self.commit_is_unnamed and self.are_kept_apart
        return unnamed and type_ in _NAMES_A_COMMIT and fields.get("after") is not None

    def take(self, event: Event) -> None:
        """Go on by one event."""
        if event.seq == 0 and isinstance(event, RunStarted):
            self._storage = event.storage
        if event.type == "commit-intended":
            self.commit_is_unnamed = True
        elif self.commit_is_unnamed:
            if self.begins(event.type, event.fields):
                self.starts.append(event.seq)
            self.commit_is_unnamed = event.type in _BESIDE_THE_TASK and event.fields.get("after") is None

    def of(self, seq: int) -> int:
        """The number of the segment that holds this event."""
        return bisect_right(self.starts, seq) - 1

    def place(self, seq: int) -> str:
        """For people, where this event stands: `journal/00/01.jsonl:3`, from the run's directory."""
        number = self.of(seq)
        return f"{segment_name(number)}:{seq - self.starts[number] + 1}"


def storage_of(first_line: bytes) -> int:
    """How the journal is kept that begins with this line; as one file where the line does not say."""
    try:
        body = read_object(first_line)
    except ValueError:
        return ONE_FILE  # damaged: whoever reads the line says so
    return SEGMENTS if body.get("storage") == SEGMENTS and body.get("v") != 1 else ONE_FILE


def pieces(first: bytes, further: Callable[[], Mapping[str, bytes]], *, run: str) -> list[bytes]:
    """The bytes of a run's segments, in order; the last one may be empty, or end with a torn line.

    The one reader of directories and trees.

    Args:
        first: `journal.jsonl`.
        further: gives what lies below `journal`, by its name in the run's directory; asked where segments are kept
            apart only.
        run: the run's directory, for messages: `.phasegate/<run>`.

    Raises JournalDamaged where a segment is missing, or one that has a next one is empty or torn.
    """
    if storage_of(first.partition(b"\n")[0]) != SEGMENTS:
        return [first]
    files = {number: data for name, data in further().items() if (number := segment_number(name))}
    refuse_gaps(files, run=run)
    found = [first, *(files[number] for number in sorted(files))]
    for number, data in enumerate(found[:-1]):
        if not data.endswith(b"\n"):
            name = file_name(run, number)
            what = "its last line is torn" if data else "it is empty"
            raise JournalDamaged(
                f"{name}: {what}, and {segment_name(number + 1)} is there", next_command=put_back(name)
            )
    return found


def refuse_gaps(numbers: Collection[int], *, run: str) -> None:
    """Raise JournalDamaged unless these are the numbers of all segments behind the first one."""
    missing = next(number for number in range(1, len(numbers) + 2) if number not in numbers)
    if missing <= len(numbers):
        name = file_name(run, missing)
        message = f"{name} is not there, and {segment_name(max(numbers))} is: a part of the journal is missing"
        raise JournalDamaged(message, next_command=put_back(name))


def look_at_change(name: str) -> str:
    """The command that shows how a file of the journal is not as committed."""
    return f"git diff HEAD -- {path_word(name)}   # look (less shows it where no commit has it yet)"


def put_back(name: str) -> str:
    """The command that shows what became of a file of the journal, and what brings the committed one back."""
    aside = " (mv it aside where no commit has it)" if f"/{BELOW}/" in name else ""
    return (
        f"{look_at_change(name)}; `git checkout -- {name}` goes back to the last "
        f"commit's{aside}, and what was done since is done again"
    )
