"""What are the refs of a run at? Commits on a chain, signed: the branch's tree with the run's own files over it.

    tip 3 ── tip 2 ── tip 1          first parent: the tip before
      │        │        │
    head     head     head           last parent: the commit that the run's branch is at

Rules:
- `git diff <last parent> <tip>` is exactly what is to be approved, beside `page.md`, which is for who reads without
  phasegate. Only the run's own paths are in it: never what else is dirty.
- Each is signed by an SSH key (`gpg.format ssh`), as git signs commits.
- No two are alike, though two processes have one identity, and one second: each has a token. Else both would find the
  other's claim at the remote, and take it for theirs.
- The chain is scaffolding: when the run is over its ref goes, and all that counts is in the branch.
- The workspace of a run is part of what it is: a tip that changes nothing else says the same one, whoever makes it.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from state.errors import BadInput, WorkspaceRefused
from state.printable import printable_line
from workflow.doors.git.command import environment, reading, writing
from workflow.doors.git.meeting_place import said
from workflow.doors.git.plumbing import git_dir_of, look, parse_trailers, prefix_of, read_head
from workflow.doors.ssh_signature import MAKE_A_KEY

RUN, TASK, ATTEMPT, DIGEST, EXPIRES = (f"Phasegate-{name}" for name in ("Run", "Task", "Attempt", "Digest", "Expires"))
WORKER, TOKEN, BECAUSE, REFUSED, TAKE, UNTIL, WORKSPACE = (
    f"Phasegate-{name}" for name in ("Worker", "Token", "Because", "Refused", "Take", "Until", "Workspace")
)
ORDERED = "ordered"  # `because` of an order, which nobody has begun
TAKEN_BACK = "taken back"  # `because` of the branch's commit that ends an order which nobody began
PAGE = "page.md"  # beside the journal, in a tip only


@dataclass(frozen=True, slots=True)
class Now:
    """A run as it is in this clone.

    Attributes:
        subject: what the tip's message begins with.
        said: trailers about the task at hand.
        paths: workspace paths of the run's own files, there or not.
        page: what is to be approved, for who reads without phasegate; "" where nothing is.
    """

    subject: str
    said: Mapping[str, str]
    paths: Sequence[str]
    page: str = ""


@dataclass(frozen=True, slots=True)
class Tip:
    """A tip as it was pushed.

    Attributes:
        parents: the tip before (where there is one), and last the branch's commit.
        trailers: name -> values.
        tree: the run's files, in those of the branch; "" where the tip was not read.
        at: when it was made, by the clock of the machine that made it [s since 1970]; 0 where it was not read.
    """

    sha: str
    parents: Sequence[str]
    subject: str
    trailers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tree: str = ""
    at: int = 0

    @property
    def head(self) -> str:
        """The commit that the branch was at."""
        return self.parents[-1]

    def said(self, name: str) -> str:
        """The trailer of this name, "" where there is none."""
        return next(iter(self.trailers.get(name, ())), "")

    @property
    def workspace(self) -> str:
        """The directory that the run is kept in, as the repository has it; "" for its top."""
        return self.said(WORKSPACE)

    def names(self, path: str) -> str:
        """What git calls a file of the run's workspace in this tip, wherever it is asked."""
        return f"{self.sha}:{below(self.workspace, path)}"


Vouch = Callable[[str, str], None]  # raises unless who reads this commit, at this head, takes its signature


