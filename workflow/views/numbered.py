"""What stands in a list by its number: a box of a task, or an exit criterion. As lines to read, and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from state.cheap_classes import dataclass
from state.json_values import Json
from state.printable import printable_line


@dataclass(frozen=True, slots=True)
class Numbered:
    """One of them. `said`: what is known of a box by now, in words; "" for a criterion."""

    number: int
    text: str
    said: str = ""

    def to_json(self) -> dict[str, Json]:
        """`{"number": 1, "text": "DNS switched", "said": "no answer yet"}`"""
        return {"number": self.number, "text": self.text, **({"said": self.said} if self.said else {})}


def in_numbered_lines(found: Sequence[Numbered]) -> list[str]:
    """A line each, printable; numbers stand below one another."""
    wide = len(str(max((each.number for each in found), default=0)))
    lines = (f"  {each.number:>{wide}}. {each.text}" + f"   ({each.said})" * bool(each.said) for each in found)
    return [printable_line(line) for line in lines]
