"""`then` and `next` say the same, whichever tool answers and wherever the run stands; whoever follows them gets on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from state.errors import BadInput
from tests.worlds.agent_world import CLIENT, AgentWorld
from workflow.mcp.patience import Readers
from workflow.mcp.waits import Waits

pytestmark = pytest.mark.slow
TOOLS = (
    "start",
    "drive",
    "answer",
    "hand_in",
    "take_back",
    "note",
    "wait",
    "task",
    "audit",
    "status",
    "review",
    "plan",
)
DONE = ("waiting-for-approval", "waiting-for-person", "over")
FENCE = "# R\n\n- [ ] 1. Publish\n\n  ```sh\n  echo [environment] > out.txt\n  ```\n\n- [ ] 2. Close\n"
STOPS = "# R\n\n- [ ] 1. Deploy\n\n  STOP. Do not go on until the DBA agrees.\n\n  ```sh\n  echo [environment]\n  ```\n"
CHECKPOINT = "# R\n\n- [ ] 1. Checkpoint - ensure all tests pass\n- [ ] 2. Close\n"
FIELDS = "# R\n\n## Phase 1: Publish\n- [ ] Announced\n- Deployed by: ____\n\n## Phase 2: Close\n- [ ] Closed\n"
PLAIN = "# R\n\n- [ ] 1. Choose\n- [ ] 2. Close\n"

Scene = Callable[[AgentWorld], None]


def nothing(_world: AgentWorld) -> None:
    """As it was begun."""


def handed_in(world: AgentWorld) -> None:
    world.works("one.txt")


def taken_back(world: AgentWorld) -> None:
    world.hands_in()
    world.tools.take_back(CLIENT, None)


def rejected(world: AgentWorld) -> None:
    world.works("one.txt")
    world.rejects(at_terminal=True)


def used_up(world: AgentWorld) -> None:
    for text in ("a\n", "b\n"):
        world.works("one.txt", text)
        world.rejects(at_terminal=True)


def approved(world: AgentWorld) -> None:
    world.works("one.txt")
    world.approves(at_terminal=True)


def over(world: AgentWorld) -> None:
    for name in ("one.txt", "two.txt"):
        world.works(name)
        world.approves(at_terminal=True)
        world.drives()


def failed(world: AgentWorld) -> None:
    world.hands_in(answers={"test-command": "false"})


SCENES: dict[str, tuple[str, Scene]] = {
    "to do": (PLAIN, nothing),
    "a command to run": (FENCE, nothing),
    "a line that says to stop": (STOPS, nothing),
    "a checkpoint": (CHECKPOINT, nothing),
    "a box and a field": (FIELDS, nothing),
    "waits for approval": (PLAIN, handed_in),
    "taken back": (PLAIN, taken_back),
    "a command taken back": (FENCE, taken_back),
    "rejected": (PLAIN, rejected),
    "attempts used up": (PLAIN, used_up),
    "approved": (PLAIN, approved),
    "tests failed": (CHECKPOINT, failed),
    "over": (PLAIN, over),
}


def stands(place: Path, name: str) -> AgentWorld:
    runbook, does = SCENES[name]
    world = AgentWorld(place, runbook=runbook, policy="default: {attempts: 2}\n")
    world.starts()
    does(world)
    return world


def waits(world: AgentWorld, run: str | None = None, seconds: float = 0) -> Any:
    made = Waits(world.root, world.tools.task, Readers())
    return anyio.run(lambda: made.wait(run, seconds, anyio.Event()))


def run_of(world: AgentWorld) -> str:
    return world.journal.parent.name


def says_the_same(said: Any) -> None:
    """One answer: what `then` names is what `next` begins with, and a person's step is told as that."""
    tools = [each["tool"] for each in said["next"] if "tool" in each]
    named = re.findall(r"[Cc]all (\w+)|(audit) verifies", said["then"])
    if said["status"] == "waiting-for-person" or not tools:
        assert said["then"].startswith("A person goes on"), said
        assert any("person" in each for each in said["next"]), said
    else:
        assert {"".join(each) for each in named} == {tools[0]}, said