class GitTips:
    """Makes the tips of one run. Implements `workflow.meeting.holding.Tips`.

    `now` is asked for the run as it is; None while its journal is not open. `vouch` is asked about each tip, before
    anybody can push it.
    """

    def __init__(self, workspace: Path, run: str, worker: str, signing: Sequence[str], vouch: Vouch) -> None:
        self._workspace, self._run, self._worker, self._signing = workspace, run, worker, signing
        self._vouch = vouch
        self.now: Callable[[], Now] | None = None

    @cached_property
    def _prefix(self) -> str:
        """Where the workspace is in its repository: "" at its top, else a path that ends in "/"."""
        return prefix_of(self._workspace)

    def mark(self, text: str) -> str:
        """A commit that says this, for refs that are at no run."""
        tree = _out(self._must("mktree"))
        return self._signed(tree, [], [printable_line(text), "", f"{WORKER}: {printable_line(self._worker)}"], "HEAD")

    def taken_back(self, head: str, reason: str) -> str:
        """A commit on the branch that says that the run's order is taken back."""
        lines = [f"phasegate: the order of {self._run} is taken back", "", printable_line(reason), ""]
        said = {RUN: self._run, WORKER: self._worker, BECAUSE: TAKEN_BACK}
        tree = _out(look(self._workspace, "rev-parse", "--verify", f"{head}^{{tree}}"))
        lines += [f"{name}: {printable_line(value)}" for name, value in said.items()]
        return self._signed(tree, ["-p", head], lines, head)

    def make(self, parent: str, because: str, said: Mapping[str, str], *, as_before: bool) -> tuple[str, str]:
        if as_before or self.now is None:
            before = read_tip(self._workspace, parent)
            kept = {name: before.said(name) for name in (TASK, ATTEMPT, DIGEST, EXPIRES) if before.said(name)}
            where = before.workspace
            return self._commit(before.tree, parent, before.head, before.subject, {**kept, **said}, because, where)
        now = self.now()
        head = read_head(git_dir_of(self._workspace))[1]  # no process, where files say it
        head = head or _out(look(self._workspace, "rev-parse", "--verify", "HEAD^{commit}"))
        where = self._prefix.rstrip("/")
        return self._commit(self._tree(now), parent, head, now.subject, {**now.said, **said}, because, where)

    def tree_differs(self, tip: str) -> bool:
        """Whether the run's files here are others than in this tip."""
        assert self.now is not None
        there = _out(look(self._workspace, "rev-parse", "--verify", f"{tip}^{{tree}}"))
        return there != self._tree(self.now())

    def _commit(
        self, tree: str, parent: str, head: str, subject: str, said: Mapping[str, str], because: str, where: str
    ) -> tuple[str, str]:
        trailers = {RUN: self._run, **said, WORKER: self._worker, BECAUSE: because}
        trailers |= {WORKSPACE: where} if where else {}
        lines = [f"{name}: {printable_line(value)}" for name, value in trailers.items()]
        parents = [word for sha in dict.fromkeys(filter(None, (parent, head))) for word in ("-p", sha)]
        return self._signed(tree, parents, [printable_line(subject), "", *lines], head), head

    def _signed(self, tree: str, parents: Sequence[str], lines: Sequence[str], head: str) -> str:
        message = "\n".join([*lines, f"{TOKEN}: {os.urandom(8).hex()}", ""])
        done = self._git(*self._signing, "commit-tree", "-S", tree, *parents, given=message.encode())
        if done.returncode != 0:
            raise BadInput(f"git did not sign the run's tip: {said_of(done.stderr)}", next_command=MAKE_A_KEY)
        made = _out(done)
        self._vouch(made, head)
        return made

    def _tree(self, now: Now) -> str:
        """HEAD's tree with the run's files as they are, by an index of its own."""
        with tempfile.TemporaryDirectory() as scratch:
            variables = {"GIT_INDEX_FILE": f"{scratch}/index"}
            self._must("read-tree", "HEAD", variables=variables)
            paths = b"".join(os.fsencode(path) + b"\0" for path in now.paths)
            self._must("update-index", "--add", "--remove", "-z", "--stdin", given=paths, variables=variables)
            if now.page:
                blob = _out(self._must("hash-object", "-w", "--stdin", given=now.page.encode()))
                entry = f"100644 {blob}\t{self._prefix}{page_of(self._run)}\0".encode()
                self._must("update-index", "-z", "--index-info", given=entry, variables=variables)
            return _out(self._must("write-tree", variables=variables))

    def _must(
        self, *arguments: str, given: bytes = b"", variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        done = self._git(*arguments, given=given, variables=variables)
        if done.returncode != 0:
            raise WorkspaceRefused(
                f"git {arguments[0]} failed for run {self._run}: {said(done.stderr)}", next_command="git status"
            )
        return done

    def _git(
        self, *arguments: str, given: bytes = b"", variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        return run_git(self._workspace, *arguments, given=given, variables=variables)


def run_git(
    workspace: Path, *arguments: str, given: bytes = b"", variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """One git process that changes the repository, run to its end."""
    return subprocess.run(
        writing(*arguments),
        cwd=workspace,
        env={**environment(), **(variables or {})},
        input=given,
        capture_output=True,
        check=False,
    )


def said_of(stderr: bytes) -> str:
    """What git said, in one line."""
    return said(stderr)


def below(directory: str, path: str) -> str:
    """The path of what is in this directory; "" is the top of the repository."""
    return f"{directory}/{path}" if directory else path


def page_of(run: str) -> str:
    """Workspace path of the page in a tip."""
    return f".phasegate/{run}/{PAGE}"


def read_tip(workspace: Path, sha: str) -> Tip:
    """Parents and message of a tip that is here. Raises WorkspaceRefused for what is none."""
    for found in read_tips(workspace, [sha]).values():
        return found
    raise no_tip(workspace, sha)


def read_tips(workspace: Path, shas: Sequence[str]) -> Mapping[str, Tip]:
    """Those of the commits that are tips, and here, by one process of git."""
    if not shas:
        return {}
    done = look(
        workspace,
        *("log", "--no-walk=unsorted", "-z", "--ignore-missing", "--no-show-signature", "--encoding=UTF-8"),
        *("--format=%H%x00%P%x00%T%x00%ct%x00%s%x00%(trailers:only,unfold)", "--stdin"),
        given="".join(f"{sha}\n" for sha in shas).encode(),
    )
    fields = iter(done.stdout.decode(errors="replace").split("\0"))
    rows = zip(*[fields] * 6, strict=False)  # the last one has a NUL behind it, too
    tips = (
        Tip(sha, before.split(), subject, parse_trailers(lines), tree, int(at))
        for sha, before, tree, at, subject, lines in rows
    )
    return {tip.sha: tip for tip in tips if tip.parents}


def no_tip(workspace: Path, sha: str) -> WorkspaceRefused:
    """The refusal of what is no tip; git says why."""
    said_there = look(workspace, "cat-file", "-e", f"{sha}^{{commit}}").stderr
    return WorkspaceRefused(
        f"{sha[:10]} is no tip of a run: {said(said_there) or 'it has no parent'}",
        next_command=f"git show {sha[:10]}",
    )


def why_not_signed(workspace: Path, tip: str, runners: bytes) -> str:
    """Why a tip is not signed by one of these, in git's words; "" where it is."""
    with tempfile.TemporaryDirectory() as scratch:
        keys = Path(scratch) / "runners"
        keys.write_bytes(runners)
        settings = ("-c", "gpg.format=ssh", "-c", f"gpg.ssh.allowedSignersFile={keys}")
        done = subprocess.run(
            reading(workspace, *settings, "verify-commit", tip),
            cwd=workspace,
            env=environment(),
            capture_output=True,
            check=False,
        )
    return "" if done.returncode == 0 else said(done.stderr) or "it has no signature"


def _out(done: subprocess.CompletedProcess[bytes]) -> str:
    return os.fsdecode(done.stdout).rstrip("\n")
