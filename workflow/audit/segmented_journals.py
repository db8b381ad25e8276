"""Which journal is the story, and do all commits agree with it, where a journal is kept in segments (`storage: 2`)?

Rules:
- Each commit's list of (segment, blob id) is a prefix of the next one's, and a commit of the run adds one. What git
  tells of a commit's changes shows that without opening a file; the bytes of the story are read once.
- The last segment of a list may be the beginning of the story's: whoever commits everything takes along what there is.
- Only what is not so is looked at in full: the tree of that commit, and what it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from state.errors import JournalDamaged
from state.files import blob_id
from state.segments import BELOW, segment_name, segment_number, storage_of
from workflow.audit import journals as one_file
from workflow.audit.facts import Change, Commit, Repository
from workflow.audit.findings import Finding
from workflow.audit.journals import (
    COMMITTED_WITH,
    Journals,
    Sources,
    Story,
    committed_files,
    difference,
    events_in,
    fold_story,
    longer,
)

_Report = Callable[[Finding], None]


def read_journals(repository: Repository, commits: Sequence[Commit], path: str, sources: Sources) -> Journals:
    """All journals of one run, however they are kept; `path` is that of its `journal.jsonl`."""
    first = sources.stories[0].files[0] if sources.stories else _any_first(repository, commits, path)
    if storage_of(first.partition(b"\n")[0]) == 1:
        return one_file.read_journals(repository, commits, path, sources)
    return _SegmentedJournals(repository, commits, path).read(sources)


def _any_first(repository: Repository, commits: Sequence[Commit], path: str) -> bytes:
    """The newest first file that a commit brings; empty where there is none."""
    blobs = [commit.changes[path].new for commit in commits if path in commit.changes and commit.changes[path].new]
    held = repository.get(blobs[-1]) if blobs else None
    return held.data if held else b""


class _Held(NamedTuple):
    """What a commit holds of the story.

    Attributes:
        whole: how many segments, from the first one on.
        tail: blob of the beginning of the next one, "" where there is none.
        lines: how many events that is; -1 where the commit's journal is no beginning of the story.
    """

    whole: int = 0
    tail: str = ""
    lines: int = 0


_NOTHING = _Held()


class _SegmentedJournals:
    """The journals in the commits of one repository, of one run."""

    def __init__(self, repository: Repository, commits: Sequence[Commit], path: str) -> None:
        self._repository = repository
        self._commits = commits
        self._path = path
        self._run = path.rpartition("/")[0]
        self._in_full: set[str] = set()  # commits of which all was looked at
        self._changed = {commit.sha: found for commit in commits if (found := self._changes(commit))}

    def read(self, sources: Sources) -> Journals:
        """As `read_journals`."""
        found = Journals(findings=list(sources.findings))
        report = found.findings.append
        found.findings += self._missing(sources)
        story = longer(sources.here, sources.there, report) or self._newest_whole()
        if story is None:
            return found
        found.story, held = self._compare(story, report)
        self._check_growth(held, report)
        brings = [commit.sha for commit in self._commits if commit.boundary or commit.sha in self._changed]
        found.at = {sha: end for sha in brings if (end := _end(found.story, held[sha])) is not None}
        found.committed = events_in(found.story, sources.tip or b"")
        found.cut_off = max((held[commit.sha].lines for commit in self._commits if commit.boundary), default=0)
        fold_story(found)
        return found

    def _changes(self, commit: Commit) -> Mapping[int, Change]:
        """Segments that the commit changes, by number."""
        named = ((self._number(path), change) for path, change in commit.changes.items())
        return {number: change for number, change in named if number is not None}

    def _number(self, path: str) -> int | None:
        run, slash, name = path[: len(self._run)], path[len(self._run) : len(self._run) + 1], path[len(self._run) + 1 :]
        return segment_number(name) if run == self._run and slash == "/" else None

    def _missing(self, sources: Sources) -> Iterator[Finding]:
        """Where a file of the journal was deleted, or that there is none in the tip."""
        deleted = False
        for sha, changes in self._changed.items():
            gone = [number for number, change in changes.items() if not change.new]
            if gone:
                deleted = True
                path = f"{self._run}/{segment_name(min(gone))}"
                yield Finding("journal-missing", f"{path} was deleted here", commit=sha)
        if not deleted and sources.tip is None and self._changed:
            message = f"{self._path} is not in the tip, though commits of the run hold it"
            yield Finding("journal-missing", message)

    def _newest_whole(self) -> Story | None:
        for commit in reversed(self._commits):
            if commit.sha in self._changed and isinstance(story := self._parsed(commit.sha), Story):
                return story
        return None

    def _parsed(self, sha: str) -> Story | JournalDamaged:
        try:
            files = committed_files(self._repository, sha, self._path)
            return Story(files or (), f"commit {sha[:10]}")
        except JournalDamaged as error:
            return error

    # --- each commit against the story

    def _compare(self, story: Story, report: _Report) -> tuple[Story, Mapping[str, _Held]]:
        """The story, which a commit may know to have been longer, and what each commit holds of it."""
        self._in_full.clear()
        held = self._held(story)
        others = [(sha, self._parsed(sha)) for sha in held if sha in self._in_full and held[sha].lines < 0]
        further = [other for _, other in others if isinstance(other, Story) and _goes_on(other, story)]
        if further:
            longest = max(further, key=lambda other: len(other.data))
            report(Finding("journal-rewritten", difference(longest, story.data, story.where)))
            return self._compare(longest, report)
        for sha, other in others:
            report(_judged(sha, other, story))
        return story, held

    def _held(self, story: Story) -> dict[str, _Held]:
        """What each commit holds of the story, parents first."""
        expected = [blob_id(data, self._repository.tip) for data in story.files]
        found: dict[str, _Held] = {}
        for commit in self._commits:
            known = self._by_its_changes(commit, found, story, expected)
            found[commit.sha] = known or self._look_at_all(commit.sha, story, expected)
        return found

    def _by_its_changes(
        self, commit: Commit, found: Mapping[str, _Held], story: Story, expected: Sequence[str]
    ) -> _Held | None:
        """What a commit holds, as what it changes against its parent tells; None where that tells not enough."""
        if commit.boundary:
            return None
        if len(commit.parents) > 1:
            return self._of_merge(commit, found)
        before = found.get(commit.parents[0], _NOTHING) if commit.parents else _NOTHING
        changes = self._changed.get(commit.sha)
        if changes is None:
            return before
        change = changes.get(before.whole)
        if before.lines < 0 or len(changes) > 1 or change is None or change.old != before.tail:
            return None
        if before.whole < len(expected) and change.new == expected[before.whole]:
            return _Held(before.whole + 1, "", _lines(story, before.whole + 1))
        return None

    def _of_merge(self, commit: Commit, found: Mapping[str, _Held]) -> _Held | None:
        """What a merge holds that takes the journal of one of its parents."""
        tree = self._repository.id_at(commit.sha, self._run)
        for parent in commit.parents:
            if self._repository.id_at(parent, self._run) == tree:
                return found.get(parent, _NOTHING) if tree else _NOTHING
        return None

    def _look_at_all(self, sha: str, story: Story, expected: Sequence[str]) -> _Held:
        """What a commit holds, by all that lies in it."""
        self._in_full.add(sha)
        blobs = dict(enumerate(expected))
        first = self._repository.id_at(sha, self._path)
        there = {0: first}
        for path, blob in self._repository.below(sha, f"{self._run}/{BELOW}").items():
            if (number := self._number(path)) is not None:
                there[number] = blob
        if not first:
            return _NOTHING
        whole = next(number for number in range(len(there) + 1) if there.get(number, "") != blobs.get(number))
        tail = there.pop(whole, "")
        if len(there) > whole:
            return _Held(lines=-1)
        lines = _lines(story, whole)
        if tail:
            held = self._repository.get(tail)
            more = held.data if held is not None else b""
            if held is None or whole >= len(story.files) or not _begins(story.files[whole], more):
                return _Held(lines=-1)
            lines += more.count(b"\n")
        return _Held(whole, tail, lines)

    def _check_growth(self, held: Mapping[str, _Held], report: _Report) -> None:
        """Say which commits have less of the journal than one of their parents."""
        for commit in self._commits:
            if commit.boundary or (len(commit.parents) == 1 and commit.sha not in self._changed):
                continue
            here = held[commit.sha].lines
            before = max((held.get(parent, _NOTHING).lines for parent in commit.parents), default=0)
            is_merge = len(commit.parents) > 1
            if here == 0 and before and is_merge:
                report(Finding("journal-missing", f"{self._path} was dropped by this merge", commit=commit.sha))
            elif 0 <= here < before and (is_merge or self._changes_lines(commit)):
                message = f"its journal lacks lines {here + 1} to {before}, which a commit before it has"
                report(Finding("journal-rewritten", message, commit=commit.sha))

    def _changes_lines(self, commit: Commit) -> bool:
        """Whether the commit puts another file in the place of one; what it deletes is a finding by itself."""
        return any(change.new for change in self._changed[commit.sha].values())


def _lines(story: Story, segments: int) -> int:
    """How many events these segments of the story hold, from the first one on."""
    starts = story.segments.starts
    return starts[segments] if segments < len(starts) else len(story.events)


def _begins(file: bytes, data: bytes) -> bool:
    """Whether these are whole lines, and the first ones of a file."""
    return file.startswith(data) and (not data or data.endswith(b"\n"))


def _end(story: Story, held: _Held) -> int | None:
    """`seq` of the last event that a commit holds, where a commit's journal may end with it."""
    event = story.events[held.lines - 1] if held.lines > 0 else None
    return event.seq if event is not None and event.type in COMMITTED_WITH else None


def _goes_on(other: Story, story: Story) -> bool:
    return other.data != story.data and other.data.startswith(story.data)


def _judged(sha: str, other: Story | JournalDamaged, story: Story) -> Finding:
    """A commit's journal that is no beginning of the story."""
    where = f"commit {sha[:10]}"
    if isinstance(other, JournalDamaged):
        return Finding("journal-damaged", f"{other.message} (in {where})", commit=sha)
    return Finding("journal-rewritten", difference(story, other.data, where), commit=sha)
