"""What does git hold? Objects by name, from a `git cat-file` that lives as long as the audit (commits: `history`).

Rules:
- Reading only: no optional lock, no replace refs, no external diff, no mail map; a bare clone will do.
- The commit that is audited is pinned when the repository is opened.
- Every object that is read is hashed, and so is every tree on the way to a path: git itself hashes none of them. What
  has other bytes than its id says is kept in `untrue`, and read as git gives it.
- A clone is cut off where parents are missing, not where its file `shallow` says so: one that is made up hides nothing.
"""

from __future__ import annotations

import os
import posixpath
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Self, cast

from state.errors import BadInput, WorkspaceRefused
from state.plain_files import refuse_links
from state.printable import as_name
from state.read_journal import files_of
from workflow.audit.facts import GitObject
from workflow.doors.git.command import environment, reading
from workflow.doors.git.handed_over import Held, difference, id_of, lines
from workflow.doors.git.loose_objects import entries_of, parents_of, tree_of
from workflow.doors.git.plumbing import failed, git_dir_of, git_is_missing, unreadable
from workflow.runs.holder import read_holder

_CONFIGURED = ("-c", "log.showRoot=true", "-c", "diff.relative=false", "-c", "trailer.separators=:")
_SUBMODULE, _DIRECTORY = "160000", "040000"
_FULL_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REMEMBERED = 10_000  # trees
_MANY, _CHUNK = 256, 1 << 18  # objects that are worth a process; bytes read at once from it
_AT_ONCE = 64  # objects asked for before the first is read; so many names fit into a pipe

Entries = Mapping[str, tuple[str, str]]  # name -> mode (six digits) and id


