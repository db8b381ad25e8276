"""The command itself, as a process: what it refuses, how it ends, and how a page and a terminal notice each other."""

from __future__ import annotations

import re
import signal
import socket
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from queue import Queue

import pytest

from state.extras import install_extra
from tests.worlds.agent_world import AgentWorld
from tests.worlds.command_world import CommandWorld
from tests.worlds.journals import journal_bytes
from tests.worlds.processes import PROMPT, begin, end_group, ended
from tests.worlds.served_page import event_of, free_port, served
from tests.worlds.typed_commands import ASKED, CTRL_C, typed, until
from workflow.cli.main import run
from workflow.web import server

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    """Task 1.2 waits for approval, of work that Robot handed in."""
    made = CommandWorld(tmp_path)
    made("run", "tasks.md", "--sandbox", "--yes", "--practice", "--until", "1.1")
    made("resume")
    made.hand_in()
    return made


def test_the_printed_link_lets_a_browser_in_once_and_ctrl_c_ends_it(world: CommandWorld) -> None:
    with served(world.root, started=True) as page:
        assert page.said[0] == f"serving {world.root}\n"
        assert page.link.startswith(f"http://localhost:{page.port}/open/")
        assert page.enters().status == 200
        assert page.get("/").status == 200
        assert page.get(f"/open/{page.link.rpartition('/')[2]}").status == 401
        with page.listens("/live?since=" + since(page.get("/").text)):  # an open page keeps nobody waiting
            page.process.send_signal(signal.SIGINT)
            code, error, took = ended(page.process)
    assert (code, error) == (130, "")
    assert took < PROMPT


def test_sigterm_ends_it_as_well(world: CommandWorld) -> None:
    with served(world.root, started=True) as page:
        page.process.send_signal(signal.SIGTERM)
        code, error, _took = ended(page.process)
    assert (code, error) == (130, "")


def test_it_listens_on_this_machine_only(world: CommandWorld) -> None:
    with served(world.root) as page:
        listening = [line.split()[1] for each in ("tcp", "tcp6") for line in tables(each) if line.split()[3] == "0A"]
    ours = {each.rpartition(":")[0] for each in listening if int(each.rpartition(":")[2], 16) == page.port}
    assert ours <= {"0100007F", "0" * 24 + "01000000"}
    assert ours


def tables(name: str) -> list[str]:
    """The lines of the system's table of sockets. Source: proc(5)."""
    path = Path("/proc/net") / name
    return path.read_text().splitlines()[1:] if path.exists() else []


def since(text: str) -> str:
    found = re.search(r"live\?since=(\w+)", text)
    assert found
    return found[1]


def test_a_second_server_of_a_repository_is_refused_and_says_where_the_first_is(world: CommandWorld) -> None:
    with served(world.root) as page:
        second = begin(world.root, "serve", "--no-browser", "--port", str(free_port()))
        try:
            code, error, _took = ended(second)
        finally:
            end_group(second)
        assert code == 6
        assert f"is served already: process {page.process.pid} at http://localhost:{page.port}" in error
        assert "next: phasegate serve DIR" in error.replace(f" -C {world.root}", "")
        assert page.enters().status == 200
    again = begin(world.root, "serve", "--no-browser", "--port", str(free_port()))  # the lock went with its process
    try:
        assert again.stdout is not None
        assert again.stdout.readline().startswith("serving ")
    finally:
        end_group(again)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_port_in_use_is_refused_with_another_one(host: str, world: CommandWorld) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as taken:
        try:
            taken.bind((host, 0))
        except OSError:
            pytest.skip("not run: this machine has no IPv6")
        taken.listen()
        port = taken.getsockname()[1]
        code, error, _took = ended(begin(world.root, "serve", "--no-browser", "--port", str(port)))
    assert code == 2
    assert f"phasegate: port {port} is in use" in error
    assert f"serve --port {port + 1}" in error


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--port", "0"], "--port 0: expected 1 to 65535"),
        (["--port", "65536"], "--port 65536: expected 1 to 65535"),
        (["--origin", "http://gates.example.com"], "expected https, a name, and nothing behind it"),
        (["--origin", "https://gates.example.com/inbox"], "expected https, a name, and nothing behind it"),
        (["--origin", "https://ada@gates.example.com"], "expected https, a name, and nothing behind it"),
        (["--origin", "https://"], "expected https, a name, and nothing behind it"),
        (["--origin", "https://gates.example.com:x"], "Port could not be cast"),
        (["nowhere"], "there is no such directory"),
    ],
)
def test_what_cannot_be_served_is_refused(
    options: list[str], said: str, world: CommandWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["-C", str(world.root), "serve", "--no-browser", *options]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "next: " in told


def test_a_place_that_is_no_repository_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-C", str(tmp_path), "serve", "--no-browser"]) == 2
    assert "is not in a git repository" in capsys.readouterr().err


def test_a_missing_extra_is_refused_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "workflow.web.server", raising=False)
    assert run(["-C", str(tmp_path), "serve"]) == 2
    told = capsys.readouterr().err
    assert "the page needs Starlette, uvicorn and Jinja2" in told
    assert f"next: {install_extra('web')}\n" in told


