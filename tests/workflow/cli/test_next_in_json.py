"""What `--json` says to type is what `next:` prints: with `-C DIR`, quoted, and never nothing after a refusal."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld
from tests.worlds.real_command import PHASEGATE
from workflow.cli.json_lines import JsonLines
from workflow.cli.next_line import LOOK, Standing
from workflow.views.stopped import Stopped


def test_the_next_command_of_json_is_the_one_that_is_printed(tmp_path: Path) -> None:
    (tmp_path / "with blanks").mkdir()
    world = CommandWorld(tmp_path / "with blanks")
    told = subprocess.run(
        [PHASEGATE, "-C", str(world.root), "run", "tasks.md", "--json"], capture_output=True, text=True, check=False
    )
    last = json.loads(told.stdout.splitlines()[-1])
    printed = told.stderr[told.stderr.index("\nnext: ") + 7 :].rstrip("\n")
    assert (told.returncode, last["next"]) == (3, printed)
    assert f"phasegate -C '{world.root}' done {world.run_id} --path FILE" in printed


@pytest.mark.parametrize(
    ("following", "exit_code", "seen"), [("", 5, LOOK), ("", 0, ""), ("git status", 2, "git status")]
)
def test_a_refusal_without_a_command_of_its_own_offers_a_look(
    following: str, exit_code: int, seen: str, capsys: pytest.CaptureFixture[str]
) -> None:
    JsonLines(Standing()).stopped(Stopped("r", exit_code, "t1", "said", following))
    assert json.loads(capsys.readouterr().out)["next"] == seen
