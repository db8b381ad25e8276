"""Would a run start here, and what would it meet? What was looked at, as data (docs/json.md) and as lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from state.counted import counted
from state.json_values import Json
from state.printable import printable_line

FORMAT = 1
Health = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Looked:
    """One thing that was looked at.

    Attributes:
        area: `machine`, `repository`, `policy`, `aws`, `runs`, or `remote`.
        name: what it is, unique within its area.
        health: "fail" would stop every run here, "warn" some runs, or is worth knowing before one.
        seen: what was found; no secret is in it.
        fix: the command that mends or shows it, "" where nothing is to be done.
    """

    area: str
    name: str
    health: Health
    seen: str
    fix: str = ""

    def to_json(self) -> dict[str, Json]:
        return {"area": self.area, "name": self.name, "health": self.health, "seen": self.seen, "fix": self.fix}

    def lines(self) -> list[str]:
        """To read, printable: the finding, and its fix below it."""
        found = printable_line(f"{self.health:<4}  {self.area:<10}  {self.name}: {self.seen}")
        return [found, *(printable_line(f"      fix: {each}") for each in self.fix.split("\n") if each)]


@dataclass(frozen=True, slots=True)
class DoctorView:
    """Everything that was looked at, in the order of the areas."""

    looked: Sequence[Looked]

    def count(self, health: Health) -> int:
        return sum(each.health == health for each in self.looked)

    @property
    def is_fit(self) -> bool:
        """Whether nothing was found that would stop a run."""
        return self.count("fail") == 0

    def typed(self, typed: Callable[[str], str]) -> DoctorView:
        """With each fix as it can be typed where the person stands."""
        return DoctorView(
            [replace(each, fix="\n".join(typed(line) for line in each.fix.split("\n") if line)) for each in self.looked]
        )

    def to_json(self) -> dict[str, Json]:
        """As docs/json.md describes it."""
        return {"format": FORMAT, "fit": self.is_fit, "looked": [each.to_json() for each in self.looked]}

    def lines(self) -> list[str]:
        """To read, printable."""
        stops, warned = self.count("fail"), self.count("warn")
        ends = "nothing would stop a run" if self.is_fit else f"{counted(stops, 'thing')} would stop a run"
        worth = f", {counted(warned, 'warning')}" if warned else ""
        return [*(line for each in self.looked for line in each.lines()), "", f"{ends}{worth}"]
