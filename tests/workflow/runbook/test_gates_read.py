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
    ],
)
def test_a_field_a_box_or_nothing_behind_the_label_is_no_gate(line: str) -> None:
    assert first(f"- [ ] 1. Deploy\n  - {line}\n- [ ] 2. B\n").gate == ""


def test_a_label_alone_has_the_bullets_below_it() -> None:
    text = "## Phase 1: A\n\n- [ ] a\n\n**Gate:**\n\n- error rate below 1 %\n- Eve agrees\n\n## Phase 2: B\n- [ ] b\n"
    assert (first(text).gate, first(text).gate_line) == ("error rate below 1 %; Eve agrees", 5)
    assert first(text.replace("- error", "- [ ] error")).gate == ""


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
