"""Fields filled in by commands: listed before the run, given by an answers file, named when they are missing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from unittest import mock

import pytest

from tests.worlds.command_world import CommandWorld

pytestmark = pytest.mark.slow

RUNBOOK = b"""# Release

- [ ] 1. Deploy
  - Operator: ____
  - Version: ____
- [ ] 2. Close
"""


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    return CommandWorld(tmp_path, runbook=RUNBOOK)


def test_what_is_missing_is_named_and_the_printed_commands_go_on_to_the_commit(world: CommandWorld) -> None:
    assert world("run", "tasks.md").code == 3
    before = world.files()
    told = world("done", "--no-files")
    assert (told.code, world.files()) == (3, before)
    assert "task 1 has 2 questions without an answer:" in told.error
    assert "  t1-field-2: Version? It goes into line 5 of the runbook" in told.error
    lines = [line.removeprefix("next: ").strip() for line in told.error.splitlines() if "answers.yaml" in line]
    assert lines[0] == "echo 't1-field-1: Ada' >> answers.yaml"
    assert lines[1] == "${EDITOR:-vi} answers.yaml   # add, each with its answer: t1-field-2"
    (world.root.parent / "answers.yaml").write_text("t1-field-1: Ada\nt1-field-2: '1.4'\n")
    given = str(world.root.parent / "answers.yaml")
    assert world("done", "--no-files", "--answers", given).code == 0
    page = world("status", "--review").out
    assert "- line 5, Version: `1.4`" in page
    digest = json.loads(world("status", "--json").out)["waiting_for"]["digest"]
    with mock.patch.dict(os.environ, {"GIT_AUTHOR_NAME": "Bob", "GIT_AUTHOR_EMAIL": "bob@example.com"}):
        assert world("approve", "--digest", digest).code == 0
    assert world("resume").code == 3
    expected = RUNBOOK.replace(b"Operator: ____", b"Operator: Ada").replace(b"Version: ____", b"Version: 1.4")
    assert (world.root / "tasks.md").read_bytes() == expected.replace(b"[ ] 1.", b"[x] 1.")
    assert world("audit").code == 0


def test_questions_list_the_fields_and_no_other_number_is_taken(world: CommandWorld) -> None:
    groups = json.loads(world("questions", "tasks.md", "--json").out)
    assert "t1-field-2" in json.dumps(groups) and "Version, for line 5" in json.dumps(groups)
    (world.root.parent / "answers.yaml").write_text("t1-field-3: x\n")
    told = world("run", "tasks.md", "--answers", str(world.root.parent / "answers.yaml"))
    assert told.code == 2
    assert "no question is called t1-field-3" in told.error


def test_a_secret_is_refused_and_stands_in_no_file(world: CommandWorld) -> None:
    secret = "AKIA" + "IOSFODNN7EXAMPLE"
    given = world.root.parent / "answers.yaml"
    given.write_text(f"t1-field-1: Ada\nt1-field-2: {secret}\n")
    assert world("run", "tasks.md").code == 3
    assert world("done", "--no-files", "--answers", str(given)).code == 2
    files = [path for path in world.root.rglob("*") if path.is_file()]
    assert [path for path in files if secret.encode() in path.read_bytes()] == []


def test_answers_that_are_kept_stay_when_the_work_is_handed_in_later_and_elsewhere(tmp_path: Path) -> None:
    runbook = RUNBOOK.replace(b"- [ ] 2.", b"  - Exit Criteria: It answers\n- [ ] 2.")
    world = CommandWorld(tmp_path, runbook=runbook)
    given = world.root.parent / "answers.yaml"
    given.write_text("t1-field-1: Ada\nt1-field-2: '1.4'\n")
    assert world("run", "tasks.md").code == 3
    handed_in = world("done", "--no-files", "--attest", "all", "--answers", str(given))
    assert handed_in.code == 0, handed_in.error
    told = world("resume", "--ask-again", "t1-field-2")
    assert "t1-field-1" in told.error
    assert "kept" in told.error
    again = world("done", "--no-files")
    assert "1 question without an answer" in again.error
    assert "t1-field-1:" not in again.error
    given.write_text("t1-field-2: '1.5'\n")
    assert world("done", "--no-files", "--answers", str(given)).code == 0
    page = world("status", "--review").out
    assert "Operator: `Ada`" in page
    assert "Version: `1.5`" in page
