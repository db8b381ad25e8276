"""What a process has read of a journal is not parsed again; what is not the same bytes is never taken for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import pytest

from state import read_journal
from state.errors import JournalDamaged
from state.events import make_event
from state.files import sha256
from state.read_before import ReadBefore
from state.read_journal import FIRST_PREV, Lines, read_pieces

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BY = {"git": "Ada <ada@example.com>", "user": "ada", "host": "here"}
SHA, DIGEST = "c" * 40, "d" * 64
TASK = {"task": "t1", "attempt": 1}
INTENT = ("commit-intended", {**TASK, "message": "One", "approval": DIGEST, "entries": []})
BEGUN = ("task-started", {**TASK, "after": SHA})

Parsed = Callable[[], int]


def journal(run: str = "r", *, storage: int = 2, tasks: int = 3, notes: int = 2) -> list[bytes]:
    """The files of a sound journal: of a run that noted so much at each of so many tasks."""
    start = {
        "run": run,
        "workflow": "w",
        "runbook": "tasks.md",
        "runbook_sha256": DIGEST,
        "plan": DIGEST,
        "branch": "main",
        "base": SHA,
        "sandbox": False,
        "by": BY,
        "tasks": [{"id": "1", "key": "t1", "title": "One"}],
        "storage": storage,
    }
    said: list[tuple[str, dict[str, Any]]] = [("run-started", start), ("task-started", {**TASK, "after": None})]
    for task in range(tasks):
        said += [("noted", {"text": f"note {task}.{note} of {run}", "by": BY}) for note in range(notes)]
        said += [INTENT, BEGUN]
    files, prev = [b""], FIRST_PREV
    for seq, (type_, fields) in enumerate(said):
        line = make_event(seq, AT, type_, fields, prev).to_line()
        if storage == 2 and fields.get("after"):
            files.append(b"")
        files[-1] += line + b"\n"
        prev = sha256(line)
    return files


def places(data: bytes) -> list[int]:
    """Some of its places: beside each end of a line, and here and there."""
    ends = [0, *(at for at, byte in enumerate(data, 1) if byte == ord("\n")), len(data)]
    beside = {end + by for end in ends for by in (-1, 0, 1)}
    return sorted(at for at in beside | set(range(0, len(data), 41)) if 0 <= at <= len(data))


def outcome(found: Sequence[bytes]) -> object:
    """All that is told of a journal with these files, or the refusal."""
    try:
        lines, whole = read_pieces(found, run="R")
    except JournalDamaged as error:
        return str(error), error.next_command
    segments = lines.segments
    told = segments.starts, segments.commit_is_unnamed, segments.are_kept_apart
    return lines.events, lines.last, told, whole


@pytest.fixture
def forget(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """As a process that has read nothing."""

    def act() -> None:
        monkeypatch.setattr(read_journal, "_BEFORE", ReadBefore())

    act()
    return act


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Parsed]:
    """How many lines were parsed since it was asked last."""
    real, count = read_journal.from_line, 0

    def counted(line: bytes) -> object:
        nonlocal count
        count += 1
        return real(line)

    def since() -> int:
        nonlocal count
        said, count = count, 0
        return said

    monkeypatch.setattr(read_journal, "from_line", counted)
    yield since


@pytest.mark.parametrize("storage", [1, 2], ids=["one file", "segments"])
def test_the_same_journal_is_parsed_once(storage: int, forget: Callable[[], None], parsed: Parsed) -> None:
    found = journal(storage=storage)
    first = outcome(found)
    assert parsed() == sum(data.count(b"\n") for data in found)
    assert outcome([bytes(bytearray(data)) for data in found]) == first
    assert parsed() == 0


@pytest.mark.parametrize("storage", [1, 2], ids=["one file", "segments"])
def test_wherever_it_had_ended_going_on_tells_what_a_fresh_look_tells(
    storage: int, forget: Callable[[], None], parsed: Parsed
) -> None:
    """Each length at which it may have been read before: whole lines, torn ones, a file that had no line yet."""
    found = journal(storage=storage)
    forget()
    fresh, all_lines = outcome(found), parsed()
    for number, data in enumerate(found):
        for length in places(data):
            before = [*found[:number], data[:length]]
            forget()
            if isinstance(outcome(before)[0], str):  # type: ignore[index]
                continue  # nothing that a reader of directories would find
            known = parsed()
            assert outcome(found) == fresh
            assert parsed() == all_lines - known


@pytest.mark.parametrize("storage", [1, 2], ids=["one file", "segments"])
def test_one_changed_byte_anywhere_is_refused_as_by_a_fresh_look(storage: int, forget: Callable[[], None]) -> None:
    found = journal(storage=storage, tasks=2, notes=1)
    for number, data in enumerate(found):
        for at in places(data[:-1]):
            changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            damaged = [*found[:number], changed, *found[number + 1 :]]
            forget()
            fresh = outcome(damaged)
            forget()
            outcome(found)
            assert outcome(damaged) == fresh


def test_damage_behind_what_is_known_is_named_by_file_and_line_and_not_kept(forget: Callable[[], None]) -> None:
    found = journal()
    fresh, known = outcome(found), [*found[:-1], b""]
    forget()
    outcome(known)
    with pytest.raises(JournalDamaged, match=r"^R/journal/00/03.jsonl:2: not a JSON line"):
        read_pieces([*found[:-1], found[-1] + b"{]\n"], run="R")
    assert outcome(found) == fresh


@pytest.mark.parametrize(
    "found",
    [journal()[:-1], journal(notes=1), journal("other"), [journal()[0][:40]], [b""], []],
    ids=["shorter", "another journal of the run", "another run", "a torn first line", "empty", "no file"],
)
def test_what_does_not_begin_with_the_same_bytes_is_read_by_itself(
    found: list[bytes], forget: Callable[[], None]
) -> None:
    fresh = outcome(found)
    forget()
    outcome(journal())
    assert outcome(found) == fresh


def test_who_goes_on_from_it_changes_nothing_for_the_next_reader(forget: Callable[[], None]) -> None:
    found = journal()
    fresh = outcome(found)
    lines, _ = read_pieces(found, run="R")
    event = make_event(len(lines.events), AT, "noted", {"text": "mine", "by": BY}, lines.last)
    lines.add(event, event.to_line())
    lines.segments.starts.append(99)
    assert outcome(found) == fresh


def test_no_more_is_kept_than_so_many_journals_and_bytes(parsed: Parsed) -> None:
    journals = [journal(f"r{number}") for number in range(4)]
    size = sum(map(len, journals[0]))
    by_number, by_size, small = (
        ReadBefore[Lines](most=2),
        ReadBefore[Lines](most_bytes=2 * size),
        ReadBefore[Lines](most_bytes=1),
    )
    for kept in (by_number, by_size):
        for found in journals:
            kept.keep(found, len(found[-1]), read_pieces(found, run="R")[0])
        assert [kept.beginning_of(found) is not None for found in journals] == [False, False, True, True]
    for found in journals:
        small.keep(found, len(found[-1]), Lines())
    assert [small.beginning_of(found) is not None for found in journals] == [False, False, False, True]


def test_threads_that_read_at_once_are_told_the_same(forget: Callable[[], None]) -> None:
    journals = [journal(f"r{number}") for number in range(20)]
    fresh = [outcome(found) for found in journals]
    forget()
    seen: list[object] = []
    threads = [Thread(target=lambda: seen.extend(outcome(found) for found in journals)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(repr, seen)) == sorted(map(repr, fresh * 4))
