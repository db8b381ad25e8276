"""How are these paths committed, and nothing else, and how is such a commit taken back? The files stay as they are.

Rules:
- A commit holds the run's own paths and nothing else: `git commit --only`. What the person has staged stays staged,
  byte for byte; what is dirty stays dirty; their hooks and their signing run as always.
- A commit is on the disk when `commit` returns, git 2.36 or newer given (`core.fsync`); older ones sync objects only.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from state.errors import WorkspaceRefused
from workflow.doors.git.blob_ids import BlobIds
from workflow.doors.git.preflight import FileStatus
from workflow.doors.git.process import GitProcess, outer_locale
from workflow.trailers import ATTRIBUTES

WORTH_A_PACK = 100  # files in one commit


class CommitRefused(WorkspaceRefused):
    """git did not make the commit: a hook said no, the signature failed, or there was nothing to commit.

    Attributes:
        output: what git and the hooks wrote, as it was.
        status: git's exit status, negative for a signal.
    """

    def __init__(self, message: str, *, output: str, status: int, next_command: str = "") -> None:
        super().__init__(message, next_command=next_command)
        self.output = output
        self.status = status


class PathCommitter:
    """The commits that are made in one workspace.

    `head` gives the commit that HEAD is at; `status` those of some paths that differ from it, or are untracked.
    """

    def __init__(
        self,
        git: GitProcess,
        blob_ids: BlobIds,
        head: Callable[[], str],
        status: Callable[[Sequence[str]], Sequence[FileStatus]],
    ) -> None:
        self._git = git
        self._blob_ids = blob_ids
        self._head = head
        self._status = status
        self._committed: set[str] = set()  # paths known to be in HEAD, which need no intent-to-add

    def commit(self, paths: Sequence[str], message: str, *, author: str = "") -> str:
        """Commit these paths as they are in the working tree, and nothing else; returns the new commit's id.

        The message is kept byte for byte (`--cleanup=verbatim`), so that a subject that begins with `#` stays one.
        A path that is deleted is committed as such; one that is as in HEAD, or nowhere, is passed over. `author`,
        `Name <address>`, is its author instead of whoever git's configuration names.

        Raises CommitRefused when git or a hook refused; files new to git are then untracked again, and what was staged
        before is staged as before.
        """
        there = [path for path in paths if (self._git.directory / path).exists()]
        fresh = [path for path in there if path not in self._committed]
        gone = self._known_to_git(paths, but=there)
        before = self._head()
        self._pack(there)
        self._intend_to_add(fresh, before)
        if not there and not gone:
            raise CommitRefused("there is nothing to commit: none of the paths exists", output="", status=1)
        config = [self._git.synced, "i18n.commitEncoding=UTF-8"]
        words = ("commit", "--quiet", "--cleanup=verbatim", *([f"--author={author}"] if author else []))
        words = (*words, "-m", message, "--only")
        done = self._git.attempt_on([*there, *gone], *words, config=config, **outer_locale())
        if done.status != 0:
            raise self._refusal(done.status, f"{done.text}{done.err}", before, fresh)
        self._committed.update(there)
        if any(map(_may_change_bytes, paths)):
            self._blob_ids.forget()
        return self._head()

    def _pack(self, paths: Sequence[str]) -> None:
        """Have git keep what many files hold in one pack, which is synced as a whole: a commit syncs each by itself.

        Nothing but objects is written, as an index of our own takes them in. What fails here fails in the commit, too,
        which says so. Source: git-config(1), `core.bigFileThreshold`: files above it go to a pack.
        """
        plain = self._blob_ids.are_plain(paths) if len(paths) > WORTH_A_PACK else []
        if len(plain) > WORTH_A_PACK:
            import tempfile  # here: few commands come to it, and it takes as long as six modules of ours

            with tempfile.TemporaryDirectory() as scratch:
                given = b"".join(os.fsencode(path) + b"\0" for path in plain)
                self._git.attempt(
                    *("update-index", "--add", "-z", "--stdin"),
                    config=[self._git.synced, "core.bigFileThreshold=1"],
                    stdin=given,
                    GIT_INDEX_FILE=f"{scratch}/index",
                )

    def _intend_to_add(self, fresh: Sequence[str], before: str) -> None:
        """Have git know files that may be new to it: `commit --only` takes no others. Raises as `commit`."""
        if not fresh:
            return
        added = self._git.attempt_on(fresh, "add", "--intent-to-add")
        if added.status != 0:
            raise self._refusal(added.status, added.err, before, fresh)

    def undo(self, sha: str, parent: str, paths: Sequence[str]) -> None:
        """Take the newest commit back: the branch moves from `sha` to `parent`, the files stay as they are.

        For a commit into which a hook put something else than was approved. `paths` are those that were given to
        `commit`; in the index they become as in `parent`. A file that a hook added of its own is left alone.

        Raises WorkspaceRefused when the branch is not at `sha` any more; then nothing was changed.
        """
        reason = f"phasegate: take back {sha[:12]}"
        done = self._git.attempt("update-ref", "-m", reason, "HEAD", parent, sha, config=[self._git.synced])
        if done.status != 0:
            message = f"commit {sha} was not taken back, the branch is at {self._head()}: {done.err.strip()}"
            raise WorkspaceRefused(message, next_command="git -P log --oneline")
        self._committed.clear()
        self._blob_ids.forget()
        self.settle_index(paths)

    def settle_index(self, paths: Sequence[str]) -> None:
        """Make the index say of these paths what HEAD says; files stay as they are.

        After a commit that was killed between moving the branch and writing the index, the index still holds the old
        content and git would show it as a staged change back.
        """
        if paths:
            done = self._git.attempt_on(paths, "reset", "--quiet")
            if done.status != 0:
                raise WorkspaceRefused(
                    f"`git reset` failed in {self._git.directory} (exit {done.status}): {done.err.strip()}"
                )

    def _known_to_git(self, paths: Sequence[str], *, but: Sequence[str]) -> list[str]:
        """Those of the paths that are in HEAD or the index, but for these."""
        missing = [path for path in paths if path not in but]
        if not missing:
            return []
        return sorted(set(self._git.read_of("ls-files", "-z", "--with-tree=HEAD", paths=missing)))

    def _refusal(self, exit_status: int, output: str, before: str, fresh: Sequence[str]) -> CommitRefused:
        """The refusal, after taking back our own intents to add."""
        self._committed.clear()
        output = output.strip()
        if self._head() != before:
            message = f"git made commit {self._head()}, then failed (exit {exit_status}): {output}"
            return CommitRefused(message, output=output, status=exit_status, next_command="phasegate resume")
        intents = [file.path for file in self._status(fresh) if (file.index, file.worktree) == (".", "A")]
        left = self._git.attempt_on(intents, "reset", "--quiet").err if intents else ""
        ending = f"; and {', '.join(intents)} stayed intended to be added: {left.strip()}" if left else ""
        message = f"git did not commit (exit {exit_status}): {output or 'without a word'}{ending}"
        return CommitRefused(message, output=output, status=exit_status, next_command="phasegate resume")


def _may_change_bytes(path: str) -> bool:
    """Whether a commit of this file may change how others are kept; the run's own says nothing that does."""
    return PurePosixPath(path).name == ".gitattributes" and path != ATTRIBUTES
