"""A file that is swapped between the look and the read is refused with its place by every command, and is no fault."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from state.errors import WorkspaceRefused
from tests.worlds.command_world import CommandWorld
from tests.worlds.swapped_files import BECOMES
from workflow.service.changed_while_read import as_refusal

VERBS: dict[str, tuple[str, ...]] = {
    "status": ("status",),
    "review": ("status", "--review"),
    "log": ("log",),
    "plan": ("plan", "tasks.md"),
    "audit": ("audit",),
    "resume": ("resume",),
    "note": ("note", "a remark"),
    "reject": ("reject", "--reason", "no"),
}
FILES = ("tasks.md", ".phasegate/RUN/journal.jsonl", ".phasegate/RUN/runbook.md", "phasegate.yaml", "paint.txt")


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> CommandWorld:
    """A run with a policy that waits at the gate of 1.1, to which a file was handed in."""
    world = CommandWorld(tmp_path_factory.mktemp("waiting"))
    (world.root / "phasegate.yaml").write_text("default: {operator_may_approve: true}\n")
    world.git("add", "phasegate.yaml")
    world.git("commit", "-q", "-m", "A policy")
    assert world("run", "tasks.md").code == 3
    (world.root / "paint.txt").write_text("green\n")
    assert world("done", "--path", "paint.txt").code == 0
    return world


@pytest.fixture
def put_back(waiting: CommandWorld, tmp_path: Path) -> Iterator[CommandWorld]:
    kept = tmp_path / "kept"
    shutil.copytree(waiting.root, kept, symlinks=True)
    yield waiting
    shutil.rmtree(waiting.root)
    shutil.copytree(kept, waiting.root, symlinks=True)


@pytest.mark.parametrize("becomes", BECOMES)
@pytest.mark.parametrize("file", FILES)
def test_no_command_calls_it_a_fault(
    put_back: CommandWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: str, becomes: str
) -> None:
    """At each reading of the file it is swapped in the last moment, as by another process."""
    world = put_back
    target = world.root / file.replace("RUN", world.run_id)
    data, swapped_once = target.read_bytes(), tmp_path / "swapped"
    for name in ("read_bytes", "open"):
        read = getattr(Path, name)

        def swapped(self: Path, *given: Any, _read: Callable[..., Any] = read, **named: Any) -> Any:
            if self == target and self.is_file() and not self.is_symlink():
                swapped_once.touch()
                BECOMES[becomes](self)
            return _read(self, *given, **named)

        monkeypatch.setattr(Path, name, swapped)
    for verb in VERBS.values():
        told = world(*verb)
        assert "a fault of phasegate" not in told.error, (verb, told.error)
        assert told.code in (0, 1, 2, 3, 5), (verb, told.error)
        if not target.parent.is_dir():
            target.parent.unlink()
            target.parent.mkdir()
        if target.is_dir() and not target.is_symlink():
            target.rmdir()
        target.unlink(missing_ok=True)
        target.write_bytes(data)
    assert swapped_once.exists()


def test_the_refusal_names_place_and_what_the_system_saw(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a dir").mkdir()
    with pytest.raises(IsADirectoryError) as swapped:
        (tmp_path / "a dir").read_bytes()
    refusal = as_refusal(swapped.value)
    assert isinstance(refusal, WorkspaceRefused)
    assert str(refusal).startswith("a dir became something else while it was read: Is a directory")
    assert refusal.next_command.startswith(f"ls -ld -- '{tmp_path}/a dir'")


@pytest.mark.parametrize("path", ["outside", "tree/.git/config"])
def test_a_file_of_no_working_tree_and_one_of_gits_stay_faults(tmp_path: Path, path: str) -> None:
    (tmp_path / "tree" / ".git").mkdir(parents=True)
    with pytest.raises(FileNotFoundError) as missing:
        (tmp_path / path).read_bytes()
    assert as_refusal(missing.value) is None
    assert as_refusal(OSError(5, os.strerror(5), str(tmp_path / "tree/x"))) is None
