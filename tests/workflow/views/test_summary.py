"""What is said of a run at its end?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.worlds.run_world import RunWorld
from workflow.views.summary import span, summary_of


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (-3, "0 s"),
        (59.4, "59 s"),
        (114, "1 min 54 s"),
        (599, "9 min 59 s"),
        (659, "10 min"),
        (120, "2 min"),
        (7_199, "119 min"),
        (7_200, "2 h"),
        (12_000, "3 h 20 min"),
        (48 * 3_600, "2 d"),
        (51 * 3_600, "2 d 3 h"),
    ],
)
def test_a_span(seconds: float, said: str) -> None:
    assert span(timedelta(seconds=seconds)) == said


def test_who_approved_and_what_is_left(tmp_path: Path) -> None:
    with RunWorld(tmp_path).start() as engine:
        engine.drive()
        summary = summary_of(engine.run, engine.journal.events, engine.workflow.log)
        assert [number for _name, number in summary.approvers] == [len(engine.plan.tasks)]
        assert timedelta(0) < summary.waited <= summary.took
        assert engine.workflow.log in summary.lines()[-1]


def test_fields_that_nobody_filled_in_are_told_at_the_end(tmp_path: Path) -> None:
    world = RunWorld(tmp_path, runbook=b"# R\n\n- [ ] 1. Deploy\n  Deployed by: ____\n  Approved by: ____\n")
    world.person.answers = {"t1-field-1": "Ada"}
    with world.start() as engine:
        engine.drive()
        lines = summary_of(engine.run, engine.journal.events, engine.workflow.log).lines()
    assert [line for line in lines if "left open" in line] == ["  left open: Approved by (line 5 of the runbook)"]
