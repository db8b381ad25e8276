"""What did this run do that has to be taken back? Its effects, read backwards. Pure: history in, facts out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from phases.aws_deploy.spec.recorded import BackedUp, OfTable, TableBackedUp
from phases.step import PastEffect


@dataclass(frozen=True, slots=True)
class ExecutedEffects:
    """What there is to take back.

    Attributes:
        components: names, those deployed last first; one that failed or is in doubt counts as deployed.
        applied: whether the team's command has changed the infrastructure, or may have.
        backups: one a table.
        before: the tables that were there before the deployment.
        dashboards, alarms: names of what this run put up.
        set_off: alarms that were set off and perhaps not put back.
    """

    components: tuple[str, ...]
    applied: bool
    backups: tuple[TableBackedUp, ...]
    before: tuple[str, ...]
    dashboards: tuple[str, ...]
    alarms: tuple[str, ...]
    set_off: tuple[str, ...]


def executed_effects(history: Sequence[PastEffect]) -> ExecutedEffects:
    """From the effects of a run, oldest first."""

    def named(phase: str, prefix: str) -> list[str]:
        """What stands behind the prefix in the names of this phase's effects, the latest first, each once."""
        found = [
            each.name.removeprefix(prefix)
            for each in reversed(history)
            if each.task_id == phase and each.name.startswith(prefix)
        ]
        return list(dict.fromkeys(found))

    back = set(named("Phase 6", "put-back-"))
    backups: dict[str, TableBackedUp] = {
        table: {"table": table, **made}
        for each in history
        if each.name.startswith("backup-") and (made := each.came_to(BackedUp)) is not None
        for table in [each.intended(OfTable)["table"]]
    }
    return ExecutedEffects(
        components=tuple(named("Phase 4", "deploy-")),
        applied=any(each.task_id == "Phase 3" and each.name.startswith("apply-") for each in history),
        backups=tuple(backups.values()),
        before=tuple(sorted(named("Phase 2", "backup-"))),
        dashboards=tuple(named("Phase 6", "put-dashboard-")),
        alarms=tuple(named("Phase 6", "put-alarm-")),
        set_off=tuple(name for name in named("Phase 6", "set-off-") if name not in back),
    )
