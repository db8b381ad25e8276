"""A command that `done` was to run and that cannot be run: that is said, with why; nobody takes it for done."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld

pytestmark = pytest.mark.slow

FENCES = """# R

- [ ] 1. Copy it

  ```bash
  cp ... /tmp
  ```

  ```bash
  echo second
  ```
- [ ] 2. Tell
"""
SHELLS = """# R

- [ ] 1. Copy it

  ```bash
  exit 0
  echo not reached
  ```

  <!-- phasegate: same-shell -->

  ```bash
  echo second
  ```
- [ ] 2. Tell
"""
NO_NAME = "command 1: not run: ... is not filled in\n"
NOT_PASSED = "command 2: not run: it goes on in the shell of line 6, which has not passed\n"


@pytest.mark.parametrize(("runbook", "told"), [(FENCES, NO_NAME), (SHELLS, NOT_PASSED)])
@pytest.mark.parametrize("runs", [["--run", "all"], ["--run", "1", "--run", "2"]])
def test_a_command_that_cannot_be_run_is_named_with_why(
    tmp_path: Path, runbook: str, told: str, runs: list[str]
) -> None:
    world = CommandWorld(tmp_path, runbook=runbook.encode())
    assert world("run", "tasks.md").code == 3
    done = world("done", "--no-files", *runs)
    assert done.code == 0
    assert done.error.count(told) == 1
    assert "handed in" in done.out


def test_a_program_that_is_not_here_is_told_at_its_place_and_once(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=FENCES.replace("```bash\n  cp ... /tmp", "```zsh\n  cp a b").encode())
    assert world("run", "tasks.md").code == 3
    done = world("done", "--no-files", "--run", "all")
    assert done.code == 0
    assert done.error.count("zsh is not found") == 1
