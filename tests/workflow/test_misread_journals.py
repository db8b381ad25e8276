"""One field of one line is not what it must be, and the chain was made to fit: every command says where, none falls."""

from __future__ import annotations

import copy
import json
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from state.errors import JournalDamaged
from state.files import sha256
from state.fold import fold
from state.read_journal import parse, read
from tests.worlds.journals import journal_bytes, write_journal
from workflow.cli.main import run
from workflow.views.log import LogEntry
from workflow.views.status_of_run import status_view

SHED = """# Paint the shed

- [ ] 1. Choose a colour
  - run `true`
  - **COMMIT**: Commit with message "shed 1: colour"
- [ ] 2. Buy the paint
- [ ]* 3. Paint the door
"""
READING = (
    ["status"],
    ["status", "--json"],
    ["status", "--review"],
    ["log"],
    ["log", "--json"],
    ["plan", "shed.md"],
    ["audit"],
)
SAYING = (
    ["resume"],
    ["approve", "--digest", "DIGEST"],
    ["reject", "--reason", "no"],
    ["note", "a remark"],
    ["done", "--no-files"],
    ["rollback", "--reason", "it leaks"],
    ["abort", "--reason", "enough"],
)
DOCUMENTED = {0, 1, 2, 3, 4, 5, 6}  # docs/exit-codes.md
WRONG: list[Any] = [None, True, False, 0, 1, -1, 7.5, 10**30, "", "x", "\0", "x" * 5000, [], [None], [[]], {}, {"a": 1}]


def chained(events: list[dict[str, Any]]) -> bytes:
    """These events, as a chain that holds."""
    prev, lines = "0" * 64, []
    for event in events:
        body = {name: value for name, value in event.items() if name != "prev"}
        lines.append(json.dumps({**body, "prev": prev}, ensure_ascii=False, separators=(",", ":")).encode())
        prev = sha256(lines[-1])
    return b"".join(line + b"\n" for line in lines)


