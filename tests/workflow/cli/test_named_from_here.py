"""A runbook on the command line is named as seen from where the person stands, or else from the top; by every verb."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld
from workflow.cli.main import run

HERE = b"# Next\n\n- [ ] 1. Here\n"
TOP = b"# Next\n\n- [ ] 1. At the top\n"


@pytest.fixture
def ops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory below the top of a repository, in which the person stands."""
    world = CommandWorld(tmp_path, runbook=TOP)
    below = world.root / "ops"
    below.mkdir()
    (below / "NEXT.md").write_bytes(HERE)
    (below / "checks.yaml").write_text("checks: []\n")
    world.git("add", ".")
    world.git("commit", "-q", "-m", "Ops")
    monkeypatch.chdir(below)
    return below


@pytest.mark.parametrize("verb", ["plan", "questions", "checks", "init", "run"])
@pytest.mark.parametrize("name", ["NEXT.md", "ops/NEXT.md", "../ops/NEXT.md"])
def test_every_verb_finds_it(verb: str, name: str, ops: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([verb, name]) == (3 if verb == "run" else 0)
    said = capsys.readouterr()
    assert "is not there" not in said.err
    if verb == "run":
        assert list(ops.parent.glob(".phasegate/ops-NEXT-*/journal.jsonl"))


def test_the_one_here_comes_before_the_one_at_the_top(ops: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (ops / "tasks.md").write_bytes(HERE)
    assert run(["plan", "tasks.md"]) == 0
    assert "Here" in capsys.readouterr().out
    # what is printed names it from the top, and works from here
    assert run(["init", "tasks.md"]) == 0
    assert "      phasegate -C .. plan ops/tasks.md\n" in capsys.readouterr().err
    assert run(["run", "tasks.md", "--yes"]) == 2
    assert "next: phasegate -C .. run ops/tasks.md --sandbox --yes\n" in capsys.readouterr().err
    (ops / "tasks.md").unlink()
    assert run(["plan", "tasks.md"]) == 0
    assert "At the top" in capsys.readouterr().out


@pytest.mark.parametrize("verb", ["plan", "init", "run"])
def test_where_none_is_there_the_next_command_works(verb: str, ops: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (ops.parent / "tasks.md").unlink()
    assert run([verb, "nowhere.md"]) == 2
    command = capsys.readouterr().err.split("next: ")[1]
    found = subprocess.run(["sh", "-ec", command], cwd=ops, check=True, capture_output=True, text=True)
    assert found.stdout == "./ops/NEXT.md\n"


def test_one_outside_is_refused_as_such(ops: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (ops.parent.parent / "out.md").write_bytes(HERE)
    assert run(["run", "../../out.md"]) == 2
    assert "lies outside of the repository" in capsys.readouterr().err
