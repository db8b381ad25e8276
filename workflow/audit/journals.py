"""Which journal is the story, and do all the others agree with it? Each is a beginning of the longest one.

Rules:
- The longest journal that the others are prefixes of is the story; everything else is judged against it.
- A commit's journal is compared by its object id, which is the id of that many bytes of the story. Nothing has to be
  unpacked as long as nothing is wrong, and what git keeps under that id is not believed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property

from state.errors import BadInput, JournalDamaged, WorkspaceRefused
from state.event_types import Event, Noted, RunStarted, TaskEvent
from state.files import blob_id
from state.fold import apply, fold
from state.plain_files import NOTHING_WRITTEN
from state.read_journal import read_pieces
from state.run_state import RunState
from state.segments import BELOW, pieces, segment_name
from workflow.audit.facts import Commit, Repository
from workflow.audit.findings import Finding, Unprovable
from workflow.audit.journal_growth import check_growth

COMMITTED_WITH = ("commit-intended", "aborted")  # what the journal in a commit of the run ends with


class Story:
    """A journal whose chain is whole: its events, where it was found, its `files`, and their bytes as one (`data`)."""

    def __init__(self, files: Sequence[bytes], where: str, *, torn: bool = False) -> None:
        """Raises JournalDamaged, with the line; a torn last line is damage unless `torn` allows it."""
        self.where = where
        lines, whole = read_pieces(files, run="")
        self.events, self.segments = lines.events, lines.segments
        *closed, last = files or (b"",)
        if whole < len(last) and not torn:
            raise JournalDamaged(f"{self.segments.place(len(self.events))}: the last line is torn")
        self.files = [*closed, last[:whole]] if whole or not closed else closed
        self.data = b"".join(self.files)
        first = self.events[0] if self.events else None
        if not isinstance(first, RunStarted):
            raise JournalDamaged("journal.jsonl:1: a run begins with run-started")
        self.start = first

    @cached_property
    def ends(self) -> Sequence[int]:
        """Behind which byte each event's line ends."""
        at, found = 0, []
        for _ in self.events:
            at = self.data.index(b"\n", at) + 1
            found.append(at)
        return found

    @cached_property
    def commits_end(self) -> Mapping[int, int]:
        """Length of the story up to an event that ends a commit's journal -> that event's `seq`."""
        return {self.ends[event.seq]: event.seq for event in self.events if event.type in COMMITTED_WITH}


@dataclass(slots=True)
class Journals:
    """What the run's journals say together.

    Attributes:
        story: None when not one journal of the run is whole.
        run: the state folded from the story, up to the event that cannot stand where it does, if there is one.
        whole: whether the fold came to the end.
        committed: how many events of the story the tip holds.
        cut_off: how many of them the commits hold with which a shallow clone begins: what was committed with those, or
            before them.
        at: commit -> `seq` of the last event in its journal, where that is a prefix of the story which ends with an
            intended commit or the run's end.
    """

    story: Story | None = None
    run: RunState | None = None
    whole: bool = False
    committed: int = 0
    cut_off: int = 0
    at: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    _by_end: dict[int, list[str]] = field(default_factory=dict, init=False, repr=False)

    def showing(self, seq: int) -> Sequence[str]:
        """The commits whose journal ends with this event."""
        if not self._by_end and self.at:
            for sha, end in self.at.items():
                self._by_end.setdefault(end, []).append(sha)
        return self._by_end.get(seq, ())

    @property
    def events(self) -> Sequence[Event]:
        return self.story.events if self.story else ()


@dataclass(frozen=True, slots=True)
class Sources:
    """The journal of one run at the tip (its bytes, and its story) and in the working tree."""

    tip: bytes | None
    there: Story | None
    here: Story | None
    findings: Sequence[Finding]
    limits: Sequence[Unprovable] = ()

    @property
    def stories(self) -> list[Story]:
        """The journals that are whole; one where they are equal."""
        return [story for story in (self.here, self.there if self.there is not self.here else None) if story]


def read_sources(repository: Repository, path: str) -> Sources:
    """What can be read of a run before its commits are known."""
    findings: list[Finding] = []
    limits: list[Unprovable] = []
    tip = _files("the tip", findings.append, lambda: _in_tip(repository, path), commit=repository.tip)
    work = _files("the working tree", findings.append, lambda: _in_worktree(repository, path))
    there = _story(tip, "the tip", findings.append, commit=repository.tip) if tip else None
    here = None
    if work and work[0]:
        same = there is not None and there.data == b"".join(work)
        here = there if same else _story(work, "the working tree", findings.append, torn=True)
        for lost in _lost(repository, path, here, is_there=len(work) > len(here.files)) if here else ():
            if isinstance(lost, Finding):
                findings.append(lost)
            else:
                limits.append(lost)
    return Sources(b"".join(tip) if tip is not None else None, there, here, findings, limits)


