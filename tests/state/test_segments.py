"""Journals that are kept in segments: which file a line belongs into, how files are begun, and what is damage."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from state.errors import JournalDamaged, RunHeld, WorkspaceRefused
from state.files import Disk
from state.journal import Journal
from state.read_journal import newest_file, read
from state.segments import segment_name, segment_number
from tests.worlds.journals import journal_bytes, journal_files

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BY = {"git": "Ada <ada@example.com>", "user": "ada", "host": "here"}
SHA, DIGEST = "c" * 40, "d" * 64
Said = tuple[str, dict[str, Any]]

START: Said = (
    "run-started",
    {
        "run": "r",
        "workflow": "w",
        "runbook": "tasks.md",
        "runbook_sha256": DIGEST,
        "plan": DIGEST,
        "branch": "main",
        "base": SHA,
        "sandbox": False,
        "by": BY,
        "tasks": [{"id": "1", "key": "t1", "title": "One"}],
        "storage": 2,
    },
)
INTENT: Said = (
    "commit-intended",
    {"task": "t1", "attempt": 1, "message": "One", "approval": DIGEST, "entries": []},
)
REFUSED: Said = ("commit-refused", {"task": "t1", "attempt": 1, "reason": "no"})
NOTE: Said = ("noted", {"text": "hm", "by": BY})


def begun(after: str | None = SHA) -> Said:
    return "task-started", {"task": "t1", "attempt": 1, "after": after}


def after_commit(said: Said) -> Said:
    return said[0], {**said[1], "after": SHA}


def in_segments(number: int) -> list[Said]:
    """A run whose journal has so many files, the last one begun."""
    return [START, begun(None), *[each for _ in range(number - 1) for each in (INTENT, begun())]]


def write(journal: Journal, said: Sequence[Said], **given: Any) -> None:
    for type_, fields in said:
        journal.append(type_, AT, **given, **fields)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".phasegate" / "run-1" / "journal.jsonl"


@pytest.fixture
def three(path: Path) -> Path:
    with Journal.create(path, Disk()) as journal:
        write(journal, in_segments(3))
    return path


def lines(path: Path) -> list[int]:
    """How many lines each file of the journal has."""
    return [each.read_bytes().count(b"\n") for each in journal_files(path)]


def test_a_segment_has_its_name_and_no_other_name_is_one() -> None:
    for number in (0, 1, 99, 100, 1234, 9_999, 10_000, 123_456):
        assert segment_number(segment_name(number)) == number
    assert [segment_name(number) for number in (0, 1, 1234)] == [
        "journal.jsonl",
        "journal/00/01.jsonl",
        "journal/12/34.jsonl",
    ]
    for name in ("journal/00/00.jsonl", "journal/000/01.jsonl", "journal/00/1.jsonl", "journal/0/01.jsonl", "x"):
        assert segment_number(name) is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([START, begun(None), INTENT, begun()], [3, 1]),
        ([START, begun(None), INTENT, REFUSED, INTENT, begun()], [5, 1]),
        ([START, begun(None), INTENT, REFUSED, NOTE], [5]),
        ([START, begun(None), INTENT, after_commit(NOTE), NOTE, begun()], [3, 3]),
        ([START, begun(None), INTENT, ("aborted", {"reason": "x", "by": BY, "after": SHA})], [3, 1]),
        ([START, begun(None), INTENT, ("aborted", {"reason": "x", "by": BY, "after": None})], [4]),
        ([(START[0], {**START[1], "storage": 1}), begun(None), INTENT, begun()], [4]),
        ([(START[0], {name: value for name, value in START[1].items() if name != "storage"}), INTENT, begun()], [3]),
    ],
    ids=[
        "a task",
        "a task behind a refused commit",
        "a note behind a refused commit begins none",
        "a note",
        "an end",
        "an end that names no commit begins none",
        "one file",
        "one file, where nothing is said",
    ],
)
def test_the_first_event_behind_a_commit_begins_a_file_and_no_other_does(
    path: Path, said: Sequence[Said], expected: list[int]
) -> None:
    with Journal.create(path, Disk()) as journal:
        write(journal, said)
    assert lines(path) == expected
    assert [event.type for event in read(path)] == [type_ for type_, _ in said]
    with Journal.open(path, Disk()) as journal:
        assert journal.segments.last == len(expected) - 1


def test_a_hundred_files_are_in_a_directory(path: Path) -> None:
    with Journal.create(path, Disk()) as journal:
        write(journal, in_segments(102), sync=False)
    names = [each.relative_to(path.parent).as_posix() for each in journal_files(path)]
    assert names[99:] == ["journal/00/99.jsonl", "journal/01/00.jsonl", "journal/01/01.jsonl"]
    assert newest_file(path) == path.parent / "journal/01/01.jsonl"
    assert len(read(path)) == 2 + 2 * 101


class Watched(Disk):
    """Tells what is made and synced, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def _make_directory(self, path: Path) -> None:
        super()._make_directory(path)
        self.told.append(f"make {path.name}")

    def create(self, path: Path) -> int:
        self.told.append(f"create {path.name}")
        return super().create(path)

    def _write(self, handle: int, data: bytes) -> None:
        self.told.append(f"write {Path(f'/proc/self/fd/{handle}').readlink().name}")
        super()._write(handle, data)

    def _sync(self, handle: int) -> None:
        self.told.append(f"sync {Path(f'/proc/self/fd/{handle}').readlink().name}")


