"""Which real doors does a command get? The only place that builds them."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from phases.aws import AwsPort
from state.errors import BadInput, Problem
from state.files import Disk
from workflow.cli.place import sandbox_directory
from workflow.doors.clock import SystemClock
from workflow.doors.terminal import Terminal
from workflow.ports import Doors, StepDoors

if TYPE_CHECKING:
    from workflow.askable import GivenAnswers


def make_doors(workspace: Path, *, sandbox: bool, key: Path | None = None) -> Doors:
    """Git, disk, clock, terminal, SSH signatures (with `key`, else git's), commands, and AWS on first use."""
    from workflow.doors.commands import CommandDoor
    from workflow.doors.git_steps import StepGitDoor
    from workflow.doors.ssh_signature import SshSignatures
    from workflow.doors.webhook import post

    git = StepGitDoor(workspace)
    by = {"git": git.identity(), "user": getpass.getuser(), "host": socket.gethostname()}
    person = Terminal()
    connect = sandbox_aws(workspace) if sandbox else real_aws(person)
    commands = CommandDoor(sandbox_commands(workspace)) if sandbox else CommandDoor()
    return Doors(
        git,
        Disk(),
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
        from workflow.doors.aws import AwsDoor
        from workflow.sandbox.control import start

        return AwsDoor(endpoint_url=start(sandbox_directory(workspace)).endpoint_url, sandbox=True)

    return connect


def real_aws(person: Terminal) -> Callable[[], AwsPort]:
    """AWS as boto3's own configuration says; an endpoint that is not AWS is said plainly."""

    def connect() -> AwsPort:
        from workflow.doors.aws import AwsDoor

        door = AwsDoor()
        if note := door.configured_endpoint_note():
            person.progress(note)
        return door

    return connect


def read_answers(path: str | None) -> GivenAnswers:
    """The answers in a YAML file: a mapping of question names to scalars. `refuse_unasked` judges the names.

    Raises BadInput, with file:line where YAML says one.
    """
    from workflow.askable import GivenAnswers  # inside, as YAML: `status` reads no answers

    if path is None:
        return GivenAnswers({}, "", {})
    import yaml

    try:
        text = Path(path).read_text("utf-8")
        body, node = yaml.safe_load(text), yaml.compose(text, yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"answers file {path} cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise BadInput(f"answers file {path} is not YAML: {error}") from error
    if body is None:
        return GivenAnswers({}, path, {})
    if not isinstance(body, dict):
        raise BadInput(f"answers file {path}: expected `question: answer` lines, seen a {type(body).__name__}")
    wrong = [
        Problem(f"{path}: {name}", f"expected text, seen a {type(value).__name__}")
        for name, value in body.items()
        if not isinstance(value, str | int | float) or isinstance(value, bool) or not isinstance(name, str)
    ]
    if wrong:
        raise BadInput(f"answers file {path}", problems=wrong, next_command="write the answer in quotes")
    assert isinstance(node, yaml.MappingNode)
    lines = {key.value: key.start_mark.line + 1 for key, _value in node.value}
    return GivenAnswers({name: str(value) for name, value in body.items()}, path, lines)
