"""A command's life: run, watched, bounded, masked, ended; and whose AWS it talks to. Real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from unittest.mock import patch

import pexpect
import pytest

from phases.step import CommandResult
from state.errors import StepFailed
from tests.worlds.workspaces import workspace
from workflow.doors import commands
from workflow.doors.commands import CommandDoor, own_environment, sandbox_environment
from workflow.doors.kept_output import LIMIT
from workflow.service.doors import sandbox_commands


class Clock:
    """The door's time, which jumps when a test says so: a busy machine is given what it needs until then."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.sleep = time.sleep

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


class Shell:
    """The door, and what it showed."""

    def __init__(self, directory: Path, door: CommandDoor | None = None) -> None:
        self.directory = directory
        self.door = door or CommandDoor(grace=0.05)
        self.shown: list[str] = []

    def run(self, command: str, *, timeout: float = 60.0, env: Mapping[str, str] | None = None) -> CommandResult:
        return self.door.run(
            command, directory=self.directory, timeout=timeout, extra=env or {}, show=self.shown.append
        )

    def overdue(self, command: str) -> None:
        """Run it, and have its 60 seconds be over when it has said something."""
        clock = Clock()

        def show(line: str) -> None:
            self.shown.append(line)
            clock.ahead = 60.0

        with patch.object(commands, "time", clock):
            self.door.run(command, directory=self.directory, timeout=60.0, extra={}, show=show)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be collected by nobody does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_output_of_both_kinds_comes_back_with_the_exit_code(shell: Shell) -> None:
    result = shell.run("echo out; echo err >&2; pwd; exit 3")
    assert (result.exit_code, result.output) == (3, f"out\nerr\n{shell.directory}")
    assert shell.shown == ["out", "err", str(shell.directory)]
    assert result.command == "echo out; echo err >&2; pwd; exit 3"


def test_a_command_that_a_signal_ended_says_which(shell: Shell) -> None:
    assert shell.run("kill -KILL $$").exit_code == -signal.SIGKILL


def test_output_without_a_final_line_end_is_whole(shell: Shell) -> None:
    assert shell.run("printf 'no end'").output == "no end"
    assert shell.shown == ["no end"]


def test_a_command_has_nothing_to_read_and_no_terminal_to_ask_at(shell: Shell) -> None:
    result = shell.run("cat; (: </dev/tty) 2>/dev/null || echo no terminal")
    assert result.output == "no terminal"


def test_what_is_not_there_is_an_exit_code_like_any_other(shell: Shell) -> None:
    assert shell.run("no-such-program-anywhere").exit_code == 127


@pytest.mark.parametrize("command", ["echo \0", "x" * 200_000], ids=["with a NUL", "too long"])
def test_a_command_that_cannot_be_started_is_said_to_be(shell: Shell, command: str) -> None:
    with pytest.raises(StepFailed, match="could not be started"):
        shell.run(command)


def test_a_secret_in_the_output_the_command_and_its_environment_is_masked_before_anybody_sees_it(shell: Shell) -> None:
    result = shell.run('echo "$MY_TOKEN"; echo password=hunter2', env={"MY_TOKEN": "correct horse"})
    assert (result.output, shell.shown) == ("***\npassword=***", ["***", "password=***"])
    assert "hunter2" not in result.command


def test_a_secret_written_in_two_pieces_is_masked(shell: Shell) -> None:
    script = (
        "import os, sys\nos.write(1, b'password=hun')\nos.read(os.open(sys.argv[1], os.O_RDONLY), 1)\n"
        "os.write(1, b'ter2')\n"
    )
    fifo = shell.directory / "fifo"
    os.mkfifo(fifo)
    (shell.directory / "two.py").write_text(script)
    # the second piece is written when somebody opens the other end: after the first one was read here
    opened = threading.Thread(target=lambda: fifo.open("wb").close())
    opened.start()
    result = shell.run(f"{sys.executable} two.py fifo")
    opened.join()
    assert result.output == "password=***"


def test_the_middle_of_a_long_output_is_cut_and_said_to_be(shell: Shell) -> None:
    result = shell.run("seq 30000")
    lines = result.output.split("\n")
    assert (lines[0], lines[-1]) == ("1", "30000")
    (cut,) = [line for line in lines if "lines cut" in line]
    assert len(lines) - 1 + int(cut.split()[1].replace(",", "")) == 30_000
    assert LIMIT * 0.9 < len(result.output) < LIMIT + 100
    assert len(shell.shown) == 30_000


def test_output_of_just_the_limit_is_not_cut(shell: Shell) -> None:
    assert "cut" not in shell.run("yes 0123456 | head -n 8192").output


