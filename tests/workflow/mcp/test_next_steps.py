"""What an agent is told to do next is a call that exists, with its arguments, or says that it is a person's."""

from __future__ import annotations

import ast
import inspect
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.worlds.agent_world import BOXES, CLIENT, AgentWorld
from tests.worlds.offered_commands import offered, text_of
from tests.worlds.sources import ROOT, modules
from workflow.mcp.answer import refused
from workflow.mcp.next_steps import PERSONS, next_steps
from workflow.mcp.tools import Tools

RUN = "a b-20260102-030405"
NAMES = {"run_id": "run", "runs": "commands"}  # the tools' arguments as the server names them


def arguments_of() -> dict[str, set[str]]:
    """The arguments of each tool, as an agent gives them."""
    found = {
        name: {NAMES.get(each, each) for each in inspect.signature(tool).parameters} - {"self", "who"}
        for name, tool in inspect.getmembers(Tools, inspect.isfunction)
        if not name.startswith("_")
    }
    found["drive"] -= {"answers"}
    return found | {"answer": {"run", "answers"}, "wait": {"run", "seconds"}}


TOOLS = arguments_of()


def is_typeable(command: str) -> bool:
    """Whether a shell reads it as words, with no other command of ours taken into one of them."""
    try:
        words = shlex.split(command)
    except ValueError:
        return False
    return bool(words) and not any("phasegate " in word for word in words)


def is_doable(step: Any) -> bool:
    if "person" in step:
        typed = step["person"]
        return is_typeable(typed) and PERSONS in step["why"] and not typed.startswith(("edit ", "$EDITOR"))
    if "resource" in step:
        return step["resource"] == "runs://all"
    return step["arguments"].keys() <= TOOLS.get(step["tool"], set())


def told(command: str) -> list[Any]:
    return next_steps(command, RUN)


@pytest.mark.parametrize(
    ("command", "step"),
    [
        ("phasegate resume", {"tool": "drive", "arguments": {"run": RUN}, "why": ""}),
        ("phasegate resume r   # asks", {"tool": "drive", "arguments": {"run": "r"}, "why": "asks"}),
        ("phasegate status 'x y' --review", {"tool": "review", "arguments": {"run": "x y"}, "why": ""}),
        ("phasegate status r --watch", {"tool": "wait", "arguments": {"run": "r"}, "why": ""}),
        ("phasegate run ./-d.md --sandbox", {"tool": "start", "arguments": {"target": "./-d.md", "sandbox": True}}),
        (
            "phasegate done r --path 'a b' --box 1=yes",
            {"arguments": {"run": "r", "paths": ["a b"], "boxes": ["1=yes"]}},
        ),
        ("phasegate done r --take-back", {"tool": "take_back", "arguments": {"run": "r"}}),
        (
            "phasegate resume r --answers FILE   # with a better size",
            {"arguments": {"answers": {"size": "ANSWER"}, "run": "r"}},
        ),
        (f"phasegate done {RUN} --box 1=yes", {"tool": "hand_in", "arguments": {"run": RUN, "boxes": ["1=yes"]}}),
        (
            "phasegate plan 'a   # b.md'   # look",
            {"tool": "plan", "arguments": {"target": "a   # b.md"}, "why": "look"},
        ),
        ("phasegate runs", {"resource": "runs://all"}),
        ("$EDITOR 'a b.md'   # mend it", {"person": "${EDITOR:-vi} 'a b.md'", "why": f"mend it; {PERSONS}"}),
        ("phasegate abort r --reason TEXT", {"person": "phasegate abort r --reason TEXT"}),
        ("git stash && phasegate resume r", {"person": "git stash && phasegate resume r"}),
        ("phasegate resume r && git log", {"person": "phasegate resume r && git log"}),
        ("phasegate resume r   # a person answers go", {"person": "phasegate resume r"}),
        ("phasegate run a.md --yes", {"person": "phasegate run a.md --yes"}),
        ("", {"tool": "status"}),
    ],
)
def test_a_command_is_a_call_or_a_persons(command: str, step: dict[str, Any]) -> None:
    (found,) = told(command)
    assert {key: found[key] for key in step} == step
    assert is_doable(found)


@pytest.mark.parametrize("run", ["shed-20260102-030405-0a6dff61", "a b-20260102-030405", "it's-20260102-030405", RUN])
@pytest.mark.parametrize("verbs", [("resume", "abort"), ("status", "reject"), ("log", "rollback")])
def test_commands_on_lines_of_their_own_are_steps_of_their_own_whatever_the_run_is_called(
    run: str, verbs: tuple[str, str]
) -> None:
    first, second = told(f"phasegate {verbs[0]} {run}\n      phasegate {verbs[1]} {run} --reason TEXT   # or ends it")
    assert first["arguments"] == {"run": run}
    assert shlex.split(second["person"]) == ["phasegate", verbs[1], run, "--reason", "TEXT"]