def _lost(repository: Repository, path: str, here: Story, *, is_there: bool) -> Iterator[Finding | Unprovable]:
    """What this clone knows to have been in the open file of the journal, which no commit has, and is not there."""
    run, number = path.rpartition("/")[0], len(here.files)
    name = f"{run}/{segment_name(number)}"
    if is_there:
        yield Unprovable("uncommitted-events", f"that nothing was done since the last commit: {name} holds no event")
    elif repository.open_segment(run.rpartition("/")[2]) == number and not repository.is_in_a_branch(name):
        yield Finding("journal-missing", f"{name} is gone, and what the run did since its last commit with it")


def _files(
    where: str, report: Callable[[Finding], None], read: Callable[[], list[bytes] | None], *, commit: str = ""
) -> list[bytes] | None:
    try:
        return read()
    except JournalDamaged as error:
        report(Finding("journal-damaged", f"{error.message} (in {where})", commit=commit))
        return []


def _in_tip(repository: Repository, path: str) -> list[bytes] | None:
    """The files of the journal in the tip; None where it is not there. Raises JournalDamaged where one is missing."""
    return committed_files(repository, repository.tip, path)


def _in_worktree(repository: Repository, path: str) -> list[bytes] | None:
    """As `_in_tip`, of the working tree. Raises JournalDamaged for all that a run would not go on with."""
    try:
        return repository.worktree_journal(path)
    except (BadInput, WorkspaceRefused) as error:
        raise JournalDamaged(error.message.removesuffix(NOTHING_WRITTEN)) from error
    except OSError as error:
        raise JournalDamaged(f"{error.filename or path}: {error.strerror}") from error


def committed_files(repository: Repository, sha: str, path: str) -> list[bytes] | None:
    """The bytes of each file of the journal in a commit; None where it is not there; `path`: of `journal.jsonl`.

    Raises JournalDamaged where one is missing.
    """
    held, run = repository.at(sha, path), path.rpartition("/")[0]
    if held is None:
        return None

    def further() -> dict[str, bytes]:
        names = list(repository.below(sha, f"{run}/{BELOW}").items())
        found = repository.read_all([blob for _, blob in names])
        return {name.removeprefix(f"{run}/"): each.data for (name, _), each in zip(names, found, strict=True) if each}

    return pieces(held.data, further, run="")


def read_journals(repository: Repository, commits: Sequence[Commit], path: str, sources: Sources) -> Journals:
    """All journals of one run: in the working tree, at the tip, and in each of these commits."""
    found = Journals(findings=list(sources.findings))
    report = found.findings.append
    blobs = [(commit, blob) for commit in commits if (blob := _blob_in(repository, commit, path)) is not None]
    found.findings += _missing(path, blobs, sources)
    story = longer(sources.here, sources.there, report) or _newest_whole(repository, blobs)
    if story is None:
        return found
    found.story, found.at = _compare(repository, [pair for pair in blobs if pair[1]], story, report)
    known = {blob: found.story.ends[found.at[commit.sha]] for commit, blob in blobs if commit.sha in found.at}
    check_growth(repository, commits, path, found.story.data, known, report)
    found.committed = events_in(found.story, sources.tip or b"")
    found.cut_off = _cut_off(repository, blobs, found.story)
    fold_story(found)
    return found


def _missing(path: str, blobs: Sequence[tuple[Commit, str]], sources: Sources) -> list[Finding]:
    """Where the journal was deleted, or that it is not in the tip."""
    deleted = [commit for commit, blob in blobs if not blob]
    if deleted:
        return [Finding("journal-missing", f"{path} was deleted here", commit=commit.sha) for commit in deleted]
    if sources.tip is None and blobs:
        return [Finding("journal-missing", f"{path} is not in the tip, though commits of the run hold it")]
    return []


def _cut_off(repository: Repository, blobs: Sequence[tuple[Commit, str]], story: Story) -> int:
    """How many events of the story the commits hold with which a shallow clone begins."""
    first = [repository.get(blob) for commit, blob in blobs if commit.boundary and blob]
    return max((events_in(story, held.data) for held in first if held), default=0)


def _blob_in(repository: Repository, commit: Commit, path: str) -> str | None:
    """The blob a commit puts at this path, "" when it deletes it, None when it leaves it alone."""
    if commit.boundary:
        held = repository.at(commit.sha, path)
        return held.sha if held else None
    change = commit.changes.get(path)
    return change.new if change else None


