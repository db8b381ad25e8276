"""Which profile is a run gone through for, and what does it leave out of a task? Asked once, at the first task.

Rules:
- Known are the profiles of the checks file beside the runbook; without any nothing is asked.
- A run of format 1 has none: its checks files knew none.
- Which profile it is never changes in a run: the first answer counts.
"""

from __future__ import annotations

from collections.abc import Callable

from phases.checks.profiles import PROFILE, Profile, chosen, left_out, profile_question
from phases.step import StepContext
from state.errors import BadInput
from state.model import PlannedTask
from workflow.engine.open_run import OpenRun
from workflow.runs.checks_beside import checks_in


class ProfileInForce:
    """The profile of one run."""

    def __init__(self, run: OpenRun) -> None:
        self._run = run

    def of(self, context: Callable[[], StepContext]) -> Profile | None:
        """The run's profile, after asking for it; None where the checks beside the runbook have none.

        Raises Waiting when nobody can be asked, BadInput for a profile that is not there any more.
        """
        if self._run.state.is_of_0_1:
            return None
        declared = checks_in(self._run.workspace, self._run.plan.runbook)
        if declared is None or not declared.profiles:
            return None
        answers = self._run.state.answers
        if PROFILE not in answers:
            context().ask(profile_question(declared.profiles))
        found = chosen(declared.profiles, self._run.state.answers)
        if found is None:
            raise BadInput(
                f"this run is for the profile {answers[PROFILE]!r}, which {declared.path} does not have; it has "
                f"{', '.join(each.name for each in declared.profiles)}",
                next_command=f"git -P log -p -- {declared.path}",
            )
        return found

    def left_out(self, task: PlannedTask, context: Callable[[], StepContext]) -> dict[int, str]:
        """The boxes of the task that do not apply, by number, each with the reason. Raises as `of`."""
        return left_out(self.of(context), task)

    def leaves_out(self, task: PlannedTask, context: Callable[[], StepContext]) -> str:
        """Why the whole task does not apply, or "". Raises as `of`."""
        profile = self.of(context)
        return profile.why if profile is not None and profile.leaves_out_task(task) else ""
