"""The small world of three tasks, and how its paint is sent back.

R2 returns every order that is known or in doubt, the latest first; the shop (`world.outside`) says whether it has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from phases.step import AfterCrash, Check, Step, StepContext, Work, step
from state.files import Disk
from tests.worlds.run_world import RUNBOOK, RunWorld
from workflow.audit import RunAudit, audit_workspace

RETURNED = "artifacts/shed/returned.md"
ANSWERS = {
    "colour": "green",
    "rollback-critical-functionality": "yes",
    "rollback-data-integrity": "no",
    "rollback-performance": "no",
    "rollback-security": "no",
    "rollback-notified": "the whole street",
}


class TakingBack(RunWorld):
    """See the module. `by_hand`: the workflow has no steps for the way back."""

    def __init__(
        self, root: Path, *, runbook: bytes = RUNBOOK, disk: Disk | None = None, by_hand: bool = False
    ) -> None:
        super().__init__(root, runbook=runbook, disk=disk)
        self.by_hand = by_hand
        self.returned: list[str] = []
        self.history: list[str] = []  # as the step saw it after its own effects
        self.person.answers = dict(ANSWERS)

    def back(self) -> tuple[Step, ...]:
        @step("R2", "Return the paint", writes=[RETURNED], after_crash=AfterCrash.ASK_THE_WORLD)
        def return_paint(ctx: StepContext) -> Work:
            """Send back what was ordered, the latest first, and see that nothing is left."""
            orders = [str(each.intent["order"]) for each in reversed(ctx.history()) if each.name == "order"]
            for order in orders:
                self._return(ctx, order)
            self.history = [each.name for each in ctx.history()]
            ctx.write(RETURNED, "".join(f"- {order}\n" for order in orders))
            left = [order for order in orders if order in self.outside]
            return Work([Check("nothing is left", "none", ", ".join(left) or "none", "fail" if left else "pass")])

        return () if self.by_hand else (return_paint,)

    def _return(self, ctx: StepContext, order: str) -> None:
        def act() -> dict[str, Any]:
            if order in self.outside:
                self.outside.remove(order)
                self.returned.append(order)
            return {"order": order}

        def find() -> dict[str, Any] | None:
            return None if order in self.outside else {"order": order}

        ctx.effect(f"return {order}", {"order": order}, act, find)

    def audit(self) -> RunAudit:
        (found,) = audit_workspace(self.root, self.run_id)
        return found

    def findings(self) -> list[str]:
        return [f"{finding.code}: {finding.message}" for finding in self.audit().findings]


class Broken(TakingBack):
    """Its second task orders, and dies before the record."""

    def steps(self) -> tuple[Step, ...]:
        first, second = super().steps()

        def order_and_die(ctx: StepContext) -> Work:
            """Order, and die."""
            order = f"green paint, order {ctx.run_id}-{ctx.attempt}"

            def act() -> Mapping[str, Any]:
                self.outside.append(order)
                raise KeyboardInterrupt

            ctx.effect("order", {"order": order}, act, lambda: None)  # type: ignore[arg-type]
            raise AssertionError

        return first, replace(second, run=order_and_die)