def _story(
    files: Sequence[bytes], where: str, report: Callable[[Finding], None], *, commit: str = "", torn: bool = False
) -> Story | None:
    try:
        return Story(files, where, torn=torn)
    except JournalDamaged as error:
        report(Finding("journal-damaged", f"{error.message} (in {where})", commit=commit))
        return None


def longer(here: Story | None, there: Story | None, report: Callable[[Finding], None]) -> Story | None:
    """Of the journals in the working tree and at the tip, the one that goes on from the other."""
    if here is None or there is None:
        return here or there
    if here.data.startswith(there.data):
        return here
    report(Finding("journal-rewritten", difference(there, here.data, "the working tree")))
    return there


def _newest_whole(repository: Repository, blobs: Sequence[tuple[Commit, str]]) -> Story | None:
    for commit, blob in reversed(blobs):
        story = _parsed(repository, commit, blob)
        if isinstance(story, Story):
            return story
    return None


def _parsed(repository: Repository, commit: Commit, blob: str) -> Story | JournalDamaged:
    where = f"commit {commit.sha[:10]}"
    held = next(repository.read_all([blob])) if blob else None  # the commit names it: it is there, or cannot be read
    if held is None:
        return JournalDamaged(f"journal.jsonl: blob {blob[:10]} is not in the repository")
    try:
        return Story([held.data], where)
    except JournalDamaged as error:
        return error


def _compare(
    repository: Repository, blobs: Sequence[tuple[Commit, str]], story: Story, report: Callable[[Finding], None]
) -> tuple[Story, dict[str, int]]:
    """The story, which a commit may know to have been longer, and where in it each commit's journal ends."""
    places = _places(repository, story)
    at = {commit.sha: places[blob] for commit, blob in blobs if blob in places}
    others = [(commit, _parsed(repository, commit, blob)) for commit, blob in blobs if blob not in places]
    longest = _longest(story, [other for _, other in others if isinstance(other, Story)])
    if longest is not story:
        report(Finding("journal-rewritten", difference(longest, story.data, story.where)))
        return _compare(repository, blobs, longest, report)
    for commit, other in others:
        _judge(commit, other, story, report)
    return story, at


def _longest(story: Story, others: Sequence[Story]) -> Story:
    """The longest that the story is the beginning of: itself, mostly."""
    longer = [other for other in others if other.data.startswith(story.data) and other.data != story.data]
    return max(longer, key=lambda other: len(other.data), default=story)


def _judge(commit: Commit, other: Story | JournalDamaged, story: Story, report: Callable[[Finding], None]) -> None:
    """A commit's journal that does not end where a commit's journal should."""
    where = f"commit {commit.sha[:10]}"
    if isinstance(other, JournalDamaged):
        report(Finding("journal-damaged", f"{other.message} (in {where})", commit=commit.sha))
    elif not story.data.startswith(other.data):  # else: committed between two events, along with other work
        report(Finding("journal-rewritten", difference(story, other.data, where), commit=commit.sha))


def _places(repository: Repository, story: Story) -> dict[str, int]:
    """The blobs that are the story up to an event that ends a commit's journal, with that event's `seq`.

    All processors hash.
    """
    view, lengths, like = memoryview(story.data), list(story.commits_end), repository.tip
    hands = min(os.cpu_count() or 1, len(lengths)) or 1

    def some(first: int) -> list[tuple[str, int]]:
        return [(blob_id(view[:length], like), story.commits_end[length]) for length in lengths[first::hands]]

    with ThreadPoolExecutor(hands) as pool:  # hashing gives the interpreter's lock up
        return dict(pair for pairs in pool.map(some, range(hands)) for pair in pairs)


def difference(story: Story, data: bytes, where: str) -> str:
    """Where other bytes leave the story."""
    ours, theirs = story.data.split(b"\n")[:-1], data.split(b"\n")[:-1]
    same = next((n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs)))
    if same == len(theirs):
        return f"{where} lacks lines {same + 1} to {len(ours)}, which {story.where} has"
    if same == len(ours):
        return f"{where} has lines {same + 1} to {len(theirs)}, which {story.where} lacks"
    return f"line {same + 1} differs between {story.where} and {where}"


def events_in(story: Story, data: bytes) -> int:
    """How many events of the story these bytes hold."""
    return data.count(b"\n") if story.data.startswith(data) else 0


def fold_story(found: Journals) -> None:
    """Bring the state to the end of the story, or to the event that cannot stand where it does."""
    found.run = fold(found.events[:1])
    found.whole = True
    for event in found.events[1:]:
        try:
            apply(found.run, event)
        except JournalDamaged as error:
            task = event.task if isinstance(event, TaskEvent | Noted) else ""
            found.findings.append(Finding("journal-impossible", error.message, task=task))
            found.whole = False
            return
