"""How do refs move on the remote? All of a push or nothing, each from what it was seen at; a lost answer is asked for.

Rules:
- Every move names what the ref was (`old`, "" for none). Nothing is ever forced: there is no push without a lease.
- What a push came to is what the remote says afterwards: ours there, it happened; the old there, it did not, and is
  tried again; anything else, and somebody else has the run (`RunFenced`).
- A remote lists its refs one by one while a push moves them, so one look may show a run in two states, or in none:
  what no push leaves behind is looked at again (`steadily`), and so is what a push crosses between the look and what
  is read by it (`read_again`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from state.errors import PhasegateError, RunFenced, WorkspaceRefused
from state.path_word import path_word

TRIES = 3  # of a push whose answer was lost and that did not happen
LOOKS = 5  # at refs that are moved while they are looked at

Seen = TypeVar("Seen")
WhatIsRead = TypeVar("WhatIsRead")


@dataclass(frozen=True, slots=True)
class Move:
    """One ref: from commit `old` ("": there is none) to `new` ("": deleted)."""

    ref: str
    old: str
    new: str


class PushRefused(Exception):
    """The remote took nothing of it, and said so; `host`: in words of its own, "" for none."""

    def __init__(self, why: str, host: str = "") -> None:
        super().__init__(f"{why}; the host says: {host}" if host else why)
        self.host = host


class AnswerLost(Exception):
    """Nobody knows whether the remote took it."""


class Remote(Protocol):
    """Refs somewhere else, under a name by which git knows it here."""

    @property
    def name(self) -> str: ...

    def look(self, *patterns: str) -> Mapping[str, str]:
        """Ref -> commit of those that a pattern fits (`*` at its end). Raises WorkspaceRefused when nobody answers."""

    def push(self, moves: Sequence[Move]) -> None:
        """All of them, or none. Raises PushRefused and AnswerLost."""


def move(remote: Remote, moves: Sequence[Move], *, run: str) -> None:
    """Have these moves made, once, all of them.

    Raises RunFenced where somebody else has moved one of the refs, WorkspaceRefused where the remote takes none, or
    does not answer.
    """
    for _ in range(TRIES):
        try:
            remote.push(moves)
            return
        except PushRefused as refused:
            if not _still_to_do(remote, moves, run):
                return
            raise WorkspaceRefused(
                f"the remote refused the push for run {run}: {refused}",
                next_command=f"phasegate doctor --remote {path_word(remote.name)}   # what the host allows\n"
                f"      phasegate resume {run}   # when it does",
            ) from refused
        except AnswerLost as lost:
            if not _still_to_do(remote, moves, run):
                return
            said = str(lost)
    raise WorkspaceRefused(
        f"the remote did not answer {TRIES} pushes for run {run}: {said}",
        next_command=f"phasegate resume {run}   # when it can be reached",
    )


def steadily(
    remote: Remote, patterns: Sequence[str], is_whole: Callable[[Mapping[str, str]], bool]
) -> Mapping[str, str]:
    """As `Remote.look`: the first look that is whole, or what two in a row agree on."""
    seen = remote.look(*patterns)
    for _ in range(LOOKS):
        if is_whole(seen):
            break
        before, seen = seen, remote.look(*patterns)
        if seen == before:
            break
    return seen


def read_again(look: Callable[[], Seen], read: Callable[[Seen], WhatIsRead]) -> WhatIsRead:
    """What is read by a look; where that is refused, and the look is another one by now, by that one.

    Raises what `read` does by a look at which nothing has changed.
    """
    seen = look()
    for _ in range(LOOKS):
        try:
            return read(seen)
        except PhasegateError:
            before, seen = seen, look()
            if seen == before:
                raise
    return read(seen)


def _still_to_do(remote: Remote, moves: Sequence[Move], run: str) -> bool:
    """Whether nothing of it has happened; False where all of it has. Raises RunFenced for anything else."""
    old, new = ({each.ref: at for each in moves if (at := getattr(each, which))} for which in ("old", "new"))
    seen = steadily(remote, [each.ref for each in moves], lambda refs: refs in (old, new))
    if seen == new:
        return False
    if seen == old:
        return True
    raise RunFenced(
        f"run {run} is somebody else's now: its refs were moved on the remote",
        next_command=f"phasegate status {run} --remote   # where it stands there",
    )