def test_every_name_is_synced_before_what_stands_in_it(path: Path) -> None:
    disk = Watched()
    with Journal.create(path, disk) as journal:
        write(journal, [*in_segments(1), INTENT])
        disk.told.clear()
        write(journal, [begun()])
        first, disk.told = disk.told, []
        write(journal, [INTENT])
        disk.told.clear()
        write(journal, [begun()])
    names = ["make journal", "sync run-1", "make 00", "sync journal", "create 01.jsonl", "sync run-1", "sync journal"]
    assert first == [*names, "sync 00", "write 01.jsonl", "sync 01.jsonl"]
    assert disk.told == ["create 02.jsonl", "sync 00", "write 02.jsonl", "sync 02.jsonl"]


LEFT: dict[str, Callable[[Path], object]] = {
    "a directory": lambda last: last.unlink(),
    "an empty file": lambda last: last.write_bytes(b""),
    "a torn line": lambda last: last.write_bytes(last.read_bytes()[:40]),
}


@pytest.mark.parametrize("leave", LEFT.values(), ids=LEFT.keys())
def test_what_a_process_left_that_died_while_it_began_a_file_is_gone_on_with(
    path: Path, leave: Callable[[Path], object]
) -> None:
    with Journal.create(path, Disk()) as journal:
        write(journal, in_segments(2))
    expected = journal_bytes(path)
    last = path.parent / "journal/00/01.jsonl"
    leave(last)
    left = last.stat().st_size if last.exists() else 0
    assert len(read(path)) == 3
    with Journal.open(path, Disk()) as journal:
        assert (journal.cut_bytes, journal.segments.last, len(journal.events)) == (left, 0, 3)
        assert not last.exists() or last.stat().st_size == 0
        write(journal, [begun()])
    assert journal_bytes(path) == expected