class Place:
    """A repository with a run in it, which is put back after each try."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self._kept, self._capsys, self._monkeypatch = root / "r", root / "kept", capsys, monkeypatch
        self.root.mkdir()
        for name, value in (
            ("HOME", str(root)),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_SYSTEM", "/dev/null"),
        ):
            monkeypatch.setenv(name, value)
        self.git("init", "-q", "-b", "main", "--template=")  # no samples of hooks: it is copied often
        (self.root / "shed.md").write_text(SHED)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "Start")

    def git(self, *words: str) -> None:
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
        subprocess.run(["git", "-C", str(self.root), *who, *words], check=True, capture_output=True)

    def says(self, *words: str, by: str = "Ada") -> tuple[int, str]:
        """Exit code, and everything that was printed."""
        for role in ("AUTHOR", "COMMITTER"):
            self._monkeypatch.setenv(f"GIT_{role}_NAME", by)
            self._monkeypatch.setenv(f"GIT_{role}_EMAIL", f"{by.lower()}@example.com")
        code = run(["-C", str(self.root), *words])
        said = self._capsys.readouterr()
        return code, said.out + said.err

    @property
    def journal(self) -> Path:
        (found,) = self.root.glob(".phasegate/*/journal.jsonl")
        return found

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in journal_bytes(self.journal).decode().splitlines()]

    @property
    def digest(self) -> str:
        return str(next(e["request"]["digest"] for e in reversed(self.events) if e["type"] == "worked"))

    def passes(self) -> None:
        """Ada hands in what she did, Bob approves it, and it is committed."""
        assert self.says("done", "--no-files", "--run", "all")[0] == 0
        assert self.says("approve", "--digest", self.digest, "--comment", "fine", by="Bob")[0] == 0
        assert self.says("resume")[0] == 3

    def keep(self) -> None:
        shutil.copytree(self.root, self._kept, symlinks=True)

    def put_back(self) -> None:
        shutil.rmtree(self.root)
        shutil.copytree(self._kept, self.root, symlinks=True)

    def write(self, events: list[dict[str, Any]]) -> None:
        write_journal(self.journal, events)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Place]:
    yield Place(tmp_path, monkeypatch, capsys)


def waiting(place: Place) -> None:
    """One task is committed, one was rejected, noted about, and waits again."""
    assert place.says("run", "shed.md")[0] == 3
    place.passes()
    assert place.says("done", "--no-files")[0] == 0
    assert place.says("reject", "--reason", "too little", by="Bob")[0] == 0
    assert place.says("note", "more paint came")[0] == 0
    assert place.says("done", "--no-files")[0] == 0


def turned_back(place: Place) -> None:
    """One task is committed, and the run is on its way back."""
    assert place.says("run", "shed.md")[0] == 3
    place.passes()
    assert place.says("rollback", "--reason", "it leaks")[0] == 3


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every value inside of this one."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        yield (*path, name)
        yield from places(inner, (*path, name))


def mutated(events: list[dict[str, Any]], chance: random.Random) -> tuple[list[dict[str, Any]], str]:
    """These events with one field replaced, removed or added, and which one."""
    changed = copy.deepcopy(events)
    line = chance.randrange(len(changed))
    path = chance.choice(list(places(changed[line])))
    inside = changed[line]
    for name in path[:-1]:
        inside = inside[name]
    what = chance.choice(["replaced", "replaced", "replaced", "removed", "added"])
    if what == "removed":
        del inside[path[-1]]
    elif what == "added" and isinstance(inside, dict):
        inside["unheard-of"] = chance.choice(WRONG)
    else:
        inside[path[-1]] = chance.choice(WRONG)
    return changed, f"line {line + 1}, {changed[line].get('type')}, {path} {what}: {str(inside)[:120]}"


def tried(number: int, *, damaged: bool) -> list[list[str]]:
    """The commands that this mutation is tried with, in turns: each of them sees dozens of both kinds.

    A line that is refused is refused in one place, before a command differs from others; of those that are read each
    is read by everybody, and what changes something does so in a copy of its own, which costs most.
    """
    others = [words for words in (*READING, *SAYING) if words != ["audit"]]
    turn = [SAYING[(number + at * 2) % len(SAYING)] for at in range(3)]
    return [["audit"], *(others[(number * 4 + at) % len(others)] for at in range(4))] if damaged else [*READING, *turn]


@pytest.mark.slow
@pytest.mark.parametrize(("begin", "many"), [(waiting, 200), (turned_back, 100)])
def test_every_command_says_where_and_none_falls(place: Place, begin: Any, many: int) -> None:
    begin(place)
    digest, events = place.digest, place.events
    place.keep()
    chance, faults = random.Random(6), []
    for number in range(many):
        changed, what = mutated(events, chance)
        place.write(changed)
        found = damage(place)
        for words in tried(number, damaged=bool(found)):
            code, said = place.says(*(digest if word == "DIGEST" else word for word in words), by="Bob")
            named = not found or words[0] == "plan" or (code == 1 and found in said)  # plan reads no journal
            if code not in DOCUMENTED or "fault of phasegate" in said or "Traceback" in said or not named:
                faults.append(f"{number}: {what}\n  {' '.join(words)}: exit {code}: {said[-400:]}")
            if words in SAYING and not found:
                place.put_back()
                place.write(changed)
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults[:20])


def damage(place: Place) -> str:
    """What reading refuses of the journal, or ""."""
    try:
        read(place.journal)
    except JournalDamaged as error:
        where = error.message.partition(f".phasegate/{place.journal.parent.name}/")[2]
        assert re.match(r"journal(/\d\d/\d\d)?\.jsonl:\d+: ", where), error.message
        return where
    return ""


GOLDEN = sorted((Path(__file__).parents[1] / "golden/v1").glob("*.jsonl"))


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda path: path.stem)
def test_a_mutated_journal_of_any_kind_is_read_or_refused_with_its_line(golden: Path) -> None:
    events = [json.loads(line) for line in golden.read_bytes().split(b"\n")[:-1]]
    chance, refused = random.Random(5), 0
    for _ in range(60):
        changed, what = mutated(events, chance)
        try:
            read, _whole = parse(chained(changed))
            run_state = fold(read)
            assert (
                run_state.last_task and [LogEntry(event).text() for event in read] and status_view(run_state).to_json()
            ), what
        except JournalDamaged as error:
            assert re.match(r"journal\.jsonl:\d+: ", error.message), what
            refused += 1
    assert refused > 20


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b'"seq":0', b'"seq":0,"seq":0', "field `seq`: expected one field of this name, seen 2"),
        (b'"seq":0', b'"seq" :0,"seq":0', "field `seq`: expected one field of this name, seen 2"),
        (b'"user":"ada"', b'"user":"ada","user":"eve"', "field `user`: expected one field of this name, seen 2"),
        (b'"user":"ada"', b'"user":NaN', "NaN is no JSON"),
        (b'"user":"ada"', b'"user":1e999', "1e999 is too large a number"),
        (b'"user":"ada"', b'"user":' + b"[" * 100_000, "more than 64 objects and lists in one another"),
        (b'"user":"ada"', b'"user":"ada","more":' + b"[" * 80 + b"]" * 80, "more than 64 objects and lists"),
        (b'"user":"ada"', b'"user":' + b"9" * 5000, "not a JSON line: Exceeds the limit"),
        (b'"user":"ada"', b'"user":12', "field `by.user`: expected a text, seen 12"),
        (b'"at":"2026', b'"at":"+026', "field `at`: expected a time such as 2026-01-02T03:04:05.678Z, seen"),
        (b'"seq":0', b'"seq":-1', "field `seq`: expected a whole number from 0 to 1000000000, seen -1"),
        (b'"v":1', b'"v":true', "format version true, this phasegate reads 1 and 2"),
        (b'"v":1', b'"v":3', "written by a newer phasegate"),
    ],
)
def test_a_line_that_json_takes_in_two_ways_is_refused(old: bytes, new: bytes, why: str) -> None:
    line = GOLDEN[0].read_bytes().split(b"\n")[0]
    assert old in line
    with pytest.raises(JournalDamaged, match="journal.jsonl:1: .*" + re.escape(why)):
        parse(line.replace(old, new, 1) + b"\n")
