"""The command in odd surroundings: streams, locales, users, names, and what is no file where a file is meant."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from state.errors import BadInput
from state.events import from_line, make_event, parse_time
from state.longest_text import LONGEST
from state.outside_file import read_if_there, read_outside
from tests.worlds.journals import journal_bytes
from workflow.cli.main import run

PHASEGATE = str(Path(sys.executable).with_name("phasegate"))
RUNBOOK = "# Paint → the shed\n\n- [ ] 1. Choose → a colour \U0001f600\n- [ ] 2. Buy the paint\n"
PLAIN = {
    name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PHASEGATE_", "AWS_", "PYTHON"))
}


def repository(place: Path) -> Path:
    place.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", "-b", "main", "."], cwd=place, check=True)
    for name, value in (("user.name", "Ada"), ("user.email", "ada@example.com")):
        subprocess.run(["git", "config", name, value], cwd=place, check=True)
    (place / "shed.md").write_text(RUNBOOK, "utf-8")
    subprocess.run(["git", "add", "-A"], cwd=place, check=True)
    subprocess.run(["git", "commit", "-q", "-m", "start"], cwd=place, check=True)
    return place


def sh(place: Path, script: str, **changes: str) -> subprocess.CompletedProcess[bytes]:
    """The script, with $PG for the command, by sh; nothing of it may be a fault of ours."""
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=place,
        env={**PLAIN, "PG": PHASEGATE, **changes},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
    )
    for word in (b"Traceback", b"fault of phasegate", b"Exception ignored"):
        assert word not in done.stderr, done.stderr
    return done


@pytest.mark.slow
def test_streams_that_are_closed_or_read_by_nobody_any_more(tmp_path: Path) -> None:
    place = repository(tmp_path / "r")
    assert sh(place, '"$PG" run shed.md').returncode == 3
    (journal,) = place.glob(".phasegate/*/journal.jsonl")
    before = journal_bytes(journal)
    for script, code in (
        ('"$PG" resume <&-', 3),
        ('"$PG" resume <&- >&- 2>&-', 3),
        ('"$PG" resume 2>&-', 3),
        ('"$PG" status >&-', 0),
        ('{ "$PG" log; echo $? >code; } | true; exit $(cat code)', 0),
        ('{ "$PG" log --json; echo $? >code; } | head -c 9 >/dev/null; exit $(cat code)', 0),
    ):
        done = sh(place, script)
        assert (done.returncode, done.stderr if code == 0 else b"") == (code, b""), script
    assert journal_bytes(journal) == before  # what was printed went into no file of ours


@pytest.mark.slow
def test_output_that_cannot_be_shown_is_escaped_and_stays_sound_json(tmp_path: Path) -> None:
    place = repository(tmp_path / "r")
    latin = sh(place, '"$PG" plan shed.md', PYTHONIOENCODING="latin-1")
    assert latin.returncode == 0
    assert rb"Choose \u2192 a colour \ud83d\ude00" in latin.stdout
    plain = json.loads(sh(place, '"$PG" plan shed.md --json').stdout)
    escaped = sh(place, '"$PG" plan shed.md --json', PYTHONIOENCODING="latin-1").stdout
    assert rb"\u2192" in escaped
    assert json.loads(escaped.decode("latin-1")) == plain
    for changes in ({"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0"}):
        assert sh(place, '"$PG" plan shed.md', **changes).returncode == 0


@pytest.mark.slow
def test_no_home_no_name_no_terminal_and_odd_settings(tmp_path: Path) -> None:
    place = repository(tmp_path / "r")
    nobody = "unshare --user --map-user=54321 --map-group=54321 "
    prefix = nobody if subprocess.run([*nobody.split(), "true"], capture_output=True).returncode == 0 else ""
    started = sh(place, f'{prefix}env -u USER -u LOGNAME -u LNAME -u USERNAME -u HOME "$PG" run shed.md')
    assert started.returncode == 3
    (journal,) = place.glob(".phasegate/*/journal.jsonl")
    if prefix:
        assert json.loads(journal.read_bytes().split(b"\n")[0])["by"]["user"] == "uid 54321"
    for changes in (
        {"HOME": "/nonexistent", "TMPDIR": "/nonexistent"},
        {"TERM": "dumb", "COLUMNS": "0", "TZ": ":Nowhere/No"},
        {"TERM": "", "COLUMNS": "x", "LINES": "-1"},
    ):
        assert (
            sh(place, '"$PG" resume && exit 1; test $? = 3 && "$PG" status && "$PG" --help', **changes).returncode == 0
        )


@pytest.mark.slow
@pytest.mark.parametrize(
    "names",
    [(b"caf\xe9", b"100%d", b"-dash"), (b"a b'c\"d", b"new\nline", b" blank ")],  # each inside of the one before
    ids=lambda names: b"/".join(names).hex(),
)
def test_a_repository_in_a_directory_of_any_name_takes_a_task_to_its_commit(
    tmp_path: Path, names: tuple[bytes, ...]
) -> None:
    place = repository(Path(os.fsdecode(b"/".join((os.fsencode(tmp_path), *names)))) / "r")
    script = """
    "$PG" run shed.md; test $? = 3 || exit 11
    echo red > colour.txt; printf x > "$(printf 'caf\\351.txt')"   # a stray name, which nobody hands in
    "$PG" done --path colour.txt || exit 12
    export GIT_AUTHOR_NAME=Robot GIT_AUTHOR_EMAIL=robot@example.com
    digest=$("$PG" status --json | sed -n 's/.*"digest": "\\([0-9a-f]*\\)".*/\\1/p' | head -1)
    "$PG" approve --digest "$digest" || exit 13
    "$PG" resume; test $? = 3 || exit 14
    "$PG" audit > /dev/null || exit 15
    git log --format=%s -1
    """
    done = sh(place, script)
    assert done.returncode == 0, done.stderr
    assert "shed task 1" in done.stdout.decode()


@pytest.mark.slow
def test_a_stray_name_that_is_not_utf8_is_kept_as_it_is_and_cannot_be_handed_in(tmp_path: Path) -> None:
    place = repository(tmp_path / "r")
    stray = b"caf\xe9.txt"
    Path(os.fsdecode(os.fsencode(place) + b"/" + stray)).write_text("x")
    assert sh(place, '"$PG" run shed.md').returncode == 3
    (journal,) = place.glob(".phasegate/*/journal.jsonl")
    assert rb"caf\udce9.txt" in journal_bytes(journal)
    refused = sh(place, '"$PG" done --path "$(printf "caf\\351.txt")"')
    assert refused.returncode == 2
    assert b"is not UTF-8" in refused.stderr
    fresh = sh(place, 'mkdir d; printf x > "d/$(printf "\\351")"; "$PG" done --path d')
    assert fresh.returncode == 2
    assert b"rename it" in fresh.stderr


def test_a_journal_line_holds_a_name_that_is_not_utf8_and_gives_it_back() -> None:
    by = {"git": "Ada <ada@example.com>", "user": "ada", "host": "shed"}
    fields = {"text": os.fsdecode(b"caf\xe9 \xc3\xa9"), "by": by}
    event = make_event(0, parse_time("2026-11-20T19:35:56.123Z"), "noted", fields)
    assert rb"caf\udce9 " + "é".encode() in event.to_line()
    assert os.fsencode(str(from_line(event.to_line()).fields["text"])) == b"caf\xe9 \xc3\xa9"


KINDS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a FIFO": (os.mkfifo, "seen a FIFO"),
    "a directory": (Path.mkdir, "seen a directory"),
    "a device": (lambda path: path.symlink_to("/dev/zero"), "seen a character device"),
    "a dangling link": (lambda path: path.symlink_to("nowhere"), "a link to nowhere, which is not there"),
    "a link to itself": (lambda path: path.symlink_to(path.name), "cannot be read"),
    "a large file": (lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), 1 << 40), "expected at most"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_is_refused_and_not_waited_for(kind: str, tmp_path: Path) -> None:
    make, said = KINDS[kind]
    make(tmp_path / "f")
    with pytest.raises(BadInput, match=said) as refused:
        read_outside(tmp_path / "f", "runbook", limit=1000, name="f")
    assert refused.value.next_command.endswith(" f")
    with pytest.raises(BadInput):
        read_if_there(tmp_path / "f", "runbook", limit=1000)
    assert read_if_there(tmp_path / "none", "runbook", limit=1000) is None


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_document_is_read_through_that_door(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = repository(tmp_path / "r")
    monkeypatch.chdir(place)
    make, _said = KINDS[kind]
    for name, arguments in {
        "other.md": ["plan", "other.md"],
        "phasegate.yaml": ["plan", "shed.md"],
        "a.yaml": ["run", "shed.md", "--answers", "a.yaml"],
        "b.checks.yaml": ["checks", "b.checks.yaml"],
        "shed.checks.yaml": ["run", "shed.md"],
        "artifacts/stage-02/migrationContract.json": ["run", "stage-06", "--sandbox", "--runbook", "tasks.md"],
        ".phasegate/shed-1/journal.jsonl": ["status"],
    }.items():
        if name.startswith(".phasegate") and kind in ("a dangling link", "a link to itself", "a large file"):
            continue  # no run, and a journal of any size
        if name.startswith("artifacts"):
            assert run(["init", "stage-06"]) == 0
            (place / "phasegate.yaml").unlink()
            subprocess.run(["git", "add", "-A"], check=True)
            subprocess.run(["git", "commit", "-q", "-m", "tasks"], check=True)
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        make(place / name)
        capsys.readouterr()
        assert run(arguments) == 2, arguments
        shown = capsys.readouterr().err
        assert Path(name).name in shown or "runbook nowhere is not there" in shown  # the link is followed first
        assert "next: " in shown
        (place / name).rmdir() if (place / name).is_dir() else (place / name).unlink()


@pytest.mark.parametrize(
    "arguments",
    [
        ["note", "caf\udce9"],
        ["run", "x" * (LONGEST + 1)],
        ["-C", "a" * 1000, "status"],
        ["-C", "file", "status"],
        ["-C", "loop", "plan", "x.md"],
        ["-C", "caf\udce9", "plan", "x.md"],
        ["plan", "x" * 1000 + ".md"],
        ["plan", "loop.md"],
        ["plan", "file/x.md"],
        ["plan", "new\nline.md"],
        ["plan", ""],
        ["checks", "file/x.yaml", "--var", "a=b"],
        ["status", "2026-02-30"],
    ],
    ids=lambda value: ascii(" ".join(value))[:40],
)
def test_odd_arguments_are_refused_in_a_few_words(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "loop.md").symlink_to("loop.md")
    assert run(arguments) == 2
    shown = capfd.readouterr().err
    assert "next: " in shown
    assert len(shown) < 3000
