"""Which commits are there, and what did they change? Two runs of `git log` at once: one tells who, one tells what.

Rules:
- Fields end with NUL, which no message can hold, and are taken by count; a record of changes begins with `/`, each
  change with `:`, and the path after it is taken by count: nothing that is made to look like a record becomes one.
- git works while the caller does: it is started here, and waited for when its commits are asked for.
- What git says of commits rests on commits and trees, which it does not hash. Each that it may have looked at is
  hashed here: all commits, and of their trees those on the way to the paths that are asked about, those below these,
  and those whose difference is told (`GitRepository.untrue`).
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import TracebackType
from typing import Self

from workflow.audit.facts import Change, Commit
from workflow.audit.file_history import Version
from workflow.audit.trailer_like import fenced_lines
from workflow.doors.git.command import environment, reading_untold
from workflow.doors.git.hashed_history import hash_all, hash_trees
from workflow.doors.git.object_store import GitRepository, git
from workflow.doors.git.plumbing import failed, parse_trailers
from workflow.trailers import APPROVAL, APPROVER, END, RUN, TASK

_TRAILERS = ",".join(f"key={key}" for key in (RUN, TASK, APPROVAL, END, APPROVER))
_FIELDS = ("%H", "%P", "%an <%ae>", "%ct", "%B", f"%(trailers:{_TRAILERS},only=yes,unfold)")
_LOG = ("log", "-z", "--no-show-signature", "--no-mailmap", "--encoding=UTF-8")
_WHO = (*_LOG, "--reverse", "--topo-order", "--format=" + "%x00".join(_FIELDS))
_WHAT = (
    *(
        *_LOG,
        "--format=/%H",
        "--raw",
        "-r",
        "-t",
        "-c",
        "--no-abbrev",
        "--no-renames",
        "--no-ext-diff",
        "--no-textconv",
    ),
    *("--root", "--ignore-submodules=none"),  # whatever a configuration, or a `.gitmodules`, has left out
)
_NOTHING: Mapping[str, Change] = {}
_NO_TRAILERS: Mapping[str, tuple[str, ...]] = {}
_SPELLING = {key.lower(): key for key in (RUN, TASK, APPROVAL, END, APPROVER)}
_YEAR_10000 = 253_402_300_800  # [s since 1970]
_DIRECTORY = "040000"
_CHUNK = 1 << 18  # [bytes] read at once from git


class History:
    """The commits that the tip has and `since` has not; a context manager."""

    def __init__(self, repository: GitRepository, since: str | None) -> None:
        self._repository = repository
        self._revisions = [repository.tip, *([f"^{since}"] if since else [])]
        self._who = _Log([*_WHO, *self._revisions, "--"], repository)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _type: type[BaseException] | None, _exc: object, _tb: TracebackType | None) -> None:
        self._who.close()

    def commits(self, paths: Collection[str]) -> list[Commit]:
        """All of them, parents before children. Raises WorkspaceRefused when git fails.

        `paths`: where runs leave their files; everywhere when there are none. What a commit changed is told, in full,
        when it touches one of them or names a run, so that a large tree is not searched where nothing of a run lies.
        """
        where = [f":(literal){self._repository.inside}{path}" for path in sorted(paths)]
        asked = [*_WHAT, "--full-history", "--full-diff", *self._revisions, "--", *where]
        seen = set[str]()
        with _Log(asked, self._repository) as what:
            tokens = self._who.tokens()
            found = list(zip(*[tokens] * len(_FIELDS), strict=False))  # what is left behind the last NUL is no record
            hash_trees(self._repository, [fields[0] for fields in found], paths)
            changes = dict(_changes(self._repository, what.tokens(), seen))
        hash_all(self._repository, seen)
        elsewhere = [fields[0] for fields in found if fields[-1] and fields[0] not in changes] if where else []
        changes |= AllHistory(self._repository).changes_in(elsewhere)
        cut = self._repository.boundary
        return [
            Commit(
                sha,
                tuple(parents.split()),
                _text(author),
                _seconds(seconds),
                _text(message),
                self._trailers(_text(message), _text(trailers)) if trailers else _NO_TRAILERS,
                _NOTHING if sha in cut else changes.get(sha, _NOTHING),
                sha in cut,
            )
            for sha, parents, author, seconds, message, trailers in found
        ]

    def _trailers(self, message: str, found: str) -> Mapping[str, tuple[str, ...]]:
        """Ours, of a message in which git found some, told their names.

        Told these, git takes a paragraph with other lines for trailers, too. Where it is fenced, and so quoted, it
        counts only if git takes it untold.
        """
        if fenced_lines(message):
            told = subprocess.run(
                reading_untold("interpret-trailers", "--parse", "--no-divider"),
                cwd=self._repository.workspace,
                env=environment(looking_only=True),
                input=message.encode(),
                capture_output=True,
                check=False,
            )
            taken = _ours(parse_trailers(told.stdout.decode("utf-8", "replace")))
            if told.returncode == 0 and not taken.keys() & set(_SPELLING.values()):
                return _NO_TRAILERS
        return _ours(parse_trailers(found))


class AllHistory:
    """What git tells of commits beyond those of an audit (`workflow.audit.file_history.AsksGit`).

    Raises WorkspaceRefused when git fails.
    """

    def __init__(self, repository: GitRepository) -> None:
        self._repository = repository

    def changes_in(self, commits: Sequence[str]) -> dict[str, Mapping[str, Change]]:
        """What these commits (their ids) changed, in full; those that changed nothing are left out."""
        if not commits:
            return {}
        seen = set[str]()
        with _Log([*_WHAT, "--no-walk=unsorted", "--stdin"], self._repository, commits) as what:
            found = dict(_changes(self._repository, what.tokens(), seen))
        hash_all(self._repository, seen)
        return found

    def versions(self, commit: str, path: str) -> list[Version]:
        """The commits that changed a workspace path, from this one back to the first, newest first."""
        place = f":(literal){self._repository.inside}{path}"
        with _Log([*_WHAT, commit, "--", place], self._repository) as what:
            found = list(_changes(self._repository, what.tokens(), set()))
        cut = self._repository.boundary
        return [
            Version(sha, self._author(sha), changes[path].old, changes[path].new, sha in cut)
            for sha, changes in found
            if path in changes
        ]

    def _author(self, sha: str) -> str:
        held = self._repository.get(sha)
        head = held.data.partition(b"\n\n")[0].split(b"\n") if held is not None else []
        said = next((line for line in head if line.startswith(b"author ")), b"author ")
        return said.removeprefix(b"author ").rsplit(b" ", 2)[0].decode("utf-8", "replace")


def _changes(
    repository: GitRepository, tokens: Iterator[str], trees: set[str]
) -> Iterator[tuple[str, Mapping[str, Change]]]:
    """Records of `_WHAT`: each commit with its changes; `trees` gets the trees that git looked into."""
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
            path = repository.relative(next(tokens))
            modes = (words[0].lstrip(":"), words[parties])
            if _DIRECTORY in (word.lstrip(":") for word in words[: parties + 1]):
                trees.update(filter(_id, words[parties + 1 : -1]))
                continue
            changes[path] = Change(_id(words[parties + 1]), _id(words[-2]), *map(_id, modes))
    if sha:
        yield sha, changes


def _seconds(written: str) -> int:
    """When a commit was made [s since 1970]; 0 where git reads no date that there is.

    git takes the date from the text that it has converted already: where its `encoding` is not like ASCII, none
    is left.
    """
    return min(int(written), _YEAR_10000 - 1) if written.isascii() and written.isdigit() else 0


class _Log:
    """A `git log` under way; it prints into a file, so that several can run at once and none waits for a reader."""

    def __init__(self, command: Sequence[str], repository: GitRepository, commits: Iterable[str] = ()) -> None:
        self._place = place = repository.workspace
        self._out = tempfile.TemporaryFile()  # noqa: SIM115 - closed with this object
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - as well
        with tempfile.TemporaryFile() as given:
            given.write("".join(f"{commit}\n" for commit in commits).encode())
            given.seek(0)
            self._process = subprocess.Popen(
                git(place, *command),
                cwd=place,
                env=repository.variables,
                stdin=given,
                stdout=self._out,
                stderr=self._said,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _type: type[BaseException] | None, _exc: object, _tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._process.wait()
        self._out.close()
        self._said.close()

    def tokens(self) -> Iterator[str]:
        """What stands between the NULs; bytes that are not UTF-8 are kept as surrogates. Raises WorkspaceRefused."""
        if self._process.wait() != 0:
            self._said.seek(0)
            raise failed(self._place, "log", self._process.returncode, self._said.read())
        self._out.seek(0)
        return chain.from_iterable(self._chunks())

    def _chunks(self) -> Iterator[list[str]]:
        rest = b""
        while chunk := self._out.read(_CHUNK):
            whole, nul, rest = (rest + chunk).rpartition(b"\0")
            if nul:
                yield whole.decode("utf-8", "surrogateescape").split("\0")
        yield [rest.decode("utf-8", "surrogateescape")]


def _ours(trailers: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    """The trailers under the names as phasegate spells them: for git `phasegate-run` is the same name."""
    if trailers.keys() <= set(_SPELLING.values()):
        return trailers
    found: dict[str, tuple[str, ...]] = {}
    for key, values in trailers.items():
        name = _SPELLING.get(key.lower(), key)
        found[name] = (*found.get(name, ()), *values)
    return found


def _id(word: str) -> str:
    return "" if not word.strip("0") else word


def _text(text: str) -> str:
    """Text for people: surrogates become replacement characters, so that it can be printed."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
