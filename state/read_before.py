"""Which journals has this process read before? What they had then is not parsed again, only what came behind it.

Rules:
- Equal bytes have equal events. Nothing else is believed, neither a name nor a length nor a time: all bytes are read
  again, and compared with those that were parsed and held against the chain.
- It is forgotten with the process, and nothing of it is on a disk.
- What is kept is handed out as a copy: who goes on from it changes nothing here.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Generic, Protocol, Self, TypeVar


class Copied(Protocol):
    """What is known of a journal, to go on from: `state.read_journal.Lines`."""

    def copy(self) -> Self: ...


Lines = TypeVar("Lines", bound=Copied)

MOST = 16  # journals that are kept
MOST_BYTES = 64 << 20  # of them all, but for the newest one


class ReadBefore(Generic[Lines]):
    """Journals by their first lines, the one that was read last at the end; threads may share it."""

    def __init__(self, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._kept: dict[bytes, tuple[list[bytes], Lines]] = {}
        self._lock = Lock()

    def beginning_of(self, found: Sequence[bytes]) -> tuple[Lines, int, int] | None:
        """What is known of a journal with these files: its lines so far, the last file of them, and its bytes so far.

        None where it was not read before, or does not begin with what was read then.
        """
        with self._lock:
            known = self._kept.get(_first_line(found))
        if known is None:
            return None
        files, lines = known
        last = len(files) - 1
        if last >= len(found) or files[:-1] != found[:last] or not found[last].startswith(files[last]):
            return None
        return lines.copy(), last, len(files[last])

    def keep(self, found: Sequence[bytes], whole: int, lines: Lines) -> None:
        """Know from now on that these files, of the last so many bytes, have these lines."""
        first = _first_line(found)
        if not first:
            return
        kept = [*found[:-1], found[-1][:whole]]
        with self._lock:
            self._kept.pop(first, None)
            self._kept[first] = kept, lines.copy()
            while len(self._kept) > 1 and (len(self._kept) > self._most or self._bytes() > self._most_bytes):
                del self._kept[next(iter(self._kept))]

    def _bytes(self) -> int:
        return sum(len(data) for files, _lines in self._kept.values() for data in files)


def _first_line(found: Sequence[bytes]) -> bytes:
    """With its LF; nothing where there is no whole one."""
    return found[0][: found[0].find(b"\n") + 1] if found else b""
