"""Which pager shows a long page, and does a page come through whole without one?"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pexpect
import pytest

from workflow.doors import pager

PAGE = "".join(f"line {number}\n" for number in range(100))


@pytest.fixture(autouse=True)
def no_pager(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PHASEGATE_PAGER", "PAGER", "LESS"):
        monkeypatch.delenv(name, raising=False)


def program(tmp_path: Path, body: str) -> str:
    """A pager that does this with its input."""
    path = tmp_path / "my pager"
    path.write_text(f"#!{sys.executable}\nimport os, sys\n{body}\n")
    path.chmod(0o755)
    return f"'{path}' --some option"


def shown(capfd: pytest.CaptureFixture[str], height: int = 24) -> str:
    pager.show(PAGE, lines=100, height=height)
    return capfd.readouterr().err


def test_a_long_page_goes_to_the_pager_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept"
    command = program(tmp_path, f"open({str(kept)!r}, 'w').write(sys.stdin.read() + repr(sys.argv[1:]))")
    monkeypatch.setenv("PAGER", "false")
    monkeypatch.setenv("PHASEGATE_PAGER", command)
    assert shown(capfd) == ""
    assert kept.read_text() == PAGE + "['--some', 'option']"


def test_less_is_told_its_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PAGER", program(tmp_path, "print(os.environ['LESS'])"))
    assert shown(capfd).strip() == r"FRXPs ?eb\: back:space\: more, b\: back., q\: on to the question"
    monkeypatch.setenv("LESS", "-S")
    assert shown(capfd).strip() == "-S"


@pytest.mark.parametrize("wanted", ["", "cat", "no-such-program", "'left open", "false"])
def test_without_a_pager_that_works_the_page_is_on_the_screen(
    wanted: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PAGER", wanted)
    assert shown(capfd) == PAGE


def test_a_page_that_fits_is_written_at_once(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PAGER", "false")
    assert shown(capfd, height=101) == PAGE
    assert os.environ["PAGER"] == "false"


def test_ctrl_c_in_the_pager_pauses_at_once_and_leaves_none_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "pid"
    body = f"""import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.stdin.read()
open({str(kept)!r}, "w").write(str(os.getpid()))
os.kill(os.getppid(), signal.SIGINT)
signal.pause()"""
    monkeypatch.setenv("PAGER", program(tmp_path, body))
    with pytest.raises(KeyboardInterrupt):
        pager.show(PAGE, lines=100, height=24)
    with pytest.raises(ProcessLookupError):
        os.kill(int(kept.read_text()), 0)
    assert capfd.readouterr().err == ""  # it paused: the page is not written once more


@pytest.mark.parametrize(
    ("columns", "told"), [(80, "on to the question"), (40, "space: more, b: back., q: go on"), (20, "q")]
)
def test_what_less_says_of_its_keys_fits_the_terminal(columns: int, told: str) -> None:
    prompt = pager.less_options(columns).removeprefix("FRXPs ").replace("\\", "")
    assert told in prompt
    assert len(prompt.removeprefix("?eb: back:").replace("back.,", "back,")) < columns


@pytest.mark.skipif(shutil.which("less") is None, reason="needs less")
def test_less_says_that_more_follows_only_until_the_end_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESS", pager.less_options(80))
    monkeypatch.setenv("TERM", "xterm")
    child = pexpect.spawn(
        "sh", ["-c", "printf '%s\\n' 1 2 3 4 5 6 7 8 | less"], dimensions=(6, 80), encoding="utf-8", timeout=10
    )
    child.expect("space: more, b: back, q: on to the question")
    child.send(" ")
    child.expect("8")
    child.expect("b: back, q: on to the question")
    assert "more" not in str(child.before)
    child.send("q")
    child.expect(pexpect.EOF)


@pytest.mark.parametrize(("own", "taken"), [("", True), (".lesskey", False), (".config/lesskey", False)])
def test_the_key_that_shows_more_at_a_question_does_nothing_in_less(
    own: str, taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """In less it asks for the name of a log file; a person's own keys are theirs."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("LESSKEYIN", raising=False)
    if own:
        (tmp_path / own).parent.mkdir(exist_ok=True)
        (tmp_path / own).touch()
    monkeypatch.setenv("PAGER", program(tmp_path, "print(os.environ.get('LESSKEYIN', ''))"))
    keys = shown(capfd).strip()
    assert bool(keys) == taken
    assert not keys or Path(keys).read_text() == "#command\ns noaction\n"
