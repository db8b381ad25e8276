"""Which real doors does a command get? The only place that builds them."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from phases.aws import AwsPort
from state.files import Disk
from workflow.cli.place import sandbox_directory
from workflow.doors.clock import SystemClock
from workflow.doors.terminal import Terminal
from workflow.ports import Doors, StepDoors

if TYPE_CHECKING:
    from workflow.runs.answers_file import GivenAnswers


def make_doors(workspace: Path, *, sandbox: bool, key: Path | None = None) -> Doors:
    """Git, disk, clock, terminal, SSH signatures (with `key`, else git's), commands, and AWS on first use."""
    from workflow.doors.commands import CommandDoor
    from workflow.doors.git.step_git import StepGitDoor
    from workflow.doors.ssh_signature import SshSignatures
    from workflow.doors.webhook import post

    git = StepGitDoor(workspace)
    by = {"git": git.identity(), "user": _user(), "host": socket.gethostname()}
    person = Terminal()
    connect = sandbox_aws(workspace) if sandbox else real_aws(person)
    commands = CommandDoor(sandbox_commands(workspace)) if sandbox else CommandDoor()
    return Doors(
        git,
        Disk(workspace),
        SystemClock(patient=not sandbox),
        person,
        connect,
        by,
        SshSignatures(workspace, key),
        StepDoors(commands, git, post),
    )


def sandbox_commands(workspace: Path) -> Callable[[Mapping[str, str]], Mapping[str, str]]:
    """The environment of commands in a sandbox run; the sandbox is started when it is not running."""

    def environment(extra: Mapping[str, str]) -> Mapping[str, str]:
        from workflow.doors.commands import sandbox_environment
        from workflow.sandbox.control import start

        return sandbox_environment(start(sandbox_directory(workspace)).endpoint_url, extra)

    return environment


def sandbox_aws(workspace: Path) -> Callable[[], AwsPort]:
    """AWS as the workspace's sandbox, started when it is not running."""

    def connect() -> AwsPort:
        from workflow.doors.aws.client import AwsDoor
        from workflow.sandbox.control import start

        return AwsDoor(endpoint_url=start(sandbox_directory(workspace)).endpoint_url, sandbox=True)

    return connect


def real_aws(person: Terminal) -> Callable[[], AwsPort]:
    """AWS as boto3's own configuration says; an endpoint that is not AWS is said plainly."""

    def connect() -> AwsPort:
        from workflow.doors.aws.client import AwsDoor

        door = AwsDoor()
        if note := door.configured_endpoint_note():
            person.progress(note)
        return door

    return connect


def read_answers(path: str | None) -> GivenAnswers:
    """The answers of `--answers FILE`; none without it. Raises as `workflow.runs.answers_file.read_answers`."""
    from workflow.runs import answers_file  # YAML, only where there is something to read

    return answers_file.read_answers(path) if path is not None else answers_file.GivenAnswers({}, "", {})


def _user() -> str:
    """The name of the user who runs this process; in a container there may be none, but always a number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # OSError since Python 3.13
        return f"uid {os.getuid()}"
