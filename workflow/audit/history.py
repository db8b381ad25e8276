"""What does git hold? `git log` for the commits and for what they changed, `git cat-file` for everything else.

Rules:
- Reading only: no optional lock, no replace refs, no external diff, no mail map; a bare clone will do.
- Fields end with NUL, which no message can hold, and are taken by count; a record of changes begins with `/`, each
  change with `:`, and the path after it is taken by count: nothing that is made to look like a record becomes one.
- The commit that is audited is pinned when the repository is opened.
"""

from __future__ import annotations

import os
import posixpath
import subprocess
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

from state.errors import BadInput, WorkspaceRefused
from workflow.audit.facts import Change, Commit, GitObject
from workflow.doors.git_fast import environment, git_is_missing, parse_trailers
from workflow.trailers import APPROVAL, APPROVER, END, RUN, TASK

_GIT = (
    "git",
    "-P",
    "--no-optional-locks",
    "--no-replace-objects",
    "-c",
    "log.showRoot=true",
    "-c",
    "diff.relative=false",
)
_TRAILERS = ",".join(f"key={key}" for key in (RUN, TASK, APPROVAL, END, APPROVER))
_FIELDS = ("%H", "%P", "%an <%ae>", "%ct", "%B", f"%(trailers:{_TRAILERS},only=yes,unfold)")
_LOG = ("log", "-z", "--no-show-signature", "--no-mailmap", "--encoding=UTF-8")
_WHO = (*_LOG, "--reverse", "--topo-order", "--format=" + "%x00".join(_FIELDS))
_WHAT = (*_LOG, "--format=/%H", "--raw", "-r", "-c", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv")
_NOTHING: Mapping[str, Change] = {}
_CHUNK = 1 << 18  # [bytes] read at once from git


class GitRepository:
    """The repository that holds `workspace`, read only; a context manager. Implements `facts.Repository`.

    Raises WorkspaceRefused when there is no git, or git refuses; BadInput when there is no commit yet.
    """

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._processes: dict[str, subprocess.Popen[bytes]] = {}  # by cat-file's mode, started when first needed
        asked = self._run("rev-parse", "--is-bare-repository", "--show-prefix", "--git-path", "shallow")
        bare, self._prefix, shallow = asked.split("\n")[:3]
        self._bare = bare == "true"
        cut = workspace / shallow
        self._boundary = frozenset(cut.read_text("ascii").split()) if cut.is_file() else frozenset()
        head = self.get("HEAD^{commit}")
        if head is None:
            self.close()
            raise BadInput("there is no commit yet, so there is nothing to audit", next_command="phasegate status")
        self.tip = head.sha

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _type: type[BaseException] | None, _exc: object, _tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the processes that look objects up."""
        for process in self._processes.values():
            process.communicate()
        self._processes.clear()

    @property
    def shallow(self) -> bool:
        return bool(self._boundary)

    # Single objects

    def get(self, name: str) -> GitObject | None:
        words, answers = self._ask("--batch", name)
        if not words:
            return None
        data = answers.read(int(words[2]))
        answers.read(1)
        return GitObject(words[0], words[1], data)

    def at(self, commit: str, path: str) -> GitObject | None:
        return self.get(self._name(commit, path))

    def id_at(self, commit: str, path: str) -> str:
        words, _ = self._ask("--batch-check", self._name(commit, path))
        return words[0] if words else ""

    def names(self, path: str) -> list[str]:
        """What lies in a directory of the tip; nothing when it is not there."""
        tree = self.at(self.tip, path)
        if tree is None or tree.kind != "tree":
            return []
        found, at, width = [], 0, len(self.tip) // 2
        while at < len(tree.data):
            end = tree.data.index(b"\0", at)
            found.append(os.fsdecode(tree.data[at:end].split(b" ", 1)[1]))
            at = end + 1 + width
        return found

    def worktree(self, path: str) -> bytes | None:
        file = self._workspace / path
        return None if self._bare or not file.is_file() else file.read_bytes()

    def _name(self, commit: str, path: str) -> str:
        return f"{commit}:{posixpath.normpath(self._prefix + path)}"

    def _ask(self, mode: str, name: str) -> tuple[list[str], IO[bytes]]:
        """The id, kind and size of what is asked for, or nothing; and where its bytes come from."""
        process = self._processes.get(mode)
        if process is None:
            pipe, silent = subprocess.PIPE, subprocess.DEVNULL
            process = self._processes[mode] = subprocess.Popen(
                [*_GIT, "cat-file", mode],
                cwd=self._workspace,
                env=environment(),
                stdin=pipe,
                stdout=pipe,
                stderr=silent,
            )
        given, answers = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
        if "\n" in name:
            return [], answers  # the protocol is one name a line; a path with a line feed in it cannot be asked for
        given.write(os.fsencode(name) + b"\n")
        given.flush()
        words = answers.readline().decode("utf-8", "replace").split()
        found = len(words) == 3 and words[2].isdigit()  # else "missing", "ambiguous", a submodule
        return (words if found else []), answers

    # History

    def is_ancestor(self, older: str, newer: str) -> bool:
        command = [*_GIT, "merge-base", "--is-ancestor", older, newer]
        return subprocess.run(command, cwd=self._workspace, env=environment(), check=False).returncode == 0

    def common_base(self, commits: Sequence[str]) -> str | None:
        """The newest commit that all of these descend from (or are); None when there is none."""
        if not commits or any(self.get(f"{sha}^{{commit}}") is None for sha in commits):
            return None
        if len(commits) == 1:
            return commits[0]
        try:
            return self._run("merge-base", "--octopus", *commits).strip() or None
        except WorkspaceRefused:
            return None  # unrelated histories: all of it is read

    def commits(self, since: str | None, paths: Collection[str]) -> list[Commit]:
        """The commits that the tip has and `since` has not, parents before children.

        `paths`: where runs leave their files; everywhere when there are none. What a commit changed is told, in full,
        when it touches one of them or names a run, so that a large tree is not searched where nothing of a run lies.
        """
        revisions = [self.tip, *([f"^{since}"] if since else [])]
        where = [f":(literal){path}" for path in sorted(paths)]
        with self._log([*_WHAT, "--full-history", "--full-diff", *revisions, "--", *where]) as what:
            with self._log([*_WHO, *revisions, "--"]) as who:  # both at once
                found = list(_parse_who(who.tokens()))
            changes = dict(self._parse_what(what.tokens()))
        elsewhere = [fields[0] for fields in found if fields[-1] and fields[0] not in changes] if where else []
        if elsewhere:
            with self._log([*_WHAT, "--no-walk=unsorted", "--stdin"], elsewhere) as what:
                changes |= self._parse_what(what.tokens())
        return [self._commit(fields, changes.get(fields[0], _NOTHING)) for fields in found]

    def _log(self, arguments: Sequence[str], commits: Iterable[str] = ()) -> _Log:
        return _Log([*_GIT, *arguments], self._workspace, commits)

    def _commit(self, fields: Sequence[str], changes: Mapping[str, Change]) -> Commit:
        sha, parents, author, seconds, message, trailers = fields
        boundary = sha in self._boundary
        return Commit(
            sha, tuple(parents.split()), _text(author), int(seconds), _text(message),
            parse_trailers(_text(trailers)) if trailers else {}, _NOTHING if boundary else changes, boundary,
        )  # fmt: skip

    def _parse_what(self, tokens: Iterator[str]) -> Iterator[tuple[str, Mapping[str, Change]]]:
        """Records of `_WHAT`: each commit with its changes."""
        sha, changes = "", dict[str, Change]()
        for token in tokens:
            entry = token.lstrip("\n")
            if entry.startswith("/"):
                if sha:
                    yield sha, changes
                sha, changes = entry[1:], {}
            elif entry:
                words = entry.split(" ")
                parties = len(words[0]) - len(words[0].lstrip(":"))  # more than one in a merge
                changes[self._relative(next(tokens))] = Change(_id(words[parties + 1]), _id(words[-2]))
        if sha:
            yield sha, changes

    def _relative(self, path: str) -> str:
        return posixpath.relpath(path, self._prefix.rstrip("/")) if self._prefix else path

    def _run(self, *arguments: str) -> str:
        try:
            done = subprocess.run(
                [*_GIT, *arguments], cwd=self._workspace, env=environment(), capture_output=True, check=False
            )
        except FileNotFoundError as error:
            raise git_is_missing() from error
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip()
            raise WorkspaceRefused(f"`git {arguments[0]}` failed in {self._workspace}: {said}")
        return os.fsdecode(done.stdout)


class _Log:
    """A `git log` under way; it prints into a file, so that several can run at once and none waits for a reader."""

    def __init__(self, command: Sequence[str], place: Path, commits: Iterable[str]) -> None:
        self._place = place
        self._out = tempfile.TemporaryFile()  # noqa: SIM115 - closed with this object
        with tempfile.TemporaryFile() as given:
            given.write("".join(f"{commit}\n" for commit in commits).encode())
            given.seek(0)
            self._process = subprocess.Popen(command, cwd=place, env=environment(), stdin=given, stdout=self._out)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _type: type[BaseException] | None, _exc: object, _tb: TracebackType | None) -> None:
        self._process.wait()
        self._out.close()

    def tokens(self) -> Iterator[str]:
        """What stands between the NULs; bytes that are not UTF-8 are kept as surrogates. Raises WorkspaceRefused."""
        if self._process.wait() != 0:
            raise WorkspaceRefused(f"git log failed in {self._place} (exit {self._process.returncode})")
        self._out.seek(0)
        rest = b""
        while chunk := self._out.read(_CHUNK):
            whole, nul, rest = (rest + chunk).rpartition(b"\0")
            if nul:
                yield from whole.decode("utf-8", "surrogateescape").split("\0")
        yield rest.decode("utf-8", "surrogateescape")


def _parse_who(tokens: Iterator[str]) -> Iterator[list[str]]:
    """Records of `_WHO`: the fields of each commit. What is left behind the last NUL is no record."""
    while len(fields := list(islice(tokens, len(_FIELDS)))) == len(_FIELDS):
        yield fields


def _id(word: str) -> str:
    return "" if not word.strip("0") else word


def _text(text: str) -> str:
    """Text for people: surrogates become replacement characters, so that it can be printed."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
