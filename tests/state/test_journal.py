from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from state import journal
from state.errors import JournalDamaged, RunHeld
from state.files import Disk
from state.find_runs import find_runs
from state.journal import Journal
from state.read_journal import read

AT = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
BY = {"git": "Ada <ada@example.com>", "user": "ada", "host": "here"}


def write(path: Path, texts: list[str]) -> Path:
    with Journal.create(path, Disk()) as opened:
        for text in texts:
            opened.append("noted", AT, text=text, by=BY)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / ".phasegate" / "run-1" / "journal.jsonl", ["one", "zwei", "三"])


def test_what_was_appended_is_read_back(path: Path) -> None:
    events = read(path)
    assert [event.fields["text"] for event in events] == ["one", "zwei", "三"]
    assert [event.seq for event in events] == [0, 1, 2]
    assert events[0].at == AT.replace(microsecond=678_000)


def test_appending_goes_on_after_reopening(path: Path) -> None:
    with Journal.open(path, Disk()) as opened:
        opened.append("noted", AT, text="four", by=BY)
    assert [event.fields["text"] for event in read(path)] == ["one", "zwei", "三", "four"]


@pytest.mark.parametrize("kept", [0, 1, 40, -1], ids=["nothing", "one byte", "half a line", "all but the line end"])
def test_a_torn_last_line_is_cut_and_said_so(path: Path, kept: int) -> None:
    whole = path.read_bytes()
    torn = whole.splitlines(keepends=True)[-1][: kept or None] if kept else b""
    path.write_bytes(whole + torn)
    assert len(read(path)) == 3
    with Journal.open(path, Disk()) as opened:
        assert opened.cut_bytes == len(torn)
        opened.append("noted", AT, text="after", by=BY)
    assert [event.fields["text"] for event in read(path)] == ["one", "zwei", "三", "after"]


@pytest.mark.parametrize("there", [True, False], ids=["by a copy of it", "by nothing"])
def test_a_journal_that_was_replaced_is_not_written_to(path: Path, there: bool) -> None:
    with Journal.open(path, Disk()) as opened:
        before = path.read_bytes()
        path.unlink()
        if there:
            path.write_bytes(before)
        with pytest.raises(JournalDamaged, match="was replaced or removed while this process held the run") as refused:
            opened.append("noted", AT, text="lost", by=BY)
        assert refused.value.next_command.endswith("phasegate resume run-1   # then")
        assert [event.fields["text"] for event in opened.events] == ["one", "zwei", "三"]
    assert path.exists() is there
    if there:
        assert path.read_bytes() == before
        with Journal.open(path, Disk()) as opened:  # the way on
            opened.append("noted", AT, text="four", by=BY)


def test_a_journal_replaced_while_it_was_being_locked_is_not_opened(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = journal.fcntl.flock

    def replaced_meanwhile(handle: int, operation: int) -> None:
        copy = path.with_suffix(".new")
        copy.write_bytes(path.read_bytes())
        copy.replace(path)
        lock(handle, operation)

    monkeypatch.setattr(journal.fcntl, "flock", replaced_meanwhile)
    with pytest.raises(JournalDamaged, match="was replaced or removed"):
        Journal.open(path, Disk())


def damage(path: Path, kind: str) -> None:
    lines = path.read_bytes().split(b"\n")
    match kind:
        case "a flipped bit":
            lines[1] = lines[1].replace(b"zwei", b"zwej")
        case "a missing line":
            del lines[1]
        case "reordered lines":
            lines[0], lines[1] = lines[1], lines[0]
        case "a newer format":
            lines[1] = lines[1].replace(b'"v":2', b'"v":3')
        case "another format than the first line's":
            lines[1] = lines[1].replace(b'"v":2', b'"v":1')
        case "not JSON":
            lines[1] = b"hello"
        case "an unknown event":
            lines[1] = lines[1].replace(b'"noted"', b'"notes"')
        case "a field gone":
            body = json.loads(lines[1])
            del body["by"]
            lines[1] = json.dumps(body).encode()
    path.write_bytes(b"\n".join(lines))


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("a flipped bit", 3),
        ("a missing line", 2),
        ("reordered lines", 1),
        ("a newer format", 2),
        ("another format than the first line's", 2),
        ("not JSON", 2),
        ("an unknown event", 2),
        ("a field gone", 2),
    ],
)
def test_damage_is_refused_with_its_line(path: Path, kind: str, line: int) -> None:
    damage(path, kind)
    before = path.read_bytes()
    with pytest.raises(JournalDamaged, match=rf"journal\.jsonl:{line}: "):
        Journal.open(path, Disk())
    assert path.read_bytes() == before


