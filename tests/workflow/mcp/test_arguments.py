"""What a tool is given is its own, of the right kind, and no longer than what is kept; else it is not called."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="not run: the extra mcp is not installed")

import anyio

from state.errors import BadInput, PhasegateError
from state.longest_text import LONGEST
from tests.worlds.agent_world import BOXES, CLIENT, AgentWorld
from workflow.doors.terminal import Terminal
from workflow.mcp.server import server
from workflow.mcp.updates import Updates
from workflow.service import done as handing_in
from workflow.service import verdict as desk
from workflow.service.reject import reject
from workflow.service.this_process import who_runs_this

LONG = "x" * (LONGEST + 1)


def called(root: Path, tool: str, **arguments: Any) -> dict[str, Any]:
    """What the server answers, by the SDK's own way to a tool."""
    told = anyio.run(server(root, Updates(root)).call_tool, tool, arguments)
    found = told.structured_content  # type: ignore[union-attr]
    assert isinstance(found, dict) and json.loads(told.content[0].text) == found  # type: ignore[union-attr]
    return found


@pytest.fixture
def begun(tmp_path: Path) -> AgentWorld:
    """The first task is to be handed in, and a file was changed."""
    world = AgentWorld(tmp_path)
    world.starts()
    (world.root / "notes.txt").write_text("done\n")
    return world


def test_no_tool_takes_an_argument_that_it_does_not_have(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path)
    tools = anyio.run(server(world.root, Updates(world.root)).list_tools)
    assert len(tools) == 14
    for tool in tools:
        assert tool.input_schema["additionalProperties"] is False
        needed: dict[str, Any] = dict.fromkeys(tool.input_schema.get("required", []), "shed.md")
        told = called(world.root, tool.name, **needed, yes=True)
        assert (told["status"], told["exit_code"]) == ("refused", 2)
        assert "yes: is no argument of this tool" in told["message"]
        assert told["next"][0]["tool"] == tool.name
    assert not (world.root / ".phasegate").exists()


@pytest.mark.parametrize(
    ("tool", "given", "told", "then"),
    [
        ("hand_in", {"path": ["a"]}, "path: is no argument of this tool; did you mean paths?", {"paths": ["a"]}),
        ("start", {}, "target: is missing", {"target": "FILE"}),
        ("start", {"target": ["a"]}, 'target: expected a valid string, seen ["a"]', {"target": "FILE"}),
        ("hand_in", {"paths": "a", "skip": "b"}, "paths: expected a valid list", {"skip": "b", "paths": ["a"]}),
        ("hand_in", {"commands": "all"}, 'commands: expected a valid list, seen "all"', {"commands": ["all"]}),
        ("hand_in", {"boxes": "1=yes"}, "boxes: expected a valid list", {"boxes": ["1=yes"]}),
        ("hand_in", {"paths": [1]}, "paths.0: expected a valid string, seen 1", {}),
        ("answer", {"answers": {"a": 1}}, "answers.a: expected a valid string", {"answers": {"NAME": "ANSWER"}}),
        ("wait", {"seconds": "soon"}, "seconds: expected a valid number", {}),
        ("note", {"text": LONG}, "text: is too long: expected at most 4,096 characters", {"text": "TEXT"}),
        ("note", {"text": "a\0b"}, "text: holds a NUL", {"text": "TEXT"}),
        ("note", {"text": "\ud800"}, "text: is not UTF-8", {"text": "TEXT"}),
        ("answer", {"answers": {LONG: "a"}}, "answers: is too long", {"answers": {"NAME": "ANSWER"}}),
    ],
)
def test_what_is_wrong_with_an_argument_is_said_with_its_place_and_the_next_call(
    tmp_path: Path, tool: str, given: dict[str, Any], told: str, then: dict[str, Any]
) -> None:
    said = called(AgentWorld(tmp_path).root, tool, **given)
    assert told in said["message"]
    assert "pydantic" not in said["message"]
    assert [(each["tool"], each["arguments"]) for each in said["next"]] == [(tool, then)]
    assert len(said["message"]) < 1000


def test_an_unknown_tool_is_told_with_the_one_that_may_be_meant(tmp_path: Path) -> None:
    said = called(AgentWorld(tmp_path).root, "handin")
    assert "did you mean hand_in?" in said["message"]
    assert said["next"][0]["tool"] == "hand_in"


