"""Which real doors does an order get? The only place that builds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from phases.aws import AwsPort
from state.event_types import RunStarted
from state.files import Disk
from workflow.doors.clock import SystemClock
from workflow.ports import Doors, Person, StepDoors
from workflow.service.who import Who
from workflow.service.workspace import sandbox_directory

if TYPE_CHECKING:
    from phases.elsewhere import RunsElsewhere
    from workflow.doors.commands import CommandDoor


def make_doors(workspace: Path, who: Who, person: Person, *, sandbox: bool, key: Path | None = None) -> Doors:
    """Git, disk, clock, SSH signatures (with `key`, else git's), commands, AWS on first use; the person's as given.

    Raises WorkspaceRefused when it is not known who acts.
    """
    from workflow.doors.git.step_git import StepGitDoor
    from workflow.doors.ssh_signature import SshSignatures

    git = StepGitDoor(workspace, knows_committer=who.commits)
    by = who.known()
    connect = sandbox_aws(workspace) if sandbox else real_aws(person)
    commands = commands_of(workspace if sandbox else None)
    return Doors(
        git,
        Disk(workspace),
        SystemClock(patient=not sandbox),
        person,
        connect,
        {"git": by.git, "user": by.user, "host": by.host},
        SshSignatures(workspace, key),
        StepDoors(commands, git, _post, lambda started: _ordered_runs(workspace, started)),
    )


def _ordered_runs(workspace: Path, started: RunStarted) -> RunsElsewhere:
    from workflow.service.ordered_runs import OrderedRuns  # here: few runs order others

    return OrderedRuns(workspace, started)


def _post(url: str, body: Mapping[str, object]) -> int:
    from workflow.doors.webhook import post  # here: few steps post anything

    return post(url, body)


def commands_of(sandboxed: Path | None) -> CommandDoor:
    """Commands of this machine; those of a workspace whose sandbox they reach, where one is given."""
    from workflow.doors.commands import CommandDoor

    return CommandDoor(sandbox_commands(sandboxed)) if sandboxed is not None else CommandDoor()


def sandbox_commands(workspace: Path) -> Callable[[Mapping[str, str]], Mapping[str, str]]:
    """The environment of commands in a sandbox run; the sandbox is started when it is not running."""

    def environment(extra: Mapping[str, str]) -> Mapping[str, str]:
        from workflow.doors.commands import sandbox_environment
        from workflow.sandbox.control import start

        return sandbox_environment(start(sandbox_directory(workspace)).endpoint_url, extra)

    return environment


def sandbox_aws(workspace: Path) -> Callable[[], AwsPort]:
    """AWS as the workspace's sandbox, started when it is not running; one door for each server."""
    doors: dict[str, AwsPort] = {}  # by endpoint: each makes its clients, which takes longer than a task's calls

    def connect() -> AwsPort:
        from workflow.doors.aws.client import AwsDoor
        from workflow.sandbox.control import start

        endpoint = start(sandbox_directory(workspace)).endpoint_url
        if endpoint not in doors:
            doors[endpoint] = AwsDoor(endpoint_url=endpoint, sandbox=True)
        return doors[endpoint]

    return connect


def real_aws(person: Person) -> Callable[[], AwsPort]:
    """AWS as boto3's own configuration says; an endpoint that is not AWS is said plainly."""

    def connect() -> AwsPort:
        from workflow.doors.aws.client import AwsDoor

        door = AwsDoor()
        if note := door.configured_endpoint_note():
            person.progress(note)
        return door

    return connect
