"""The log in columns: a task's name has room, so that what stands behind it begins in one column in each line."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.worlds.command_world import CommandWorld

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("title", "column"), [("T-0", 13), ("Roll back (only if no-go)", 29), ("\u969c\u5bb3\u4e00\u89a7\u3092\u78ba", 16)]
)
def test_what_happened_begins_in_one_column(title: str, column: int, tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=f"# Cut\n\n## A\n\n- [ ] one\n\n## {title}\n\n- [ ] two\n".encode())
    assert world("run", "tasks.md").code == 3
    assert world("note", "seen").code == 0
    lines = [line for line in world("log").out.splitlines() if "#1 " in line or "noted" in line]
    assert lines
    begins = {cell_len(line[: line.index("Ada")]) for line in lines if "Ada" in line}
    begins |= {cell_len(line[: line.index("after ")]) for line in lines if "after " in line}
    assert begins == {26 + 17 + column}, world("log").out
