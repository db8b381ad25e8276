"""A disk that takes no more: the command stops cleanly, says what to do, and resume goes on from there."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from state.files import DRAFT, Disk
from tests.worlds.command_world import YES, CommandWorld
from tests.worlds.journals import last_file
from tests.worlds.processes import PHASEGATE, begin, ended

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    return CommandWorld(tmp_path)


class BadDisk(Disk):
    """Serves so many writes, syncs and renames, then no more; the write that fails leaves half of its bytes."""

    def __init__(self, number: int, after: int) -> None:
        self.number, self.left = number, after

    def _count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise OSError(self.number, os.strerror(self.number))

    def _write(self, handle: int, data: bytes) -> None:
        try:
            self._count()
        except OSError:
            super()._write(handle, data[: len(data) // 2])
            raise
        super()._write(handle, data)

    def _sync(self, handle: int) -> None:
        self._count()
        super()._sync(handle)

    def _rename(self, source: Path, target: Path) -> None:
        self._count()
        super()._rename(source, target)


@pytest.mark.parametrize(
    ("number", "said", "next_command"),
    [
        (errno.ENOSPC, "No space left on device", "df -h ."),
        (errno.EROFS, "Read-only file system", "mount"),
        (errno.EACCES, "Permission denied", "id"),
        (errno.EIO, "Input/output error", "dmesg"),
    ],
    ids=["full", "read-only", "not ours", "failing"],
)
def test_wherever_the_disk_refuses_the_command_stops_cleanly_and_resume_goes_on(
    world: CommandWorld, monkeypatch: pytest.MonkeyPatch, number: int, said: str, next_command: str
) -> None:
    refusals, after, verb = 0, 0, ["run", "tasks.md", *YES]
    while True:
        disk = BadDisk(number, after)
        monkeypatch.setattr("workflow.service.open_run.Disk", lambda _within, disk=disk: disk)
        monkeypatch.setattr("workflow.service.doors.Disk", lambda _within, disk=disk: disk)
        told = world(*verb)
        if told.code == 0:
            break
        refusals += 1
        assert told.code == 5, told.error
        refused = re.search(
            rf"^phasegate: the disk refused a write: (/.*): {re.escape(said)}$", told.error, re.MULTILINE
        )
        assert refused, told.error
        assert Path(refused[1]).is_relative_to(world.root)
        assert [path for path in world.root.rglob("*") if path.name.endswith(DRAFT)] == []
        assert told.next == next_command
        after += 1
        if verb[0] == "run" and world("status").code == 0:
            verb = ["resume", "--yes", "--practice"]
    assert refusals > 5
    world.goes_on_to_the_end()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of half a megabyte; only root can mount one."""
    mounted = tmp_path / "small"
    mounted.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "none", str(mounted)], capture_output=True)
    if made.returncode != 0:
        pytest.skip(f"cannot mount: {made.stderr.decode().strip()}")
    try:
        yield mounted
    finally:
        subprocess.run(["umount", str(mounted)], check=True)


def fill(disk: Path, leave: int) -> Path:
    """Leave so many bytes free."""
    room = shutil.disk_usage(disk).free
    (disk / "filler").write_bytes(b"x" * (room - leave))
    return disk / "filler"


@pytest.mark.parametrize("leave", [0, 4096, 12288, 24576], ids=lambda leave: f"{leave // 4096} pages left")
def test_a_disk_that_is_really_full_is_said_and_waits_for_room(small_disk: Path, leave: int) -> None:
    world = CommandWorld(small_disk)
    world.up_to("1.1")
    filler = fill(small_disk, leave)
    code, error, _ = ended(begin(world.root, "resume", "--yes", "--practice"))
    assert code == 5, error
    assert "No space left on device" in error or "Out of diskspace" in error  # the second is what git says
    assert f"the disk refused a write: {small_disk}/" in error or "git " in error, error
    assert "\nnext: " in error
    assert "Traceback" not in error
    filler.unlink()
    world.goes_on_to_the_end()


def test_a_read_only_file_system_is_said_and_reading_goes_on(small_disk: Path) -> None:
    world = CommandWorld(small_disk)
    world.up_to("1.1")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    before = world.files()
    for verb in (["resume", "--yes", "--practice"], ["note", "hm"], ["run", "tasks.md"]):
        told = world(*verb)
        assert told.code == 5, told.error
        assert "the disk refused a write: " in told.error
        assert ": Read-only file system" in told.error
        assert told.next == "mount"
    assert world("status").code == 0
    assert world("log").code == 0
    assert world.files() == before
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    world.goes_on_to_the_end()


def test_a_limit_on_file_sizes_is_said(world: CommandWorld) -> None:
    world.up_to("1.1")
    command = [*PHASEGATE, "-C", str(world.root), "resume", "--yes", "--practice"]
    done = subprocess.run(["sh", "-c", 'ulimit -f 2; exec "$@"', "sh", *command], capture_output=True, text=True)
    assert done.returncode == 5, done.stderr
    refused = f"the disk refused a write: {last_file(world.journal)}: File too large"
    assert f"{refused}\nnext: ulimit -f   # lift the limit" in done.stderr
    told = world.goes_on_to_the_end()
    assert "of a torn last line off" in told.error


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_that_is_not_ours_is_said(world: CommandWorld) -> None:
    world.up_to("1.1")
    for path in (world.journal, world.journal.parent):
        path.chmod(0o500)
    told = world("resume", "--yes", "--practice")
    assert told.code == 5
    assert f"the disk refused a write: {world.journal}: Permission denied" in told.error
    for path in (world.journal.parent, world.journal):
        path.chmod(0o700)
    world.goes_on_to_the_end()
