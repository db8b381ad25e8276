from __future__ import annotations

import os
from pathlib import Path

import pytest

from state.files import Disk, sha256


def test_an_atomic_write_makes_directories_and_leaves_no_draft(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "file.md"
    Disk().write_atomic(target, b"hello")
    assert target.read_bytes() == b"hello"
    assert [path.name for path in target.parent.iterdir()] == ["file.md"]


def test_an_atomic_write_keeps_the_mode(tmp_path: Path) -> None:
    target = tmp_path / "run.sh"
    target.write_bytes(b"old")
    target.chmod(0o750)
    Disk().write_atomic(target, b"new")
    assert target.stat().st_mode & 0o777 == 0o750


def test_a_failing_rename_leaves_the_old_content(tmp_path: Path) -> None:
    class NoRename(Disk):
        def _rename(self, source: Path, target: Path) -> None:
            raise OSError("power cut")

    target = tmp_path / "file"
    target.write_bytes(b"old")
    with pytest.raises(OSError, match="power cut"):
        NoRename().write_atomic(target, b"new")
    assert target.read_bytes() == b"old"
    Disk().write_atomic(target, b"new")  # the draft that was left is no obstacle
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_one_byte_is_one_byte_in_place(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"- [ ] a")
    inode = target.stat().st_ino
    Disk().write_byte(target, 3, b"x")
    assert target.read_bytes() == b"- [x] a"
    assert target.stat().st_ino == inode
    with pytest.raises(ValueError, match="one byte expected, got 2"):
        Disk().write_byte(target, 3, b"xx")


def test_a_short_write_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, bytes(data)[:3]))
    Disk().write_atomic(tmp_path / "file", b"0123456789")
    assert (tmp_path / "file").read_bytes() == b"0123456789"
    assert sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
