"""Gates by their label, and lines that say to stop above a command: what of them the reader takes, and for what."""

from __future__ import annotations

import pytest

from state.model import PlannedTask
from workflow.runbook.reader import read_runbook


def first(text: str, *, grammar: int = 2) -> PlannedTask:
    return read_runbook(text.encode(), name="plan", path="plan.md", grammar=grammar).tasks[0]


@pytest.mark.parametrize(
    ("line", "gate"),
    [
        ("**Gate:** error rate below 1 %", "error rate below 1 %"),
        ("Gate: the board agrees", "the board agrees"),
        ("**Approval**: release manager", "release manager"),
        ("Approval required: two of the DBAs", "two of the DBAs"),
        ("__Sign-off:__ QA lead", "QA lead"),
        ("Sign off: QA", "QA"),
        ("Quality gate: **no** open bug", "no open bug"),
        ("Do not go on until Eve has looked", "Do not go on until Eve has looked"),
        ("🚦 **Gate 2:** the board", "the board"),
        ("**Hold point** — Eve has looked", "Hold point — Eve has looked"),
        ("**Point of no return!** Eve says go", "Point of no return! Eve says go"),
        ("**Checkpoint:** the counts are equal", "the counts are equal"),
        ("Go/No-Go: the two leads", "the two leads"),
        ("**Freigabe:** Leitung", "Leitung"),
        ("**承認**：部長", "部長"),
        ("**Stop!** Ask Eve", "Stop! Ask Eve"),
        ("Pause here and look", "Pause here and look"),
        ("**PARE**: espere a Eve", "PARE: espere a Eve"),
        ("Hold for final approval", "Hold for final approval"),
        ("Wait for the user's approval before Phase 2.", "Wait for the user's approval before Phase 2."),
        ("Wait for Eve’s OK", "Wait for Eve’s OK"),
        ("**检查点：** 全部通过", "全部通过"),
    ],
)
@pytest.mark.parametrize("form", ["  - {}", "  {}", "\n  {}"])
def test_a_gate_by_its_label_is_one_in_each_form(line: str, gate: str, form: str) -> None:
    task = first(f"- [ ] 1. Deploy\n{form.format(line)}\n- [ ] 2. B\n")
    assert (task.title, task.gate, task.gate_line) == ("Deploy", gate, 2 + form.count("\n"))
    assert task.stops == ()


@pytest.mark.parametrize(
    "line",
    [
        "**Approval:** ____",
        "Sign-off: [ ] QA",
        "Approval: none",
        "Gate: n/a",
        "Gate:",
        "Gateway: the new one",
        "Approval is given by the board: ask it",
        "**Checkpoint** tables stay",
        "**Approval** process: see the wiki",
        "Stop the timer",
        "Stop and remove the container",
        "PAUSE button",
        "Wait for the okapi",
        "Halting problem: none",
        "ALTO SAXO",
    ],
)
def test_a_field_a_box_or_nothing_behind_the_label_is_no_gate(line: str) -> None:
    assert first(f"- [ ] 1. Deploy\n  - {line}\n- [ ] 2. B\n").gate == ""


def test_words_to_wait_inside_of_a_sentence_are_no_line_of_their_own() -> None:
    task = first("- [ ] 1. A\n  - Tell Eve, then\n    wait for Eve's OK\n")
    assert (task.bullets, task.gate) == (("Tell Eve, then wait for Eve's OK",), "Tell Eve, then wait for Eve's OK")


def test_a_label_alone_has_the_bullets_below_it() -> None:
    text = "## Phase 1: A\n\n- [ ] a\n\n**Gate:**\n\n- error rate below 1 %\n- Eve agrees\n\n## Phase 2: B\n- [ ] b\n"
    assert (first(text).gate, first(text).gate_line) == ("error rate below 1 %; Eve agrees", 5)
    assert first(text.replace("- error", "- [ ] error")).gate == ""


