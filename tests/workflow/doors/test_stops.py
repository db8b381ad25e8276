"""Stopped from outside at a question or a pager, phasegate leaves the terminal as it was, and goes on as it stood."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.worlds import job_shell
from tests.worlds.repositories import first_commit
from tests.worlds.workspaces import PHASEGATE, environment

pytestmark = pytest.mark.slow
LONG = b"# Shed\n\n- [ ] 1. Paint\n" + b"".join(b"  - coat %d\n" % at for at in range(60)) + b"- [ ] 2. Dry\n"


def told_to_stop(command: list[str], variables: dict[str, str], shown: str, place: Path) -> Any:
    """A terminal in which the command was told to stop, from outside, once it had shown this."""
    arguments = [job_shell.__file__, *command]
    child = pexpect.spawn(
        sys.executable, arguments, cwd=str(place), env=variables, encoding="utf-8", timeout=30, dimensions=(24, 80)
    )
    child.expect(r"job (\d+)")
    assert isinstance(child.match, re.Match)
    job = int(child.match[1])
    child.expect(shown)
    os.kill(job, signal.SIGTSTP)
    return child


@pytest.mark.parametrize("pager", ["cat", "less"])
def test_a_stop_from_outside_leaves_the_terminal_as_it_was(tmp_path: Path, pager: str) -> None:
    place = tmp_path / "shed"
    place.mkdir()
    (place / "shed.md").write_bytes(LONG)
    first_commit(place)
    variables = environment() | {"PAGER": pager, "TERM": "xterm"}
    variables.pop("LESS", None)
    shown = "on to the question" if pager == "less" else "pause: go on later"
    child = told_to_stop([PHASEGATE, "run", "shed.md"], variables, shown, place)
    child.expect(r"stopped canonical=(\w+) echo=(\w+)")
    assert child.match.groups() == ("True", "True")
    if pager == "less":
        child.expect("on to the question")
        child.send("q")
    child.expect(r"pause: go on later")
    child.send("p")
    child.expect(r"ended (\d+)")
    assert child.match[1] == "3"
    child.close()


SLOW_BESIDE_ITS_PAGER = """
import subprocess, sys, termios
from workflow.doors import pager
class Slow(subprocess.Popen):
    def __init__(self, *words, **options):
        super().__init__(*words, **options)
        while termios.tcgetattr(0)[3] & termios.ICANON:
            pass
subprocess.Popen = Slow
pager.show("line\\n" * 60, lines=60, height=24)
"""


def test_modes_that_a_pager_set_before_it_was_looked_at_are_not_those_to_go_back_to(tmp_path: Path) -> None:
    variables = environment() | {"PAGER": "less", "TERM": "xterm", "HOME": str(tmp_path)}
    variables.pop("LESS", None)
    child = told_to_stop([sys.executable, "-c", SLOW_BESIDE_ITS_PAGER], variables, "on to the question", tmp_path)
    child.expect(r"stopped canonical=(\w+) echo=(\w+)")
    assert child.match.groups() == ("True", "True")
    child.expect("on to the question")
    child.send("q")
    child.expect(r"ended 0")
    child.close()


DOES_NOT_LISTEN = """
import os, signal, sys
told = []
def stop():
    signal.signal(signal.SIGTSTP, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTSTP)
def hear(*_):
    told.append(1)
    if len(told) == 2:
        stop()
signal.signal(signal.SIGTSTP, hear)
sys.stdin.read()
keys = open("/dev/tty")
print("on to the question", flush=True)
keys.readline()
if len(told) == 1:
    stop()
"""


def test_a_pager_that_did_not_listen_is_told_again(tmp_path: Path) -> None:
    pager = tmp_path / "pager.py"
    pager.write_text(DOES_NOT_LISTEN)
    variables = environment() | {"PAGER": f"{sys.executable} {pager}", "TERM": "xterm", "HOME": str(tmp_path)}
    show = "from workflow.doors import pager; pager.show('line\\n' * 60, lines=60, height=24)"
    child = told_to_stop([sys.executable, "-c", show], variables, "on to the question", tmp_path)
    child.expect("stopped canonical")
    child.sendline("q")  # a pager that stops only now, by itself, is never heard of again: less would
    child.expect(r"ended 0")
    child.close()


ENDED_IN_RAW_MODE = """
import sys, termios, tty
from workflow.doors.terminal import Terminal
before = termios.tcgetattr(0)
try:
    with Terminal().lent():
        tty.setraw(0)
        sys.stderr.write("\\x1b[?2004h\\x1b[?25l")
        raise KeyboardInterrupt
except KeyboardInterrupt:
    sys.stderr.flush()
    print("as before:", termios.tcgetattr(0) == before)
"""


def test_a_question_that_did_not_tidy_up_leaves_no_raw_terminal() -> None:
    child = pexpect.spawn(sys.executable, ["-c", ENDED_IN_RAW_MODE], env=environment(), encoding="utf-8", timeout=30)
    child.expect(r"as before: (\w+)")
    assert isinstance(child.match, re.Match)
    assert child.match[1] == "True"
    assert (child.before or "").endswith("\x1b[?2004l\x1b[?25h")
    child.close()
