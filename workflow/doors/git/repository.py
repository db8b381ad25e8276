"""How does phasegate look at and write to the user's repository?

`GitDoor` is the one way to git, through GitPython (imported on first use, see `process.py`). What it is made of:
`preflight.py` (may we write), `commit_paths.py` (commits made and taken back), `commits.py` (what `git log` says),
`blob_ids.py` (what a file would become), `committed_trees.py` (what a commit holds), `loose_objects.py` (that of one
just made), `locks.py` (locks of the dead), `plumbing.py` (what `status` needs, without GitPython), `changes.py` (what
was changed since).

Rules:
- Paths are POSIX paths relative to the workspace, which may be a subdirectory of the repository.
- Nothing here decides, and only a lock that somebody holds for a moment is waited for (`locks.py`): a refusal says what
  git or the hook said.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from state.cheap_classes import dataclass
from state.errors import WorkspaceRefused
from state.event_types import Snapshot
from state.tree_entry import TreeEntry
from workflow.doors.git.blob_ids import BlobIds
from workflow.doors.git.commit_paths import PathCommitter
from workflow.doors.git.commits import CommitFacts, log_arguments, read_log, relative
from workflow.doors.git.committed_trees import CommittedTrees
from workflow.doors.git.locks import git_processes, is_old, lasting_locks, locks_in
from workflow.doors.git.loose_objects import NotLoose
from workflow.doors.git.plumbing import parse_trailers, read_head
from workflow.doors.git.preflight import (
    FIRST_COMMIT,
    ROLES,
    WHO_AM_I,
    FileStatus,
    Place,
    find_place,
    identity,
    identity_of_both,
    marked,
    preflight,
    status,
)
from workflow.doors.git.process import GitProcess, ProcessHook, literal
from workflow.doors.git.working_entries import WorkingEntries
from workflow.trailers import ATTRIBUTES

if TYPE_CHECKING:
    from workflow.doors.git.stored_bytes import StoredFile

__all__ = ["CommitFacts", "FileStatus", "GitDoor"]


@dataclass(frozen=True, slots=True)
class MadeCommit:
    """What `GitDoor.just_made` tells of a commit: as CommitFacts, as far as it goes."""

    sha: str
    parents: tuple[str, ...]
    subject: str
    paths: tuple[str, ...]
    body: str
    trailers: Mapping[str, tuple[str, ...]]


class GitDoor:
    """The repository that holds `workspace`. Reading works in a bare repository, too.

    `on_process` is called with ("before" | "after", argv) around each git process. `knows_committer`: whether git was
    just seen to know author and committer.
    """

    def __init__(
        self, workspace: Path, *, on_process: ProcessHook | None = None, knows_committer: bool = False
    ) -> None:
        self.workspace = workspace.absolute()
        self._git = GitProcess(self.workspace, on_process)
        self._found_place: Place | None = None
        self._trees = CommittedTrees(self._git, lambda: self._place)
        self._blob_ids = BlobIds(self._git)
        self._working = WorkingEntries(self._git, self._blob_ids)
        self._commits = PathCommitter(self._git, self._blob_ids, self.head, self.status)
        self.knows_committer = knows_committer
        self._looked_at: set[str] = set()  # the runbook, once it was found neither ignored nor marked

    # Where we are

    def git_dir(self) -> Path:
        """The git directory, absolute; a worktree's own."""
        return self._place.git_dir

    def branch(self) -> str:
        """The branch that HEAD is on. Raises WorkspaceRefused when it is detached."""
        name = read_head(self._place.git_dir)[0]
        if name is None:
            raise WorkspaceRefused("HEAD is detached", next_command="git switch -c phasegate-run")
        if name == ".invalid":  # what a reftable repository keeps in the file
            return self._git.read("symbolic-ref", "--short", "HEAD").text.strip()
        return name

    def head(self) -> str:
        """The commit that HEAD is at, in full. Raises WorkspaceRefused when there is none yet."""
        sha = read_head(self._place.git_dir)[1]
        if sha is None:
            done = self._git.try_read("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
            sha = done.text.strip()
        if not sha:
            raise WorkspaceRefused("there is no commit yet", next_command=FIRST_COMMIT)
        return sha

    def identity(self) -> str:
        """`Name <email>` as git would write it for the author. Raises WorkspaceRefused when git would have to guess."""
        if (both := identity_of_both(self._git)) is not None:
            self.knows_committer = True
            return both
        who = identity(self._git, "AUTHOR")
        if who is None:
            find_place(self._git)  # in another user's repository git leaves out its configuration, and does not say so
            raise WorkspaceRefused("git does not know who you are (user.name, user.email)", next_command=WHO_AM_I)
        return who

    # Before the work

    def preflight(
        self, paths: Sequence[str], runbook: str, *, resuming: bool = False, changed: Collection[str] = ()
    ) -> None:
        """Make sure that a run may write these paths and commit them.

        Args:
            paths: what the run will write, the runbook apart; files need not exist yet.
            runbook: must be tracked and as in HEAD.
            resuming: the run's own files may be dirty, the runbook's marks too; who acts was asked for before.
            changed: those of the paths that `changes` has just named.

        Raises WorkspaceRefused with all problems at once: no or a bare repository, no commit yet, a detached HEAD, a
        merge (rebase, cherry-pick, revert, bisect) in progress, no identity, a lock, git too old, and among the paths:
        dirty, ignored, marked as unchanged, outside, behind a symbolic link, in a submodule.
        """
        roles = () if self.knows_committer else ("COMMITTER",) if resuming else ROLES
        preflight(
            self._git, self._place, paths, runbook, resuming=resuming, changed={*changed, *self._looked_at}, roles=roles
        )
        self.knows_committer = True
        self._looked_at = {runbook}
        self._working.forget()
        self._blob_ids.learn_anew([runbook, *paths, ATTRIBUTES])

    def marks(self, paths: Sequence[str]) -> dict[str, str]:
        """Which of these files git was told not to look at for changes, each with the mark that says so."""
        return dict(marked(self._git, self._place, paths))

    def status(self, paths: Sequence[str]) -> list[FileStatus]:
        """The files among these paths that differ from HEAD or are untracked."""
        return status(self._git, self._place, paths)

    def diff(self, paths: Sequence[str], since: str) -> str:
        """The unified diff from commit `since` to the files as they are, new files included.

        Text is shown whole, whatever the repository's attributes say of it: see `shown_diff`.
        """
        from workflow.doors.git.shown_diff import shown_diff  # here: where something is shown

        return shown_diff(self._git, self._place, self._trees, list(self.entries(paths).values()), since)

    def diff_of(self, entries: Sequence[TreeEntry], since: str) -> str:
        """The unified diff from commit `since` to what a commit of these entries would hold: see `entries_diff`."""
        from workflow.doors.git.shown_diff import entries_diff

        return entries_diff(self._git, self._place, self._trees, entries, since)

    def converted(self, paths: Sequence[str]) -> list[StoredFile]:
        """Those of these files, whose entries were asked for, of which git would store other bytes: `stored_bytes`.

        The objects are kept, so that who looks at them later starts no filter.
        """
        there = [path for path in paths if (self.workspace / path).is_file()]
        converted = self._blob_ids.converted(there)
        if not converted:
            return []
        from workflow.doors.git.stored_bytes import stored_files  # here: where there is such a file

        return stored_files(self._git, converted, [self._git.synced])

    def object(self, blob: str) -> bytes | None:
        """The bytes of this object; None where it is not here."""
        from workflow.doors.git.stored_bytes import object_of  # here: of such a file, too

        return object_of(self._git, blob)

    def snapshot(self, *, modes: bool = True) -> Snapshot:
        """What the working tree is like now, for `changes`: see `changes.snapshot`; `modes`: with the files' own."""
        from workflow.doors.git.changes import snapshot  # here: for work by hand

        return snapshot(self._git, self._place, self.head(), self.object_ids, self._modes if modes else None)

    def changes(self, before: Snapshot) -> list[str]:
        """The paths that are not as they were at that snapshot: see `git_changes.changes`."""
        from workflow.doors.git.changes import changes

        return changes(self._git, self._place, before, self.object_ids, self._modes)

    def _modes(self, paths: Sequence[str]) -> dict[str, str]:
        """The mode that git would keep of each file and link; nothing for what is neither."""
        found = self.entries(paths, unread=paths)
        return {path: entry.mode for path, entry in found.items() if entry.type in ("file", "link")}

    # The commit

    def commit(self, paths: Sequence[str], message: str, *, author: str = "") -> str:
        """Commit these paths as they are in the working tree, and nothing else: see `PathCommitter.commit`.

        Raises as that, and WorkspaceRefused when HEAD has come off its branch.
        """
        self.branch()
        return self._commits.commit(paths, message, author=author)

    def undo_commit(self, sha: str, parent: str, paths: Sequence[str]) -> None:
        """Take the newest commit back, whose files stay as they are: see `PathCommitter.undo`. Raises as that."""
        self._commits.undo(sha, parent, paths)

    def settle_index(self, paths: Sequence[str]) -> None:
        """Make the index say of these paths what HEAD says: see `PathCommitter.settle_index`."""
        self._commits.settle_index(paths)

    def clear_stale_locks(self, branches: Sequence[str] = ()) -> list[str]:
        """Remove the locks that a killed commit or switch left, and return their paths.

        `branches` are those that were switched to, beside the one that HEAD is on. Call it only when the journal ends
        with `commit-intended` or the intent of a switch: then they can be ours.

        Raises WorkspaceRefused, and removes nothing, while a git process is at work in the repository, and for a lock
        that some other program made a moment ago.
        """
        place = self._place
        branch = read_head(place.git_dir)[0]
        locks = lasting_locks(lambda: locks_in(place.git_dir, place.common_dir, branch, *branches))
        if not locks:
            return []
        holders = git_processes(place.git_dir, *([place.toplevel] if place.toplevel else []))
        if holders:
            message = f"{locks[0]} is there, and git is at work here: {', '.join(holders)}"
            raise WorkspaceRefused(message, next_command="phasegate resume   # once that git has ended")
        young = [lock for lock in locks if not is_old(lock)]
        if young:  # another one than was there before, maybe: no dead git of ours made it
            message = f"{young[0]} was made a moment ago by a program that is not git"
            raise WorkspaceRefused(message, next_command="phasegate resume   # once that program is done")
        for lock in locks:
            lock.unlink()
        return [str(lock) for lock in locks]

    # What is recorded

    def find_commits(
        self, trailers: Mapping[str, str], since: str | None = None, until: str = "HEAD", *, paths: bool = True
    ) -> list[CommitFacts]:
        """The commits reachable from `until` and not from `since` that carry all these trailers, oldest first.

        One `git log`, whatever the number; without `paths` no tree is compared, and no commit has any. Without
        trailers: all commits of the range.
        Raises WorkspaceRefused when a revision does not exist.
        """
        commits = f"{since}..{until}" if since else until
        done = self._git.read(*log_arguments(trailers, commits, paths=paths))
        return [commit for commit in read_log(done.out, self._place.prefix) if commit.carries(trailers)]

    def just_made(self, sha: str, message: str) -> MadeCommit | None:
        """The commit that was just made, when it has one parent and exactly this message; no process is started.

        None, too, when its objects were packed meanwhile: `find_commits` tells of it then.
        """
        objects = self._trees.objects
        with contextlib.suppress(NotLoose):
            made = objects.commit(sha)
            if made.message == message.encode() and len(made.parents) == 1:
                changed = objects.changes(objects.commit(made.parents[0]).tree, made.tree)
                paths = tuple(relative(os.fsdecode(path), self._place.prefix) for path in changed)
                trailers = parse_trailers(message.rstrip("\n").rpartition("\n\n")[2])
                return MadeCommit(sha, made.parents, message.partition("\n")[0], paths, message, trailers)
        return None

    def parent_of(self, sha: str) -> str:
        """The one parent of a commit, from its object; "" where it has none or several, or lies in a pack."""
        with contextlib.suppress(NotLoose):
            parents = self._trees.objects.commit(sha).parents
            return parents[0] if len(parents) == 1 else ""
        return ""

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether `newer` is `older`, or descends from it; False, too, for a commit that is not here."""
        return self._git.try_read("merge-base", "--is-ancestor", older, newer).status == 0

    def parents_since(self, since: str) -> dict[str, tuple[str, ...]]:
        """The parents of each commit reachable from HEAD and not from `since`, parents before children.

        Raises WorkspaceRefused when `since` is not here.
        """
        listed = self._git.read("rev-list", "--topo-order", "--reverse", "--parents", f"{since}..HEAD")
        rows = (line.split() for line in listed.text.splitlines())
        return {row[0]: tuple(row[1:]) for row in rows}

    def commits_touching(self, since: str, paths: Sequence[str]) -> list[str]:
        """Those of these commits that change one of the paths; a merge may be left out. Raises as `parents_since`."""
        return self._git.read("rev-list", "--full-history", f"{since}..HEAD", *literal(paths)).text.split()

    def last_change(self, path: str, rev: str) -> str:
        """The newest commit that changed this path against its first parent, on the way of first parents to `rev`.

        A merge counts as the commit that brought in what its other sides hold. "" when none changed it.
        """
        way = ("log", "-1", "--first-parent", "--diff-merges=first-parent", "--format=%H", "--no-show-signature", rev)
        return self._git.read(*way, *literal([path])).text.strip()

    def blob(self, rev: str, path: str) -> bytes | None:
        """A file's content in a commit, or None when it is not there."""
        return self._trees.blob(rev, path)

    def blobs_below(self, rev: str, directory: str) -> dict[str, bytes]:
        """The content of every file that a commit holds below a directory, by path; nothing where there is none."""
        return self._trees.blobs_below(rev, directory)

    def require_kept(self, paths: Sequence[str], runbook: str) -> None:
        """Return where no attribute changes the bytes of these files of a run: see `conversions`.

        Raises WorkspaceRefused with each, and the command that takes the attribute off.
        """
        if wrong := self._blob_ids.not_plain(paths):
            from workflow.doors.git.conversions import refuse_conversions  # here: nearly never

            refuse_conversions(self.workspace, wrong, runbook)

    def keeps_line_ends(self, path: str) -> bool:
        """Whether the attributes in force unset `text` for this path. Source: gitattributes(5), git-check-attr(1)."""
        return self._git.read("check-attr", "-z", "text", "--", path).items[2:] == ["unset"]

    def tree_ids(self, sha: str, paths: Sequence[str]) -> dict[str, str]:
        """The blob id of each path in the commit; paths that are not there are left out."""
        return self._trees.ids(sha, paths)

    def tree_entries(self, sha: str, paths: Sequence[str]) -> dict[str, TreeEntry]:
        """The entry of each path in the commit, in order; of type `missing` where the commit has nothing."""
        return self._trees.entries(sha, paths)

    def entries(
        self, paths: Sequence[str], *, unread: Collection[str] = (), later: Collection[str] = ()
    ) -> dict[str, TreeEntry]:
        """The entry that each path would get if these were committed now, in order: see `working_entries`.

        `unread`: files of which no blob is wanted; `later`: those whose blob is asked for once they are written.
        """
        head = self.head()
        return self._working.of(paths, self.tree_entries(head, paths), unread=unread, later=later, like=head)

    def object_ids(self, paths: Sequence[str]) -> dict[str, str]:
        """The blob id that each file would get if it were committed now, filters and line ends applied.

        Equal to `tree_ids(sha, paths)` exactly when the commit holds what is in the working tree. Missing files are
        left out.
        """
        there = [path for path in paths if (self.workspace / path).is_file()]
        return self._blob_ids.of(there, like=self.head())

    @property
    def _place(self) -> Place:
        if self._found_place is None:
            self._found_place = find_place(self._git)
        return self._found_place
