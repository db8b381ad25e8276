"""How does git compare for people to see, whatever anybody has configured? The options, and a repository of its own.

Each option says what a setting of git-config(1) could say otherwise: `diff.context`, `diff.interHunkContext`,
`diff.noprefix`, `diff.mnemonicPrefix`, `diff.srcPrefix`, `diff.dstPrefix`, `diff.renames`, `diff.algorithm`,
`diff.indentHeuristic`, `diff.colorMoved`, `diff.wsErrorHighlight`, `diff.submodule`, `diff.ignoreSubmodules`,
`diff.orderFile`, `diff.relative`, `diff.external`, `diff.suppressBlankEmpty`, `diff.dirstat`, `core.quotePath`,
`core.attributesFile`, `core.bigFileThreshold`, `color.*`.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping
from pathlib import Path

from workflow.doors.git.loose_objects import DIRECTORY, Entry, hash_of

PLAIN_DIFF = (
    *("-c", "diff.suppressBlankEmpty=false", "-c", "core.quotePath=true", "-c", "core.abbrev=auto"),
    *("-c", f"core.attributesFile={os.devnull}", "-c", "diff.interHunkContext=0"),
    *("diff", "--no-ext-diff", "--no-textconv", "--no-color", "--no-color-moved", "--ws-error-highlight=none"),
    *("--no-relative", "--no-renames", "--unified=3", "--inter-hunk-context=0", "--diff-algorithm=myers"),
    *("--indent-heuristic", "--src-prefix=a/", "--dst-prefix=b/", "--submodule=short", "--ignore-submodules=none"),
    f"-O{os.devnull}",
)
# whoever starts phasegate has a configuration, too: of it nothing is read; HOME for a git older than 2.32
NO_CONFIGURATION: Mapping[str, str] = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_COUNT": "0",
    "GIT_CONFIG_PARAMETERS": "",
    "GIT_ATTR_NOSYSTEM": "1",
    "XDG_CONFIG_HOME": os.devnull,
    "HOME": os.devnull,
}


class Scratch:
    """A bare repository in an empty directory, of objects that are laid down here, by their bytes."""

    def __init__(self, directory: Path, like: str) -> None:
        """`like`: an object id of the repository that is compared."""
        self._like = like
        self.objects = directory / "objects"
        self.environment: Mapping[str, str] = {"GIT_DIR": str(directory)}
        for each in ("objects", "refs"):
            (directory / each).mkdir()
        (directory / "HEAD").write_text("ref: refs/heads/none\n")
        sha256 = len(like) != 40
        extensions = "[extensions]\n\tobjectFormat = sha256\n" if sha256 else ""
        version = 1 if sha256 else 0
        (directory / "config").write_text(f"[core]\n\trepositoryFormatVersion = {version}\n\tbare = true\n{extensions}")

    def lay(self, kind: bytes, data: bytes) -> str:
        """Lay an object down; its id, which is the hash of its bytes."""
        head = b"%s %d\0" % (kind, len(data))
        sha = hash_of(data, like=self._like, head=head)
        file = self.objects / sha[:2] / sha[2:]
        if not file.exists():
            file.parent.mkdir(exist_ok=True)
            packer = zlib.compressobj(1)
            file.write_bytes(packer.compress(head) + packer.compress(data) + packer.flush())
        return sha

    def has(self, sha: str) -> bool:
        """Whether it was laid down."""
        return (self.objects / sha[:2] / sha[2:]).exists()

    def begins(self, sha: str, count: int) -> tuple[int, bytes]:
        """How long one of the objects is, and its first bytes."""
        with (self.objects / sha[:2] / sha[2:]).open("rb") as file:
            head, _, first = zlib.decompressobj().decompress(file.read(count), count).partition(b"\0")
        return int(head.rpartition(b" ")[2]), first

    def tree(self, entries: Mapping[str, Entry]) -> str:
        """Lay down the tree of these entries, by path; its id."""
        here, below = dict[bytes, Entry](), dict[str, dict[str, Entry]]()
        for path, entry in entries.items():
            name, slash, rest = path.partition("/")
            if slash:
                below.setdefault(name, {})[rest] = entry
            else:
                here[os.fsencode(name)] = entry
        here |= {os.fsencode(name): (DIRECTORY, self.tree(inner)) for name, inner in below.items()}
        rows = sorted(here.items(), key=lambda item: item[0] + (b"/" if item[1][0] == DIRECTORY else b""))
        return self.lay(
            b"tree", b"".join(mode + b" " + name + b"\0" + bytes.fromhex(sha) for name, (mode, sha) in rows)
        )
