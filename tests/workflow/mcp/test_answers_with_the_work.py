"""What a task by hand asks is answered with the work; no answer is swallowed, and a person's is never an agent's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.worlds.agent_world import AGENT, CLIENT, AgentWorld

pytestmark = pytest.mark.slow
POLICY = "default: {operator_may_approve: true}\n"
FILLED = """# Release

## Phase 1: Publish
- [ ] Announced
- Deployed by: ____

```sh
echo [environment] > published.txt
```

## Phase 2: Close
- [ ] Closed
"""
STOPS = """# Release

## Phase 1: Publish
STOP. Do not go on until the door is closed.

```sh
echo out > published.txt
```

## Phase 2: Close
- Closed
"""
ORDER: dict[str, Any] = {"boxes": ("1=yes",), "runs": ("all",)}
ASKED = {"fill-environment": "ANSWER", "phase-1-field-1": AGENT}


def begun(place: Path, runbook: str, **answers: str) -> tuple[AgentWorld, Any]:
    world = AgentWorld(place, runbook=runbook, policy=POLICY)
    return world, world.tools.start(CLIENT, "shed.md", sandbox=False, answers=answers)


def called(world: AgentWorld, step: Any, **answers: str) -> Any:
    """Make the call that `next` names, as a client does, with the rest filled in."""
    assert step["tool"] == "hand_in", step
    given = {**step["arguments"], "answers": {**step["arguments"]["answers"], **answers}}
    of = {"runs": given.get("commands", ()), **{name: given.get(name, ()) for name in ("boxes", "attest")}}
    return world.hands_in(*given["paths"], **of, answers=given["answers"])


def answered(world: AgentWorld) -> dict[str, tuple[str, str, str]]:
    said = [each for each in world.events("answered") if each.get("question")]
    return {each["question"]: (each["answer"], each["via"], each["by"]["git"]) for each in said}


def test_the_next_call_has_what_was_given_and_what_is_asked_and_goes_through(tmp_path: Path) -> None:
    world, _ = begun(tmp_path, FILLED)
    said: Any = world.hands_in("published.txt", **ORDER)
    assert "fill-environment: What is [environment]?" in said["message"]
    (step,) = said["next"]
    expected = {"paths": ["published.txt"], "boxes": ["1=yes"], "commands": ["all"], "answers": ASKED}
    assert step["arguments"] == {"run": said["run"], **expected}
    told = called(world, step, **{"fill-environment": "prod", "phase-1-field-1": "a bot"})
    assert told["status"] == "waiting-for-approval" and "not_used" not in told
    assert (world.root / "published.txt").read_text() == "prod\n"
    assert answered(world)["fill-environment"] == ("prod", "mcp", AGENT)
    assert answered(world)["phase-1-field-1"] == ("a bot", "mcp", AGENT)
    world.approves(at_terminal=True, attest=["1"])
    assert world.drives()["status"] == "to-do"
    assert world.findings() == []


def test_an_answer_that_came_before_anything_asked_is_told_and_stands_in_the_next_call(tmp_path: Path) -> None:
    world, started = begun(tmp_path, FILLED, **{"fill-environment": "prod"})
    early: Any = world.tools.drive(CLIENT, None, {"fill-environment": "prod"})
    for said in (started, early):
        assert "it is not kept" in said["not_used"]["fill-environment"]
        assert said["next"][0]["arguments"]["answers"] == {"fill-environment": "prod", "phase-1-field-1": "ANSWER"}
    assert answered(world) == {}


def test_another_answer_than_the_one_that_counts_is_told_with_who_changes_it(tmp_path: Path) -> None:
    world, _ = begun(tmp_path, FILLED)
    given = {"fill-environment": "prod", "phase-1-field-1": ""}
    assert world.hands_in("published.txt", **ORDER, answers=given)["status"] == "waiting-for-approval"
    said: Any = world.tools.drive(CLIENT, None, {**given, "fill-environment": "test"})
    assert list(said["not_used"]) == ["fill-environment"]
    assert "was answered 'prod' before" in said["not_used"]["fill-environment"]
    assert "--ask-again fill-environment" in said["not_used"]["fill-environment"]


def test_a_stop_is_a_persons_whatever_an_agent_answers(tmp_path: Path) -> None:
    world, _ = begun(tmp_path, STOPS)
    confirmed = {"phase-1-stop-1": "confirmed"}
    for said in (
        world.hands_in("published.txt", runs=("all",)),
        world.hands_in("published.txt", runs=("all",), answers=confirmed),
    ):
        answer: Any = said
        assert "phase-1-stop-1: Line 4" in answer["message"]
        assert "a person's to answer, no agent's" in answer["message"]
        there, edit, done = [each["person"] for each in answer["next"]]  # no call of an agent's is among them
        assert there == f"phasegate resume {answer['run']}"
        assert edit == "${EDITOR:-vi} answers.yaml"  # which makes it
        assert done.endswith("--path published.txt --run all --answers answers.yaml")
    told: Any = world.tools.drive(CLIENT, None, confirmed)
    assert told["not_used"] == {"phase-1-stop-1": "a person's to answer, no agent's"}
    assert "answers" not in told["next"][0]["arguments"]
    assert answered(world) == {} and world.events("handed-in") == []
    assert not (world.root / "published.txt").exists()


def test_a_refused_hand_in_keeps_what_was_right_in_the_next_call(tmp_path: Path) -> None:
    world, _ = begun(tmp_path, FILLED)
    (world.root / "notes.txt").write_text("made\n")
    given = {"fill-environment": "prod", "phase-1-field-1": "a bot"}
    said: Any = world.hands_in("nowhere/../../x", **ORDER, answers=given)
    (step,) = said["next"]
    assert {**step["arguments"], "run": ""} == {
        "run": "",
        "paths": ["FILE"],
        "boxes": ["1=yes"],
        "commands": ["all"],
        "answers": given,
    }
