"""Whether a run is over is told by the ends of its journal, and never otherwise than by all of it."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

import pytest

from state.errors import JournalDamaged
from state.find_runs import ends_of
from state.journal_end import end_of
from state.read_journal import files_of
from state.segments import segment_name
from workflow.runs.find_run import is_over

GOLDEN = Path(__file__).parent.parent / "golden"
KEPT = sorted(GOLDEN.glob("runs-*/*/workspace.tar.gz"))


def unpacked(archive: Path, place: Path) -> Path:
    """The directory of the one run in a kept workspace."""
    with tarfile.open(archive) as kept:
        kept.extractall(place, filter="data")
    (journal,) = place.rglob(".phasegate/*/journal.jsonl")
    return journal.parent


def runs_of(kept: Path) -> list[bytes]:
    return [data for data in files_of(kept / "journal.jsonl") if data]


@pytest.fixture
def complete(tmp_path: Path) -> Path:
    """The directory of a run of three segments that is over."""
    return unpacked(GOLDEN / "runs-0.2" / "complete" / "workspace.tar.gz", tmp_path / "kept")


@pytest.mark.slow
@pytest.mark.parametrize("archive", KEPT, ids=lambda path: path.parent.relative_to(GOLDEN).as_posix())
def test_at_each_line_it_tells_what_the_whole_journal_tells_or_nothing(tmp_path: Path, archive: Path) -> None:
    kept = unpacked(archive, tmp_path / "kept")
    run = tmp_path / ".phasegate" / "run-1"
    told = []
    for number, data in enumerate(runs_of(kept)):
        file = run / segment_name(number)
        file.parent.mkdir(parents=True, exist_ok=True)
        for copy in kept.glob("runbook*.md"):
            shutil.copy(copy, run)
        file.write_bytes(b"")
        for line in data.splitlines(keepends=True):
            with file.open("ab") as journal:
                journal.write(line)
            end = end_of(str(run))
            if end is not None and end.is_over is not None:
                assert end.is_over == is_over(tmp_path, "run-1")
                told.append(end.is_over)
    assert told


@pytest.mark.slow
def test_what_is_not_plain_is_not_told(tmp_path: Path, complete: Path) -> None:
    kept = complete
    run = tmp_path / ".phasegate" / "run-1"

    def fresh() -> Path:
        shutil.rmtree(run, ignore_errors=True)
        shutil.copytree(kept, run)
        assert end_of(str(run)) is not None
        return run / segment_name(len(runs_of(kept)) - 1)

    last = fresh()
    last.write_bytes(last.read_bytes()[:-1])  # torn
    assert end_of(str(run)) is None
    last = fresh()
    last.write_bytes(last.read_bytes() + b"{}\n")
    assert end_of(str(run)) is None
    last = fresh()
    elsewhere = last.rename(tmp_path / "elsewhere")
    last.symlink_to(elsewhere)
    assert end_of(str(run)) is None
    last = fresh()
    last.write_bytes(b"x" * (1 << 15) + b"\n")  # longer than what is read of a file
    assert end_of(str(run)) is None


@pytest.mark.slow
def test_a_damaged_end_is_refused_where_the_run_is_looked_at(tmp_path: Path, complete: Path) -> None:
    kept = complete
    run = tmp_path / ".phasegate" / "run-1"
    shutil.copytree(kept, run)
    (run / segment_name(len(runs_of(kept)) - 1)).write_bytes(b"{}\n")
    assert ends_of(tmp_path) == {"run-1": None}
    with pytest.raises(JournalDamaged):
        is_over(tmp_path, "run-1")


@pytest.mark.slow
def test_a_plan_of_many_tasks_is_as_quickly_told(complete: Path) -> None:
    told = end_of(str(complete))
    assert told is not None
    assert told.is_over
    first = complete / segment_name(0)
    head, end, rest = first.read_bytes().partition(b"}\n")
    first.write_bytes(head + b',"more":"%s"' % (b"x" * 100_000) + end + rest)
    assert end_of(str(complete)) == told
