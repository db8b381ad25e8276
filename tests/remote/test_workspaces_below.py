"""A team's runbook in a directory of a monorepo: run, hand in, approve, resume, audit, from there and from the top."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.repositories import first_commit
from tests.worlds.workspaces import git

pytestmark = pytest.mark.slow

RUNBOOK = "# Release\n\n- [ ] 1. Build it\n- [ ] 2. Ship it\n"
MINE = "default:\n  operator_may_approve: true\n"


@pytest.fixture
def top(tmp_path: Path) -> Path:
    place = tmp_path / "mono"
    for team in ("ops", "shop"):
        (place / team / ".phasegate").mkdir(parents=True)
        (place / team / "release.md").write_text(RUNBOOK)
        (place / team / "phasegate.yaml").write_text(MINE)
    first_commit(place, "Two teams")
    return place


def typed(place: Path, *words: str, code: int = 0) -> str:
    done = phasegate(place, *words)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def to_the_end(place: Path, *run: str) -> None:
    """Both tasks of the run, every verb typed in this directory."""
    for _ in range(2):
        typed(place, "done", *run, "--no-files")
        waits = re.search(r"approval of ([0-9a-f]{7})", typed(place, "status", *run))
        assert waits is not None
        typed(place, "approve", *run, "--digest", waits[1])
        phasegate(place, "resume", *run)


def audited(place: Path) -> dict[str, tuple[str, int]]:
    """Each run's state and number of findings."""
    found = json.loads(phasegate(place, "audit", "--json").stdout)["runs"]
    return {each["run"].partition("-")[0]: (each["state"], len(each["findings"])) for each in found}


@pytest.mark.parametrize("from_the_top", [False, True], ids=["typed there", "typed at the top"])
def test_a_run_below_goes_from_start_to_audit(top: Path, from_the_top: bool) -> None:
    place, runbook = (top, "ops/release.md") if from_the_top else (top / "ops", "release.md")
    typed(place, "run", runbook, code=3)
    assert not (top / ".phasegate").exists()
    to_the_end(place)
    changed = git(top, "diff", "--name-only", "HEAD~2").split()
    assert changed and all(path.startswith("ops/") for path in changed)
    assert audited(place) == {"release": ("complete", 0)}


def test_commands_that_are_printed_at_the_top_can_be_typed_there(top: Path) -> None:
    said = typed(top, "run", "ops/release.md", code=3)
    command = re.search(r"next: (phasegate .*?) --path", said)
    assert command is not None
    words = command[1].split()
    done = phasegate(top, *words[1:], "--no-files")
    assert done.returncode == 0, done.stderr


def test_two_teams_run_side_by_side_and_are_named_where_nobody_says_which(top: Path) -> None:
    for team in ("ops", "shop"):
        typed(top, "run", f"{team}/release.md", code=3)
    said = typed(top, "status", code=2)
    assert "phasegate -C ops status" in said and "phasegate -C shop status" in said
    run = json.loads(phasegate(top / "shop", "status", "--json").stdout)["run"]
    assert json.loads(phasegate(top, "status", run[:-3], "--json").stdout)["run"] == run  # a prefix, from the top


def test_the_audit_finds_the_runs_of_every_team_and_calls_none_missing(top: Path, tmp_path: Path) -> None:
    for team in ("ops", "shop"):
        typed(top, "run", f"{team}/release.md", code=3)
        to_the_end(top / team)
    git(tmp_path, "clone", "-q", "--bare", str(top), "clone.git")
    for place, runs in ((top, 2), (tmp_path / "clone.git", 2), (top / "ops", 1)):
        found = json.loads(phasegate(place, "audit", "--json").stdout)["runs"]
        assert [(each["state"], each["findings"]) for each in found] == [("complete", [])] * runs, place


def test_a_journal_that_is_gone_is_still_missed_at_the_top_and_below(top: Path, tmp_path: Path) -> None:
    typed(top, "run", "ops/release.md", code=3)
    to_the_end(top / "ops")
    git(top, "rm", "-rq", "ops/.phasegate")
    git(top, "commit", "-qm", "Tidy up")
    git(tmp_path, "clone", "-q", "--bare", str(top), "clone.git")
    for place in (top / "ops", top, tmp_path / "clone.git"):
        done = phasegate(place, "audit", "--json")
        (found,) = json.loads(done.stdout)["runs"]
        assert done.returncode == 1 and found["findings"], place


def test_a_policy_above_that_would_govern_nothing_is_refused(top: Path, tmp_path: Path) -> None:
    (top / "phasegate.yaml").write_text("default:\n  approvers: 2\n")
    git(top, "rm", "-q", "ops/phasegate.yaml")
    git(top, "add", "-A")
    git(top, "commit", "-qm", "One policy")
    said = typed(top / "ops", "run", "release.md", code=2)
    assert "has no phasegate.yaml, and the one at ../phasegate.yaml does not govern it" in said
    assert not list((top / "ops/.phasegate").iterdir())
    typed(top / "shop", "run", "release.md", code=3)  # has its own


def test_two_clones_never_mint_the_same_id(top: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(top), "other")
    (tmp_path / "other/ops/.phasegate").mkdir()
    git(tmp_path / "other", "config", "user.email", "bob@example.com")
    git(tmp_path / "other", "config", "user.name", "Bob")
    ids: list[str] = []
    for place in (top / "ops", tmp_path / "other/ops"):
        typed(place, "run", "release.md", code=3)
        ids.append(json.loads(phasegate(place, "status", "--json").stdout)["run"])
    assert ids[0] != ids[1]
    assert all(re.fullmatch(r"release-\d{8}-\d{6}-[0-9a-f]{8}", each) for each in ids)
