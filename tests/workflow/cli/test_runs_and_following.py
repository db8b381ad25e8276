"""Which runs are there, and what becomes of one while somebody looks? The real command, followed by its output."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.repositories import first_commit
from tests.worlds.workspaces import PHASEGATE, environment, git
from workflow.cli.main import run

pytestmark = pytest.mark.slow

RUNBOOK = "# Shed\n\n- [ ] 1. Paint\n"
BOB = {"GIT_AUTHOR_NAME": "Bob", "GIT_AUTHOR_EMAIL": "b@x.org"}


def repository(place: Path) -> Path:
    place.mkdir(parents=True)
    (place / "shed.md").write_text(RUNBOOK)
    first_commit(place)
    return place


@pytest.fixture
def place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    found = repository(tmp_path / "all" / "shed")
    assert run(["-C", str(found), "run", "shed.md"]) == 3
    capsys.readouterr()
    return found


def run_of(place: Path) -> str:
    (journal,) = place.glob(".phasegate/*/journal.jsonl")
    return journal.parent.name


def test_the_runs_of_a_repository_are_listed(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = run_of(place)
    assert run(["-C", str(place), "runs"]) == 0
    assert capsys.readouterr().out == (
        f"{name}: at 1, 0 of 1 done, waits for work\nnext: phasegate -C {place} status {name}\n"
    )
    assert run(["-C", str(place), "done", "--no-files"]) == 0
    capsys.readouterr()
    assert run(["-C", str(place), "runs", "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    (one,) = body["runs"]
    assert (one["run"], one["waits_for"], one["outcome"], one["problem"]) == (name, "approval", None, None)
    assert len(one["digest"]) == 64
    assert run(["-C", str(place), "abort", "--reason", "x"]) == 0
    capsys.readouterr()
    assert run(["-C", str(place), "runs"]) == 0
    assert capsys.readouterr().out == f"{name}: aborted, 0 of 1 done\n"


def test_runs_of_many_repositories_with_a_damaged_one(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    top = place.parent
    other = top / "deep" / "down" / "other"
    shutil.copytree(place, other)
    journal = next(other.glob(".phasegate/*/journal.jsonl"))
    journal.write_bytes(journal.read_bytes().replace(b"shed.md", b"shad.md", 1))
    shutil.copytree(place, top / "node_modules" / "theirs")
    (top / "again").symlink_to(place)
    assert run(["-C", str(top), "runs", "--below", ".", "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert [each["repository"] for each in body["runs"]] == ["deep/down/other", "shed"]
    assert body["runs"][0]["problem"]
    assert body["runs"][1]["waits_for"] == "work"
    assert run(["-C", str(top), "runs", "--below", "nowhere"]) == 2
    capsys.readouterr()
    assert run(["-C", str(place), "runs", "--below", ".."]) == 0
    assert capsys.readouterr().out.endswith(f"\nnext: phasegate -C {place} status {body['runs'][1]['run']}\n")


def test_without_runs_and_without_a_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = repository(tmp_path / "empty")
    assert run(["-C", str(empty), "runs"]) == 0
    assert capsys.readouterr().out == "no run in 1 repository\n"
    assert run(["-C", str(tmp_path), "runs"]) == 2


@contextmanager
def following(place: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen(
        [PHASEGATE, "-C", str(place), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


def until(child: subprocess.Popen[str], word: str) -> list[str]:
    """The lines up to the one with this word in it."""
    assert child.stdout is not None
    lines: list[str] = []
    for line in child.stdout:
        lines.append(line)
        if word in line:
            return lines
    raise AssertionError(f"it ended before {word!r}: {lines}")


def test_the_log_goes_on_while_something_happens_and_ends_with_the_run(place: Path) -> None:
    with following(place, "log", "--follow", "--json") as child:
        first = until(child, "task-started")
        assert phasegate(place, "note", "A remark").returncode == 0
        more = until(child, "noted")
        assert phasegate(place, "abort", "--reason", "enough").returncode == 0
        last = until(child, "aborted")
        assert child.wait(timeout=20) == 0
    journal = (next(place.glob(".phasegate/*/journal.jsonl"))).read_text()
    assert "".join([*first, *more, *last]) == journal


@pytest.mark.parametrize("how", ["complete", "aborted"])
def test_the_log_says_how_the_run_ended(place: Path, how: str, capsys: pytest.CaptureFixture[str]) -> None:
    with following(place, "log", "--follow") as child:
        until(child, "task-started")
        if how == "aborted":
            assert phasegate(place, "abort", "--reason", "enough").returncode == 0
        else:
            assert phasegate(place, "done", "--no-files", **BOB).returncode == 0
            digest = json.loads(phasegate(place, "status", "--json").stdout)["waiting_for"]["digest"]
            assert phasegate(place, "approve", "--digest", digest).returncode == 0
            assert phasegate(place, "resume").returncode == 0
        last = until(child, "the run is over")[-1]
        assert child.wait(timeout=20) == 0
    commit = git(place, "rev-parse", "HEAD")[:10]
    ended = how if how == "aborted" else f"complete; its last commit is {commit}"
    assert last == f"the run is over: {ended}\n"
    assert run(["-C", str(place), "log"]) == 0
    assert capsys.readouterr().out.endswith(last)
    assert run(["-C", str(place), "log", "--json"]) == 0
    assert capsys.readouterr().out == next(place.glob(".phasegate/*/journal.jsonl")).read_text()


def test_the_status_is_shown_again_after_a_change_and_after_the_last_commit(place: Path) -> None:
    with following(place, "status", "--watch", "--json") as child:
        assert '"to_do":"t1"' in until(child, "to_do")[-1]
        assert phasegate(place, "done", "--no-files", **BOB).returncode == 0
        shown = json.loads(until(child, '"digest"')[-1])
        digest = shown["waiting_for"]["digest"]
        assert phasegate(place, "approve", "--digest", digest).returncode == 0
        assert phasegate(place, "resume").returncode == 0
        until(child, '"state":"complete"')
        assert child.wait(timeout=20) == 0


def test_a_watch_ends_by_ctrl_c_without_a_word_and_writes_nothing(place: Path) -> None:
    import signal

    before = {path: path.stat().st_mtime_ns for path in place.rglob("*") if path.is_file()}
    with following(place, "status", "--watch") as child:
        until(child, "hands it in")
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=20) == 130
    assert {path: path.stat().st_mtime_ns for path in place.rglob("*") if path.is_file()} == before


def test_a_journal_that_is_put_back_is_said(place: Path) -> None:
    journal = next(place.glob(".phasegate/*/journal.jsonl"))
    kept = journal.read_bytes()
    with following(place, "log", "--follow") as child:
        until(child, "task-started")
        assert phasegate(place, "note", "A remark").returncode == 0
        until(child, "noted")
        journal.write_bytes(kept)
        assert child.wait(timeout=20) == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    assert "_PHASEGATE_COMPLETE" in capsys.readouterr().out


def test_verbs_runs_and_options_are_completed(place: Path) -> None:
    def completed(*words: str) -> list[str]:
        done = subprocess.run(
            [PHASEGATE],
            env={
                **environment(),
                "_PHASEGATE_COMPLETE": "bash_complete",
                "COMP_WORDS": " ".join(["phasegate", *words]),
                "COMP_CWORD": str(len(words)),
            },
            capture_output=True,
            text=True,
            cwd=place.parent,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return [line.partition(",")[2] for line in done.stdout.splitlines() if line]

    assert completed("stat") == ["status"]
    assert completed("-C", str(place), "status", "") == [run_of(place)]
    assert completed("-C", os.fspath(place.parent), "status", "") == []
    assert "--follow" in completed("log", "--f")
