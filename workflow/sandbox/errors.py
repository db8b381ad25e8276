"""What does the sandbox refuse, and with which exit code?"""

from __future__ import annotations

from state.errors import PhasegateError


class SandboxRefused(PhasegateError):
    """The sandbox could not be started, stopped, loaded or used as asked."""

    exit_code = 5
