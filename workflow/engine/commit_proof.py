"""Is the commit that git made the one that was intended? The whole of it: paths, entries, journal, message, parent.

Rules:
- Nothing is believed of hooks: what they may add are trailers of their own (`message_check`), and nothing else.
- The journal is compared, byte for byte, with what this process read and wrote. Of a commit that another process made,
  which died over it, the journal must be whole; which of two whole ones is the true one is for the audit to say.
- What it stands on counts as well: the runbook as the run left it, without the files that the task brings, and with the
  policy and the checks that were shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from state.errors import JournalDamaged
from state.files import blob_id
from state.printable import as_name
from state.read_journal import parse
from state.task_state import TaskState
from state.tree_entry import TreeEntry, differences
from workflow.engine.committed_runbook import why_not_as_left
from workflow.engine.counting_policy import GitStored
from workflow.engine.expected_runbook import ExpectedRunbook
from workflow.engine.message_check import claims, judge_message
from workflow.engine.open_run import OpenRun
from workflow.engine.shown_checks import why_not_as_shown

if TYPE_CHECKING:
    from workflow.git_port import FoundCommit


class CommitProof:
    """The commits of one run, held against their intents."""

    def __init__(self, run: OpenRun, runbook: ExpectedRunbook) -> None:
        self._run = run
        self._runbook = runbook
        self._git = run.doors.git

    def differences(self, state: TaskState, commit: FoundCommit, journal: bytes | None) -> list[str]:
        """By name, where the commit differs from what was intended.

        `journal`: the one that it was to hold; None when another process made the commit.
        """
        assert state.commit_intent is not None
        wanted, file = state.commit_intent.objects(), self._run.state.journal
        if state.commit_intent.entries is not None:
            broken = self.not_as_intended(state.commit_intent.entries, commit.sha)
        else:
            seen = self._git.tree_ids(commit.sha, list(wanted))
            broken = [
                f"{as_name(path)} was changed" for path in wanted if path != file and seen.get(path) != wanted[path]
            ]
        if not self._has_journal(commit.sha, file, journal):
            broken.append(f"{file} was changed: it is not the one that phasegate wrote")
        if len(commit.parents) == 1:
            broken += self._below(state, commit, made_here=journal is not None)
        else:  # of a merge git tells no paths
            broken.append(f"it was made into a commit with {len(commit.parents)} parents")
        beside = sorted(set(commit.paths) - set(wanted))
        broken += [f"{as_name(path)} was added" for path in beside if not self._is_closed_file(path, commit.sha)]
        return [*broken, *self._message(state, commit)]

    def _is_closed_file(self, path: str, commit: str) -> bool:
        """Whether this is an earlier file of the journal, as it is: where commits were squashed, they are one."""
        run = self._run.state
        if path not in map(run.file_of, run.segments.starts[:-1]):
            return False
        here = (self._run.workspace / path).read_bytes()
        return self._git.tree_ids(commit, [path]).get(path) == blob_id(here, commit)

    def end_differences(self, commit: FoundCommit, journal: bytes, paths: Sequence[str]) -> list[str]:
        """By name, what a commit of the run's end holds beside, or instead of, the run's own files."""
        file = self._run.state.journal
        broken = [] if self._has_journal(commit.sha, file, journal) else [f"{file} was changed"]
        return broken + [f"{as_name(path)} was added" for path in sorted(set(commit.paths) - set(paths))]

    def _has_journal(self, commit: str, file: str, journal: bytes | None) -> bool:
        """Whether the commit has this in the file of the journal; a whole one where nobody knows what."""
        if journal is not None:
            held = self._git.tree_entries(commit, [file])[file]
            return held.blob == blob_id(journal, commit)
        data = self._git.blob(commit, file)
        events, segments = self._run.journal.events, self._run.state.segments
        start = segments.starts[segments.last]
        try:
            return data is not None and parse(data, before=events[:start], prev=events[start].prev)[1] == len(data)
        except JournalDamaged:
            return False

    def not_as_intended(self, entries: Sequence[TreeEntry], commit: str) -> list[str]:
        """By name, which of these entries the commit has otherwise."""
        return differences(entries, self._git.tree_entries(commit, [entry.path for entry in entries]))

    def _below(self, state: TaskState, commit: FoundCommit, *, made_here: bool) -> Iterator[str]:
        """What somebody committed between the last look at the gate and this commit."""
        # a commit found later may be a squash, which stands below what the run knows: `require_commits` tells
        if made_here and (why := why_not_as_left(self._run, self._runbook, commit.parents[0])):
            yield why
        if made_here:
            task, run = self._run.plan.task(state.key), self._run.state
            yield from self._run.counting.changes_in(commit.parents[0], task, state)
            yield from why_not_as_shown(GitStored(self._git), run, task, state, commit.parents[0])
        brought = state.worked.digests() if state.worked else {}
        for entry in (state.commit_intent and state.commit_intent.entries) or ():
            if entry.path in brought and not entry.committed and entry.path not in commit.paths:
                yield f"{as_name(entry.path)} was committed below it while it waited"

    def _message(self, state: TaskState, commit: FoundCommit) -> Iterator[str]:
        assert state.commit_intent is not None
        intended = state.commit_intent.message
        judged = judge_message(intended, commit.body, claims(self._run.state, state), commit.trailers)
        yield from (f"the trailers were changed: {why}" for why in judged.forged)
        if judged.changed and commit.subject != intended.split("\n", 1)[0]:
            yield f"the message was changed to {commit.subject!r}"
        elif judged.changed:
            yield f"the message was changed: {judged.changed}"
