"""A line that says to stop and stands in no task: whom it holds, and where it holds nobody it is listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from state.errors import BadAnswer, Waiting
from state.model import Plan
from tests.worlds.release_world import NONE
from tests.worlds.run_world import RunWorld
from workflow.ports import Pause
from workflow.runbook.reader import read_runbook
from workflow.views.box_view import BoxWord
from workflow.views.review_page import review_page

STOP = "STOP. Do not go on until the DBA has seen it."
CUT = "## Cut\n\n- [ ] Cut over\n  - `touch promoted --now`\n"


def plan(*parts: str, grammar: int = 2) -> Plan:
    text = "\n\n".join(("# Release", *parts))
    return read_runbook(text.encode(), name="release", path="release.md", grammar=grammar)


def held(read: Plan) -> list[tuple[str, list[str]]]:
    return [(task.title, [stop.text for stop in task.stops]) for task in read.tasks]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("## Gate\n\n**STOP.** Do not proceed until both say GO.", "STOP. Do not proceed until both say GO."),
        (f"## Gate\n\n> [!CAUTION]\n> {STOP}", STOP),
        (f"## Gate\n\n1. Ask the DBA\n2. {STOP}", STOP),
        (f"### Go or no-go\n\n{STOP}\n\n- [ ] NO-GO if it lags\n\nDecision: ____", STOP),
        ("## STOP", "STOP"),
        ("## 🛑 Do not proceed until both say GO", "🛑 Do not proceed until both say GO"),
        ("The owner is asked.\n\nDo not continue until it is there.", "Do not continue until it is there."),
        (f"## STOP\n\n{STOP}", STOP),
    ],
)
@pytest.mark.parametrize(
    "cut", [CUT, CUT.replace("Cut over", "1.1 Cut over"), "## Phase 2: Cut\n\n```sh\nmake cut\n```"]
)
def test_it_holds_the_next_tasks_commands(written: str, said: str, cut: str) -> None:
    read = plan("Some words.", written, cut)
    (task,) = read.tasks
    assert task.stops[-1].text == said
    assert task.stops[-1].line < task.line and (task.gate, task.gate_line) == task.stops[-1]


def test_behind_a_task_it_holds_the_one_below() -> None:
    before = "- [ ] 1. Back it up\n  - `make backup`"
    behind = "- [ ] 2. Cut over\n  - `make cut`"
    assert held(plan(before, STOP, behind)) == [("Back it up", []), ("Cut over", [STOP])]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("**Gate:** the DBA", "the DBA"),
        ("> **Checkpoint**: the counts are equal", "the counts are equal"),
        ("**Point of no return.** The DBA says go.", "Point of no return. The DBA says go."),
        ("## Gate\n\nThe DBA says go.", "Gate: The DBA says go."),
        ("Approval\n--------\n\n- the DBA\n- the owner", "Approval: the DBA; the owner"),
    ],
)
def test_a_gates_label_between_two_tasks_holds_the_one_below(written: str, said: str) -> None:
    before = "- [ ] 1. Back it up\n  - `make backup`"
    behind = "## Then\n\n- [ ] 2. Cut over\n  - `make cut`"
    assert held(plan(before, written, behind)) == [("Back it up", []), ("Cut over", [said])]
    assert [each.code for each in plan(before, written).not_tasks] == ["no-stop"]


def test_a_label_in_a_documents_head_holds_nothing() -> None:
    read = plan("**Approval:** Eve, by mail", CUT)
    assert (held(read), read.not_tasks) == ([("Cut over", [])], ())


def test_without_a_command_it_is_the_tasks_gate() -> None:
    (task,) = plan("## Gate", STOP, "## Cut", "- [ ] 1. Say so").tasks
    assert (task.gate, task.gate_line, task.stops) == (STOP, 5, ())


def test_a_gate_of_the_tasks_own_stands_beside_it() -> None:
    (task,) = plan("## Gate", STOP, "## Cut", "- [ ] 1. Say so\n  - Wait for approval").tasks
    assert (task.gate, task.gate_line) == (f"{STOP} (line 5); Wait for approval", 10)


def test_a_skipped_task_takes_no_stop_with_it() -> None:
    tasks = "- [ ]* 1. Warm up\n  - `make warm`\n- [ ] 2. Cut over\n  - `make cut`\n- [ ] 3. Tell\n  - `make tell`"
    assert held(plan(STOP, tasks)) == [("Warm up", [STOP]), ("Cut over", [STOP]), ("Tell", [])]


@pytest.mark.parametrize("words", [STOP, "**Checkpoint**: the release manager agrees"])
def test_a_task_that_is_ticked_already_takes_no_stop_with_it(words: str) -> None:
    """It may be taken over as done, and nobody went past the stop: what is above it is open."""
    build, tell = "- [ ] 1. Build\n  - `make`", "- [x] 2. Notes\n  - `make notes`"
    read = plan(build, words, tell, "- [ ] 3. Publish\n  - `make publish`", "- [ ] 4. Tell\n  - `make tell`")
    assert [(task.title, len(task.stops)) for task in read.tasks] == [
        *(("Build", 0), ("Notes", 1), ("Publish", 1), ("Tell", 0))
    ]


def test_a_stop_that_somebody_went_past_holds_nothing_more() -> None:
    build, tell = "- [x] 1. Build\n  - `make`", "- [x] 2. Notes\n  - `make notes`"
    read = plan(build, STOP, tell, "- [ ] 3. Publish\n  - `make publish`")
    assert held(read) == [("Build", []), ("Notes", [STOP]), ("Publish", [])]


def test_a_heading_inside_of_a_phase_holds_what_is_below_it() -> None:
    (task,) = plan("## Phase 1: Cut", "```sh\nmake ready\n```", "### STOP: look", "```sh\nmake cut\n```").tasks
    assert [(stop.text, stop.line) for stop in task.stops] == [("STOP: look", 9)]


def test_a_heading_with_such_a_line_below_it_is_said_once() -> None:
    assert held(plan("## Phase 1: Cut", "### STOP", STOP, "```sh\nmake cut\n```")) == [("Cut", [STOP])]


@pytest.mark.parametrize(
    "parts",
    [
        (CUT, "## After", STOP),
        ("STOP at the end of each phase.", CUT),
        ("Do not proceed to the next task without approval.", CUT),
        ("## Legend", f"{STOP}", CUT),
    ],
)
def test_where_it_holds_nothing_it_is_listed(parts: tuple[str, ...]) -> None:
    read = plan(*parts)
    assert held(read) == [("Cut over", [])]
    assert [each.code for each in read.not_tasks] == ["no-stop"]


@pytest.mark.parametrize(
    "words",
    ["Stop the bus.", "Stop if it lags.", "[HUMAN] looks", "```\nSTOP\n```", "<!-- STOP -->", "## Rollback\n\nSTOP"],
)
def test_other_words_hold_nothing(words: str) -> None:
    read = plan(words, CUT)
    assert held(read) == [("Cut over", [])] and not any(each.code == "no-stop" for each in read.not_tasks)


def test_a_run_of_grammar_1_has_none() -> None:
    (task,) = plan("## Gate", STOP, "## Cut", "- [ ] 1. Cut over\n  - `make cut`", grammar=1).tasks
    assert (task.stops, task.gate) == ((), "")


def test_nothing_runs_before_it_is_confirmed_and_the_page_has_it(tmp_path: Path) -> None:
    cut = "## Cut\n\n- [ ] Cut over\n\n```sh\ntouch promoted\n```\n\n## Tell\n\n- [ ] Told\n"
    text = f"# Release\n\n## Gate\n\n{STOP}\n\n{cut}"
    world = RunWorld(tmp_path, runbook=text.encode())
    world.person.answers = {"cut-command-1": "run", "cut-stop-1": "yes"}
    world.person.works, world.person.verdicts = [NONE, NONE], [Pause()]
    world.person.box_words = [BoxWord(1, "attested")]
    with world.start() as engine, pytest.raises(BadAnswer, match="expected confirmed"):
        engine.drive()
    assert not (world.root / "promoted").exists()
    world.person.answers["cut-stop-1"] = "confirmed"
    with world.reopen() as engine, pytest.raises(Waiting, match="approval"):
        engine.drive()
    assert (world.root / "promoted").exists()
    assert f"- {STOP} (line 5)" in review_page(world.person.views[-1])
