"""Which work is compared with that of an older program, and in which worlds?

Each program works in repositories that it made itself, where the row does not say otherwise. `quick` is a tiny size,
one round.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from before import Compared, Count, Program, count
from durable_transition import synced_append
from from_tests import first_commit, size_of
from guided_task import Mirror
from looking import BARE, OPEN, empty_commits
from many_files import bare as bare_files
from many_files import fill
from processor_time import process, processor_time, used
from silences import driven

from state.read_journal import files_of

SIDES = ("before", "now")
WAITS = 3
# whoever did the work may not approve it
EVE = ("env", "GIT_AUTHOR_NAME=Eve", "GIT_AUTHOR_EMAIL=eve@example.com")
OLD_JOURNAL = "in one repository of the older program"


def over(program: Program, place: Path, *, runbook: str = "shop.md") -> None:
    """A run of one task that is over."""
    place.mkdir()
    (place / runbook).write_bytes(b"# Shop\n\n- [ ] 1. Build it\n")
    first_commit(place)
    by_commands(program, place, "run", runbook)


def by_commands(program: Program, place: Path, *first: str) -> None:
    """One task, from its beginning to the commit behind it; the run's only one."""
    program.type(place, *first, code=WAITS)
    program.type(place, "done", "--no-files")
    process([*EVE, *program.at(place, "approve", "--digest", program.digest(place))])()
    program.type(place, "resume")


def cold(place: Path, *programs: Program, quick: bool) -> Iterator[Compared]:
    """Commands that look, in a small run that is over."""
    commands: dict[str, list[list[str]]] = {}
    for side, program in zip(SIDES, programs, strict=True):
        over(program, place / side)
        for words in (("status",), ("log",), ("--help",), ("plan", "shop.md")):
            commands.setdefault(f"{words[0]}, cold", []).append(program.at(place / side, *words))
    acts = {"": process(BARE)}
    acts |= {f"{name} {n}": process(words) for name, both in commands.items() for n, words in enumerate(both)}
    took = processor_time(acts, 0 if quick else 15)
    for name, both in commands.items():
        counted = (count(both[0]), count(both[1]))
        yield Compared(name, took[""], took[f"{name} 0"], took[f"{name} 1"], "bare Python", counted)


def held(place: Path, *programs: Program, quick: bool) -> Iterator[Compared]:
    """Verbs that work, on a runbook of two tasks; each approval and each run has a copy of its own."""
    verbs: dict[str, list[tuple[Callable[[], object], list[str], int]]] = {}
    for side, program in zip(SIDES, programs, strict=True):
        here = place / side
        (here / "shop").mkdir(parents=True)
        (here / "shop" / "shop.md").write_bytes(OPEN)
        first_commit(here / "shop")
        shutil.copytree(here / "shop", here / "begun")
        program.type(here / "begun", "run", "shop.md", code=WAITS)
        program.type(here / "begun", "done", "--no-files")
        digest = program.digest(here / "begun")
        for name, of, to, words, code in (
            ("resume to the wait", "", "begun", ("resume",), WAITS),
            ("approve", "begun", "copy", ("approve", "--digest", digest), 0),
            ("resume that commits", "", "copy", ("resume",), WAITS),
            ("run to the first task", "shop", "new", ("run", "shop.md"), WAITS),
            ("done", "", "new", ("done", "--no-files"), 0),
        ):
            command = [*(EVE if name == "approve" else ()), *program.at(here / to, *words)]
            verbs.setdefault(name, []).append((_fresh(here / of, here / to) if of else _nothing, command, code))
    acts: dict[str, Callable[[], object]] = {"": process(BARE)}
    for name, both in verbs.items():
        for number, (prepare, words, code) in enumerate(both):
            acts[f"{name} {number} made"] = prepare
            acts[f"{name} {number}"] = process(words, expected=(code,))
    took = processor_time(acts, 0 if quick else 9)
    for name, both in verbs.items():
        counted = []
        for prepare, words, _code in both:
            prepare()
            counted.append(count(words))
        yield Compared(name, took[""], took[f"{name} 0"], took[f"{name} 1"], "bare Python", (counted[0], counted[1]))


def _nothing() -> None: ...


def _fresh(of: Path, to: Path) -> Callable[[], None]:
    def act() -> None:
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(of, to, symlinks=True)

    return act


