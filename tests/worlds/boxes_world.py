"""A cut-over whose boxes are answered one by one, by a person who is put in their place."""

from __future__ import annotations

from pathlib import Path

from state.event_types import Answered
from state.task_events import ItemVerdict
from tests.worlds.run_world import RunWorld
from workflow.audit import audit_workspace
from workflow.engine.engine import Engine
from workflow.ports import HandIn, Verdict
from workflow.views.box_view import BoxSaid, BoxWord

CUT = b"""# Cut over

## T-24h
- [ ] Freeze announced
- [ ] Tests pass (`test -e green`)
- [ ] Stacks
  - [ ] A
  - [ ] B
- [ ] Mail sent

## T-0
- [ ] Switched
"""
ADA, BOB = "Ada <ada@example.com>", "Bob <bob@example.com>"
DONE = HandIn((), "prompt")
WORDS: list[ItemVerdict] = ["attested", "not-applicable"]


def say(number: int, verdict: ItemVerdict = "attested") -> BoxWord:
    return BoxWord(number, verdict, "because" if verdict in ("not-applicable", "waived") else "")


class CutWorld(RunWorld):
    """The tests of the runbook pass, and the person runs them."""

    def __init__(self, root: Path, runbook: bytes = CUT) -> None:
        super().__init__(root, runbook=runbook)
        self.person.answers = {"t-24h-command-1": "run"}
        (self.root / "green").touch()

    def first(self, *said: BoxSaid | BaseException | None, verdicts: list[Verdict] | None = None) -> str:
        """The runbook's boxes after its first task, with these words and these verdicts."""
        self.person.box_words, self.person.verdicts = list(said), list(verdicts or [])
        with self.start() as engine:
            engine.segment()
        return self.boxes()

    def words(self, engine: Engine) -> list[tuple[str, str, str]]:
        events = [event for event in engine.journal.events if isinstance(event, Answered) and event.item]
        return [(event.item, event.verdict, event.via) for event in events]

    def is_sound(self) -> bool:
        (found,) = audit_workspace(self.root, self.run_id, anchor=None)
        return found.findings == []
