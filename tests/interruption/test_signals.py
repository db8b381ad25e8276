"""Ctrl-C and SIGTERM pause at once, wherever they strike: exit 130, terminal as it was, and resume goes on."""

from __future__ import annotations

import http.server
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest

from phases.aws import AwsPort
from state.find_runs import find_runs
from tests.worlds.command_world import YES, CommandWorld
from tests.worlds.processes import PHASEGATE, PROMPT, begin, end_group, ended, in_hook, wait_for_git
from tests.worlds.stage_world import REGION, STACK, StageWorld
from workflow.cli import main
from workflow.doors.aws.client import AwsDoor
from workflow.sandbox import control
from workflow.sandbox.inprocess import CREDENTIALS, Sandbox

pytestmark = pytest.mark.slow

SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    return CommandWorld(tmp_path)


@SIGNALS
def test_in_a_git_hook_the_command_pauses_and_resume_asks_git(world: CommandWorld, number: signal.Signals) -> None:
    with in_hook(world.root, "run", "tasks.md", *YES) as (process, hook):
        process.send_signal(number)  # to phasegate alone: git and its hook go on by themselves
        code, error, took = ended(process)
        assert code == 130
        assert error.endswith(
            f"paused: everything so far is safe\nnext: phasegate -C {world.root} resume {find_runs(world.root)[0]}\n"
        )
        assert took < PROMPT
        told = world("resume", "--yes", "--practice")
        assert (told.code, told.next) == (2, f"phasegate resume {find_runs(world.root)[0]}")
        assert "git is at work here: git commit (process" in told.error
        hook.path.unlink()
        hook.go()
        wait_for_git(world.root)
    world.goes_on_to_the_end()


@SIGNALS
def test_a_signal_to_the_whole_group_ends_the_hook_as_well(world: CommandWorld, number: signal.Signals) -> None:
    with in_hook(world.root, "run", "tasks.md", *YES) as (process, hook):
        os.killpg(process.pid, number)  # as a terminal does with Ctrl-C, and a service manager with SIGTERM
        code, _, took = ended(process)
        assert code == 130
        assert took < PROMPT
        wait_for_git(world.root)
        assert world.subjects() == []
        hook.path.unlink()
    world.goes_on_to_the_end()


@SIGNALS
@pytest.mark.parametrize("question", ["the choice of a verdict", "a line of text"])
def test_at_a_prompt_the_terminal_is_given_back(
    world: CommandWorld, number: signal.Signals, question: str, tmp_path: Path
) -> None:
    command = " ".join(f"'{word}'" for word in [*PHASEGATE, "-C", str(world.root), "run", "tasks.md", "--sandbox"])
    script = f"before=$(stty -g); sh -c 'echo $$ > {tmp_path}/pid; exec \"$@\"' sh {command}; echo code=$?; "
    script += '[ "$before" = "$(stty -g)" ] && echo terminal as before'
    child = pexpect.spawn("sh", ["-c", script], encoding="utf-8", timeout=60, env={**os.environ, "TERM": "xterm"})
    try:
        child.expect(r"Is [^\n]* done\?[^\n]*a key, or")
        child.expect("pause: go on later")
        child.send("\x1b[B\r")  # down to "it is done"
        child.expect(r"Approve [^\n]*\?[^\n]*a key, or")
        child.expect("pause: decide later")
        if question == "a line of text":
            child.send("\x1b[B\x1b[B\r")  # down to "reject", which asks why
            child.expect("goes into the working log;")
        if number is signal.SIGINT:
            child.send("\x03")
        else:
            os.kill(int((tmp_path / "pid").read_text()), number)
        child.expect("paused: everything so far is safe")
        child.expect("code=130")
        child.expect("terminal as before")
        child.expect(pexpect.EOF)
    finally:
        child.close(force=True)
    world.goes_on_to_the_end()


@pytest.mark.parametrize("at", ["work", "verdict"])
def test_a_terminal_that_is_closed_ends_the_command_as_an_interruption(world: CommandWorld, at: str) -> None:
    arguments = [*PHASEGATE[1:], "-C", str(world.root), "run", "tasks.md", "--sandbox"]
    child = pexpect.spawn(PHASEGATE[0], arguments, encoding="utf-8", timeout=60, env={**os.environ, "TERM": "xterm"})
    child.expect("pause: go on later")
    if at == "verdict":
        child.send("\x1b[B\r")  # down to "it is done"
        child.expect("pause: decide later")
    os.close(child.child_fd)
    child.ptyproc.wait()
    assert (child.ptyproc.exitstatus, child.ptyproc.signalstatus) == (130, None)
    world.goes_on_to_the_end()


@contextmanager
def sandbox_server(directory: Path) -> Iterator[str]:
    try:
        yield control.start(directory).endpoint_url
    finally:
        control.stop(directory, forget=True)


class RealAccount(StageWorld):
    """The same, as a real account is used: no sandbox, so that a command waits its five seconds between two looks."""

    sandboxed = False

    def connect(self) -> AwsPort:
        return AwsDoor()


def test_while_waiting_for_cloudformation_the_command_pauses_and_resume_follows_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sandbox_server(tmp_path / "account") as url:
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": url, "AWS_REGION": REGION}.items():
            monkeypatch.setenv(name, value)
        stage = RealAccount(tmp_path, Sandbox())
        (stage.root / "phasegate.yaml").write_text("default: {operator_may_approve: true}\n")
        stage.git("add", "phasegate.yaml")
        stage.git("commit", "-q", "-m", "A policy")
        stage.take_to("3.1")
        for number in (signal.SIGINT, signal.SIGTERM):
            process = begin(stage.root, "resume")
            try:
                assert process.stderr
                assert any("CREATE_IN_PROGRESS" in line for line in process.stderr)  # reads on until it comes
                process.send_signal(number)
                code, error, took = ended(process)
            finally:
                end_group(process)
            assert code == 130, error
            (run_id,) = find_runs(stage.root)
            assert error.endswith(f"next: phasegate -C {stage.root} resume {run_id}\n")
            assert took < PROMPT
        stage.take_to("3.3")
        assert stage.attempt("t3_2") == 1
        pages = AwsDoor().pages("cloudformation", "describe_stack_events", StackName=STACK)
        events = [event for page in pages for event in page["StackEvents"]]
        stacks = [event["ResourceStatus"] for event in events if event["ResourceType"] == "AWS::CloudFormation::Stack"]
        assert stacks.count("CREATE_IN_PROGRESS") == 1


def test_sigterm_during_a_request_is_not_taken_for_a_network_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    requests = []

    class Silent(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            requests.append(self.path)
            os.kill(os.getpid(), signal.SIGTERM)
            signalled.wait(30)

        def log_message(self, *_: object) -> None: ...

    signalled = threading.Event()
    former = signal.signal(signal.SIGTERM, main._on_sigterm)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        door = AwsDoor(endpoint_url=f"http://127.0.0.1:{server.server_port}", sandbox=True)
        with pytest.raises(KeyboardInterrupt):
            door.call("sts", "get_caller_identity")
        assert len(requests) == 1
    finally:
        signalled.set()
        server.shutdown()
        server.server_close()
        signal.signal(signal.SIGTERM, former)
