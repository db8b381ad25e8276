"""Who runs this process, and who sits at its terminal? For faces that are a process of the person's own.

A face that serves several people (a web page, say) makes these values itself.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from pathlib import Path

from state.errors import PhasegateError, WorkspaceRefused
from state.evidence import By
from workflow.ports import Person
from workflow.service.who import Who
from workflow.service.workspace import workspace_of


def who_runs_this(directory: Path) -> Who:
    """The git identity as of this directory's repository, the user and the host; nothing is refused here.

    What keeps git's identity from being known is kept in the value, and is the refusal of whatever needs it.
    """
    from workflow.doors.git.step_git import StepGitDoor

    user, host = _user(), _host()
    try:
        workspace = workspace_of(directory)
    except PhasegateError as error:  # whoever opens the workspace says the same
        return Who(By("", user, host), WorkspaceRefused(error.message, next_command=error.next_command))
    try:
        git = StepGitDoor(workspace)
        return Who(By(git.identity(), user, host), commits=git.knows_committer)
    except WorkspaceRefused as error:
        return Who(By("", user, host), error)


def terminal(*, no_input: bool = False, here: Callable[[str], str] | None = None) -> Person:
    """Whoever sits at this process's terminal; without one nobody is asked, and progress is all that is shown.

    With `no_input` it is as if there were none. `here` makes commands in what is told work where the person stands.
    """
    from workflow.doors.terminal import Terminal

    return Terminal(interactive=False if no_input else None, here=here)


def nobody() -> Person:
    """Nobody is asked and nothing is shown: for a server, whose own output may have no reader any more."""
    from workflow.doors.terminal import Terminal

    return Terminal(interactive=False, quiet=True)


def _host() -> str:
    return os.uname().nodename  # as `socket.gethostname`, whose module takes longer to load than git does to answer


def _user() -> str:
    """The name of the user who runs this process; in a container there may be none, but always a number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # OSError since Python 3.13
        return f"uid {os.getuid()}"
