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


def read_blobs(workspace: Path, names: Sequence[str]) -> Iterator[bytes]:
    """The content of each name (`<commit>:<path>`), in order; nothing for what is missing, or is no blob.

    Raises WorkspaceRefused where git ends before it has answered for all.
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
            for _ in names:
                yield _answer(answers)


def _answer(answers: IO[bytes]) -> bytes:
    line = answers.readline()
    if not line:
        raise WorkspaceRefused("git cat-file ended before it had answered", next_command="git fsck")
    words = line.split()
    if len(words) != 3 or not words[2].isdigit():
        return b""  # `NAME missing`, or ambiguous; a name with a space in it has more words
    data = answers.read(int(words[2]))
    answers.read(1)
    return data if words[1] == b"blob" else b""
