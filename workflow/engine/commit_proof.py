"""Is the commit that git made the one that was intended? The whole of it: paths, entries, journal, message, parent.

Rules:
- Nothing is believed of hooks: what they may add are trailers of their own (`message_check`), and nothing else.
- The journal is compared, byte for byte, with what this process read and wrote. Of a commit that another process made,
  which died over it, the journal must be whole; which of two whole ones is the true one is for the audit to say.
- What it stands on counts as well: the runbook as the run left it, and without the files that the task brings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from state.errors import JournalDamaged
from state.files import blob_id
from state.journal import parse
from state.printable import as_name
from state.task_state import TaskState
from state.tree_entry import TreeEntry, differences
from workflow.engine.committed_runbook import why_not_as_left
from workflow.engine.expected_runbook import ExpectedRunbook
from workflow.engine.message_check import claims, judge_message
from workflow.engine.open_run import OpenRun
from workflow.ports import FoundCommit
from workflow.trailers import run_files


class CommitProof:
    """The commits of one run, held against their intents."""

    def __init__(self, run: OpenRun, runbook: ExpectedRunbook) -> None:
        self._run = run
        self._runbook = runbook
        self._git = run.doors.git
        self._journal = run_files(run.run_id)[0]

    def differences(self, state: TaskState, commit: FoundCommit, journal: bytes | None) -> list[str]:
        """By name, where the commit differs from what was intended.

        `journal`: the one that it was to hold; None when another process made the commit.
        """
        assert state.commit_intent is not None
        wanted = state.commit_intent.objects()
        if state.commit_intent.entries is not None:
            broken = self.not_as_intended(state.commit_intent.entries, commit.sha)
        else:
            seen = self._git.tree_ids(commit.sha, list(wanted))
            broken = [
                f"{as_name(path)} was changed"
                for path in wanted
                if path != self._journal and seen.get(path) != wanted[path]
            ]
        if not self._has_journal(commit.sha, journal):
            broken.append(f"{self._journal} was changed: it is not the one that phasegate wrote")
        if len(commit.parents) == 1:
            broken += self._below(state, commit, made_here=journal is not None)
        else:  # of a merge git tells no paths
            broken.append(f"it was made into a commit with {len(commit.parents)} parents")
        broken += [f"{as_name(path)} was added" for path in sorted(set(commit.paths) - set(wanted))]
        return [*broken, *self._message(state, commit)]

    def end_differences(self, commit: FoundCommit, journal: bytes, paths: Sequence[str]) -> list[str]:
        """By name, what a commit of the run's end holds beside, or instead of, the run's own files."""
        broken = [] if self._has_journal(commit.sha, journal) else [f"{self._journal} was changed"]
        return broken + [f"{as_name(path)} was added" for path in sorted(set(commit.paths) - set(paths))]

    def _has_journal(self, commit: str, journal: bytes | None) -> bool:
        if journal is not None:
            held = self._git.tree_entries(commit, [self._journal])[self._journal]
            return held.blob == blob_id(journal, commit)
        data = self._git.blob(commit, self._journal)
        try:
            return data is not None and parse(data)[1] == len(data)
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