def test_files_that_changed_are_named_or_said_not_to_belong(begun: AgentWorld) -> None:
    said: Any = begun.hands_in(no_files=False)
    assert "1 file changed since task 1 began" in said["message"]
    (step,) = said["next"]
    assert step == {"tool": "hand_in", "arguments": {"run": said["run"], "paths": ["notes.txt"]}, "why": "or no_files"}
    assert begun.events("handed-in") == []
    assert begun.hands_in(no_files=True)["status"] == "waiting-for-approval"


def test_files_and_no_files_together_are_refused_in_the_tools_words(begun: AgentWorld) -> None:
    said = begun.hands_in("notes.txt", no_files=True)
    assert str(said["message"]).startswith("paths and no_files cannot both be given")


def test_refusals_name_arguments_and_no_options(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, runbook=BOXES)
    told = [world.starts(), world.hands_in(), world.hands_in(boxes=("9=yes",)), world.hands_in(attest=("9",))]
    told += [world.hands_in("../x"), world.hands_in("a", no_files=True), world.hands_in(skip="no")]
    for said in told:
        answer: Any = said
        mine = [each for each in answer["next"] if "tool" in each]
        words = f"{answer['message']}{[each['why'] for each in mine]}"
        assert "--" not in words, words


def test_what_a_message_quotes_keeps_its_options() -> None:
    from workflow.mcp.argument_names import in_arguments

    for text in ("task 1 asks: Run `make --run`?", "box 1: make --box   # (--path FILE)", "x\n  1. call --attest"):
        assert in_arguments(text) == text


@pytest.mark.parametrize("said", ["Built (`test -e built`)", "`make build` shows 0 errors"])
def test_what_answers_a_box_is_named_as_an_argument(tmp_path: Path, said: str) -> None:
    world = AgentWorld(tmp_path, runbook=f"# Release\n\n## Phase 1: Deploy\n- [ ] Announced\n- [ ] {said}\n")
    world.starts()
    told: Any = world.hands_in(no_files=True)
    assert "commands 1)" in told["message"] and "--run" not in told["message"]
    told = world.hands_in(no_files=True, boxes=("1=yes", "2=yes"))
    assert "--run" not in told["message"]


def by_hand(world: AgentWorld, **given: Any) -> object:
    work = handing_in.Work(no_files=True, **given)
    return handing_in.done(world.root, who_runs_this(world.root), Terminal(interactive=False), None, work)


SAYS: list[Callable[[AgentWorld, Any], object]] = [
    lambda w, me: desk.note(w.root, me[0], me[1], None, LONG),
    lambda w, me: reject(w.root, me[0], me[1], None, LONG),
    lambda w, me: desk.abort(w.root, me[0], me[1], None, LONG),
    lambda w, me: desk.approve(w.root, me[0], me[1], None, w.digest, comment=LONG),
    lambda w, me: desk.approve(w.root, me[0], me[1], None, w.digest, waive=[f"1:{LONG}"]),
    lambda w, me: by_hand(w, skip=LONG),
    lambda w, me: by_hand(w, boxes=[f"1=n/a:{LONG}"]),
]


@pytest.mark.parametrize("says", SAYS)
def test_the_desk_takes_no_longer_words_whatever_the_face(tmp_path: Path, says: Any) -> None:
    world = AgentWorld(tmp_path)
    world.starts()
    world.works("one.txt")
    before = world.journal.read_bytes()
    with pytest.raises(PhasegateError, match="is too long: expected at most 4,096 characters") as refused:
        says(world, (who_runs_this(world.root), Terminal(interactive=True)))
    assert isinstance(refused.value, BadInput)
    assert shlex.split(refused.value.next_command)[0] == "phasegate"
    assert world.journal.read_bytes() == before


@pytest.mark.parametrize("answers", [{"test-command": LONG}, {LONG: "true"}])
def test_the_tools_take_no_longer_notes_and_answers(begun: AgentWorld, answers: dict[str, str]) -> None:
    before = begun.journal.read_bytes()
    assert "is too long" in str(begun.tools.note(CLIENT, None, LONG)["message"])
    assert "is too long" in str(begun.tools.drive(CLIENT, None, answers)["message"])
    assert begun.journal.read_bytes() == before
    assert begun.tools.note(CLIENT, None, "x" * LONGEST)["status"] == "to-do"
