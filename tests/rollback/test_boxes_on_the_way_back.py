"""What a runbook has as boxes in its way back is asked for, each by itself, before the rollback may end."""

from __future__ import annotations

import json
import os
from pathlib import Path
from unittest import mock

import pytest

from state.position import Outcome
from tests.worlds.command_world import CommandWorld
from tests.worlds.journals import journal_bytes
from tests.worlds.run_world import RunWorld
from workflow.audit import audit_workspace
from workflow.engine.rollback_tasks import MUST_HOLD, rollback_tasks, with_way_back
from workflow.runbook.reader import read_runbook

RUNBOOK = b"""# Ship it

## Deploy
- [ ] Deployed

## Rollback

Call the team.

- [ ] Traffic is on the old version
- [ ] The databases
  - [ ] Orders are restored
  - [x] Users are restored

NO-GO if:
- [ ] Orders are lost
"""
AFTER = b"""# Ship it

## Deploy
- [ ] Deployed

## Rollback Plan

If deployment fails:

- [ ] Traffic is back

### Post-Rollback
- [ ] Document the reason
"""
ASKED = ("Traffic is on the old version", "Orders are restored", "Users are restored")
PLANNED = "".join(
    f"rollback-{name}: {answer}\n"
    for name, answer in [
        ("critical-functionality", '"yes"'),
        ("data-integrity", '"no"'),
        ("performance", '"no"'),
        ("security", '"no"'),
        ("notified", "the team"),
    ]
)


def criteria(runbook: bytes) -> list[tuple[str, tuple[str, ...]]]:
    """The states of a rollback by hand of this runbook, each with what must hold."""
    tasks = rollback_tasks(read_runbook(runbook, name="d", path="d.md"), (), runbook)
    return [(task.id, task.exit_criteria) for task in tasks]


def test_every_box_of_the_section_must_hold_but_where_a_tick_means_failure() -> None:
    assert criteria(RUNBOOK) == [("R1", ()), ("R2", (*ASKED, *MUST_HOLD))]


def test_what_must_hold_afterwards_is_asked_for_once() -> None:
    assert criteria(AFTER) == [
        ("R1", ()),
        ("R2", ("Traffic is back", *MUST_HOLD)),
        ("R3", ("Document the reason",)),
    ]


BESIDE = b"# Ship it\n\n## Deploy\n- [ ] Deployed\n\n## Later\n- [ ] Told\n\n## Rollback\n\n- [ ] Traffic is back\n\n"
AFTERWARDS = b" Post-Rollback\n\n- [ ] The file is gone\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Post-Rollback", BESIDE + b"##" + AFTERWARDS),
        ("After the rollback", BESIDE + b"##" + AFTERWARDS.replace(b"Post-Rollback", b"After the rollback")),
        ("Post-Rollback", BESIDE + b"###" + AFTERWARDS),
        ("Post-Rollback", BESIDE + b"###" + AFTERWARDS + b"\n### Call\n\nCall the team.\n"),
        ("Post-Rollback", BESIDE + b"###" + AFTERWARDS + b"\n#### Logs\n\n- [ ] The logs are kept\n"),
        ("Post-Rollback", b"# Ship it\n\n## Deploy\n- [ ] Deployed\n\n##" + AFTERWARDS),
    ],
)
def test_what_is_for_afterwards_has_a_gate_of_its_own_beside_the_section_and_inside_of_it(
    name: str, text: bytes
) -> None:
    tasks = rollback_tasks(read_runbook(text, name="d", path="d.md"), (), text)
    logs = ("The logs are kept",) if b"Logs" in text else ()
    assert [(task.id, task.title) for task in tasks][2:] == [("R3", name)]
    assert tasks[2].exit_criteria == ("The file is gone", *logs)
    assert tasks[1].exit_criteria == (*(("Traffic is back",) if b"Traffic" in text else ()), *MUST_HOLD)
    assert "The file is gone" in tasks[2].text and "The file is gone" not in tasks[1].text
    assert ("Call the team." in tasks[1].text) == (b"Call" in text)


def test_commands_behind_what_is_left_out_are_named_by_their_lines() -> None:
    text = BESIDE + b"###" + AFTERWARDS + b"\n### Call\n\n```sh\necho call\n```\n"
    plan = with_way_back(read_runbook(text, name="d", path="d.md"), (), text)
    (command,) = plan.rollback[1].commands
    assert text.split(b"\n")[command.line - 1] in (b"```sh", b"echo call")


def test_under_grammar_1_boxes_of_the_section_are_text_as_they_were() -> None:
    plan = read_runbook(RUNBOOK, name="d", path="d.md", grammar=1)
    assert rollback_tasks(plan, (), RUNBOOK)[1].exit_criteria == MUST_HOLD


