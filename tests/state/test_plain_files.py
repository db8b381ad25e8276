"""Where something else than a plain file was put: refused at once, and nothing outside is touched."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from state.errors import BadInput, PhasegateError, WorkspaceRefused
from state.files import DRAFT, Disk
from state.find_runs import find_runs, find_unbegun
from state.journal import Journal
from state.outside_file import read_outside
from state.plain_files import open_lock
from state.read_journal import read

PRECIOUS = b"- [ ] precious\n"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A file beside the repository; whatever happens, it stays as it is."""
    (tmp_path / "repository").mkdir()
    (tmp_path / "home").mkdir()
    file = tmp_path / "home" / "notes.txt"
    file.write_bytes(PRECIOUS)
    return file


@pytest.fixture
def root(outside: Path) -> Path:
    return outside.parents[1] / "repository"


def names(place: Path) -> list[str]:
    return sorted(each.name for each in place.iterdir())


def linked_file(root: Path, outside: Path) -> Path:
    (root / "log.md").symlink_to(outside)
    return root / "log.md"


def linked_directory(root: Path, outside: Path) -> Path:
    (root / "logs").symlink_to(outside.parent)
    return root / "logs" / outside.name


def linked_far_above(root: Path, outside: Path) -> Path:
    (root / "a").mkdir()
    (root / "a" / "b").symlink_to("../../home")
    return root / "a" / "b" / outside.name


def link_to_a_link(root: Path, outside: Path) -> Path:
    (root / "first").symlink_to("second")
    (root / "second").symlink_to(outside)
    return root / "first"


LINKS = [linked_file, linked_directory, linked_far_above, link_to_a_link]
WRITES: dict[str, Callable[[Disk, Path], object]] = {
    "replaced": lambda disk, path: disk.write_atomic(path, b"ours"),
    "beside it": lambda disk, path: disk.write_atomic(path.with_name("new.md"), b"ours"),
    "one byte": lambda disk, path: disk.write_byte(path, 3, b"x"),
    "appended": lambda disk, path: Journal.open(path, disk),
    "made": lambda disk, path: disk.create(path),
    "below": lambda disk, path: disk.make_directories(path / "deeper"),
}


@pytest.mark.parametrize(
    ("link", "how"),
    [
        (link, how)
        for link in LINKS
        for how in WRITES
        if how != "beside it" or link not in (linked_file, link_to_a_link)
    ],
    ids=lambda given: given if isinstance(given, str) else given.__name__,
)
def test_no_write_leaves_the_repository_by_a_link(
    root: Path, outside: Path, link: Callable[[Path, Path], Path], how: str
) -> None:
    path = link(root, outside)
    with pytest.raises(WorkspaceRefused, match=r"a symbolic link -> .*nothing was written") as refused:
        WRITES[how](Disk(root), path)
    assert refused.value.next_command.startswith("ls -ld -- ")
    assert outside.read_bytes() == PRECIOUS
    assert names(outside.parent) == [outside.name]


def test_a_dangling_link_makes_nothing_outside(root: Path, outside: Path) -> None:
    (root / "log.md").symlink_to(outside.with_name("made"))
    with pytest.raises(WorkspaceRefused, match=r"log\.md is a symbolic link"):
        Disk(root).write_atomic(root / "log.md", b"ours")
    assert names(outside.parent) == [outside.name]


def test_what_a_person_names_elsewhere_is_written_there(root: Path, outside: Path) -> None:
    (root.parent / "alias").symlink_to(outside.parent)
    Disk(root).write_atomic(root.parent / "alias" / "report.html", b"report")
    assert (outside.parent / "report.html").read_bytes() == b"report"


def test_a_git_directory_of_ones_own_may_be_a_link(root: Path, outside: Path) -> None:
    (root / ".git").symlink_to(outside.parent)
    Disk(root).write_atomic(root / ".git" / "phasegate" / "run-1.holder", b"ours")
    assert (outside.parent / "phasegate" / "run-1.holder").read_bytes() == b"ours"


# drafts


def test_a_link_under_any_name_of_a_draft_is_not_followed(root: Path, outside: Path) -> None:
    links = [f".log.md{DRAFT}", f".log.md.{'0' * 16}{DRAFT}"]
    for name in links:
        (root / name).symlink_to(outside)
    Disk(root).write_atomic(root / "log.md", b"ours")
    assert outside.read_bytes() == PRECIOUS
    assert (root / "log.md").read_bytes() == b"ours"
    assert names(root) == sorted([*links, "log.md"])


