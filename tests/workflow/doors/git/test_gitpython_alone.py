"""GitPython's processes are started without the rest of it, and whoever wants the rest has it whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from state.errors import WorkspaceRefused
from workflow.doors.git.process import GitProcess

ALONE = "from workflow.doors.git.gitpython import git_cmd; loaded = git_cmd(); import sys\n"


def python(program: str, **extra: str) -> str:
    """What a program of its own prints."""
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **extra}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_it_starts_no_git_and_loads_no_model_of_repositories(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    loaded = python(ALONE + "import json; print(json.dumps(sorted(sys.modules)))", GIT_TRACE2_EVENT=str(trace))
    assert not trace.exists()
    assert not {"git", "git.repo", "gitdb", "gitdb.pack"} & set(json.loads(loaded))


def test_it_is_gitpython_that_starts_git() -> None:
    assert "git version" in python(ALONE + "print(loaded.Git('.').execute(['git', '--version']))")
    assert python(ALONE + "print(loaded.__name__, loaded.__file__)") == python(
        "import git.cmd; print('git.cmd', git.cmd.__file__)"
    )


def test_whoever_imports_it_afterwards_has_it_whole() -> None:
    assert python(ALONE + "import git, gitdb; print(git.Repo.__name__, gitdb.IStream.__name__)") == "Repo IStream"


def test_whoever_had_it_before_keeps_it() -> None:
    program = "import git; had = git\n" + ALONE + "print(sys.modules['git'] is had, loaded is git.cmd)"
    assert python(program) == "True True"


def test_a_release_that_wants_more_of_its_package_gets_it(tmp_path: Path) -> None:
    """A package of the same names whose `git.cmd` reads what `git/__init__.py` defines."""
    for name, text in (
        ("git/__init__.py", "made = 'whole'\n"),
        ("git/cmd.py", "from git import made\n"),
        ("gitdb/__init__.py", ""),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert python(ALONE + "print(loaded.made)", PYTHONPATH=str(tmp_path)) == "whole"


def test_without_git_what_writes_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WorkspaceRefused, match="git was not found on PATH"):
        GitProcess(tmp_path).attempt("add", "--", "file")