def many_runs(place: Path, *programs: Program, quick: bool) -> Iterator[Compared]:
    """1,000 runs that are over and one that waits, packed; of which none is named."""
    runs, unnamed = 20 if quick else 1_000, []
    for side, program in zip(SIDES, programs, strict=True):
        here = place / side
        over(program, here, runbook="shed.md")
        (first,) = (here / ".phasegate").glob("shed-*")
        for number in range(runs - 1):
            began = datetime(2024, 1, 1) + timedelta(seconds=977 * number)
            shutil.copytree(first, first.with_name(f"shed-{began:%Y%m%d-%H%M%S}"))
        (here / "shop.md").write_bytes(OPEN)
        for words in (("add", "-A"), ("commit", "-q", "-m", "Many runs")):
            subprocess.run(["git", "-C", str(here), *words], check=True)
        program.type(here, "run", "shop.md", code=WAITS)
        subprocess.run(["git", "-C", str(here), "repack", "-adq"], check=True)
        unnamed.append(program.at(here, "status"))
    (waiting,) = (place / SIDES[1] / ".phasegate").glob("shop-*")
    acts = {"": process([*unnamed[1], waiting.name]), **{side: process(unnamed[n]) for n, side in enumerate(SIDES)}}
    yield _row(f"status, none of {runs:,} runs named", acts, 0 if quick else 7, "one named, now", unnamed)


def long_history(place: Path, *programs: Program, quick: bool) -> Iterator[Compared]:
    """A run that is over behind very many commits."""
    commits, long = 30 if quick else 20_000, []
    over(programs[1], place / "short")
    for side, program in zip(SIDES, programs, strict=True):
        here = place / side
        here.mkdir()
        (here / "shop.md").write_bytes(b"# Shop\n\n- [ ] 1. Build it\n")
        first_commit(here)
        empty_commits(here, commits)
        by_commands(program, here, "run", "shop.md")
        subprocess.run(["git", "-C", str(here), "repack", "-adq"], check=True)
        long.append(program.at(here, "status"))
    acts = {"": process(programs[1].at(place / "short", "status"))}
    acts |= {side: process(long[n]) for n, side in enumerate(SIDES)}
    yield _row(f"status behind {commits:,} commits", acts, 0 if quick else 7, "behind one, now", long)


def long_journal(place: Path, *programs: Program, quick: bool) -> Iterator[Compared]:
    """A run of very many events, against reading its lines as JSON."""
    tasks, events = (5, 60) if quick else (10_000, 100_000)
    subprocess.run(programs[0].inside("long_journal", place, tasks, events), check=True)
    (journal,) = place.glob(".phasegate/*/journal.jsonl")

    def floor() -> None:
        for event in b"".join(files_of(journal)).splitlines():
            json.loads(event)

    status = [program.at(place, "status", journal.parent.name) for program in programs]
    acts = {"": floor, **{side: process(status[n]) for n, side in enumerate(SIDES)}}
    least = f"json.loads of each line; {OLD_JOURNAL}"
    yield _row(f"status of {events:,} events", acts, 0 if quick else 3, least, status)


def _row(
    work: str, acts: dict[str, Callable[[], object]], turns: int, least: str, commands: list[list[str]]
) -> Compared:
    took = processor_time(acts, turns)
    return Compared(work, took[""], took["before"], took["now"], least, (count(commands[0]), count(commands[1])))


