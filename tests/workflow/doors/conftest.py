"""One small repository, made once and copied for each test; git sees no configuration of this machine."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.worlds.git_world import RUNBOOK, Repo


@pytest.fixture(autouse=True)
def no_git_configuration_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Repo(tmp_path_factory.mktemp("template"))
    made.git("init", "-q", "-b", "main")
    made.git("config", "user.name", "Ada Lovelace")
    made.git("config", "user.email", "ada@example.com")
    made.write(RUNBOOK, "- [ ] 1.1 Begin\n")
    made.write("theirs.txt", "one\n")
    made.write(".gitignore", "*.log\nbuild/\n")
    made.commit_all("Start")
    return made.path


@pytest.fixture
def repo(template: Path, tmp_path: Path) -> Repo:
    shutil.copytree(template, tmp_path / "work")
    return Repo(tmp_path / "work")