class GitRepository:
    """The repository that holds `workspace`, read only; a context manager. Implements `facts.Repository`.

    `boundary`: the commits whose parents were left out of this clone.

    Raises WorkspaceRefused when there is no git, or git refuses; BadInput when there is no commit yet.
    """

    def __init__(self, workspace: Path, below: str = "") -> None:
        """`below`: the directory of the tree that is the workspace, where no working tree holds it; "" for the top."""
        self.workspace = workspace
        self.inside = f"{below}/" if below else ""
        self._process: subprocess.Popen[bytes] | None = None  # `cat-file --batch`, started when first needed
        self._roots: dict[str, str] = {}  # commit -> its tree
        self._shallow_file: IO[str] | None = None
        self._trees: dict[str, Entries] = {}  # what an id means never changes
        self.untrue: dict[str, str] = {}  # of each object that is not what its id says: what is to be said
        self.variables: Mapping[str, str] = environment(looking_only=True)  # of each process of git
        asked = self._run("rev-parse", "--is-bare-repository", "--show-prefix", "--git-path", "shallow")
        bare, self._prefix, shallow = asked.split("\n")[:3]
        self._bare = bare == "true" or bool(below)
        self._prefix = self.inside or self._prefix
        cut = workspace / shallow
        told = frozenset(cut.read_text("ascii").split()) if cut.is_file() else frozenset[str]()
        self.boundary = self._where_parents_are_missing(told) if told else told
        if self.boundary != told:
            self._see_what_is_there()
        head = self.commit("HEAD")
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
        self._end_process()
        if self._shallow_file is not None:
            self._shallow_file.close()

    @property
    def shallow(self) -> bool:
        return bool(self.boundary)

    # Single objects

    def get(self, name: str) -> GitObject | None:
        self._ask([name])
        return self._answer(name)

    def commit(self, name: str) -> GitObject | None:
        found = self.get(name)  # not `<name>^{commit}`: git hashes what it peels, and says nothing but `missing`
        if found is not None and found.kind == "tag":
            found = self.get(f"{name}^{{commit}}")
        return found if found is not None and found.kind == "commit" else None

    def get_all(self, names: Sequence[str]) -> Iterator[GitObject | None]:
        for at in range(0, len(names), _AT_ONCE):
            some = names[at : at + _AT_ONCE]
            self._ask(some)
            yield from [self._answer(name) for name in some]  # all of them, before anybody asks for something else

    def read_all(self, names: Sequence[str]) -> Iterator[GitObject | None]:
        for name, found in zip(names, self.get_all(names), strict=True):
            if found is None and _FULL_ID.fullmatch(name):
                raise unreadable(self.workspace, name)
            yield found

    def at(self, commit: str, path: str) -> GitObject | None:
        entry = self._entry(commit, path)
        if entry is None or entry[0] == _SUBMODULE:
            return None
        found = self.get(entry[1])
        if found is None:
            raise unreadable(self.workspace, f"{entry[1]}, which is on the way to {as_name(path)}")
        return found

    def id_at(self, commit: str, path: str) -> str:
        entry = self._entry(commit, path)
        return entry[1] if entry is not None and entry[0] != _SUBMODULE else ""

    def names(self, path: str) -> list[str]:
        """What lies in a directory of the tip; nothing when it is not there."""
        return list(self._in_directory(self.tip, path))

    def mode_at(self, commit: str, path: str) -> str:
        entry = self._entry(commit, path)
        return entry[0] if entry is not None else ""

    def below(self, commit: str, directory: str) -> dict[str, str]:
        entry = self._entry(commit, directory)
        return dict(self._files_below(entry[1], directory)) if entry is not None and entry[0] == _DIRECTORY else {}

    def _files_below(self, tree: str, directory: str) -> Iterator[tuple[str, str]]:
        for name, (mode, id_) in self._tree(tree, directory).items():
            if mode == _DIRECTORY:
                yield from self._files_below(id_, f"{directory}/{name}")
            elif mode != _SUBMODULE:
                yield f"{directory}/{name}", id_

    def _in_directory(self, commit: str, path: str) -> Entries:
        entry = self._entry(commit, path)
        return self._tree(entry[1], path) if entry is not None and entry[0] == _DIRECTORY else {}

    def _entry(self, commit: str, path: str) -> tuple[str, str] | None:
        """Mode and id of what a commit holds at a workspace path, by way of its trees; None where nothing is.

        Nobody knows what is in a commit that is not here. Raises WorkspaceRefused for a tree that is not.
        """
        root = self._root(commit)
        if not root:
            return None
        entry = (_DIRECTORY, root)
        for part in PurePosixPath(self.in_tree(path)).parts:
            found = self._tree(entry[1], path).get(part) if entry[0] == _DIRECTORY else None
            if found is None:
                return None
            entry = found
        return entry

    def _root(self, commit: str) -> str:
        """The id of a commit's tree; "" where it is not here."""
        if commit not in self._roots:
            held = self.commit(commit)
            if held is None:
                return ""
            self._roots[commit] = tree_of(held.data)
        return self._roots[commit]

    def _tree(self, id_: str, path: str) -> Entries:
        """What lies in a directory, by name: mode and id. Raises WorkspaceRefused where it cannot be read."""
        if (known := self._trees.get(id_)) is None:
            held = self.get(id_)
            if held is None:
                raise unreadable(self.workspace, f"{id_}, which is on the way to {as_name(path)}")
            if len(self._trees) >= _REMEMBERED:
                self._trees.clear()
            known = self._trees[id_] = self._entries_in(held)
        return known

    def _entries_in(self, tree: GitObject) -> Entries:
        """Name -> mode and id of what lies in a directory."""
        if tree.kind != "tree":
            return {}
        rows = entries_of(tree.data, len(tree.sha) // 2).items()
        return {os.fsdecode(name): (mode.decode("ascii", "replace").zfill(6), id_) for name, (mode, id_) in rows}

    # Where this clone begins

    def _where_parents_are_missing(self, told: frozenset[str]) -> frozenset[str]:
        """The commits, from those that are told to be a clone's first ones on back, whose parents are not here."""
        cut, seen, asked = set[str](), set[str](), list(told)
        while asked:
            seen.update(asked)
            parents = {
                commit: parents_of(held.data)
                for commit, held in zip(asked, self.get_all(asked), strict=True)
                if held is not None and held.kind == "commit"
            }
            wanted = list(dict.fromkeys(each for some in parents.values() for each in some))
            here = {each for each, held in zip(wanted, self.get_all(wanted), strict=True) if held is not None}
            cut |= {commit for commit, some in parents.items() if not here.issuperset(some)}
            asked = [each for each in wanted if each in here - seen]
        return frozenset(cut)

    def _see_what_is_there(self) -> None:
        """Have git begin a clone where parents are missing, whatever its own file says."""
        self._shallow_file = tempfile.NamedTemporaryFile("w", encoding="ascii")  # noqa: SIM115 - closed with this object
        self._shallow_file.writelines(f"{commit}\n" for commit in sorted(self.boundary))
        self._shallow_file.flush()
        self.variables = {**self.variables, "GIT_SHALLOW_FILE": self._shallow_file.name if self.boundary else ""}
        self._end_process()

    def _end_process(self) -> None:
        if self._process is not None:
            self._process.communicate()
            self._process = None

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

    def _ask(self, names: Sequence[str]) -> None:
        if self._process is None:
            self._process = subprocess.Popen(
                git(self.workspace, "cat-file", "--batch"),
                cwd=self.workspace,
                env=self.variables,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        given = cast("IO[bytes]", self._process.stdin)
        given.write(lines(names))
        given.flush()

    def stream(self, names: Sequence[str]) -> Iterator[GitObject | None]:
        """As `get_all`; of many by a process of their own, which tells them all in one go."""
        if len(names) < _MANY:
            yield from self.get_all(names)
            return
        with tempfile.TemporaryFile() as asked:  # not a pipe: git answers while it is asked
            asked.write(lines(names))
            asked.seek(0)
            with subprocess.Popen(
                git(self.workspace, "cat-file", "--batch", "--buffer"),
                cwd=self.workspace,
                env=self.variables,
                stdin=asked,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=_CHUNK,
            ) as process:
                for name in names:
                    yield self._read(name, cast("IO[bytes]", process.stdout))

    def _answer(self, name: str) -> GitObject | None:
        """What was asked for next."""
        return self._read(name, cast("IO[bytes]", cast("subprocess.Popen[bytes]", self._process).stdout))

    def _read(self, name: str, answers: IO[bytes]) -> GitObject | None:
        """What git says to a name; None when it is missing, ambiguous or a submodule."""
        line = answers.readline()
        if not line:  # it ended: of what it cannot find it says so, and goes on
            raise unreadable(self.workspace, "git cat-file ended")
        words = line.decode("utf-8", "replace").split()
        if len(words) != 3 or not words[2].isdigit():
            return None
        held = Held(words[0], words[1], answers.read(int(words[2])))
        answers.read(1)
        if (seen := id_of(held)) != held.sha:
            self.untrue.setdefault(held.sha, difference(held, seen, name))
        return GitObject(*held)

    # Ancestry

    def is_ancestor(self, older: str, newer: str) -> bool:
        command = git(self.workspace, "merge-base", "--is-ancestor", older, newer)
        return subprocess.run(command, cwd=self.workspace, env=self.variables, check=False).returncode == 0

    def common_base(self, commits: Sequence[str]) -> str | None:
        """The newest commit that all of these descend from (or are); None when there is none."""
        if not commits or any(self.commit(sha) is None for sha in commits):
            return None
        if len(commits) == 1:
            return commits[0]
        try:
            return self._run("merge-base", "--octopus", *commits).strip() or None
        except WorkspaceRefused:
            return None  # unrelated histories: all of it is read

    def in_tree(self, path: str) -> str:
        """A path of the workspace, as the repository has it."""
        return posixpath.normpath(self._prefix + path)

    def relative(self, path: str) -> str:
        """A path of the repository, as seen from the workspace."""
        return posixpath.relpath(path, self._prefix.rstrip("/")) if self._prefix else path

    def _run(self, *arguments: str) -> str:
        try:
            done = subprocess.run(
                git(self.workspace, *arguments),
                cwd=self.workspace,
                env=self.variables,
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
