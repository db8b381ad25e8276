"""What is proposed for a checklist's items? As a checks file with remarks, and as data (docs/json.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from state.counted import counted
from state.json_values import Json

if TYPE_CHECKING:
    from phases.checks.suggest.proposal import Suggestions


@dataclass(frozen=True, slots=True)
class SuggestedView:
    """The proposals, and the checks file that would stand beside the document."""

    found: Suggestions
    beside: str

    def to_json(self) -> dict[str, Json]:
        from phases.checks.suggest.write import as_json

        return as_json(self.found)

    def text(self) -> str:
        from phases.checks.suggest.write import checks_file

        return checks_file(self.found)

    def summary(self) -> str:
        """One line: how many checks, how many of them wait for an answer, how many items are a person's."""
        waiting = sum(any(name not in self.found.known for name in each.asks) for each in self.found.proposals)
        count = len(self.found.proposals)
        asked = len([name for name in self.found.questions if name not in self.found.known])
        waits = f", {waiting} of them waiting for an answer to one of {counted(asked, 'question')}" if waiting else ""
        return f"{counted(count, 'proposal')}{waits}; {counted(len(self.found.others), 'item')} without one"
