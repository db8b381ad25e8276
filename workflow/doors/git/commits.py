"""What does the commit history say? Commits with their trailers and paths, by one `git log`.

Rules:
- Fields are separated by NUL, which a commit message cannot hold, and counted; each record begins with `/`, which a
  path in a tree cannot: a message or a file name made to look like a record does not become one.
- Trailers are what git takes for trailers (`git interpret-trailers`), not what a search finds in the body.
- Nothing here is believed because a commit says it; the audit compares.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from state.cheap_classes import dataclass
from workflow.doors.git.plumbing import parse_trailers

_FIELDS = ("%H", "%P", "%s", "%B", "%an <%ae>", "%cn <%ce>", "%ct", "%(trailers:only,unfold)")
# whatever a configuration, or a `.gitmodules`, has left out
_PATHS = ("--name-only", "--no-renames", "-c", "--root", "--ignore-submodules=none")
FORMAT = "--format=/" + "%x00".join(_FIELDS)


@dataclass(frozen=True, slots=True)
class CommitFacts:
    """One commit, as git tells it.

    Attributes:
        sha, parents: object ids, in full.
        subject: the first paragraph on one line; `body`: the whole message, subject included, as stored.
        author, committer: `Name <email>`.
        at: when it was committed, UTC (the committer's clock).
        trailers: key -> its values, in order; a trailer given twice has two.
        paths: what it changed against its first parent, relative to the workspace, `../` in front where outside it;
            a rename is two paths; of a merge, what it has from none of its parents.
    """

    sha: str
    parents: tuple[str, ...]
    subject: str
    body: str
    author: str
    committer: str
    at: datetime
    trailers: Mapping[str, tuple[str, ...]]
    paths: tuple[str, ...]

    def carries(self, trailers: Mapping[str, str]) -> bool:
        """Whether each of these trailers is among the commit's."""
        return all(value in self.trailers.get(key, ()) for key, value in trailers.items())


def log_arguments(trailers: Mapping[str, str], commits: str, *, paths: bool = True) -> list[str]:
    """`git log` that prints what `read_log` reads: commits of the range, oldest first.

    `--grep` narrows by the trailers' text, which is quick; `CommitFacts.carries` decides.
    """
    narrow = [f"--grep={key}: {value}" for key, value in trailers.items()]
    return [
        *("log", "-z", "--reverse", "--topo-order", *(_PATHS if paths else ("--no-patch",))),
        "--no-show-signature",
        *("--encoding=UTF-8", "--no-mailmap", "--fixed-strings", "--all-match", *narrow, FORMAT, commits, "--"),
    ]


def read_log(output: bytes, prefix: str) -> Iterator[CommitFacts]:
    """The commits in the output of `log_arguments`; `prefix` is the workspace's path in the repository."""
    tokens = output.split(b"\0")
    at = 0
    while at < len(tokens) and tokens[at].startswith(b"/"):
        fields = [token.decode("utf-8", "replace") for token in tokens[at : at + len(_FIELDS)]]
        sha, parents, subject, body, author, committer, seconds, trailers = fields
        at += len(_FIELDS)
        if of_merge := tokens[at : at + 1] == [b""]:  # git ends the message of a merge that has paths with a NUL
            at += 1
        first = at
        while at < len(tokens) and tokens[at] and not tokens[at].startswith(b"/"):
            at += 1
        paths = [os.fsdecode(path) for path in tokens[first:at]]
        if paths and not of_merge:
            paths[0] = paths[0].removeprefix("\n")  # git ends the message's line here
        yield CommitFacts(
            sha[1:],
            tuple(parents.split()),
            subject,
            body,
            author,
            committer,
            datetime.fromtimestamp(int(seconds), UTC),
            parse_trailers(trailers),
            tuple(relative(path, prefix) for path in paths),
        )


def relative(path: str, prefix: str) -> str:
    """A path of the repository, as seen from the workspace at `prefix` ("" or `sub/dir/`)."""
    return posixpath.relpath(path, prefix.rstrip("/")) if prefix else path
