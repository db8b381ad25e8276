"""Journals in segments: each commit adds one and touches none. Journals in one file are judged as ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.worlds.forged_runs import COMPLETE
from tests.worlds.forger import Forger
from tests.worlds.forgeries import Tamper
from tests.worlds.run_world import RunWorld

FIRST, SECOND, THIRD = (f".phasegate/RUN/journal{rest}.jsonl" for rest in ("", "/00/01", "/00/02"))


def in_run(run: Forger, path: str) -> Path:
    return run.root / path.replace("RUN", run.run_id)


def changed_and_put_back(path: str, change: Callable[[bytes], bytes | None]) -> Tamper:
    """One file of the journal changed (None: deleted) by a commit, and put back by the next one."""

    def tamper(run: Forger) -> None:
        file = in_run(run, path)
        kept = file.read_bytes()
        data = change(kept)
        if data is None:
            file.unlink()
        else:
            file.write_bytes(data)
        run.commit("tidy up", path)
        file.write_bytes(kept)
        run.commit("and back", path)

    return tamper


def stray(path: str, data: bytes) -> Tamper:
    """A file that is none of the run's put beside its segments by an ordinary commit, and taken away by the next."""

    def tamper(run: Forger) -> None:
        file = in_run(run, path)
        file.write_bytes(data)
        run.commit("one more", path)
        file.unlink()
        run.commit("one less", path)

    return tamper


def swapped(run: Forger) -> None:
    """Two segments in each other's place."""
    second, third = in_run(run, SECOND), in_run(run, THIRD)
    data = second.read_bytes(), third.read_bytes()
    second.write_bytes(data[1])
    third.write_bytes(data[0])
    run.commit("another order", SECOND, THIRD)


def dropped_by_a_merge(path: str) -> Tamper:
    def tamper(run: Forger) -> None:
        run.git("switch", "-q", "-c", "side", f"{run.made()[0].sha}^")
        run.commit("something else")
        run.git("switch", "-q", "main")
        run.git("merge", "-q", "--no-ff", "--no-commit", "side")
        kept = in_run(run, path).read_bytes()
        run.git("rm", "-q", "-f", "--", path.replace("RUN", run.run_id))
        run.commit("merge side")
        in_run(run, path).parent.mkdir(parents=True, exist_ok=True)
        in_run(run, path).write_bytes(kept)
        run.commit("and back", path)

    return tamper


FORGED: dict[str, tuple[Tamper, str]] = {
    "a closed segment is edited and put back": (
        changed_and_put_back(SECOND, lambda data: data.replace(b"Ada", b"Eve", 1)),
        "journal-damaged",
    ),
    "a closed segment loses its last line and gets it back": (
        changed_and_put_back(SECOND, lambda data: data[: data.rindex(b"\n", 0, -1) + 1]),
        "journal-damaged",
    ),
    "the last segment loses its last line and gets it back": (
        changed_and_put_back(THIRD, lambda data: data[: data.rindex(b"\n", 0, -1) + 1]),
        "journal-rewritten",
    ),
    "the last segment is emptied and put back": (changed_and_put_back(THIRD, lambda _data: b""), "journal-rewritten"),
    "a closed segment is deleted and put back": (changed_and_put_back(SECOND, lambda _data: None), "journal-missing"),
    "the last segment is deleted and put back": (changed_and_put_back(THIRD, lambda _data: None), "journal-missing"),
    "the first file is deleted and put back": (changed_and_put_back(FIRST, lambda _data: None), "journal-missing"),
    "a segment is put behind the last one for a while": (stray(THIRD.replace("02", "03"), b"{}\n"), "journal-damaged"),
    "a segment is put behind a gap for a while": (stray(THIRD.replace("02", "07"), b"{}\n"), "journal-damaged"),
    "two segments are swapped": (swapped, "journal-damaged"),
    "a merge drops the last segment": (dropped_by_a_merge(THIRD), "journal-rewritten"),
    "a merge drops a closed segment": (dropped_by_a_merge(SECOND), "journal-damaged"),
    "a merge drops the first file": (dropped_by_a_merge(FIRST), "journal-missing"),
}


@pytest.mark.parametrize(("tamper", "code"), FORGED.values(), ids=FORGED.keys())
def test_it_is_found_that(complete: Forger, tamper: Tamper, code: str) -> None:
    tamper(complete)
    assert code in complete.codes()


def test_an_anchor_is_compared_with_all_of_the_journal(complete: Forger) -> None:
    first, second, _third = complete.made()
    assert complete.codes(anchor=second.sha) == complete.codes(anchor=first.sha) == []
    in_run(complete, SECOND).write_bytes(in_run(complete, SECOND).read_bytes().replace(b"Ada", b"Eve"))
    forged = complete.commit("journal", SECOND)
    assert "anchor-differs" in complete.codes(anchor=forged)


def test_whoever_commits_everything_takes_the_open_segment_along_and_that_is_no_finding(tmp_path: Path) -> None:
    world = RunWorld(tmp_path)
    with world.start() as engine:
        while not engine.complete:
            engine.segment()
            (world.root / "notes.txt").write_text(f"{len(world.subjects())}\n")
            if not engine.complete:
                engine.open_run.record(
                    "task-started",
                    task=engine.current().key,
                    attempt=1,
                    after=engine.run.tasks[engine.run.current or ""].commit,
                )
            world.git("add", "-A")
            world.git("commit", "-q", "-m", "all of it")
    assert Forger(world.root, world.run_id).codes() == []


# --- storage 1: runs that began before there were segments


@pytest.fixture(scope="module")
def run_in_one_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunWorld]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("workflow.runs.begin.STORAGE", 1)
        world = RunWorld(tmp_path_factory.mktemp("one-file"))
        with world.start() as engine:
            engine.drive()
    yield world


def test_a_run_in_one_file_goes_on_in_it_and_is_sound(run_in_one_file: RunWorld, tmp_path: Path) -> None:
    run = Forger.of_copy(run_in_one_file, tmp_path / "repo")
    assert not in_run(run, SECOND).exists()
    assert (run.events()[0]["storage"], run.codes()) == (1, [])


OF_JOURNALS = [case for case in COMPLETE if "journal" in case[0] and "executable" not in case[0]]


@pytest.mark.parametrize(("tamper", "code"), [case[1:] for case in OF_JOURNALS], ids=[case[0] for case in OF_JOURNALS])
def test_of_a_run_in_one_file_it_is_found_that(
    run_in_one_file: RunWorld, tmp_path: Path, tamper: Tamper, code: str
) -> None:
    run = Forger.of_copy(run_in_one_file, tmp_path / "repo")
    tamper(run)
    assert code in run.codes()
