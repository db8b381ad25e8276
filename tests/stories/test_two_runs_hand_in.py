"""Two runs of one repository at a time: what one has committed is no work of the other's task."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.workspaces import git

pytestmark = pytest.mark.slow


def test_files_that_another_run_committed_are_neither_asked_for_nor_taken(tmp_path: Path) -> None:
    place = tmp_path / "site"
    place.mkdir()
    git(place, "init", "-q", "-b", "main")
    git(place, "config", "user.name", "Ada")
    git(place, "config", "user.email", "ada@example.com")
    for name in ("first", "second"):
        (place / f"{name}.md").write_text(f"# {name}\n\n- [ ] 1. Do it\n- [ ] 2. Look\n")
    (place / "phasegate.yaml").write_text("default:\n  operator_may_approve: true\n")
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", "Runbooks")
    phasegate(place, "run", "first.md")
    phasegate(place, "run", "second.md")
    first, second = json.loads(phasegate(place, "runs", "--json").stdout)["runs"]

    (place / "theirs.txt").write_text("theirs\n")
    assert phasegate(place, "done", second["run"], "--path", "theirs.txt").returncode == 0
    digest = json.loads(phasegate(place, "status", second["run"], "--json").stdout)["waiting_for"]["digest"]
    assert phasegate(place, "approve", second["run"], "--digest", digest).returncode == 0
    phasegate(place, "resume", second["run"])
    assert "theirs.txt" in git(place, "show", "--stat", "HEAD")

    taken = phasegate(place, "done", first["run"], "--path", "theirs.txt")
    assert taken.returncode == 2
    assert "theirs.txt: was not changed since task 1 began" in taken.stderr
    (place / "ours.txt").write_text("ours\n")
    asked = phasegate(place, "done", first["run"])
    assert asked.returncode == 2
    assert "1 file changed since task 1 began" in asked.stderr
    assert "ours.txt" in asked.stderr
    assert "theirs.txt" not in asked.stderr
    assert "second" not in asked.stderr
    (place / "theirs.txt").write_text("ours by now\n")  # and not committed: it may be this task's
    assert "theirs.txt" in phasegate(place, "done", first["run"]).stderr
    (place / "theirs.txt").write_text("theirs\n")
    assert phasegate(place, "done", first["run"], "--path", "ours.txt").returncode == 0
