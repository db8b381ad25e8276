"""The benchmarks still run: each is imported and run for one round, and its rows stand in the one table."""

from __future__ import annotations

import importlib
import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from tests.worlds.forked_shell import done_in_fork

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
MAIN = runpy.run_path(str(BENCHMARKS), run_name="benchmarks")
NAMES = [path.stem for path in MAIN["benchmarks"]()]
# processes and syncs of one task; by commands git's processes alone, and its syncs, too
AT_MOST = {"guided_task": (5, 9), "by_commands": (26, 29), "many_files": (5, 7)}
HEAD, Row, cells, line = MAIN["HEAD"], MAIN["Row"], MAIN["cells"], MAIN["line"]
before = MAIN["before"]
STARTED = "growth"  # the one that is a process of its own here, too
COMPARED = ("cold", "held", "many_runs", "long_history", "long_journal", "early", "by_hand", "steps", "many_files",
            "audits", "templates", "silences")  # fmt: skip


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=280)


def test_there_are_benchmarks() -> None:
    assert {"guided_task", "by_commands", "durable_transition", "many_files", "contract_to_template"} <= set(NAMES)


def rows_of(name: str) -> subprocess.CompletedProcess[str]:
    """What `python benchmarks --rows NAME --quick` comes to: all but one in a fork, without the start of Python."""
    words = [str(BENCHMARKS), "--rows", name, "--quick"]
    if name == STARTED:
        return run(*words)

    def act() -> None:
        sys.path.insert(0, str(BENCHMARKS))
        sys.exit(MAIN["main"]())

    return done_in_fork(words, dict(os.environ), act)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_runs_for_one_round_and_its_rows_stand_in_the_table(name: str) -> None:
    done = rows_of(name)
    assert done.returncode == 0, done.stderr
    rows = [Row(**json.loads(each)) for each in done.stdout.splitlines()]
    assert rows
    processes, syncs = AT_MOST.get(name, (float("inf"), float("inf")))
    for row in rows:
        assert row.ours is None or row.ours > 0 or row.unit != "s"  # a count may be none
        assert row.processes is None or row.processes <= processes
        assert row.syncs is None or row.syncs <= syncs
        assert row.work in line(cells(row))


def test_a_row_says_what_was_measured_and_whether_it_is_over_its_goal() -> None:
    within = Row("a step", 0.002, 0.003, "an append", 3, 2.0, 1.0)
    assert line(cells(within)).split("  ")[0] == "a step"
    assert [each.strip() for each in cells(within)] == [
        "a step", "2.0 ms", "3.0 ms", "1.50 x", "3 x", "2.0", "1.0", "an append",
    ]  # fmt: skip
    assert cells(Row("a step", 0.001, 0.004, goal=3))[4] == "3 x !"
    assert cells(Row("silence", None, 1.5, goal=1))[3:5] == ("", "1.00 s !")
    assert cells(Row("size", None, 8.25, goal=30, unit="MB"))[2:5] == ("8.2 MB", "", "30.0 MB")
    assert cells(Row("a step", None, None, "not installed", peer="Burr"))[:3] == ("  Burr: a step", "", "not run")


@pytest.mark.slow
@pytest.mark.parametrize("name", COMPARED)
def test_what_is_compared_with_an_older_program_still_runs(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))  # its modules know each other by name
    here = importlib.import_module("before_rows")
    assert tuple(each.__name__ for each in here.ROWS) == COMPARED
    this = before.Program(BENCHMARKS.parent, sys.executable)  # in the older one's place
    for row in getattr(here, name)(tmp_path, this, this, quick=True):
        assert row.now is not None
        assert row.now > 0
        assert (row.cells()[2] == "cannot") == (row.before is None) == ("segments" in row.work)
        assert row.counted[0] == row.counted[1]


def test_a_row_of_the_comparison_says_both_and_what_could_not_be_done() -> None:
    both = before.Compared("a step", 0.002, 0.008, 0.003, "an append", (before.Count(5, 7), before.Count(None, 4)))
    assert [each.strip() for each in both.cells()] == [
        "a step", "2.0 ms", "8.0 ms", "3.0 ms", "4.00 x", "1.50 x", "5, -", "7, 4", "an append",
    ]  # fmt: skip
    never = before.Compared("a step", 0.002, None, 0.003, "an append", why="no steps then")
    assert [each.strip() for each in never.cells()[2:6]] == ["cannot", "3.0 ms", "", "1.50 x"]
    assert never.cells()[-1] == "an append; no steps then"
    assert line(both.cells(), before.WIDTHS).endswith("an append")


def test_an_older_program_that_is_not_here_is_refused() -> None:
    done = run(str(BENCHMARKS), "--before", "0123456")
    assert done.returncode == 1
    assert "--before 0123456: no such commit here" in done.stderr


def test_make_bench_ends_when_its_time_is_over_and_names_who_took_it() -> None:
    done = run(str(BENCHMARKS), "--quick", "--within", "0.05")
    assert done.returncode == 1
    assert f"{sorted(NAMES)[0]}.py was not through when the time was over" in done.stderr
    assert done.stdout.startswith(line(HEAD))
