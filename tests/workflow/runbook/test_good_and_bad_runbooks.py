"""What does each small runbook become, and with which words is each bad one refused? The answer lies beside it.

`good/NAME.expected` has a line for the document, one for each state, and one for each finding:

    tasks: Title of the document
    LINE KIND KEY id=ID [FLAGS]: TITLE
    LINE:COLUMN SEVERITY CODE                  "left-out" for what was not taken as a task

`bad/NAME.expected` is the refusal as the command prints it. A bad runbook is one that `--strict` refuses.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from state.errors import BadInput
from state.model import Plan, PlannedTask
from workflow.runbook.marks import changes_besides_marks, flip_all
from workflow.runbook.reader import read_runbook

RUNBOOKS = Path(__file__).resolve().parents[2] / "runbooks"
GOOD, BAD = RUNBOOKS / "good", RUNBOOKS / "bad"


def read(path: Path, *, strict: bool = False) -> Plan:
    return read_runbook(path.read_bytes(), name=path.stem, path=path.name, strict=strict)


def tree(path: Path) -> str:
    plan = read(path)
    lines = [f"{plan.shape}: {plan.title}"]
    lines += [
        f"{task.line} {task.kind} {task.key} id={task.id} [{', '.join(flags(task))}]: {task.title}"
        for task in plan.tasks
    ]
    lines += [f"{each.line}:{each.column} {each.severity} {each.code}" for each in plan.findings]
    lines += [f"{each.line}:{each.column} left-out {each.code}" for each in plan.not_tasks]
    return "\n".join(lines) + "\n"


def flags(task: PlannedTask) -> Iterator[str]:
    if task.box:
        yield f"box {task.box.state!r}"
    if task.optional:
        yield "optional"
    if task.parents:
        yield "ticks " + " ".join(parent.id or parent.title for parent in task.parents)
    yield from (f"item {item.text!r}" for item in task.items)
    yield from (f"detail {bullet!r}" for bullet in task.bullets if task.kind == "task")
    yield from (f"requires {entry}" for entry in task.requirements)
    yield from (f"{name}" for name in task.properties)
    yield from (f"validates {entry}" for entry in task.validates)
    yield from (f"exit {criterion!r}" for criterion in task.exit_criteria)
    for command in task.commands:
        yield f"command {command.text!r}" + f" open {' '.join(command.placeholders)}" * bool(command.placeholders)
    if task.gate:
        yield f"gate {task.gate!r} on {task.gate_line}"
    if task.commit_message:
        yield f"commit {task.commit_message!r}"


def refusal(path: Path) -> str:
    with pytest.raises(BadInput) as refused:
        read(path, strict=True)
    return f"{refused.value}\n"


def names(directory: Path) -> list[str]:
    return sorted(path.stem for path in directory.glob("*.md"))


@pytest.mark.parametrize("name", names(GOOD))
def test_a_good_runbook_becomes_these_states(name: str) -> None:
    assert tree(GOOD / f"{name}.md") == (GOOD / f"{name}.expected").read_text("utf-8")


@pytest.mark.parametrize("name", names(GOOD))
def test_a_good_runbook_is_ticked_off_byte_by_byte(name: str) -> None:
    before = (GOOD / f"{name}.md").read_bytes()
    plan = read(GOOD / f"{name}.md")
    boxes = [box for task in plan.tasks for box in task.boxes() if not box.done]
    after = flip_all(before, boxes)
    assert [at for at, byte in enumerate(before) if after[at] != byte] == sorted(box.offset for box in boxes)
    assert changes_besides_marks(before, after, plan) == []


@pytest.mark.parametrize("name", names(BAD))
def test_a_bad_runbook_is_refused_in_these_words(name: str) -> None:
    expected = (BAD / f"{name}.expected").read_text("utf-8")
    assert refusal(BAD / f"{name}.md") == expected
    if "refused by --strict" not in expected:
        with pytest.raises(BadInput):
            read(BAD / f"{name}.md")


@pytest.mark.parametrize("directory", [GOOD, BAD], ids=["good", "bad"])
def test_there_are_dozens_and_each_has_its_answer_beside_it(directory: Path) -> None:
    documents = names(directory)
    assert len(documents) >= 36
    assert sorted(path.stem for path in directory.glob("*.expected")) == documents