def test_a_command_that_takes_too_long_is_ended_with_all_it_started(shell: Shell) -> None:
    with pytest.raises(StepFailed, match=r"had not ended after 60 s and was ended\n  begun \d+") as refused:
        shell.overdue("sleep 600 & echo begun $!; wait")
    assert not alive(int(refused.value.message.split()[-1]))


def test_a_command_that_does_not_listen_is_killed(shell: Shell) -> None:
    with pytest.raises(StepFailed, match="had not ended") as refused:
        shell.overdue("trap '' TERM; echo pid $$; while :; do sleep 600; done")
    assert not alive(int(refused.value.message.split()[-1]))


def test_a_command_that_is_ended_has_time_to_clear_up(tmp_path: Path) -> None:
    shell = Shell(tmp_path, CommandDoor(grace=30))
    with pytest.raises(StepFailed, match="had not ended"):
        shell.overdue("trap 'sleep 0.05; touch cleared; exit' TERM; echo up; while :; do sleep 0.01; done")
    assert (tmp_path / "cleared").exists()


def test_ctrl_c_ends_the_command_and_goes_on_to_the_caller(shell: Shell) -> None:
    def interrupt(line: str) -> None:
        shell.shown.append(line)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shell.door.run("echo $$; exec sleep 600", directory=shell.directory, timeout=60, extra={}, show=interrupt)
    assert not alive(int(shell.shown[0]))


def test_what_runs_on_in_the_background_is_neither_waited_for_nor_ended(shell: Shell) -> None:
    result = shell.run("sleep 600 & echo $!")
    pid = int(result.output)
    assert alive(pid)
    os.kill(pid, signal.SIGKILL)


def test_a_hooks_own_repository_is_not_handed_on(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    assert shell.run("echo ${GIT_DIR-none}").output == "none"


@pytest.mark.slow
def test_on_a_terminal_a_command_still_has_none(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path; from workflow.doors.commands import CommandDoor\n"
        "command = '(: </dev/tty) 2>/dev/null && echo asks || echo none'\n"
        "print(CommandDoor().run(command, directory=Path('.'), timeout=60, extra={}, show=lambda _: None).output)\n"
    )
    child = pexpect.spawn(sys.executable, ["-c", script], encoding="utf-8", timeout=60)
    child.expect(pexpect.EOF)
    child.close()
    assert (child.before or "").strip() == "none"


REAL = {
    "AWS_PROFILE": "prod",
    "AWS_ACCESS_KEY_ID": "AKIAREAL",
    "AWS_SESSION_TOKEN": "real-session-token",
    "AWS_ENDPOINT_URL_DYNAMODB": "https://dynamodb.example",
    "AWS_ROLE_ARN": "arn:aws:iam::1:role/prod",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
    "HTTPS_PROXY": "http://proxy.example:3128",
}


def test_a_sandbox_command_sees_the_sandbox_and_nothing_of_a_real_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in REAL.items():
        monkeypatch.setenv(name, value)
    shell = Shell(tmp_path, CommandDoor(lambda extra: sandbox_environment("http://127.0.0.1:4566", extra)))
    given = {
        "AWS_PROFILE": "prod",
        "AWS_ENDPOINT_URL": "https://real.example",
        "AWS_REGION": "eu-west-1",
        "STAGE": "dev",
    }
    seen = dict(line.split("=", 1) for line in shell.run("env", env=given).output.splitlines() if "=" in line)
    assert {name: value for name, value in seen.items() if name.startswith("AWS_")} == {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    assert seen["STAGE"] == "dev"
    assert seen["NO_PROXY"].endswith("127.0.0.1,localhost")


@pytest.mark.slow
def test_an_sdk_in_a_command_of_a_sandbox_run_talks_to_the_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in REAL.items():
        monkeypatch.setenv(name, value)
    with workspace(tmp_path / "shop") as place:
        shell = Shell(place, CommandDoor(sandbox_commands(place)))
        code = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
        assert shell.run(f'{sys.executable} -W ignore -c "{code}"').output == "123456789012"


def test_a_real_run_hands_the_own_environment_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "prod")
    assert own_environment({"STAGE": "dev"}).items() >= {"AWS_PROFILE": "prod", "STAGE": "dev"}.items()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_phasegate_ends_the_command_that_it_runs(tmp_path: Path, number: signal.Signals) -> None:
    script = (
        "import signal; from pathlib import Path; from workflow.cli.main import main; import workflow.cli.main as m\n"
        "from workflow.doors.commands import CommandDoor\n"
        "def run(arguments):\n"
        "    try: CommandDoor().run('echo $$; exec sleep 600', directory=Path('.'), timeout=99, extra={},"
        " show=lambda line: print(line, flush=True))\n"
        "    except KeyboardInterrupt: return 130\n"
        "m.run = run; main()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout:
        pid = int(process.stdout.readline())
        process.send_signal(number)
        assert process.wait(60) == 130
    assert not alive(pid)
