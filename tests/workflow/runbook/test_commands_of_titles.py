"""A command in a task's title, or in a heading, is one of the task's commands, before those below it."""

from __future__ import annotations

import pytest

from state.model import Plan
from workflow.runbook.reader import read_runbook


def plan(text: str, grammar: int = 2) -> Plan:
    return read_runbook(text.encode(), name="release", path="release.md", grammar=grammar)


def commands(text: str, grammar: int = 2) -> list[list[tuple[str, int]]]:
    return [[(each.text, each.line) for each in task.commands] for task in plan(text, grammar).tasks]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- [ ] 2.2 Smoke test (`./scripts/smoke.sh`)", [("./scripts/smoke.sh", 1)]),
        ("- [ ] Tests pass (`make test`)", [("make test", 1)]),
        ("- [ ] 1. Run `make a`, then `make b`\n  - `make c`", [("make a", 1), ("make b", 1), ("make c", 2)]),
        ("- [ ] 1. Run the tests\n  of everything (`make test`)", [("make test", 1)]),
        ("- [ ]* 1. Checkpoint - `make test` passes", [("make test", 1)]),
        ("## Phase 1: Smoke (`make smoke`)\n\n- `make more`", [("make smoke", 1), ("make more", 3)]),
        ("# R\n\n## Smoke, by `make smoke`\n\n- [ ] It passes\n\n## More\n", [("make smoke", 3)]),
    ],
)
def test_it_is_offered(text: str, expected: list[tuple[str, int]]) -> None:
    shape = "checklist" if "## Smoke" in text else None
    read = read_runbook(text.encode(), name="release", path="release.md", shape=shape)
    assert [(each.text, each.line) for each in read.tasks[0].commands] == expected


def test_one_of_a_box_above_others_is_its_first_sub_tasks() -> None:
    text = "- [ ] 1. Deploy (`make deploy`)\n  - [ ] 1.1 Look\n  - [ ] 1.2 Wait (`make wait`)"
    assert commands(text) == [[("make deploy", 1)], [("make wait", 3)]]
    assert "make deploy" in plan(text).tasks[0].text


@pytest.mark.parametrize("code", ["config.yml", "expiresAt", "scripts/smoke.sh", "lofts -> owners", "src/app.py"])
def test_a_name_is_none(code: str) -> None:
    assert commands(f"- [ ] 1. Edit `{code}`") == [[]]


def test_a_stop_above_holds_it() -> None:
    (task,) = plan("## Gate\n\nSTOP. Do not go on.\n\n## Cut\n\n- [ ] 1. Cut (`make cut`)").tasks
    assert [stop.line for stop in task.stops] == [3]


def test_a_run_of_grammar_1_has_none() -> None:
    assert commands("- [ ] 1. Tests pass (`make test`)\n  - `make more`", grammar=1) == [[("make more", 2)]]