def test_even_a_name_that_was_guessed_is_not_followed(
    root: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("state.files._WORD", "0" * 16)
    (root / f".log.md.{'0' * 16}{DRAFT}").symlink_to(outside)
    Disk(root).write_atomic(root / "log.md", b"ours")
    assert outside.read_bytes() == PRECIOUS
    assert (root / "log.md").read_bytes() == b"ours"
    assert not (root / "log.md").is_symlink()


@pytest.mark.slow
def test_a_draft_has_another_name_in_every_process(root: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from state.files import Disk\n"
        "class Looking(Disk):\n"
        "    def _rename(self, source, target): print(source.name, end='')\n"
        "Looking().write_atomic(Path(sys.argv[1]), b'')"
    )
    command = [sys.executable, "-c", code, str(root / "log.md")]
    seen = {subprocess.run(command, capture_output=True, check=True, text=True).stdout for _process in range(2)}
    assert len(seen) == 2
    assert all(re.fullmatch(rf"\.log\.md\.[0-9a-f]{{16}}{re.escape(DRAFT)}", name) for name in seen)


def test_what_dead_writers_left_of_a_file_is_removed_and_nothing_else(root: Path) -> None:
    left = [f".log.md{DRAFT}", f".log.md.{'a' * 16}{DRAFT}"]
    other = [f".tasks.md.{'a' * 16}{DRAFT}", f".log.md.mine{DRAFT}", "log.md.own"]
    for name in [*left, *other]:
        (root / name).write_bytes(b"half")
    disk = Disk(root)
    disk.write_atomic(root / "log.md", b"ours")
    disk.write_atomic(root / "log.md", b"ours again")
    assert names(root) == sorted([*other, "log.md"])


def test_a_draft_is_never_wider_than_its_file(root: Path) -> None:
    modes: list[int] = []

    class Looking(Disk):
        def _write(self, handle: int, data: bytes) -> None:
            modes.append(os.fstat(handle).st_mode & 0o777)
            super()._write(handle, data)

    (root / "secret").write_bytes(b"")
    (root / "secret").chmod(0o600)
    Looking(root).write_atomic(root / "secret", b"ours")
    Looking(root).write_atomic(root / "new", b"ours")
    mask = os.umask(0)
    os.umask(mask)
    assert modes == [0o600, 0o666 & ~mask]


# hard links, FIFOs, devices


def test_a_byte_of_a_file_with_two_names_is_not_changed_and_a_copy_of_its_own_may_be(root: Path, outside: Path) -> None:
    os.link(outside, root / "tasks.md")
    with pytest.raises(WorkspaceRefused, match="has 2 names") as refused:
        Disk(root).write_byte(root / "tasks.md", 3, b"x")
    assert os.system(refused.value.next_command) == 0
    Disk(root).write_byte(root / "tasks.md", 3, b"x")
    assert (root / "tasks.md").read_bytes() == b"- [x] precious\n"
    assert outside.read_bytes() == PRECIOUS


def fifo(path: Path) -> str:
    os.mkfifo(path)
    return "a FIFO"


def device(path: Path) -> str:
    path.symlink_to("/dev/zero")
    return "a character device"


def socket(path: Path) -> str:
    os.mknod(path, 0o140600)
    return "a socket"


@pytest.mark.parametrize("make", [fifo, device, socket], ids=lambda make: make.__name__)
@pytest.mark.parametrize(
    "act",
    [lambda path: read_outside(path, "file", limit=None), read, lambda path: Journal.open(path, Disk())],
    ids=["file", "log", "run"],
)
def test_what_is_no_plain_file_is_refused_and_not_waited_for(
    root: Path, make: Callable[[Path], str], act: Callable[[Path], object]
) -> None:
    kind = make(root / "journal.jsonl")
    with pytest.raises(PhasegateError, match=f"{kind}|a symbolic link") as refused:
        act(root / "journal.jsonl")
    assert refused.value.exit_code == 2
    assert refused.value.next_command


def test_a_run_that_is_a_link_is_refused_and_its_place_is_not_cleared_up(root: Path, outside: Path) -> None:
    (root / ".phasegate").mkdir()
    (outside.parent / "journal.jsonl").write_bytes(b"torn")
    (root / ".phasegate" / "run-1").symlink_to(outside.parent)
    for look in (find_runs, find_unbegun):
        with pytest.raises(WorkspaceRefused, match=r"goes through \.phasegate/run-1, which is a symbolic link"):
            look(root)
    assert names(outside.parent) == ["journal.jsonl", "notes.txt"]


def test_a_journal_that_is_a_fifo_is_refused_by_whoever_looks_for_runs(root: Path) -> None:
    (root / ".phasegate" / "run-1").mkdir(parents=True)
    os.mkfifo(root / ".phasegate" / "run-1" / "journal.jsonl")
    with pytest.raises(BadInput, match="expected a regular file, seen a FIFO"):
        find_runs(root)


def test_a_lock_is_no_way_out_either(root: Path, outside: Path) -> None:
    (root / "start.lock").symlink_to(outside)
    with pytest.raises(WorkspaceRefused, match="is a symbolic link"):
        open_lock(root / "start.lock")
    (root / "own.lock").write_bytes(b"kept")
    for _again in range(2):
        open_lock(root / "own.lock").close()
    assert (root / "own.lock").read_bytes() == b"kept"