class ByHand:
    """A run of one program that is driven task by task, by a person at its prompt, or by commands."""

    def __init__(self, program: Program, place: Path, tasks: int) -> None:
        place.mkdir()
        self.program, self.root = program, place / "repo"
        self._talk: subprocess.Popen[str] = subprocess.Popen(
            program.inside("by_hand", place, tasks), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._answer()

    def _answer(self) -> Any:
        assert self._talk.stdout is not None
        line = self._talk.stdout.readline()
        if not line:
            raise AssertionError(f"{self.root}: ended with {self._talk.wait()}")
        return json.loads(line)

    def tasks(self, number: int) -> tuple[float, int, int]:
        """So many more: (processor time [s], syncs, processes) of all of them."""
        assert self._talk.stdin is not None
        self._talk.stdin.write(f"{number}\n")
        self._talk.stdin.flush()
        taken, syncs, processes = self._answer()
        return taken, syncs, processes

    def leave(self) -> None:
        """The run stays where it stands, for commands."""
        self._talk.communicate()

    def command(self, *words: str, front: tuple[str, ...] = ()) -> list[str]:
        return [*front, *self.program.at(self.root, *words)]

    def four(self, run: Callable[[list[str], int], None]) -> None:
        """The next task by its four commands."""
        run(self.command("resume"), WAITS)
        (self.root / "handed-in.txt").write_text(str(used()))
        run(self.command("done", "--path", "handed-in.txt"), 0)
        run(self.command("approve", "--digest", self.program.digest(self.root), front=EVE), 0)
        run(self.command("resume"), WAITS)

    def four_timed(self) -> float:
        """Of the processors [s]."""
        taken = []

        def run(words: list[str], code: int) -> None:
            since = used()
            process(words, expected=(code,))()
            taken.append(used() - since)

        self.four(run)
        return sum(taken)

    def four_counted(self) -> Count:
        counts: list[Count] = []
        self.four(lambda words, _code: counts.append(count(words)))
        syncs = [each.syncs for each in counts]
        return Count(None if None in syncs else sum(filter(None, syncs)), sum(each.processes or 0 for each in counts))


def early(place: Path, *programs: Program, quick: bool) -> Iterator[Compared]:
    """A task by its four commands, few before it."""
    at, rounds = (2, 0) if quick else (10, 3)
    runs = [ByHand(each, place / side, at + 20) for side, each in zip(SIDES, programs, strict=True)]
    for run in runs:
        run.tasks(at - 1)
        run.leave()
    yield _by_commands(at, rounds, runs, place / "floor")


def by_hand(place: Path, *programs: Program, quick: bool) -> Iterator[Compared]:
    """A task by hand, a person at the prompt of one process, the more came before it; at last by commands."""
    numbers, around = ((2,), 1) if quick else ((10, 100, 300, 990), 5)
    last = max(numbers) + around
    runs = [ByHand(each, place / side, last + 20) for side, each in zip(SIDES, programs, strict=True)]
    mirror, done = Mirror(runs[1].root, place / "mirror"), 0
    for number in numbers:
        for run in runs:
            run.tasks(number - around - done)
        done = number + around
        yield _at_prompt(number, 2 * around, runs, mirror)
    before, now = (size_of(run.root / ".git") / 1e6 for run in runs)
    yield Compared(f"repository after {last:,} tasks, unpacked", None, before, now, "", unit="MB")
    for run in runs:
        run.leave()
    if not quick:  # `early` shows that these run
        yield _by_commands(last + 1, 3, runs, place / "floor")


def _by_commands(number: int, rounds: int, runs: list[ByHand], bare: Path) -> Compared:
    Mirror(runs[1].root, bare)  # another commit in the run's own repository would be looked at by the run
    acts = {"before": runs[0].four_timed, "now": runs[1].four_timed, "": lambda: _bare(bare)}
    took: dict[str, list[float]] = {name: [] for name in acts}
    for turn in range(rounds + 1):
        for name, act in acts.items():
            took[name].append(act())
        if not turn and rounds:  # a warm-up
            took = {name: [] for name in acts}
    floor, before, now = (statistics.median(took[name]) for name in ("", "before", "now"))
    counted = (runs[0].four_counted(), runs[1].four_counted())
    return Compared(f"task by four commands, at {number:,}", floor, before, now, "git commit of one file", counted)


def _at_prompt(number: int, times: int, runs: list[ByHand], mirror: Mirror) -> Compared:
    mirror.catch_up()
    seen: list[list[tuple[float, int, int]]] = [[], []]
    floor = []
    for _ in range(times):
        for run, figures in zip(runs, seen, strict=True):
            figures.append(run.tasks(1))
        floor.append(mirror.commit(_processor))
    before, now = (statistics.median(each[0] for each in figures) for figures in seen)
    counted = [
        Count(sum(each[1] for each in figures) / times, sum(each[2] for each in figures) / times) for figures in seen
    ]
    least = "git commit --only of the same paths"
    work = f"task by hand, a person at a prompt, at {number:,}"
    return Compared(work, statistics.median(floor), before, now, least, (counted[0], counted[1]))


def _processor(act: Callable[[], object]) -> float:
    since = used()
    act()
    return used() - since


def _bare(root: Path) -> float:
    """git's own commit of one file, of the processors [s]."""
    (root / "bare.txt").write_text(str(used()))
    git = ["git", "-C", str(root), "-P"]
    subprocess.run([*git, "add", "--intent-to-add", "bare.txt"], check=True)
    return _processor(
        lambda: subprocess.run([*git, "commit", "-q", "-m", "bare", "--only", "--", "bare.txt"], check=True)
    )


def steps(_place: Path, *programs: Program, quick: bool) -> Iterator[Compared]:
    """Durable steps without git, of the processor."""
    number = 5 if quick else 1_000
    seen: list[list[tuple[float, float]]] = [[], []]
    for _ in range(1 if quick else 3):
        for program, figures in zip(programs, seen, strict=True):
            figures.append(inside(program, "steps", number))
    append = _processor(lambda: synced_append(500, number)) / number
    times = [statistics.median(each[0] for each in figures) for figures in seen]
    counted = (Count(seen[0][0][1], 0), Count(seen[1][0][1], 0))
    work = f"durable step without git, {number:,} in a row"
    yield Compared(work, append, times[0], times[1], "one synced append", counted)


def inside(program: Program, act: str, *words: object) -> Any:
    """What an act of either_program.py answers."""
    done = subprocess.run(program.inside(act, *words), stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def many_files(place: Path, *programs: Program, quick: bool) -> Iterator[Compared]:
    """Very many files, handed in by `done`, approved, and committed by `resume`."""
    files, runs = 150 if quick else 10_000, []
    for side, program in zip(SIDES, programs, strict=True):
        (place / side).mkdir()
        (place / side / "shop.md").write_bytes(OPEN)
        first_commit(place / side)
        program.type(place / side, "run", "shop.md", code=WAITS)
        fill(place / side, files)
        runs.append((program, place / side))
    floor = bare_files(place / "bare", place / SIDES[0] / "src", _processor)
    taken: dict[str, list[float]] = {"done": [], "resume that commits": []}
    for program, here in runs:
        taken["done"].append(_processor(process(program.at(here, "done", "--path", "src"))))
        process([*EVE, *program.at(here, "approve", "--digest", program.digest(here))])()
        commits = process(program.at(here, "resume"), expected=(WAITS,))
        taken["resume that commits"].append(_processor(commits))
    for name, (before, now) in taken.items():
        yield Compared(f"{files:,} files, {name}", floor, before, now, "git add --intent-to-add and commit --only")


def audits(place: Path, *programs: Program, quick: bool) -> Iterator[Compared]:
    """A sound run of many tasks among many commits, against one `git log` of what they changed."""
    tasks, others = (5, 2) if quick else (1_000, 19)
    fields = "--format=%H%x00%P%x00%an <%ae>%x00%ct%x00%B%x00%(trailers:only,unfold)"
    raw = ["--raw", "-r", "-c", "--no-abbrev", "--no-renames"]
    for kind in ("segments", "deltas", "no deltas"):
        here, both = place / f"{kind}.git", kind != "segments"
        subprocess.run((programs[0] if both else programs[1]).inside("history", here, tasks, others, kind), check=True)
        acts = {"": process(["git", "-C", str(here), "-P", "log", "-z", *raw, fields, "HEAD"])}
        for side, program in zip(SIDES, programs, strict=True):
            if both or side == "now":
                acts[side] = process(program.at(here, "audit"))
        took = processor_time(acts, 0 if quick else 3)
        least = f"git log with changes; {OLD_JOURNAL}" if both else "git log with changes"
        why = "" if both else "before, journals had no segments"
        work = f"audit of {tasks:,} tasks in {tasks * (others + 1):,} commits, {kind}"
        yield Compared(work, took[""], took.get("before"), took["now"], least, why=why)
        shutil.rmtree(here)


def templates(_place: Path, *programs: Program, quick: bool) -> Iterator[Compared]:
    tables = 5 if quick else 500
    (_, written, read), (floor, written_now, read_now) = (inside(each, "templates", tables) for each in programs)
    least = "json.dumps of it"
    yield Compared(f"{tables} tables, the template written", floor, written, written_now, least)
    yield Compared(f"{tables} tables, the template read back", floor, read, read_now, least)


def silences(place: Path, *programs: Program, quick: bool) -> Iterator[Compared]:
    """The longest time without a byte on the terminal, by the clock."""
    if quick:
        return
    seen = []
    for side, program in zip(SIDES, programs, strict=True):
        (place / side).mkdir()
        seen.append(driven(place / side, "demo", "--yes", "shop", command=program.command).silences[0][0])
    yield Compared("demo --yes, longest silence, by the clock", None, *seen, "")


ROWS = (
    *(cold, held, many_runs, long_history, long_journal, early, by_hand),
    *(steps, many_files, audits, templates, silences),
)
