"""The deployment module, from its first task to its last, and what a clone without phasegate can do with it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from phases.deployment_infra.files import FILES
from phases.deployment_infra.titles import TITLES
from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.module_tests import module_tests_quickly
from tests.worlds.rendered_module import EXAMPLE
from tests.worlds.repositories import first_commit
from tests.worlds.workspaces import git, stop_sandbox

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("make") is None, reason="make not found")]


@pytest.mark.timeout(900)  # 59 gates, and the module's own tests five times
def test_the_demo_writes_the_module_and_a_clone_of_it_passes_its_own_tests(tmp_path: Path) -> None:
    quickly = module_tests_quickly(tmp_path / "parsed")
    done = phasegate(tmp_path, "demo", "--workflow", "deployment-infra", "--yes", "shop", **quickly)
    place = tmp_path / "shop"
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].endswith(": complete, 59 tasks in 59 commits")
    subjects = git(place, "log", "--reverse", "--format=%s").splitlines()[1:]
    assert subjects == [f"deployment-infra task {task}: {title}" for task, title in TITLES.items()]
    assert git(place, "status", "--porcelain") == ""
    assert set(git(place, "ls-files").splitlines()) >= set(FILES)
    audit = phasegate(place, "audit")
    assert (audit.returncode, "findings: none" in audit.stdout) == (0, True), audit.stdout

    git(tmp_path, "clone", "-q", str(place), str(tmp_path / "clone"))
    command = ["make", "test", f"PYTHON={sys.executable}"]
    own = subprocess.run(command, cwd=tmp_path / "clone", capture_output=True, text=True, check=False)
    assert own.returncode == 0, own.stdout
    assert " passed" in own.stdout
    left_out = [line for line in own.stdout.splitlines() if line.startswith("SKIPPED")]
    assert all("not run: PostgreSQL" in line for line in left_out), left_out
    assert git(tmp_path / "clone", "status", "--porcelain") == ""


def test_a_file_that_is_edited_between_two_tasks_stays_and_the_checkpoint_takes_it_in(tmp_path: Path) -> None:
    place = tmp_path / "shop"
    place.mkdir()
    (place / "README.md").write_text("# Shop\n")
    first_commit(place)
    assert phasegate(place, "init", "deployment-infra").returncode == 0
    (place / "answers.yaml").write_text(json.dumps(EXAMPLE))
    git(place, "add", "-A")
    git(place, "commit", "-qm", "A plan")
    answers = str(place / "answers.yaml")
    begun = phasegate(place, "run", "deployment-infra", "--sandbox", "--yes", "--answers", answers, "--until", "2.1")
    assert begun.returncode == 0, begun.stderr
    (path, *_) = [
        each for each in git(place, "show", "--format=", "--name-only", "HEAD").split() if len(FILES.get(each, ())) == 1
    ]
    edited = (place / path).read_bytes() + b"# mine\n"
    (place / path).write_bytes(edited)
    done = phasegate(place, "resume", "--yes", "--until", "2.7")
    assert done.returncode == 0, done.stderr
    assert (place / path).read_bytes() == edited and git(place, "status", "--porcelain") == f" M {path}\n"
    checkpoint = phasegate(place, "resume", "--until", "3")
    assert checkpoint.returncode == 3, checkpoint.stderr  # a person looks at it: `taken in as it was edited`
    assert f"{path}: " in phasegate(place, "status", "--review").stdout
    stop_sandbox(place)
