"""What others commit under a run stands on the page of a gate, of a step, too, once: whenever it came."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from state.errors import Waiting
from tests.worlds.run_world import RunWorld
from workflow.engine.engine import Settings
from workflow.engine.foreign_commits import TITLE
from workflow.ports import Approve, ReviewView, Verdict

CHECK = "commits beside the run's own"


@pytest.fixture
def world(tmp_path: Path) -> RunWorld:
    return RunWorld(tmp_path)


def commits(world: RunWorld, name: str) -> str:
    (world.root / name).write_text("theirs\n")
    world.git("add", name)
    world.git("commit", "-qm", f"their {name}")
    return world.git("rev-parse", "HEAD").strip()[:10]


def approves(during: Callable[[], object] = lambda: None) -> Callable[[ReviewView], Verdict]:
    def say(_view: ReviewView) -> Verdict:
        during()
        return Approve("prompt")

    return say


def named(view: ReviewView) -> list[str]:
    """The commits that a page names, as its check and as its section has them."""
    (said,) = [each.seen for each in view.worked.checks if each.name == CHECK] or [""]
    (body,) = [each.body for each in view.worked.review if each.title == TITLE] or [""]
    shas = [line[2:12] for line in body.split("\n") if line]
    assert all(sha in said for sha in shas)
    return shas


def test_a_commit_while_the_gate_of_a_step_waits_stands_on_the_next_page_alone(world: RunWorld) -> None:
    came: list[str] = []
    world.person.verdicts = [approves(lambda: came.append(commits(world, "evil.py"))), approves(), approves()]
    with world.start() as engine:
        engine.drive()
        assert engine.complete
    first, second, third = world.person.views
    assert [named(first), named(second), named(third)] == [[], came, []]
    assert [first.came_since, second.came_since, third.came_since] == ["", "", ""]


def test_a_commit_during_a_step_and_one_between_two_tasks_stand_on_its_page(world: RunWorld) -> None:
    came: list[str] = []
    world.during = lambda _ctx: came.append(commits(world, "during.py"))
    with world.start() as engine:
        engine.drive(until=lambda task: task.id == "1.1")
    between = commits(world, "between.py")
    with world.reopen() as engine:
        engine.drive()
        assert engine.complete
    first, second, third = world.person.views
    assert [named(first), named(second), named(third)] == [came, [between], []]


def test_what_came_since_it_was_shown_stands_beside_it_when_it_is_looked_at_again(world: RunWorld) -> None:
    world.person.absent = True
    with world.start(Settings(answers={"colour": "green"})) as engine, pytest.raises(Waiting):
        engine.drive()
    sha = commits(world, "evil.py")
    with world.reopen() as engine, pytest.raises(Waiting):
        engine.drive()
    shown, again = world.person.views
    assert shown.came_since == ""
    assert again.came_since == f"- {sha} `their evil.py` by `Ada <ada@example.com>`: `evil.py`"
    assert again.request == shown.request


def test_without_other_commits_git_is_not_asked(world: RunWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    from workflow.doors.git.step_git import StepGitDoor

    real, asked = StepGitDoor.find_commits, []

    def find(self: StepGitDoor, trailers: dict[str, str], *args: str, **more: bool) -> object:
        asked.extend([] if trailers else ["all"])
        return real(self, trailers, *args, **more)

    monkeypatch.setattr(StepGitDoor, "find_commits", find)
    with world.start() as engine:
        engine.drive()
    assert asked == []
