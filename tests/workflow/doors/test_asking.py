"""A signal ends a question as Ctrl-C does, whatever the event loop is about; what fails beside it is raised."""

from __future__ import annotations

import re
import sys

import pexpect
import pytest

from tests.worlds.workspaces import environment

pytestmark = pytest.mark.slow
ASKED = """
import os, questionary, signal, sys, termios
from workflow.doors.asking import answer_to
before = termios.tcgetattr(0)
application = questionary.select("Which?", ["one", "two"]).application
async def meanwhile():
    {happens}
try:
    answer_to(application, lambda: application.create_background_task(meanwhile()))
except BaseException as error:
    print("raised:", repr(error), "as before:", termios.tcgetattr(0) == before)
"""


def asked(happens: str, first: str = "") -> tuple[str, str, str]:
    """What stood on the screen before it was raised, what was raised, and whether the terminal was as before."""
    program = ASKED.replace("before = ", f"{first}before = ").replace("{happens}", happens)
    child = pexpect.spawn(sys.executable, ["-c", program], env=environment(), encoding="utf-8", timeout=30)
    try:
        child.expect(r"raised: ([^\r]*) as before: (\w+)")
        assert isinstance(child.match, re.Match)
        return child.before or "", child.match[1], child.match[2]
    finally:
        child.close(force=True)


@pytest.mark.parametrize("name", ["SIGINT", "SIGHUP", "SIGTERM"])
def test_a_signal_within_the_event_loop_ends_the_question(name: str) -> None:
    heard = f"signal.signal(signal.{name}, signal.default_int_handler)\n"
    before, raised, whole = asked(f"os.kill(os.getpid(), signal.{name})", heard)
    assert "ENTER" not in before
    assert raised.startswith("KeyboardInterrupt")
    assert whole == "True"


def test_what_fails_beside_a_question_ends_it() -> None:
    before, raised, whole = asked("raise OSError(28, 'disk full')")
    assert "ENTER" not in before
    assert raised == "OSError(28, 'disk full')"
    assert whole == "True"