PHASES = "## Phase 1: A\n\n- [ ] a\n\n{}\n\n## Phase 2: B\n\n- [ ] b\n"


@pytest.mark.parametrize(
    ("written", "gate"),
    [
        ("### Gate\n\nEve agrees.", "Eve agrees."),
        ("### Gate 1.2 ###\n\n- Eve agrees\n- so does Bob", "Eve agrees; so does Bob"),
        ("### 1.4 **Approval**\n\n> Eve agrees", "Eve agrees"),
        ("### ✅ Exit gate: Eve agrees", "Eve agrees"),
        ("#### Go or no-go decision\n\nEve decides.\n\n- [ ] she has", "Eve decides."),
        ("### Hold point - Eve agrees\n\nand is there", "Eve agrees; and is there"),
        ("### Freigabe\n\nEve", "Eve"),
        ("### Approval\n\nSTOP: ask Eve", "STOP: ask Eve"),
        ("### Approval\n\n**Gate:** Eve", "Eve"),
    ],
)
def test_a_heading_that_is_a_gates_label_has_what_stands_below_it(written: str, gate: str) -> None:
    task = first(PHASES.format(written))
    assert (task.gate, len(task.items)) == (gate, 1 + written.count("[ ]"))
    assert (task.gate_line, task.stops) == (7 if "STOP" in written or "**Gate" in written else 5, ())


@pytest.mark.parametrize(
    "written",
    [
        "### Gate",
        "### Approval\n\n- [ ] Eve agrees",
        "### Sign-off\n\nName: ____",
        "### Approval\n\nNone.",
        "### Approval process\n\nEve agrees.",
        "### Gateway\n\nIt is up.",
        "### Gate\n\n### Notes\n\nEve agrees.",
    ],
)
def test_a_heading_with_boxes_or_fields_or_other_words_is_no_gate(written: str) -> None:
    assert first(PHASES.format(written)).gate == ""


def test_a_heading_is_no_label_by_grammar_1() -> None:
    assert first(PHASES.format("### Gate\n\nEve agrees."), grammar=1).gate == ""


def test_words_of_a_gate_count_before_a_label() -> None:
    assert first("- [ ] 1. A\n  - Gate: the board\n  - STOP: ask Eve\n").gate == "STOP: ask Eve"


def test_a_label_is_none_by_grammar_1() -> None:
    assert first("- [ ] 1. A\n  - Gate: the board\n  - Do not go on until it\n", grammar=1).gate == ""


COMMANDS = "- [ ] 1. A\n{}\n  ```sh\n  make\n  ```\n{}\n- [ ] 2. B\n"


@pytest.mark.parametrize("words", ["STOP. Look", "Do not proceed until Eve agrees", "> **Wait for approval**"])
def test_words_above_a_command_stop_it_and_below_all_commands_they_do_not(words: str) -> None:
    assert [stop.line for stop in first(COMMANDS.format(f"\n  {words}\n", "")).stops] == [3]
    assert first(COMMANDS.format("", f"\n  {words}\n")).stops == ()


@pytest.mark.parametrize("words", ["[HUMAN] only", "Request permission to complete task", "Gate: the board"])
def test_words_about_the_whole_task_stop_no_command(words: str) -> None:
    task = first(COMMANDS.format(f"\n  {words}\n", ""))
    assert (bool(task.gate), task.stops) == (True, ())


def test_a_title_that_says_so_stops_the_commands_below_it() -> None:
    assert [stop.line for stop in first("- [ ] 1. STOP: ask Eve\n\n  ```sh\n  make\n  ```\n").stops] == [1]


def test_what_a_container_says_stops_the_commands_of_its_first_leaf() -> None:
    text = "- [ ] 1. A\n  STOP: ask Eve\n  - [ ] 1.1 B\n    ```sh\n    make\n    ```\n  - [ ] 1.2 C\n"
    assert [stop.line for stop in first(text).stops] == [2]
