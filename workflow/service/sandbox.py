"""The AWS account on this machine that belongs to a workspace: does it run, and where?"""

from __future__ import annotations

from pathlib import Path

from state.cheap_classes import dataclass
from state.json_values import Json
from workflow.service.workspace import sandbox_directory, workspace_of


@dataclass(frozen=True, slots=True)
class SandboxView:
    """A sandbox; without `endpoint_url`, `pid` and `account` where it does not run."""

    endpoint_url: str | None = None
    pid: int | None = None
    account: str | None = None

    @property
    def running(self) -> bool:
        return self.endpoint_url is not None

    def to_json(self) -> dict[str, Json]:
        """As docs/json.md describes it."""
        return {
            "running": self.running,
            "endpoint_url": self.endpoint_url,
            "pid": self.pid,
            "account": self.account,
        }


def start(directory: Path) -> SandboxView:
    """Start it in the background, unless it runs. Raises SandboxRefused when it cannot start."""
    from workflow.sandbox import control

    info = control.start(sandbox_directory(workspace_of(directory)))
    return SandboxView(info.endpoint_url, info.pid, info.account)


def stop(directory: Path, *, forget: bool = False) -> bool:
    """Stop it, and say whether it ran; `forget` throws its state away as well."""
    from workflow.sandbox import control

    return control.stop(sandbox_directory(workspace_of(directory)), forget=forget)


def status(directory: Path) -> SandboxView:
    """Whether it runs, and where."""
    from workflow.sandbox import control

    info = control.status(sandbox_directory(workspace_of(directory)))
    return SandboxView(info.endpoint_url, info.pid, info.account) if info else SandboxView()
