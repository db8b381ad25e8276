"""An answer that was taken back counts for nothing any more, whichever process comes next."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld

pytestmark = pytest.mark.slow

RUNBOOK = (
    b"# Cut\n\n## One\n\n```sh\necho promoting <endpoint> >> ran.log\n```\n\n- [ ] Promoted\n\n## Two\n\n- [ ] Done\n"
)
DONE = ("done", "--no-files", "--run", "1", "--box", "1=yes")


@pytest.mark.parametrize("shown", [True, False], ids=["waits for approval", "had failed"])
def test_a_value_that_was_taken_back_is_asked_for_again(tmp_path: Path, *, shown: bool) -> None:
    root = tmp_path / "place"
    root.mkdir()
    world = CommandWorld(root, runbook=RUNBOOK)
    (world.root / ".git/info/exclude").write_text("ran.log\n")
    wrong, right = tmp_path / "wrong.yaml", tmp_path / "right.yaml"
    wrong.write_text("fill-endpoint: wrong-db\n")
    right.write_text("fill-endpoint: right-db\n")
    assert world("run", "tasks.md").code == 3
    first = DONE if shown else (*DONE[:-1], "1=no")
    assert world(*first, "--answers", str(wrong)).code == (0 if shown else 5)
    assert world("resume", "--ask-again", "fill-endpoint").code == 3
    refused = world(*DONE)
    assert refused.code == 3
    assert "fill-endpoint: What is <endpoint>?" in refused.error
    assert "--answers" in refused.error
    assert (world.root / "ran.log").read_text() == "promoting wrong-db\n"
    assert world(*DONE, "--answers", str(right)).code == 0
    assert (world.root / "ran.log").read_text() == "promoting wrong-db\npromoting right-db\n"
    (run,) = json.loads(world("audit", "--json").out)["runs"]
    assert run["findings"] == []
