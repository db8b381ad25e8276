"""Which blob id would a file get if it were committed now?

git is asked (`git hash-object`) wherever something could change the bytes on their way in. Where nothing can, the id is
the hash of the bytes, and no process is started.

Rules:
- What can change them (gitattributes(5), "End-of-line conversion" ff.): the attributes `filter`, `ident` and
  `working-tree-encoding`, of which git says whether a path has one; and the line ends, whatever attributes and
  core.autocrlf say, only where the file holds CR LF.
- Of which files git stores other bytes than they have is known by that, too (`converted`); a line end alone is one.
- What git said of a path is remembered until `forget`. A setting that changes meanwhile cannot let a wrong file pass:
  the commit is compared with these ids, so what differs is refused.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from state.files import blob_id
from workflow.doors.git.process import MANY, GitProcess

FEW = 16  # paths: a run's own, and what a task leaves mostly
_CHANGING = ("filter", "ident", "working-tree-encoding")


class BlobIds:
    """The blob ids of files in one workspace."""

    def __init__(self, git: GitProcess) -> None:
        self._git = git
        self._changed: dict[str, bool] = {}  # path -> whether it has an attribute that changes bytes
        self._asked: dict[str, str] = {}  # path -> the id that git gave a file whose bytes may be changed

    def forget(self) -> None:
        """Ask git anew which attributes paths have: a `.gitattributes` may have changed."""
        self._changed.clear()

    def learn_anew(self, paths: Sequence[str]) -> None:
        """Forget, and ask about these paths; by the same process about those that were known, where they are few."""
        known = list(self._changed) if len(self._changed) <= FEW else []
        self.forget()
        self.learn(list(dict.fromkeys([*paths, *known])))

    def learn(self, paths: Sequence[str]) -> None:
        """Ask git about those of the paths that it was not asked about yet, by one process."""
        new = [path for path in paths if path not in self._changed]
        if new:
            given = b"".join(os.fsencode(path) + b"\0" for path in new)
            said = self._git.read("check-attr", "-z", "--stdin", *_CHANGING, stdin=given).out.split(b"\0")
            values = said[2::3]  # path, attribute, value, each ending with NUL
            for number, path in enumerate(new):
                of_path = values[number * len(_CHANGING) : (number + 1) * len(_CHANGING)]
                self._changed[path] = any(value not in (b"unspecified", b"unset") for value in of_path)

    def are_plain(self, paths: Sequence[str]) -> list[str]:
        """Those of the paths that have no attribute which changes bytes."""
        self.learn(paths)
        return [path for path in paths if not self._changed[path]]

    def not_plain(self, paths: Sequence[str]) -> list[str]:
        """Those of the paths that have one."""
        self.learn(paths)
        return [path for path in paths if self._changed[path]]

    def of(self, paths: Sequence[str], *, like: str) -> dict[str, str]:
        """The id of each file, which must be there. `like`: an object id of this repository."""
        self.learn(paths)
        ids, asked = {}, []
        directory = f"{self._git.directory}/"
        for path in paths:
            data = b"" if self._changed[path] else _bytes_of(f"{directory}{path}")
            if self._changed[path] or b"\r\n" in data:
                asked.append(path)
            else:
                ids[path] = blob_id(data, like)
        if asked:
            # not by --stdin-paths: those are taken from the top of the repository, wherever the workspace is
            parts = [asked[at : at + MANY] for at in range(0, len(asked), MANY)]
            said = [id_ for part in parts for id_ in self._git.read("hash-object", "--", *part).text.split()]
            self._asked |= dict(zip(asked, said, strict=True))
            ids |= {path: self._asked[path] for path in asked}
        for path in ids.keys() - set(asked):
            self._asked.pop(path, None)
        return ids

    def converted(self, paths: Sequence[str]) -> list[str]:
        """Those of the files, whose ids were asked for last by `of`, of which git may store other bytes than they have.

        One that an attribute changes is among them even where its id is that of its bytes: git gives that of a file
        that it cannot convert, too, and then refuses the commit.
        """
        directory = f"{self._git.directory}/"
        asked = [path for path in paths if path in self._asked]
        return [
            path
            for path in asked
            if self._changed[path] or blob_id(_bytes_of(f"{directory}{path}"), self._asked[path]) != self._asked[path]
        ]


def _bytes_of(file: str) -> bytes:
    with open(file, "rb") as opened:  # noqa: PTH123 - of ten thousand files, a Path each is half of the time
        return opened.read()
