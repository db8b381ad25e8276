"""What of git does a step see? As much as `StepGit` says, with a new branch journaled like any other effect.

Rules:
- The intent of switching is on the disk before git is told, `branch-switched` after: killed in between, the next
  process finds the branch that it is on among `RunState.branches`, and records it (`find_switch`).
- Steps do not commit; nothing here could.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from phases.step import StepGit
from state.run_state import SWITCH
from workflow.engine.open_run import OpenRun

Facts = dict[str, str]  # about a switch of branches: `branch`, `from`
Effect = Callable[[str, Facts, Callable[[], Facts], Callable[[], Facts | None]], object]


def find_switch(run: OpenRun) -> None:
    """Record a switch that git made to the branch that is checked out, if its process died before it could."""
    branch = run.doors.git.branch()
    current, name = run.state.current_task, SWITCH + branch
    if branch == run.state.branch or current is None or name not in current.effects:
        return
    if current.effects[name][1] is None:
        run.record("effect-done", effect=name, result={"branch": branch})
    run.record("branch-switched", sync=True, branch=branch, **{"from": run.state.branch})


class RunGit:
    """Implements phases.step.StepGit for a run, over the door of the same kind; `effect` is its step's."""

    def __init__(self, run: OpenRun, door: StepGit, effect: Effect) -> None:
        self._run = run
        self._door = door
        self._effect = effect

    def branch(self) -> str:
        return self._door.branch()

    def start_branch(self, name: str) -> None:
        before = self._run.state.branch
        if name == before == self._door.branch():
            return

        def act() -> Facts:
            self._door.start_branch(name)
            return {"branch": name}

        self._effect(
            SWITCH + name,
            {"branch": name, "from": before},
            act,
            lambda: {"branch": name} if self._door.branch() == name else None,
        )
        if self._run.state.branch != name:
            self._run.record("branch-switched", sync=True, branch=name, **{"from": before})

    def repository(self) -> str:
        return self._door.repository()

    def remotes(self) -> Sequence[str]:
        return self._door.remotes()

    def remote_head(self, remote: str, branch: str) -> str | None:
        return self._door.remote_head(remote, branch)

    def push(self, remote: str, ref: str) -> None:
        self._door.push(remote, ref)

    def tag(self, name: str, message: str, sha: str) -> None:
        self._door.tag(name, message, sha)

    def tag_target(self, name: str) -> str | None:
        return self._door.tag_target(name)

    def head(self) -> str:
        return self._door.head()

    def commits(self, since: str) -> Sequence[tuple[str, str]]:
        return self._door.commits(since)

    def changed_since(self, since: str) -> Sequence[str]:
        return self._door.changed_since(since)
