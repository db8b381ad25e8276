"""Is every live box of a document in a state, or listed with its line? Counted by a scanner of its own.

The documents are made at random in the three shapes (`written_documents.py`); the same seeds every time.
"""

from __future__ import annotations

from functools import cache

import pytest

from state.model import Plan
from tests.worlds.written_documents import document, live_boxes
from workflow.runbook.marks import flip, flip_all
from workflow.runbook.reader import read_runbook

pytestmark = pytest.mark.slow

SEEDS = range(150)


@cache
def read(seed: int, *, grammar: int = 2) -> Plan:
    return read_runbook(document(seed)[1].encode(), name="plan", path="plan.md", grammar=grammar)


def in_states(plan: Plan) -> list[int]:
    return [box.line for task in plan.tasks for box in task.boxes()]


def test_every_live_box_is_in_one_state_or_listed_with_its_line() -> None:
    for seed in SEEDS:
        plan, live = read(seed), live_boxes(document(seed)[1])
        taken, listed = in_states(plan), {finding.line for finding in plan.not_tasks}
        assert len(taken) == len(set(taken)), seed
        assert set(taken) <= live, seed
        assert live - set(taken) <= listed, (seed, sorted(live - set(taken) - listed))


def test_nearly_all_live_boxes_are_in_a_state_and_the_way_back_is_the_rest() -> None:
    live = taken = back = 0
    for seed in SEEDS:
        plan = read(seed)
        live += len(live_boxes(document(seed)[1]))
        taken += len(in_states(plan))
        boxes = live_boxes(document(seed)[1])
        back += sum(finding.code == "way-back" and finding.line in boxes for finding in plan.not_tasks)
    assert live > 2000
    assert taken / live > 0.95
    assert taken / (live - back) >= 0.98


def test_a_live_box_that_is_in_no_state_is_a_warning_but_for_the_way_back() -> None:
    for seed in SEEDS:
        plan = read(seed)
        warned = {finding.line for finding in plan.findings if finding.severity == "warning"}
        back = {finding.line for finding in plan.not_tasks if finding.code == "way-back"}
        assert live_boxes(document(seed)[1]) - set(in_states(plan)) <= warned | back, seed


def test_documents_are_recognised_in_the_shape_that_they_are_written_in() -> None:
    assert [read(seed).shape for seed in SEEDS] == [document(seed)[0] for seed in SEEDS]


def test_states_stand_in_the_order_of_the_file_but_for_criteria_that_stand_first() -> None:
    for seed in SEEDS:
        tasks = read(seed).tasks
        lines = [task.line for task in tasks]
        while lines and lines[-1] < max(lines):
            assert tasks[len(lines) - 1].kind == "validation", seed
            lines.pop()
        assert lines == sorted(lines), seed


def test_a_flip_of_each_box_is_one_byte_and_back_again_is_the_same_file() -> None:
    for seed in range(60):
        data, plan = document(seed)[1].encode(), read(seed)
        for box in (box for task in plan.tasks for box in task.boxes() if not box.done):
            flipped = flip(data, box)
            assert [at for at, byte in enumerate(data) if flipped[at] != byte] == [box.offset]
            assert flip(flipped, box._replace(state="x"), to=box.state) == data
        done = flip_all(data, [box for task in plan.tasks for box in task.boxes() if not box.done])
        assert read_runbook(done, name="plan", path="plan.md").digest == plan.digest


def test_grammar_1_lost_boxes_of_the_same_documents() -> None:
    """What the scanner is for: it sees the losses of 0.1."""
    lost = 0
    for seed in SEEDS:
        plan = read(seed, grammar=1)
        lost += len(live_boxes(document(seed)[1]) - set(in_states(plan)))
    assert lost > 250
