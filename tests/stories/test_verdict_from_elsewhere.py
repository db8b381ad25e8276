"""A verdict from another terminal, while the question stands: nothing is to be typed, and the command says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from state.question_stands import is_asked
from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.repositories import first_commit
from tests.worlds.screen import Screen

pytestmark = pytest.mark.slow


@pytest.fixture
def screen(tmp_path: Path) -> Screen:
    """A run whose first task waits for its approval, at a terminal."""
    (tmp_path / "shed.md").write_text("# Shed\n\n- [ ] 1. Choose\n- [ ] 2. Paint\n")
    first_commit(tmp_path)
    screen = Screen(tmp_path, "run", "shed.md", "--until", "1")
    screen.until("p) pause")
    screen.press("d")
    screen.until("Approve task 1?")
    screen.until("p) pause")
    return screen


def digest(place: Path) -> str:
    return str(json.loads(phasegate(place, "status", "--json").stdout)["waiting_for"]["digest"])


def test_an_approval_names_nothing_to_type(screen: Screen, tmp_path: Path) -> None:
    (run,) = tmp_path.glob(".phasegate/*/")
    assert is_asked(run)
    told = phasegate(tmp_path, "approve", "--digest", digest(tmp_path))
    assert told.returncode == 0
    assert "--watch   # nothing is to be typed: the terminal that asked goes on by itself" in told.stderr
    assert " resume " not in told.stderr
    screen.until("1 committed as")
    assert screen.ended() == 0
    assert not is_asked(run)


def test_a_rejection_neither(screen: Screen, tmp_path: Path) -> None:
    told = phasegate(tmp_path, "reject", "--reason", "not that")
    assert "the terminal that asked goes on by itself" in told.stderr
    screen.until("Earlier attempts ended because")
    screen.until("p) pause")
    screen.press("p")
    assert screen.ended() == 3


def test_a_run_that_is_paused_is_resumed(screen: Screen, tmp_path: Path) -> None:
    screen.press("p")
    assert screen.ended() == 3
    told = phasegate(tmp_path, "approve", "--digest", digest(tmp_path))
    assert " resume shed-" in told.stderr
