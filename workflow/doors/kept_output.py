"""What is kept of an output of any length? Its head and its tail, with the number of lines between them."""

from __future__ import annotations

from collections import deque

LIMIT = 65_536  # characters of output that are kept


class KeptOutput:
    """The head and the tail of an output of any length."""

    def __init__(self) -> None:
        self._head: list[str] = []
        self._tail: deque[str] = deque()
        self._room = LIMIT // 2
        self._in_tail = 0
        self._cut = 0

    def add(self, line: str) -> None:
        size = len(line) + 1
        if not self._tail and size <= self._room:
            self._head.append(line)
            self._room -= size
            return
        self._tail.append(line)
        self._in_tail += size
        while self._in_tail > LIMIT // 2:
            self._in_tail -= len(self._tail.popleft()) + 1
            self._cut += 1

    def text(self) -> str:
        cut = [f"[... {self._cut:,} lines cut ...]"] * bool(self._cut)
        return "\n".join([*self._head, *cut, *self._tail])

    def last(self, count: int) -> str:
        lines = [*self._head, *self._tail][-count:]
        return "".join(f"\n  {line}" for line in lines)