@pytest.mark.slow
def test_each_box_is_attested_and_the_document_stays_as_it_is(tmp_path: Path) -> None:
    world = RunWorld(tmp_path, runbook=RUNBOOK)
    with world.start() as engine:
        engine.segment()
    world.person.answers = {"rollback-notified": "the team"}
    with world.start_rollback() as engine:
        engine.drive()
        assert engine.outcome is Outcome.ROLLED_BACK
        worked = engine.run.task(engine.plan.rollback[1].key).worked
    assert worked is not None
    assert [(check.name, check.verdict) for check in worked.checks][:3] == [(text, "attested") for text in ASKED]
    assert world.boxes() == "x   x "
    assert audit_workspace(world.root, world.run_id, anchor=None)[0].findings == []


@pytest.fixture
def at_r2(tmp_path: Path) -> CommandWorld:
    world = CommandWorld(tmp_path, runbook=RUNBOOK)
    assert world("run", "tasks.md").code == 3
    answers = tmp_path / "answers.yaml"
    answers.write_text(PLANNED)
    assert world("rollback", "--reason", "orders are lost", "--answers", str(answers)).code == 3
    digest = json.loads(world("status", "--json").out)["waiting_for"]["digest"]
    with mock.patch.dict(os.environ, {"GIT_AUTHOR_NAME": "Bob", "GIT_AUTHOR_EMAIL": "bob@example.com"}):
        assert world("approve", "--digest", digest).code == 0
    assert world("resume").code == 3
    return world


@pytest.mark.slow
def test_a_word_on_a_box_there_is_told_that_it_is_a_criterion(at_r2: CommandWorld) -> None:
    told = at_r2("done", "--no-files", "--box", "1=yes")
    assert told.code == 2
    assert f"its exit criteria, each by --attest N:\n  1. {ASKED[0]}\n  2. {ASKED[1]}\n" in told.error
    assert told.next == f"phasegate status {at_r2.run_id}"
    at_r2.type(told.next)
    assert at_r2("done", "--no-files", "--attest", "all").code == 0


def test_a_command_of_the_way_back_is_named_by_its_line_of_the_runbook(tmp_path: Path) -> None:
    way_back = b"Call the team.\n\nStop here until the DBA has seen it.\n\n```sh\necho back\n```\n\nThen `echo done`.\n"
    data = b"# Ship it\n\n## Deploy\n- [ ] Deployed\n\n## Rollback\n\n" + way_back
    world = CommandWorld(tmp_path, runbook=data)
    plan = read_runbook(data, name="tasks", path="tasks.md")
    written = data.decode().split("\n")
    (by_hand,) = [each for each in rollback_tasks(plan, (), data) if each.id == "R2"]
    assert written[by_hand.line - 1] == "## Rollback"
    assert type(by_hand).from_json(by_hand.to_json()) == by_hand
    assert world("run", "tasks.md").code == 3
    assert world("rollback", "--reason", "it leaks").code == 3
    (world.root.parent / "answers.yaml").write_text(PLANNED)
    assert world("resume", "--answers", str(world.root.parent / "answers.yaml")).code == 3
    digest = json.loads(world("status", "--json").out)["waiting_for"]["digest"]
    with mock.patch.dict(os.environ, {"GIT_AUTHOR_NAME": "Bob", "GIT_AUTHOR_EMAIL": "bob@example.com"}):
        assert world("approve", "--digest", digest).code == 0
    assert world("resume").code == 3
    (world.root.parent / "answers.yaml").write_text("rollback-2-command-1: skip\nrollback-2-command-2: skip\n")
    told = world("done", "--no-files", "--attest", "all", "--answers", str(world.root.parent / "answers.yaml"))
    assert told.code == 0, told.error
    (journal,) = world.root.glob(".phasegate/*/journal.jsonl")
    told_lines = journal_bytes(journal).decode()
    assert f"line {written.index('echo back') + 1}" in told_lines
    assert f"line {written.index('Then `echo done`.') + 1}" in told_lines


@pytest.mark.slow
def test_the_plan_of_a_rollback_shows_no_answers_that_other_tasks_were_given(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=b"# Ship it\n\n- [ ] Deployed\n\n  ```sh\n  echo <HOST>\n  ```\n")
    answers = tmp_path / "answers.yaml"
    answers.write_text(f"fill-host: web1\n{PLANNED}")
    assert world("run", "tasks.md").code == 3
    assert world("done", "--no-files", "--run", "all", "--answers", str(answers)).code == 0
    assert "answer to fill-host: 'web1'" in world("status", "--review").out
    assert world("rollback", "--reason", "orders are lost", "--answers", str(answers)).code == 3
    page = world("status", "--review").out
    assert "R1 Plan the rollback" in page and "critical functionality is broken: yes" in page
    assert "answer to" not in page
