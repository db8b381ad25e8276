"""How does git reach the refs of the runs on a remote? `ls-remote`, an atomic push under leases, a fetch of objects.

Rules:
- `--atomic`, and for each ref `--force-with-lease=<ref>:<what it was>`. Never a `+` in a refspec: it silently takes the
  lease off (git-push(1): "force update" of that refspec).
- The branch goes forward only: git is asked before the push whether the new commit descends from the old one.
- No hook of this clone runs at these pushes (`--no-verify`): several a task, of commits that are scaffolding.
- What came of a push is read from `--porcelain`; where that says nothing, the answer is lost, and `moves` asks.
- Fetched is by commit, as a look has shown it, not by name: a ref that moved meanwhile changes nothing then, and git
  compares no name with all that there are. Source: gitprotocol-v2(5), "want <oid>": anything that the remote has;
  before version 2, what a ref is at.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from state.errors import WorkspaceRefused
from workflow.doors.git.command import environment, writing
from workflow.doors.git.plumbing import git_is_missing
from workflow.meeting.moves import AnswerLost, Move, PushRefused
from workflow.meeting.refs import BRANCHES

PATIENCE = 120.0  # for one exchange with the remote [s]


class GitRemote:
    """Implements `workflow.meeting.moves.Remote` for a remote of this clone, by its name or address."""

    def __init__(self, workspace: Path, name: str) -> None:
        self.workspace, self.name = workspace, name

    def look(self, *patterns: str) -> Mapping[str, str]:
        done = self._git("ls-remote", "--refs", "--", self.name, *patterns)
        if done.returncode != 0:
            raise WorkspaceRefused(
                f"remote {self.name} does not answer: {said(done.stderr)}",
                next_command=f"git ls-remote {self.name}   # what git says of it",
            )
        rows = (line.split("\t") for line in done.stdout.decode().splitlines())
        return {ref: sha for sha, ref in rows}

    def push(self, moves: Sequence[Move]) -> None:
        for each in moves:
            self._require_forward(each)
        leases = [f"--force-with-lease={each.ref}:{each.old}" for each in moves]
        specs = [f"{each.new}:{each.ref}" for each in moves]
        done = self._git("push", "--porcelain", "--atomic", "--no-verify", *leases, "--", self.name, *specs)
        if done.returncode == 0:
            return
        refused = [line for line in done.stdout.decode(errors="replace").splitlines() if line.startswith("!")]
        if refused:
            why = "; ".join(dict.fromkeys(line.split("\t")[-1] for line in refused))
            raise PushRefused(why, host_words(done.stderr))
        if b"does not support --atomic" in done.stderr:  # git says so before it sends anything
            raise PushRefused(said(done.stderr))
        raise AnswerLost(said(done.stderr))

    def fetch(self, commits: Iterable[str]) -> None:
        """Have these commits, which refs of the remote were at when it was looked. Raises WorkspaceRefused."""
        wanted = list(dict.fromkeys(filter(None, commits)))
        if not wanted:
            return
        given = "".join(f"{sha}\n" for sha in wanted).encode()
        done = self._git("fetch", "-q", "--no-tags", "--no-write-fetch-head", "--stdin", "--", self.name, given=given)
        if done.returncode != 0:
            raise WorkspaceRefused(
                f"remote {self.name} did not give what its refs were at: {said(done.stderr)}",
                next_command=f"git ls-remote {self.name}",
            )

    def _require_forward(self, each: Move) -> None:
        if not (each.ref.startswith(f"{BRANCHES}/") and each.old and each.new):
            return
        done = self._git("merge-base", "--is-ancestor", each.old, each.new)
        if done.returncode != 0:
            raise PushRefused(f"{each.ref} would not go forward from {each.old[:10]} to {each.new[:10]}")

    def _git(self, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = writing(*arguments)
        try:
            return subprocess.run(
                command,
                cwd=self.workspace,
                env=environment(),
                input=given,
                capture_output=True,
                check=False,
                timeout=PATIENCE,
            )
        except subprocess.TimeoutExpired:
            late = f"no answer within {PATIENCE:.0f} s".encode()
            return subprocess.CompletedProcess(command, 128, b"", late)
        except FileNotFoundError as error:
            raise git_is_missing() from error


def host_words(stderr: bytes) -> str:
    """What the host itself said, in one line: git has `remote: ` in front of it. Source: git-receive-pack(1), hooks."""
    lines = (line.strip() for line in stderr.decode(errors="replace").splitlines())
    words = (line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:"))
    return "; ".join(filter(None, words))[:400]


def said(stderr: bytes) -> str:
    """What git said, in one line."""
    return "; ".join(line.strip() for line in stderr.decode(errors="replace").splitlines() if line.strip())[:400]
