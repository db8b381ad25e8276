"""The command that installs an extra names the environment that runs, and an installer that is there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from state import extras


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment's directory of programs, which lies on no PATH."""
    programs = tmp_path / "my tools" / "bin"
    programs.mkdir(parents=True)
    monkeypatch.setattr(sys, "executable", str(programs / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    return programs


def test_its_own_pip_is_called_by_name_where_the_shell_finds_that_one(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "pip").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(here))
    assert extras.install_extra("web") == "pip install 'phasegate[web]'"


def test_another_environments_pip_is_not_called(here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pip").touch(mode=0o755)
    monkeypatch.setattr(extras, "find_spec", lambda _name: object())
    assert extras.install_extra("web") == f"'{here}/python' -m pip install 'phasegate[web]'"


def test_where_there_is_no_pip_uv_is_called(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda _name: None)
    assert extras.install_extra("web") == f"uv pip install --python '{here}/python' 'phasegate[web]'"