def test_a_whole_line_in_the_file_that_is_to_be_begun_is_refused_and_stays(path: Path) -> None:
    with Journal.create(path, Disk()) as journal:
        write(journal, [START, begun(None), INTENT])
        put = path.parent / "journal/00/01.jsonl"
        put.parent.mkdir(parents=True)
        put.write_bytes(b"{}\n")
        with pytest.raises(JournalDamaged, match=r"00/01\.jsonl is there before its segment was begun"):
            write(journal, [begun()])
    assert (put.read_bytes(), lines(path)) == (b"{}\n", [3, 1])


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "one is missing": (lambda run: (run / "journal/00/01.jsonl").unlink(), "journal/00/01.jsonl is not there, and"),
    "one is empty": (
        lambda run: (run / "journal/00/01.jsonl").write_bytes(b""),
        "journal/00/01.jsonl: it is empty, and",
    ),
    "one is torn": (lambda run: cut(run / "journal/00/01.jsonl"), "journal/00/01.jsonl: its last line is torn, and"),
    "the first is torn": (lambda run: cut(run / "journal.jsonl"), "journal.jsonl: its last line is torn, and"),
    "one is there twice": (
        lambda run: (run / "journal/00/03.jsonl").write_bytes((run / "journal/00/02.jsonl").read_bytes()),
        "journal/00/03.jsonl:1: seq is 5, expected 6",
    ),
    "a line is in the file before": (
        lambda run: glue(run, 0, 1),
        "journal.jsonl:4: task-started belongs into journal/00/01",
    ),
    "a line is in the next file": (
        lambda run: part(run),
        "journal/00/03.jsonl:1: noted belongs into journal/00/02.jsonl",
    ),
}


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def glue(run: Path, first: int, second: int) -> None:
    """Two files as one, and the numbers of the later ones lowered."""
    files = journal_files(run / "journal.jsonl")
    files[first].write_bytes(files[first].read_bytes() + files[second].read_bytes())
    for before, after in zip(files[second:], files[second + 1 :], strict=False):
        after.rename(before)


def part(run: Path) -> None:
    """The last line of the last file in a file of its own."""
    last = journal_files(run / "journal.jsonl")[-1]
    with Journal.open(run / "journal.jsonl", Disk()) as journal:
        write(journal, [NOTE])
    *kept, moved = last.read_bytes().splitlines(keepends=True)
    last.write_bytes(b"".join(kept))
    last.with_name("03.jsonl").write_bytes(moved)


