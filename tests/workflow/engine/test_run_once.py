"""One command that stands in a fence and in a box, or in a box and in a check, runs once, and its run serves both."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld, Told

pytestmark = pytest.mark.slow
COUNT = "echo once >> ../ran"
FENCE = f"```sh\n{COUNT}\n```\n"
BOX = f"- [ ] It was counted (`{COUNT}`)\n"
CHECKS = f"checks:\n  - {{id: counted, name: Counted, command: {{run: '{COUNT}', changes: true}}, tasks: [Before]}}\n"


def gone_through(tmp_path: Path, body: str, checks: str = "", *more: str) -> tuple[CommandWorld, Told]:
    world = CommandWorld(tmp_path, runbook=f"# R\n\n## Before\n{body}\n## End\n- [ ] Done\n".encode())
    (world.root / "phasegate.yaml").write_text("default: {operator_may_approve: true}\n")
    if checks:
        (world.root / "tasks.checks.yaml").write_text(checks)
    world.git("add", ".")
    world.git("commit", "-q", "-m", "What judges")
    assert world("run", "tasks.md").code == 3
    return world, world("done", "--no-files", "--run", "all", *more)


def ran(world: CommandWorld) -> int:
    path = world.root.parent / "ran"
    return len(path.read_text().splitlines()) if path.is_file() else 0


@pytest.mark.parametrize("body", [FENCE + BOX, BOX + FENCE], ids=["fence first", "box first"])
def test_a_command_of_a_fence_and_of_a_box_runs_once_and_answers_both(body: str, tmp_path: Path) -> None:
    world, told = gone_through(tmp_path, body)
    assert (told.code, ran(world)) == (0, 1), told.error
    page = world("status", "--review").out
    assert "exit 0, run once, as command 1" in page
    digest = json.loads(world("status", "--json").out)["waiting_for"]["digest"]
    assert world("approve", "--digest", digest).code == 0
    assert world("resume").code == 3
    assert "- [x] It was counted" in (world.root / "tasks.md").read_text()
    assert world("audit").code == 0


def test_it_runs_again_where_something_may_have_changed_between(tmp_path: Path) -> None:
    world, told = gone_through(tmp_path, f"{FENCE}\n```sh\ntouch ../other\n```\n{BOX}")
    assert (told.code, ran(world)) == (0, 2), told.error


def test_two_fences_are_two(tmp_path: Path) -> None:
    world, told = gone_through(tmp_path, f"{FENCE}\nAgain:\n\n{FENCE}- [ ] Seen\n", "", "--box", "1=yes")
    assert (told.code, ran(world)) == (0, 2), told.error


def test_a_check_of_the_same_command_takes_what_the_box_came_to(tmp_path: Path) -> None:
    world, told = gone_through(tmp_path, BOX, CHECKS)
    assert (told.code, ran(world)) == (0, 1), told.error
    assert "exit 0, run once, as command 1" in world("status", "--review").out
    assert "not run: nobody let it run" not in world("status", "--review").out
