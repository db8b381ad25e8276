"""An answer that is none is refused by `done` before anything is recorded, with all others, and with the same order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld
from tests.worlds.secret_samples import TOKENS

RUNBOOK = b"""# Release

## Build

STOP. Do not go on until the owner has seen it.

```sh
echo <VERSION> > built.txt
test -s built.txt
```

- [ ] Announced
- [ ] Seen by all

Built by: ____

## End

- [ ] x
"""
RIGHT = {
    "build-stop-1": "confirmed",
    "fill-version": "1.0",
    "build-box-1": '"yes"',
    "build-box-2": '"n/a: nobody is there"',
    "build-field-1": "Ada",
}
WRONG = {
    "build-stop-1": ('"yes"', "expected confirmed, seen 'yes'"),
    "fill-version": ("<VERSION>", "expected"),
    "build-box-1": ("maybe", "expected yes, no or n/a:REASON"),
    "build-field-1": ("a___b", "seen"),
    "build-command-1": ("rum", "expected"),
}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandWorld:
    world = CommandWorld(tmp_path, runbook=RUNBOOK)
    monkeypatch.chdir(world.root)
    assert world("run", "tasks.md").code == 3
    return world


def order(world: CommandWorld, answers: dict[str, str], *more: str) -> tuple[str, ...]:
    (world.root / "mine.yaml").write_text("".join(f"{name}: {value}\n" for name, value in answers.items()))
    return ("done", "--run", "1", "--answers", "mine.yaml", *more)


@pytest.mark.parametrize("name", WRONG)
def test_one_that_is_none_is_refused_with_nothing_recorded_and_the_order_once_more(
    world: CommandWorld, name: str
) -> None:
    before = world.journal.read_bytes()
    answer, problem = WRONG[name]
    told = world(*order(world, {**RIGHT, name: answer}, "--path", "built.txt"))
    assert told.code == 2
    assert f"  mine.yaml:{[*RIGHT, name].index(name) + 1}:1: " in told.error
    assert problem in told.error
    assert world.journal.read_bytes() == before
    assert not (world.root / "built.txt").exists()
    again = f"phasegate done {world.run_id} --path built.txt --run 1 --answers mine.yaml"
    assert f"\n      {again}\n" in told.error
    assert "FILE" not in told.error
    order(world, RIGHT)
    world.type(again)
    assert json.loads(world("status", "--json").out)["waiting_for"] is not None


def test_all_of_them_are_refused_at_once(world: CommandWorld) -> None:
    wrong = {name: answer for name, (answer, _problem) in WRONG.items()}
    told = world(*order(world, wrong, "--no-files"))
    assert told.code == 2
    assert told.error.count("  mine.yaml:") == len(WRONG)


@pytest.mark.parametrize("name", ["fill-version", "build-field-1"])
def test_a_secret_is_refused_with_what_has_no_answer_and_nothing_is_recorded(world: CommandWorld, name: str) -> None:
    before = world.journal.read_bytes()
    given = {key: value for key, value in RIGHT.items() if key != "build-box-1"}
    told = world(*order(world, {**given, name: TOKENS["GitHub token"]}, "--no-files"))
    assert told.code == 2
    assert "task Build has 1 box without an answer and 1 answer that is none:" in told.error.replace('"', "")
    assert f"  {name}: it holds a secret" in told.error
    assert f"next: ${{EDITOR:-vi}} mine.yaml   # with a better answer: {name}\n" in told.error
    assert f"      phasegate done {world.run_id} --no-files --run 1 --answers mine.yaml --box 1=yes" in told.error
    assert world.journal.read_bytes() == before


def test_a_failed_command_says_what_stands_beside_a_skip_and_an_edit(world: CommandWorld) -> None:
    (world.root / "built.txt").mkdir()  # nothing can be written there
    told = world(*order(world, RIGHT, "--no-files"))
    assert told.code == 3
    beside = "beside skip: build-command-1-left: REASON; beside edit: build-command-1-edited-2: TEXT"
    assert beside in told.error
    assert f"phasegate resume {world.run_id} --answers mine.yaml" in told.error
    assert (
        "${EDITOR:-vi} mine.yaml   # add, each with its answer: build-command-1-failed-1: again or edit" in told.error
    )
    order(world, {**RIGHT, "build-command-1-failed-1": "edit", "build-command-1-edited-2": "rmdir built.txt"})
    assert world("resume", "--answers", "mine.yaml").code == 3
    assert json.loads(world("status", "--json").out)["waiting_for"] is not None