def test_answers_for_a_file_are_the_arguments_of_one_call() -> None:
    (step,) = told(
        "echo 'size: \"7\"' >> answers.yaml\n      ${EDITOR:-vi} answers.yaml"
        "   # add, each with its answer: a; b: x or y\n"
        f"      phasegate resume '{RUN}' --answers answers.yaml"
    )
    assert step["arguments"] == {"answers": {"size": "7", "a": "ANSWER", "b": "x or y"}, "run": RUN}


@pytest.mark.slow
def test_every_command_that_the_product_offers_is_doable_or_a_persons() -> None:
    found = 0
    for path in modules(ROOT).values():
        if b"next_command" in (source := path.read_bytes()):
            for value in offered(ast.parse(source)):
                either = re.split(r"\n(?! )", text_of(value))  # of a conditional
                steps = [step for command in either for step in told(command)]
                found += len(steps)
                assert [each for each in steps if not is_doable(each)] == []
    assert found > 200


def test_a_problem_with_a_command_of_its_own_says_whose_it_is() -> None:
    from state.errors import BadInput, Problem

    said = refused(BadInput("no", problems=[Problem("a", "bad; next: rm a")]))
    assert "; for a person: rm a" in str(said["message"])


def starts(world: AgentWorld, target: str) -> Any:
    return world.tools.start(CLIENT, target, sandbox=False, answers={})


def begun(world: AgentWorld) -> AgentWorld:
    world.starts()
    return world


def edited(world: AgentWorld) -> AgentWorld:
    (begun(world).root / "shed.md").write_text("# Other\n\n- [ ] 1. Else\n")
    return world


PROVOKED: dict[str, Callable[[AgentWorld], Any]] = {
    "no run": lambda w: w.tools.status(None),
    "no runbook": lambda w: w.tools.plan("nowhere.md"),
    "a dash": lambda w: w.tools.plan("-dash.md"),
    "no workflow": lambda w: starts(w, "stage-60"),
    "no such run": lambda w: begun(w).tools.task("shed-2"),
    "an edited runbook": lambda w: edited(w).drives(),
    "a second run": lambda w: starts(begun(w), "shed.md"),
    "nothing handed in": lambda w: begun(w).tools.take_back(CLIENT, None),
    "a path that is not there": lambda w: begun(w).hands_in("nowhere.txt"),
    "a path outside": lambda w: begun(w).hands_in("../x"),
    "an empty path": lambda w: begun(w).hands_in(""),
    "an unknown box": lambda w: begun(w).hands_in(boxes=("9=yes",)),
    "an unknown criterion": lambda w: begun(w).hands_in(attest=("9",)),
    "a skip": lambda w: begun(w).hands_in(skip="no"),
    "unused answers": lambda w: begun(w).tools.drive(CLIENT, None, {"nonsense": "x"}),
    "an unnamed change": lambda w: (begun(w).root / "x.txt").write_text("x") and w.hands_in(),
    "an empty note": lambda w: begun(w).tools.note(CLIENT, None, ""),
    "nothing to review": lambda w: begun(w).tools.review(None),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PROVOKED)
@pytest.mark.parametrize("boxes", [False, True])
def test_what_is_refused_can_be_gone_on_with(tmp_path: Path, name: str, boxes: bool) -> None:
    world = AgentWorld(tmp_path, **({"runbook": BOXES} if boxes else {}))
    said = PROVOKED[name](world)
    if said.get("status") in ("refused", "waiting"):
        assert said["next"]
    assert [each for each in said.get("next", []) if not is_doable(each)] == [], said


@pytest.mark.slow
def test_answers_that_nobody_asks_for_name_no_file_and_what_may_be_asked(tmp_path: Path) -> None:
    said = AgentWorld(tmp_path).tools.start(CLIENT, "shed.md", sandbox=False, answers={"nonsense": "x"})
    assert "the answers that were given are refused\n  no question is called nonsense" in said["message"]  # type: ignore[operator]
    assert said["next"] == [{"tool": "questions", "arguments": {"target": "shed.md"}, "why": "what a run may ask"}]


def test_a_yes_whose_command_is_not_run_is_refused_with_the_call_that_runs_it(tmp_path: Path) -> None:
    runbook = "# Cut over\n\n## T-24h\n- [ ] Frozen\n- [ ] Built (`test -e shed.md`)\n\n## T-0\n- [ ] Switched\n"
    world = AgentWorld(tmp_path, runbook=runbook)
    world.starts()
    (world.root / "one.txt").write_text("x\n")
    refused: Any = world.hands_in("one.txt", boxes=("1=yes", "2=yes"))
    assert "boxes 2=yes is refused" in refused["message"] and "(commands 1 runs it)" in refused["message"]
    call = refused["next"][0]
    assert call["tool"] == "hand_in"
    given = {{"commands": "runs"}.get(name, name): value for name, value in call["arguments"].items()}
    assert (given["paths"], given["boxes"], given["runs"]) == (["one.txt"], ["1=yes", "2=yes"], ["1"])
    told: Any = world.hands_in("one.txt", boxes=tuple(given["boxes"]), runs=tuple(given["runs"]))
    assert told["status"] == "waiting-for-approval"
