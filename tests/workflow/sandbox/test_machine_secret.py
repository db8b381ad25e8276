"""The secret that snapshots are sealed with: this user's alone, made once, in no repository."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from workflow.sandbox.errors import SandboxRefused
from workflow.sandbox.machine_secret import machine_secret


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "phasegate" / "secret"


def test_it_is_made_once_by_whoever_is_first(state: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _one: machine_secret(), range(32)))
    assert made == {state.read_bytes()}
    assert len(state.read_bytes()) == 32
    assert state.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in state.parent.iterdir()] == ["secret"]


def linked(path: Path) -> None:
    path.rename(path.with_name("kept"))
    path.symlink_to("kept")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.chmod(0o640),
        lambda path: path.write_bytes(b"short"),
        linked,
        lambda path: path.parent.chmod(0o777),
    ],
    ids=["others can read it", "cut off", "a link", "others can write beside it"],
)
def test_one_that_is_not_this_users_alone_is_refused(state: Path, spoil: Callable[[Path], object]) -> None:
    machine_secret()
    spoil(state)
    with pytest.raises(SandboxRefused) as refused:
        machine_secret()
    assert refused.value.next_command


def test_without_a_home_to_write_in_it_is_in_a_directory_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert machine_secret() == machine_secret()
    assert (tmp_path / f"phasegate-{os.getuid()}").stat().st_mode & 0o777 == 0o700