TELLS: dict[str, Callable[[AgentWorld, str], Any]] = {
    "task": lambda world, run: world.tools.task(run),
    "wait": lambda world, run: waits(world, run),
    "note": lambda world, run: world.tools.note(CLIENT, run, "a remark"),
    "drive": lambda world, run: world.tools.drive(CLIENT, run, {}),
    "answer": lambda world, run: world.tools.drive(CLIENT, run, {"nonsense": "x"}),
    "hand_in": lambda world, run: world.hands_in(no_files=False),
    "hand_in all": lambda world, run: world.hands_in(runs=("all",)),
    "take_back": lambda world, run: world.tools.take_back(CLIENT, run),
    "start": lambda world, run: world.starts(),
}


@pytest.mark.parametrize("tool", TELLS)
@pytest.mark.parametrize("name", SCENES)
def test_every_tool_says_the_same_in_both_wherever_the_run_stands(name: str, tool: str, tmp_path: Path) -> None:
    world = stands(tmp_path, name)
    says_the_same(TELLS[tool](world, run_of(world)))
    says_the_same(world.tools.task(run_of(world)))


FILLED_IN = {"FILE": "made.txt", "ANSWER": "yes", "TEXT": "a remark", "REASON": "none"}


def filled_in(value: Any, key: str = "") -> Any:
    """What an agent puts where `next` has words in capitals."""
    if isinstance(value, dict):
        return {name: filled_in(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [filled_in(each) for each in value]
    if not isinstance(value, str):
        return value
    if key == "test-command":
        return "true"
    for word, said in FILLED_IN.items():
        value = value.replace(word, said)
    return value


def called(world: AgentWorld, step: Any) -> Any:
    """Make this call, as a client of the server does."""
    given = filled_in(step["arguments"])
    run = given.pop("run", None)
    match step["tool"]:
        case "hand_in":
            for path in given.get("paths", ()):
                (world.root / path).write_text("made\n")
            order = {"runs": given.pop("commands", ()), "no_files": False, **given}
            return world.hands_in(*order.pop("paths", ()), **order)
        case "answer":
            return world.tools.drive(CLIENT, run, given["answers"])
        case "drive":
            return world.tools.drive(CLIENT, run, {})
        case "take_back":
            return world.tools.take_back(CLIENT, run)
        case "wait":
            return waits(world, run)
        case "audit":
            return {**world.tools.audit(run), "status": "over"}
        case tool:
            return getattr(world.tools, tool)(run)


def followed(world: AgentWorld, said: Any) -> Iterator[Any]:
    """The answers that an agent gets who always makes the first call of `next`, until a person is waited for."""
    for _ in range(6):
        if said["status"] in DONE:
            return
        said = called(world, next(each for each in said["next"] if "tool" in each))
        yield said
    raise AssertionError(f"it goes on and on: {said}")


@pytest.mark.parametrize("name", SCENES)
def test_who_follows_gets_on_and_no_answer_is_lost(name: str, tmp_path: Path) -> None:
    world = stands(tmp_path, name)
    seen = []
    if name == "tests failed":  # driven once more it fails once more; the other step says how not to
        other = world.tools.task(None)["next"][1]  # type: ignore[index]
        said = called(world, other)
        assert "not_used" not in said
        assert said["status"] != "refused", said
    for said in followed(world, world.tools.task(run_of(world))):
        assert "not_used" not in said, said
        assert said["status"] != "refused", said
        seen.append((said["status"], said.get("message"), str(said.get("next"))))
    assert len(seen) == len(set(seen))


def test_what_a_gate_that_cannot_be_opened_waits_for_is_no_person(tmp_path: Path) -> None:
    world = stands(tmp_path, "waits for approval")
    (world.root / "phasegate.yaml").write_text("default: {attempts: 3}\n")
    for said in (world.tools.task(None), waits(world)):
        assert said["status"] == "waiting-for-person"  # who commits the policy, or puts it back
        assert "it cannot be approved as it is" in str(said["message"])
        assert "approve" not in said
        says_the_same(said)


def test_used_up_attempts_are_told_by_every_face(tmp_path: Path) -> None:
    from workflow.service.status import status

    world = stands(tmp_path, "attempts used up")
    for tool in ("task", "wait", "note", "drive", "hand_in"):
        said = TELLS[tool](world, run_of(world))
        assert "an agent has had 2 attempts at it" in said["message"], tool
        assert said["status"] == "waiting-for-person", tool
    view = status(world.root, None)
    assert "an agent has had 2 attempts at it" in "\n".join(view.lines())
    assert view.to_json()["used_up"]
    assert list(view.following) == [
        f"phasegate resume {run_of(world)}   # a person goes on; it shows why each of them ended"
    ]


def test_a_question_that_stands_is_named_by_the_task(tmp_path: Path) -> None:
    for number, (name, expected) in enumerate(
        [("a checkpoint", ["test-command"]), ("a command to run", ["fill-environment"])]
    ):
        (tmp_path / str(number)).mkdir()
        task: Any = stands(tmp_path / str(number), name).tools.task(None)["task"]
        assert [each["name"] for each in task["questions"]] == expected
        assert task["questions"][0]["text"].startswith("W")


def test_what_was_taken_back_is_told_as_status_tells_it(tmp_path: Path) -> None:
    task: Any = stands(tmp_path, "taken back").tools.task(None)["task"]
    assert (task["status"], task["taken_back"]) == ("taken back", True)


@pytest.mark.parametrize("face", ["answer", "hand_in"])
def test_an_answer_of_an_attempt_that_failed_is_given_anew_by_whoever_does_the_next(face: str, tmp_path: Path) -> None:
    world = stands(tmp_path, "tests failed")
    given = {"test-command": "true"}
    said: Any = world.tools.drive(CLIENT, None, given) if face == "answer" else world.hands_in(answers=given)
    assert "not_used" not in said
    if said["status"] == "to-do":
        said = world.hands_in()
    assert said["status"] == "waiting-for-approval"
    page = str(world.tools.review(None)["page"])
    assert "answer to test-command: 'true', says agent" in page
    assert "tests: exit 1" in page and "`false`" in page  # what ran before is told


def test_an_answer_of_the_attempt_at_hand_stays(tmp_path: Path) -> None:
    world = stands(tmp_path, "a checkpoint")
    world.tools.drive(CLIENT, None, {"test-command": "true"})
    world.hands_in()
    said: Any = world.tools.drive(CLIENT, None, {"test-command": "false"})
    assert "was answered 'true' before" in said["not_used"]["test-command"]


def test_commands_that_were_not_run_are_told_and_the_page_puts_it_in_nobodys_mouth(tmp_path: Path) -> None:
    world = stands(tmp_path, "a command to run")
    (step, *_) = world.tools.task(None)["next"]  # type: ignore[misc]
    assert step["arguments"]["commands"] == ["all"]  # type: ignore[index, call-overload]
    said: Any = world.hands_in()
    assert (said["status"], said["not_run"]) == ("waiting-for-approval", [1])
    assert said["message"].startswith("command 1 was not run")
    assert [each["tool"] for each in said["next"]] == ["wait", "take_back"]
    page = str(world.tools.review(None)["page"])
    assert "command 1: not run, nobody asked for it" in page
    assert "skip" not in page
    world.tools.take_back(CLIENT, None)
    again: Any = world.hands_in(runs=("1",), answers={"fill-environment": "prod"})
    assert "not_run" not in again
    assert (world.root / "out.txt").read_text() == "prod\n"


def test_a_hand_in_that_says_nothing_of_files_is_to_be_completed(tmp_path: Path) -> None:
    world = stands(tmp_path, "to do")
    said: Any = world.hands_in(no_files=False)
    assert (said["status"], world.events("handed-in")) == ("to-do", [])
    assert "expected paths, or no_files" in said["message"]
    assert said["next"][0]["arguments"] == {"run": run_of(world), "paths": ["FILE"]}
    (world.root / "made.txt").write_text("x\n")
    said = world.hands_in(no_files=False)
    assert said["next"][0]["arguments"]["paths"] == ["made.txt"]
    assert world.hands_in("made.txt")["status"] == "waiting-for-approval"


def test_a_command_that_a_task_does_not_have_is_refused_and_all_of_none_are_none(tmp_path: Path) -> None:
    world = stands(tmp_path, "to do")
    said = world.hands_in(runs=("1",))
    assert said["status"] == "refused" and "commands 1: task 1 has 0 commands" in str(said["message"])
    assert world.hands_in(runs=("all",))["status"] == "waiting-for-approval"


def test_a_stop_is_offered_so_that_the_only_person_may_approve_it_and_no_answer_is_lost(tmp_path: Path) -> None:
    from workflow.service.status import status

    world = stands(tmp_path, "a line that says to stop")
    before: Any = world.tools.task(None)["next"]
    assert "commands" not in before[0]["arguments"]
    assert before[1]["person"] == f"phasegate resume {run_of(world)}"
    assert "who does it may approve it" in before[1]["why"]
    assert any("a person confirms line 5" in each for each in status(world.root, None).following)
    said: Any = world.hands_in(runs=("all",), answers={"fill-environment": "staging", "t1-stop-1": "confirmed"})
    assert said["status"] == "waiting-for-person"
    assert (
        "answered here, and not kept: whoever hands it in answers these, too:\n  fill-environment: staging"
        in said["message"]
    )
    at_terminal, known, edits, done = said["next"]
    assert at_terminal["person"] == f"phasegate resume {run_of(world)}"
    assert "who does it may approve it" in at_terminal["why"]
    assert known["person"] == "echo 'fill-environment: staging' >> answers.yaml"
    assert edits["person"] == "${EDITOR:-vi} answers.yaml"
    assert "somebody else approves it then" in done["why"]


def test_where_the_policy_bars_who_did_it_that_is_said_before(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, runbook=STOPS, policy="default: {operator_may_approve: false}\n")
    world.starts()
    said: Any = world.hands_in(runs=("all",), answers={"fill-environment": "x"})
    assert "somebody else approves it then" in said["next"][0]["why"]


def test_start_tells_what_run_tells_of_the_runbook(tmp_path: Path) -> None:
    beside = f"{PLAIN}\n## After\n\n```sh\necho first\n```\n"
    said: Any = AgentWorld(tmp_path, runbook=beside).starts()
    assert said["status"] == "to-do"
    assert any("a command that stands in no task: echo first" in each for each in said["not_taken"])


@pytest.mark.parametrize("tool", ["plan", "questions", "start"])
def test_runbooks_outside_of_the_repository_are_not_read(tool: str, tmp_path: Path) -> None:
    world = AgentWorld(tmp_path)
    (tmp_path / "secret.md").write_text("# Secret\n\n- [ ] 1. The password is xyzzy\n")
    (world.root / "link.md").symlink_to(tmp_path / "secret.md")
    (world.root / "linked").symlink_to(tmp_path)
    outside = ["../secret.md", str(tmp_path / "secret.md"), "link.md", "linked/secret.md", "../nowhere.md"]
    for target in outside:
        given = {"sandbox": False, "answers": {}} if tool == "start" else {}
        who = (CLIENT,) if tool == "start" else ()
        said = getattr(world.tools, tool)(*who, target, **given)
        assert said["status"] == "refused"
        assert "lies outside of the repository shed" in str(said["message"]), target
        assert "xyzzy" not in str(said)
    inside = world.tools.plan("shed.md")
    assert "status" not in inside
    assert not (world.root / ".phasegate").exists()


def test_a_workflow_of_phasegates_own_is_inside(tmp_path: Path) -> None:
    from workflow.service.workspace import require_inside

    world = AgentWorld(tmp_path)
    require_inside(world.root, "stage-06")
    require_inside(world.root, "nowhere.md")
    (world.root / "below").mkdir()
    require_inside(world.root / "below", "../shed.md")
    require_inside(world.root / "below", "shed.md")
    with pytest.raises(BadInput, match="lies outside"):
        require_inside(world.root / "below", "../../x.md")
