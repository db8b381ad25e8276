"""What `make test-quick` leaves out unread is slow: it says so, or starts programs, itself or through a helper."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.programs import is_slow

HERE = Path(__file__).parent
ABOUT_PROGRAMS = {  # rooms of whole runs, of git and of commands
    *("approvals", "artifacts", "forgeries", "golden", "phases/deployment_checklist", "power_cut", "rollback"),
    *("stories", "workflow/doors/aws", "workflow/doors/git", "workflow/engine", "workflow/runs"),
}


@pytest.mark.parametrize(
    ("text", "slow"),
    [
        ("import subprocess\n", True),
        ("pytestmark = pytest.mark.slow\n", True),
        ("pytestmark = [pytest.mark.slow, pytest.mark.timeout(9)]\n", True),
        ("from tests.worlds.workspaces import phasegate\n", True),
        ("from tests.worlds.screen import Screen\n", True),  # by the helper of a helper
        ("from tests.worlds.workspaces import (\n    ROOT,\n    phasegate,\n)\n", True),
        ("from tests.worlds.workspaces import ROOT  # no program\n", False),
        ("from tests.worlds.silence import said\n", False),
        ("@pytest.mark.slow\ndef test_one() -> None: ...\n", False),  # others there may be quick
        ('TEXT = """\n    import subprocess\n"""\n', False),
    ],
)
def test_a_module_is_slow_as_a_whole_by_what_it_takes(text: str, slow: bool, tmp_path: Path) -> None:
    module = tmp_path / "test_some.py"
    module.write_text(text)
    assert is_slow(module) is slow


def test_the_quick_run_holds_something_of_each_room_that_is_not_about_programs() -> None:
    """A helper of many that begins to start programs would take their tests out of the quick run without a word."""
    rooms: dict[str, list[bool]] = {}
    for path in HERE.rglob("test_*.py"):
        rooms.setdefault(path.parent.relative_to(HERE).as_posix(), []).append(is_slow(path))
    assert {room for room, slow in rooms.items() if all(slow)} == ABOUT_PROGRAMS