@pytest.mark.parametrize(("spoil", "said"), DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_is_refused_with_its_file_and_nothing_is_overwritten(
    three: Path, spoil: Callable[[Path], object], said: str
) -> None:
    spoil(three.parent)
    before = {each: each.read_bytes() for each in journal_files(three) if each.exists()}
    for reads in (read, lambda path: Journal.open(path, Disk())):
        with pytest.raises(JournalDamaged) as refused:
            reads(three)
        assert f".phasegate/run-1/{said}" in refused.value.message
    assert {each: each.read_bytes() for each in journal_files(three)} == before


def test_a_torn_last_line_of_the_last_file_is_cut_off(three: Path) -> None:
    whole = journal_bytes(three)
    with newest_file(three).open("ab") as last:
        last.write(b'{"v":2')
    assert len(read(three)) == 6
    with Journal.open(three, Disk()) as journal:
        assert journal.cut_bytes == 6
    assert journal_bytes(three) == whole


def test_files_that_are_no_segments_are_left_alone(three: Path) -> None:
    for name in ("journal/notes.txt", "journal/00/4.jsonl", "journal/0/04.jsonl"):
        (three.parent / name).parent.mkdir(exist_ok=True)
        (three.parent / name).write_text("theirs")
    assert len(read(three)) == 6


@pytest.mark.parametrize("name", ["journal/00/01.jsonl", "journal/00", "journal"])
def test_nothing_is_read_or_written_through_a_link(three: Path, tmp_path: Path, name: str) -> None:
    (three.parent / name).rename(tmp_path / "aside")
    (three.parent / name).symlink_to(tmp_path / "aside")
    for reads in (read, lambda path: Journal.open(path, Disk())):
        with pytest.raises((WorkspaceRefused, JournalDamaged)):
            reads(three)


def test_a_kind_of_storage_that_is_not_known_is_refused(path: Path) -> None:
    with Journal.create(path, Disk()) as journal, pytest.raises(ValueError, match="field `storage`: expected 1 or 2"):
        write(journal, [(START[0], {**START[1], "storage": 3})])


@pytest.mark.parametrize("name", ["journal.jsonl", "journal/00/02.jsonl"])
def test_neither_the_lock_nor_the_open_file_may_be_another_one(three: Path, name: str) -> None:
    with Journal.open(three, Disk()) as journal:
        file = three.parent / name
        copy = file.with_suffix(".new")
        copy.write_bytes(file.read_bytes())
        copy.replace(file)
        with pytest.raises(JournalDamaged, match=f"{name} was replaced or removed while this process held the run"):
            write(journal, [NOTE])
    assert len(read(three)) == 6


def test_the_lock_is_on_the_first_file_whichever_is_open(three: Path) -> None:
    with Journal.open(three, Disk()) as journal:
        write(journal, [INTENT, begun()])
        with pytest.raises(RunHeld):
            Journal.open(three, Disk())


@pytest.fixture
def released(three: Path) -> Iterator[tuple[Path, Journal, list[str]]]:
    told: list[str] = []
    with Journal.open(three, Disk()) as journal:
        journal.listener = lambda event: told.append(event.type)
        yield three, journal, told


def test_what_another_process_wrote_in_further_files_is_read(released: tuple[Path, Journal, list[str]]) -> None:
    path, journal, told = released
    with journal.released() as written:
        assert not written()
        with Journal.open(path, Disk()) as other:
            write(other, [INTENT, begun(), INTENT, begun()])
        assert written()
    assert told == ["commit-intended", "task-started"] * 2
    write(journal, [INTENT, begun()])
    assert lines(path) == [3, 2, 2, 2, 2, 1]
    assert [event.seq for event in read(path)] == list(range(12))


def test_what_another_process_wrote_in_the_open_file_is_read(released: tuple[Path, Journal, list[str]]) -> None:
    path, journal, told = released
    with journal.released(), Journal.open(path, Disk()) as other:
        write(other, [NOTE])
        with newest_file(path).open("ab") as torn:
            torn.write(b"{")
    assert told == ["noted"]
    write(journal, [NOTE])
    assert lines(path) == [3, 2, 3]


def test_a_change_of_the_open_file_while_a_question_stood_is_refused(released: tuple[Path, Journal, list[str]]) -> None:
    path, journal, _told = released
    said = r"journal/00/02\.jsonl was changed while a question stood"
    with pytest.raises(JournalDamaged, match=said), journal.released():
        newest_file(path).write_bytes(b"{}\n")


HOOKS: dict[str, Callable[[Path], object]] = {
    "a line in the open file": lambda path: newest_file(path).write_bytes(newest_file(path).read_bytes() + b"x\n"),
    "less of the open file": lambda path: newest_file(path).write_bytes(b"{"),
    "a copy in the place of the open file": lambda path: another(newest_file(path)),
    "a line in the first file": lambda path: path.write_bytes(path.read_bytes() + b"x\n"),
    "a copy in the place of the first file": lambda path: another(path),
    "no first file": lambda path: path.unlink(),
}


def another(path: Path) -> None:
    copy = path.with_suffix(".new")
    copy.write_bytes(b"{}\n")
    copy.replace(path)


@pytest.mark.parametrize("spoil", HOOKS.values(), ids=HOOKS.keys())
def test_what_a_program_of_ours_wrote_in_it_is_put_back_and_the_lock_stays(
    three: Path, spoil: Callable[[Path], object]
) -> None:
    whole = journal_bytes(three)
    with Journal.open(three, Disk()) as journal:
        data = journal.written()
        spoil(three)
        journal.put_back(data)
        assert journal_bytes(three) == whole
        with pytest.raises(RunHeld):
            Journal.open(three, Disk())
        write(journal, [NOTE])
    assert len(read(three)) == 7
