"""What do many names stand for? Blobs, by one process of git, one at a time: nothing of them is kept here."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, cast

from state.errors import WorkspaceRefused
from workflow.doors.git.command import environment, reading
from workflow.doors.git.handed_over import Held, require_true


def read_blobs(workspace: Path, names: Sequence[str]) -> Iterator[bytes]:
    """The content of each name (`<commit>:<path>`), in order; nothing for what is missing, or is no blob.

    Each blob is hashed; the trees that the name leads through are not. Raises ObjectDiffers, and WorkspaceRefused where
    git ends before it has answered for all.
    """
    with tempfile.TemporaryFile() as asked:  # not a pipe: git answers while it is asked
        asked.write(b"".join(b"\n" if "\n" in name else os.fsencode(name) + b"\n" for name in names))
        asked.seek(0)
        with subprocess.Popen(
            reading(workspace, "cat-file", "--batch"),
            cwd=workspace,
            env=environment(looking_only=True),
            stdin=asked,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            answers = cast("IO[bytes]", process.stdout)
            for name in names:
                yield _answer(workspace, name, answers)


def _answer(workspace: Path, name: str, answers: IO[bytes]) -> bytes:
    line = answers.readline()
    if not line:
        raise WorkspaceRefused("git cat-file ended before it had answered", next_command="git fsck")
    words = line.split()
    if len(words) != 3 or not words[2].isdigit():
        return b""  # `NAME missing`, or ambiguous; a name with a space in it has more words
    data = answers.read(int(words[2]))
    answers.read(1)
    held = require_true(workspace, Held(words[0].decode(), words[1].decode(), data), name)
    return held.data if held.kind == "blob" else b""
