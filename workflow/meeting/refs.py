"""Which refs are there of a run on the remote, and what do their names say?

refs/heads/phasegate/<run>                    the branch; only the run's holder pushes it, forward only
refs/phasegate/todo/<run>                     ordered, not begun          exactly one of these four,
refs/phasegate/working/<run>                  somebody holds it           moved by one atomic push
refs/phasegate/waiting/<run>                  evidence waits for people
refs/phasegate/stopped/<run>                  failed, paused, or asks something
refs/phasegate/verdicts/<run>/<digest>-<key>  one a verdict; deleted when it was taken in
refs/phasegate/slots/<account>/<k>            a worker's room, where `per_account` bounds how many work in an account
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from state.errors import WorkspaceRefused
from state.path_word import path_word

State = Literal["todo", "working", "waiting", "stopped", ""]  # "": the run is not on the remote, or is over
STATES: tuple[State, ...] = ("todo", "working", "waiting", "stopped")
PREFIX = "refs/phasegate"  # where a host takes it; else `meeting.prefix` says another
BRANCHES = "refs/heads/phasegate"
DIGEST, KEY = 12, 8  # characters of each in a verdict's name


@dataclass(frozen=True, slots=True)
class Names:
    """The names of the refs, below this prefix."""

    prefix: str = PREFIX

    def of(self, state: State, run: str) -> str:
        return f"{self.prefix}/{state}/{run}"

    def verdicts(self, run: str) -> str:
        """How the names of a run's verdicts begin."""
        return f"{self.prefix}/verdicts/{run}/"

    def verdict(self, run: str, digest: str, key: str) -> str:
        """`key`: SHA-256 (hex) that names the key."""
        return f"{self.verdicts(run)}{digest[:DIGEST]}-{key[:KEY]}"

    def slot(self, account: str, number: int) -> str:
        """Room `number`, from 1, of an account, or of `sandbox`."""
        return f"{self.prefix}/slots/{account}/{number}"

    @staticmethod
    def branch(run: str) -> str:
        return f"{BRANCHES}/{run}"

    def patterns_of(self, run: str) -> list[str]:
        """What `ls-remote` is asked for about one run."""
        return [*(self.of(state, run) for state in STATES), self.verdicts(run) + "*", self.branch(run)]

    def all_in(self, state: State) -> str:
        return f"{self.prefix}/{state}/*"

    def everything(self) -> str:
        """What `ls-remote` is asked for all runs at once; branches are not among it."""
        return f"{self.prefix}/*"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a run is on the remote.

    Attributes:
        tip: the commit that its ref is at, "" where there is no ref.
        branch: the commit that its branch is at there, "" where there is none.
        verdicts: the refs of verdicts that nobody has taken in, in order of name, with their commits.
    """

    state: State = ""
    tip: str = ""
    branch: str = ""
    verdicts: Mapping[str, str] | None = None


def standing_of(refs: Mapping[str, str], names: Names, run: str, *, remote: str) -> Standing:
    """What the refs of this remote say of this run. Raises WorkspaceRefused where they are two states at once."""
    held = [state for state in STATES if names.of(state, run) in refs]
    if len(held) > 1:
        raise WorkspaceRefused(
            f"run {run} is {' and '.join(held)} at once on remote {remote}, which no atomic push leaves behind",
            next_command=f"phasegate doctor --remote {path_word(remote)}   # whether the host honours --atomic",
        )
    verdicts = {ref: refs[ref] for ref in sorted(refs) if ref.startswith(names.verdicts(run))}
    state: State = held[0] if held else ""
    return Standing(state, refs[names.of(state, run)] if held else "", refs.get(names.branch(run), ""), verdicts)


def is_whole(refs: Mapping[str, str], names: Names, run: str) -> bool:
    """Whether the run is in one state: not as where a look and a push cross, nor where it is over."""
    return sum(names.of(state, run) in refs for state in STATES) == 1


def runs_in(refs: Mapping[str, str], names: Names, state: State) -> dict[str, str]:
    """Run -> tip of those in this state."""
    start = f"{names.prefix}/{state}/"
    return {ref.removeprefix(start): sha for ref, sha in refs.items() if ref.startswith(start)}


def by_run(refs: Mapping[str, str], names: Names) -> dict[str, dict[str, str]]:
    """Run -> those of the refs that are its own, its branch among them."""
    found: dict[str, dict[str, str]] = {}
    starts = [f"{names.prefix}/{state}/" for state in STATES] + [f"{names.prefix}/verdicts/", f"{BRANCHES}/"]
    for ref, sha in refs.items():
        for start in starts:
            if ref.startswith(start):
                found.setdefault(ref.removeprefix(start).partition("/")[0], {})[ref] = sha
                break
    return found


def with_verdicts(refs: Mapping[str, str], names: Names) -> set[str]:
    """The runs for which somebody gave a verdict that nobody took in."""
    start = f"{names.prefix}/verdicts/"
    return {ref.removeprefix(start).partition("/")[0] for ref in refs if ref.startswith(start)}
