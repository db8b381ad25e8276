"""What `plan` lists as left out, `run` repeats: for each reason that the reader has, there are words."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.worlds.workspaces import ROOT
from workflow.runbook.reader import read_runbook
from workflow.views.left_out import WORDS, left_out, steps_beside


def _codes() -> Iterator[str]:
    """The first argument of each call of `leave_out`, which is a text wherever one is made."""
    for path in sorted((ROOT / "workflow/runbook").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "leave_out":
                yield from (part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant))


def test_every_reason_has_words() -> None:
    assert {*_codes(), "malformed-box"} == WORDS.keys()


@pytest.mark.parametrize(
    ("below", "code"),
    [
        ("Text.\n\n```sh\nmake x\n```\n", "loose-command"),
        ("Text.\n\n**Warning**: do not delete it\n", "loose-warning"),
        ("## 1. Upgrade\n\n1. Drain it\n2. Restart it\n", "no-item"),
        ("## Upgrade\n\n1. Drain: `kubectl drain node1`\n", "no-item"),
        ("- [P] tasks touch other files\n- [ ] [P] b\n", "task-mark"),
    ],
)
def test_what_stands_in_no_task_is_told_with_its_line(below: str, code: str) -> None:
    plan = read_runbook(f"# R\n\n## Before\n\n- [ ] A\n\n{below}".encode(), name="r", path="r.md")
    told = left_out(plan, "phasegate plan r.md")
    assert any(line.endswith(f"({code})") for line in told), (told, plan.not_tasks)


UPGRADE = b"""# Upgrade

## Before

- [ ] A

## 1. Upgrade

1. Take the lock: `touch lock`
2. Run it

## 2. Migrate

```sh
make migrate
make index
```

## After

- [ ] B

## 3. Clean up

1. Give the lock back

## Roll back (only if no-go)

- [ ] C
"""


def test_steps_that_are_in_no_task_are_told_in_full_with_the_task_that_they_stand_above() -> None:
    plan = read_runbook(UPGRADE, name="upgrade", path="upgrade.md")
    told = left_out(plan, "phasegate plan upgrade.md")
    steps = [
        "line 7: '1. Upgrade' has numbered steps but no box: no state: 1. Take the lock: `touch lock`; 2. Run it",
        "line 12: '2. Migrate' has commands but no box: no state: make migrate",
        "line 23: '3. Clean up' has numbered steps but no box: no state: 1. Give the lock back",
    ]
    assert told[1:-1] == [f"  {each} (no-item)" for each in steps]
    assert [steps_beside(plan, task) for task in plan.tasks] == [[], steps[:2], steps[2:]]


@pytest.mark.parametrize(
    "words", ["## Links\n\n1. The guide\n", "## 1. Why\n\nIt is old.\n", "## Notes\n\n- `make x` it\n"]
)
def test_what_is_no_step_is_not_listed(words: str) -> None:
    plan = read_runbook(f"# R\n\n## Before\n\n- [ ] A\n\n{words}".encode(), name="r", path="r.md")
    assert left_out(plan, "phasegate plan r.md") == []
