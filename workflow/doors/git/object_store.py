"""What does git hold? Objects by name, from a `git cat-file` that lives as long as the audit (commits: `history`).

Rules:
- Reading only: no optional lock, no replace refs, no external diff, no mail map; a bare clone will do.
- The commit that is audited is pinned when the repository is opened.
"""

from __future__ import annotations

import os
import posixpath
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Self, cast

from state.errors import BadInput, WorkspaceRefused
from state.plain_files import refuse_links
from state.printable import as_name
from state.read_journal import files_of
from workflow.audit.facts import GitObject, Size
from workflow.doors.git.command import environment, reading
from workflow.doors.git.plumbing import failed, git_dir_of, git_is_missing, unreadable
from workflow.runs.holder import read_holder

_CONFIGURED = ("-c", "log.showRoot=true", "-c", "diff.relative=false", "-c", "trailer.separators=:")
_SUBMODULE, _DIRECTORY = "160000", "040000"
_FULL_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_AT_ONCE = 64  # objects asked for before the first is read; so many names fit into a pipe


class GitRepository:
    """The repository that holds `workspace`, read only; a context manager. Implements `facts.Repository`.

    `boundary`: the commits whose parents were left out of this clone.

    Raises WorkspaceRefused when there is no git, or git refuses; BadInput when there is no commit yet.
    """

    def __init__(self, workspace: Path, below: str = "") -> None:
        """`below`: the directory of the tree that is the workspace, where no working tree holds it; "" for the top."""
        self.workspace = workspace
        self.inside = f"{below}/" if below else ""
        self._processes: dict[str, subprocess.Popen[bytes]] = {}  # by cat-file's mode, started when first needed
        self._looked_in = ("", "")  # commit and directory of `mode_at`, which is asked about neighbours
        self._seen_there: dict[str, str] = {}
        asked = self._run("rev-parse", "--is-bare-repository", "--show-prefix", "--git-path", "shallow")
        bare, self._prefix, shallow = asked.split("\n")[:3]
        self._bare = bare == "true" or bool(below)
        self._prefix = self.inside or self._prefix
        cut = workspace / shallow
        self.boundary = frozenset(cut.read_text("ascii").split()) if cut.is_file() else frozenset()
        head = self.get("HEAD^{commit}")
        if head is None:
            self.close()
            way = "git fetch" if self._bare else 'git add . && git commit --allow-empty -m "Start"'
            raise BadInput("there is no commit yet, so there is nothing to audit", next_command=way)
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
        return bool(self.boundary)

    # Single objects

    def get(self, name: str) -> GitObject | None:
        self._ask("--batch", [name])
        return self._answer()

    def get_all(self, names: Sequence[str]) -> Iterator[GitObject | None]:
        for at in range(0, len(names), _AT_ONCE):
            some = names[at : at + _AT_ONCE]
            self._ask("--batch", some)
            yield from [self._answer() for _ in some]  # all of them, before anybody asks for something else

    def read_all(self, names: Sequence[str]) -> Iterator[GitObject | None]:
        for name, found in zip(names, self.get_all(names), strict=True):
            if found is None and _FULL_ID.fullmatch(name):
                raise unreadable(self.workspace, name)
            yield found

    def at(self, commit: str, path: str) -> GitObject | None:
        found = self.get(self._name(commit, path))
        if found is None:
            self._require_absent(commit, path)
        return found

    def id_at(self, commit: str, path: str) -> str:
        self._ask("--batch-check", [self._name(commit, path)])
        found = self._header("--batch-check")
        if not found:
            self._require_absent(commit, path)
        return found[0] if found else ""

    def _require_absent(self, commit: str, path: str) -> None:
        """Raise WorkspaceRefused when git knows that something is at the path, and cannot read it or what leads there.

        git says `missing` of a path that is not in a commit, and of one whose object is not in the repository.
        """
        held = self.get(commit)
        if held is None:
            return  # nobody knows what is in a commit that is not here
        id_ = held.data.split(b"\n", 1)[0].removeprefix(b"tree ").decode("ascii", "replace")
        for part in [*PurePosixPath(posixpath.normpath(self._prefix + path)).parts, ""]:
            found = self.get(id_)
            if found is None:
                raise unreadable(self.workspace, f"{id_}, which is on the way to {as_name(path)}")
            entries = self._entries_in(found) if found.kind == "tree" else {}
            if part not in entries or entries[part][0] == _SUBMODULE:
                return
            id_ = entries[part][1]

    def names(self, path: str) -> list[str]:
        """What lies in a directory of the tip; nothing when it is not there."""
        return list(self._modes_in(self.at(self.tip, path)))

    def mode_at(self, commit: str, path: str) -> str:
        where, _, name = posixpath.normpath(self._prefix + path).rpartition("/")
        if (commit, where) != self._looked_in:
            self._looked_in, self._seen_there = (commit, where), self._modes_in(self.get(f"{commit}:{where}"))
        return self._seen_there.get(name, "")

    def below(self, commit: str, directory: str) -> dict[str, str]:
        found: dict[str, str] = {}
        held = self.at(commit, directory)
        for name, (mode, id_) in (self._entries_in(held) if held and held.kind == "tree" else {}).items():
            path = f"{directory}/{name}"
            if mode == _DIRECTORY:
                found |= self.below(commit, path)
            elif mode != _SUBMODULE:
                found[path] = id_
        return found

    def _modes_in(self, tree: GitObject | None) -> dict[str, str]:
        """Name -> mode of what lies in a directory; nothing where it is none."""
        if tree is None or tree.kind != "tree":
            return {}
        return {name: mode for name, (mode, _id) in self._entries_in(tree).items()}

    def _entries_in(self, tree: GitObject) -> dict[str, tuple[str, str]]:
        """Name -> mode and id of what lies in a directory."""
        found, at, width = dict[str, tuple[str, str]](), 0, len(self.tip) // 2
        while at < len(tree.data):
            end = tree.data.index(b"\0", at)
            mode, name = tree.data[at:end].split(b" ", 1)
            id_ = tree.data[end + 1 : end + 1 + width].hex()
            found[os.fsdecode(name)] = (mode.decode("ascii", "replace").zfill(6), id_)
            at = end + 1 + width
        return found

    def worktree(self, path: str) -> bytes | None:
        """The file as git would store it but for filters: of a link its text, and nothing of what lies behind one."""
        file = self.workspace / path
        if self._bare or self._is_behind_a_link(path):
            return None
        if file.is_symlink():
            return os.fsencode(os.readlink(file))  # noqa: PTH115 - a Path would tidy the text up, which git keeps
        return file.read_bytes() if file.is_file() else None

    def lacking(self, paths: Sequence[str]) -> list[str]:
        gone = [path for path in paths if self.worktree(path) is None]
        if not gone or self._bare or not self._run("ls-files", "--full-name", "-z", "--", ":(top)"):
            return []  # nothing was ever checked out
        marked = self._run("ls-files", "-v", "-z", "--", *(f":(literal){path}" for path in gone)).split("\0")
        left_out = {path for line in marked if (path := line[2:]) and line[0] in "Ss"}
        return [path for path in gone if path not in left_out]

    def worktree_journal(self, path: str) -> list[bytes] | None:
        file = self.workspace / path
        if self._bare or self._is_behind_a_link(path) or not os.path.lexists(file):
            return None
        refuse_links(self.workspace, file)
        return files_of(file)

    def open_segment(self, run_id: str) -> int:
        return 0 if self._bare else read_holder(git_dir_of(self.workspace), run_id).segment

    def is_in_a_branch(self, path: str) -> bool:
        return bool(self._run("rev-list", "--all", "HEAD", "-1", "--", f":(top,literal){self._prefix}{path}"))

    def _is_behind_a_link(self, path: str) -> bool:
        return any((self.workspace / each).is_symlink() for each in PurePosixPath(path).parents)

    def _name(self, commit: str, path: str) -> str:
        return f"{commit}:{posixpath.normpath(self._prefix + path)}"

    def _ask(self, mode: str, names: Sequence[str]) -> None:
        process = self._processes.get(mode)
        if process is None:
            pipe, silent = subprocess.PIPE, subprocess.DEVNULL
            process = self._processes[mode] = subprocess.Popen(
                git(self.workspace, "cat-file", mode),
                cwd=self.workspace,
                env=environment(looking_only=True),
                stdin=pipe,
                stdout=pipe,
                stderr=silent,
            )
        given = cast("IO[bytes]", process.stdin)
        # one name a line: a path with a line feed in it cannot be asked for, and the empty name is missing
        given.write(b"".join(b"\n" if "\n" in name else os.fsencode(name) + b"\n" for name in names))
        given.flush()

    def _header(self, mode: str) -> list[str]:
        """The id, kind and size of what was asked for next; nothing when it is missing, ambiguous or a submodule."""
        line = cast("IO[bytes]", self._processes[mode].stdout).readline()
        if not line:  # it ended: of what it cannot find it says so, and goes on
            raise unreadable(self.workspace, "git cat-file ended")
        words = line.decode("utf-8", "replace").split()
        return words if len(words) == 3 and words[2].isdigit() else []

    def _answer(self) -> GitObject | None:
        words = self._header("--batch")
        if not words:
            return None
        answers = cast("IO[bytes]", self._processes["--batch"].stdout)
        data = answers.read(int(words[2]))
        answers.read(1)
        return GitObject(words[0], words[1], data)

    # Packs

    def sizes(self, names: Sequence[str]) -> dict[str, Size]:
        what = "--batch-check=%(objectname) %(objectsize) %(objectsize:disk)"
        rows = (line.split() for line in self._fed("cat-file", what, given=_lines(names)) or ())
        return {row[0].decode(): Size(int(row[1]), int(row[2])) for row in rows if len(row) == 3}

    def packed(self, names: Sequence[str]) -> tuple[bytes, dict[int, str]] | None:
        options = (
            "-q",
            "--delta-base-offset",
            "--window=0",
            "--threads=1",
        )  # those deltas that there are, and no others
        with tempfile.TemporaryDirectory() as scratch:
            made = self._fed("pack-objects", *options, f"{scratch}/some", given=_lines(names))
            if made is None:
                return None
            (index,) = Path(scratch).glob("*.idx")
            rows = (line.split() for line in self._fed("show-index", given=index.read_bytes()) or ())
            return index.with_suffix(".pack").read_bytes(), {int(row[0]): row[1].decode() for row in rows}

    def _fed(self, *arguments: str, given: bytes) -> list[bytes] | None:
        """The lines that git says to this; None when it fails."""
        done = subprocess.run(
            git(self.workspace, *arguments),
            cwd=self.workspace,
            env=environment(looking_only=True),
            input=given,
            capture_output=True,
            check=False,
        )
        return done.stdout.splitlines() if done.returncode == 0 else None

    # Ancestry

    def is_ancestor(self, older: str, newer: str) -> bool:
        command = git(self.workspace, "merge-base", "--is-ancestor", older, newer)
        looking = environment(looking_only=True)
        return subprocess.run(command, cwd=self.workspace, env=looking, check=False).returncode == 0

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

    def relative(self, path: str) -> str:
        """A path of the repository, as seen from the workspace."""
        return posixpath.relpath(path, self._prefix.rstrip("/")) if self._prefix else path

    def _run(self, *arguments: str) -> str:
        try:
            done = subprocess.run(
                git(self.workspace, *arguments),
                cwd=self.workspace,
                env=environment(looking_only=True),
                capture_output=True,
                check=False,
            )
        except FileNotFoundError as error:
            raise git_is_missing() from error
        if done.returncode != 0:
            raise failed(self.workspace, arguments[0], done.returncode, done.stderr)
        return os.fsdecode(done.stdout)


def git(workspace: Path, *arguments: str) -> list[str]:
    """The command line of a git process of the audit."""
    return reading(workspace, *_CONFIGURED, *arguments)


def _lines(names: Sequence[str]) -> bytes:
    return "".join(f"{name}\n" for name in names).encode()