def test_a_question_at_a_terminal_goes_away_when_the_page_approves(world: CommandWorld) -> None:
    with served(world.root) as page:
        page.enters()
        child = typed(world.root, "resume")
        until(child, ASKED)
        gate = page.get(page.gate())
        at = time.monotonic()
        assert page.says("approve", gate, confirmed="yes").status == 303
        until(child, "from elsewhere: approved by Ada")
        assert time.monotonic() - at < PROMPT
        until(child, "2.1")  # it was committed there, and the run went on
        child.send(CTRL_C)
        child.close()
    assert world.subjects()[-1] == "shed task 1.2: Order the paint"
    assert b'"via":"web"' in journal_bytes(world.journal)


def test_a_question_at_a_terminal_goes_away_when_the_page_rejects(world: CommandWorld) -> None:
    with served(world.root) as page:
        page.enters()
        child = typed(world.root, "resume")
        until(child, ASKED)
        at = time.monotonic()
        assert page.says("reject", page.get(page.gate()), reason="not that green").status == 303
        until(child, "not that green")
        assert time.monotonic() - at < PROMPT
        child.send(CTRL_C)
        child.close()


@pytest.mark.parametrize("where", ["", "run"], ids=["the inbox", "the gate"])
def test_an_open_page_is_told_at_once_what_a_terminal_decided(where: str, world: CommandWorld) -> None:
    with served(world.root) as page:
        page.enters()
        text = page.get(page.gate() if where else "/").text
        stream = f"{page.run()}/live" if where else "/live"
        with page.listens(f"{stream}?since={since(text)}") as events:
            child = typed(world.root, "reject", "--reason", "no")
            until(child, "rejected")
            told, took = event_of(events)
            child.close()
        assert told == "changed"
        assert took < PROMPT
        assert page.get(page.gate()).status == 303  # what waits no more is not shown


def test_a_new_run_is_told_as_well(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path)
    with served(world.root) as page:
        page.enters()
        with page.listens(f"/live?since={since(page.get('/').text)}") as events:
            world.starts()
            told, took = event_of(events)
        assert (told, took < PROMPT) == ("changed", True)
        assert "Choose a colour" in page.get("/").text


def test_nothing_secret_is_printed_but_the_link(world: CommandWorld) -> None:
    with served(world.root) as page:
        page.enters()
        page.get(page.gate())
        page.get("/nowhere")
        page.process.send_signal(signal.SIGINT)
        out = page.process.stdout.read() if page.process.stdout else ""
        error = page.process.stderr.read() if page.process.stderr else ""
    secret = page.cookie.partition("=")[2]
    assert secret not in out + error
    assert (out, error) == ("", "")


def test_a_browser_is_sent_by_a_file_that_nobody_else_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    told: Queue[tuple[str, int, str]] = Queue()

    def opens(address: str) -> None:
        file = Path(address.removeprefix("file://"))
        told.put((address, file.stat().st_mode & 0o777, file.read_text()))

    monkeypatch.setattr("webbrowser.open", opens)
    with ExitStack() as held:
        server._open("http://localhost:8471/open/secret", held)
        address, mode, text = told.get(timeout=60)
    assert ("secret" in address, mode, "http://localhost:8471/open/secret" in text) == (False, 0o600, True)
    assert not Path(address.removeprefix("file://")).exists()


def test_without_a_screen_no_browser_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert server._has_a_browser() == (sys.platform == "darwin")
    monkeypatch.setenv("DISPLAY", ":0")
    assert server._has_a_browser()