def test_an_event_without_its_fields_is_not_written(path: Path) -> None:
    missing = "field `by`: expected an object, seen nothing"
    with Journal.open(path, Disk()) as opened, pytest.raises(ValueError, match=missing):
        opened.append("noted", AT, text="who?")
    assert len(read(path)) == 3


def test_a_second_writer_is_refused_and_told_who_holds_it(path: Path) -> None:
    with Journal.open(path, Disk()), pytest.raises(RunHeld, match="run-1 is held by process 7"):
        Journal.open(path, Disk(), holder="process 7")
    Journal.open(path, Disk()).close()


@pytest.mark.slow
def test_a_lock_dies_with_its_process(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from state.files import Disk; from state.journal import Journal\n"
        "held = Journal.open(Path(sys.argv[1]), Disk()); print('held', flush=True); sys.stdin.read()"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdin is not None
    assert child.stdout.readline() == b"held\n"
    with pytest.raises(RunHeld):
        Journal.open(path, Disk())
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdin.close()
    child.stdout.close()
    Journal.open(path, Disk()).close()


def test_every_append_is_one_sync(tmp_path: Path) -> None:
    class Counting(Disk):
        syncs = 0

        def _sync(self, handle: int) -> None:
            Counting.syncs += 1
            super()._sync(handle)

    with Journal.create(tmp_path / ".phasegate" / "r" / "journal.jsonl", Counting()) as opened:
        Counting.syncs = 0
        opened.append("noted", AT, text="a", by=BY)
        assert Counting.syncs == 1
        opened.append("noted", AT, sync=False, text="b", by=BY)
        assert Counting.syncs == 1


def test_runs_are_found_by_their_journals(path: Path, tmp_path: Path) -> None:
    stillborn = tmp_path / ".phasegate" / "run-0" / "journal.jsonl"
    stillborn.parent.mkdir()
    stillborn.touch()  # died before its first event
    assert find_runs(tmp_path) == ["run-1"]
    assert find_runs(path.parent) == []


HOOKS = {
    "a line": lambda path: path.write_bytes(path.read_bytes() + b"x\n"),
    "another beginning": lambda path: path.write_bytes(b"x" + path.read_bytes()),
    "less of it": lambda path: path.write_bytes(path.read_bytes()[:50]),
    "a copy in its place": lambda path: write(path.parent.with_name("run-2") / path.name, ["one"]).replace(path),
    "nothing in its place": lambda path: path.unlink(),
}


@pytest.mark.parametrize("spoil", HOOKS.values(), ids=HOOKS.keys())
def test_what_a_program_of_ours_wrote_in_it_is_put_back_and_the_lock_stays(
    path: Path, spoil: Callable[[Path], object]
) -> None:
    with Journal.open(path, Disk()) as opened:
        opened.append("noted", AT, text="four", by=BY)
        data = opened.written()
        assert data == path.read_bytes()
        spoil(path)
        with pytest.raises(JournalDamaged):
            opened.written()
        opened.put_back(data)
        assert opened.written() == data
        with pytest.raises(RunHeld):
            Journal.open(path, Disk())
        opened.append("noted", AT, text="five", by=BY)
    assert [event.fields["text"] for event in read(path)] == ["one", "zwei", "三", "four", "five"]
