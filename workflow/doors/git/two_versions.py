"""How do two versions of a file differ, line by line? For bytes that somebody has in hand, wherever they came from.

Rules:
- No repository takes part: no attribute, no driver and no configuration of one changes what is compared, or how.
- Nothing is cut. What is no text (it has a NUL) is for the caller to tell of.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from workflow.doors.git.plain_diff import NO_CONFIGURATION, PLAIN_DIFF
from workflow.doors.git.plumbing import failed, look

_DIFF = (*PLAIN_DIFF, "--no-index", "--text")
_HEADER = "diff --git "


def differences(pairs: Sequence[tuple[bytes, bytes]]) -> list[list[str]]:
    """For each pair (before, after) the lines of its hunks, each with its sign; none where both are the same.

    What is not UTF-8 stands as an escape. Raises WorkspaceRefused when git does not compare.
    """
    found: list[list[str]] = [[] for _ in pairs]
    if all(before == after for before, after in pairs):
        return found
    with tempfile.TemporaryDirectory() as scratch:
        for number, versions in enumerate(pairs):
            for side, data in zip("ab", versions, strict=True):
                (Path(scratch) / side).mkdir(exist_ok=True)
                (Path(scratch) / side / str(number)).write_bytes(data)
        done = look(Path(scratch), *_DIFF, "--", "a", "b", variables=NO_CONFIGURATION)
        if done.returncode not in (0, 1):  # Source: git-diff(1), --exit-code, which --no-index implies
            raise failed(Path(scratch), "diff", done.returncode, done.stderr)
    into: list[str] = []
    in_hunks = False
    for line in done.stdout.decode("utf-8", "backslashreplace").removesuffix("\n").split("\n"):
        if line.startswith(_HEADER):
            into, in_hunks = found[int(line.rpartition("/")[2])], False
        elif in_hunks or line.startswith("@@"):
            in_hunks = True
            into.append(line)
    return found
