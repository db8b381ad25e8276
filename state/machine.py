"""Which state may follow which? A `transitions.Machine` built from the plan, and the two tables as Mermaid.

Rules (measured facts: docs/decisions/0002-flat-machine.md):
- Every task is a state; `ready` comes before, `complete`, `aborted`, `rolling_back` and `rolled_back` after.
- `advance` leaves a state only while the gate admits; there is no other way out but `abort` and `roll_back`.
- A rollback is a second row of states, with the same gates: `rolling_back` before it, `rolled_back` after it. It may
  begin everywhere but in `aborted`; in `complete`, too.
- `auto_transitions=False`: the library's default would add `to_<state>()`, which walks round every gate.
- The library is loaded with the first question that is put to it.
- No callback does I/O: the engine asks `may_advance`, writes the event, then moves.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from state.model import Plan
from state.position import READY, ROLLING_BACK, Outcome
from state.printable import printable_line

_COMPLETE, _ABORTED, _ROLLED_BACK = (each.value for each in (Outcome.COMPLETE, Outcome.ABORTED, Outcome.ROLLED_BACK))
END_STATES = (_COMPLETE, _ABORTED, ROLLING_BACK, _ROLLED_BACK)


class RunMachine:
    """Where a run stands in its plan.

    Attributes:
        state: a task's key, "ready", or one of END_STATES.
    """

    state: str

    def __init__(self, plan: Plan, gate_admits: Callable[[str], bool], *, at: str = READY) -> None:
        """`gate_admits` decides for a task's key; `at` restores a state without running anything.

        Raises ValueError when `at` is not a state of this plan.
        """
        self._gate_admits = gate_admits
        self._keys = [task.key for task in plan.tasks]
        self._back = [task.key for task in plan.rollback]
        self._states = [READY, *self._keys, *END_STATES, *self._back]
        if at not in self._states:
            raise ValueError(f"{at!r} is not a state of plan {plan.name}")
        self.state = at

    @cached_property
    def _built(self) -> type[Exception]:
        """The library's machine on this object; what it refuses a move with.

        It is loaded and built at the first question: what waits where it stood is approved without a move.
        """
        from transitions import Machine, MachineError

        keys, back = self._keys, self._back
        machine = Machine(
            model=self,
            states=self._states,
            initial=self.state,
            auto_transitions=False,
            send_event=False,
            transitions=[],
        )
        machine.add_transition("advance", READY, keys[0])
        for source, target in zip(keys, [*keys[1:], _COMPLETE], strict=True):
            machine.add_transition("advance", source, target, conditions=self._gate_is_open)
        if back:
            machine.add_transition("advance", ROLLING_BACK, back[0])
            for source, target in zip(back, [*back[1:], _ROLLED_BACK], strict=True):
                machine.add_transition("advance", source, target, conditions=self._gate_is_open)
        machine.add_transition("abort", [READY, *keys, ROLLING_BACK, *back], _ABORTED)
        machine.add_transition("roll_back", [READY, *keys, _COMPLETE], ROLLING_BACK)
        refusal: type[Exception] = MachineError
        return refusal

    def _gate_is_open(self) -> bool:
        return self._gate_admits(self.state)

    def may(self, trigger: str) -> bool:
        """Whether `advance`, `abort`, ... would move now."""
        self._built  # noqa: B018 - with it comes `may_...`
        return bool(getattr(self, f"may_{trigger}")())

    def move(self, trigger: str) -> str:
        """Move, and return the new state. Raises RuntimeError when the state did not change: a refused condition
        is silent in the library, so the state is looked at and not the return value."""
        before, refusal = self.state, self._built
        try:
            getattr(self, trigger)()
        except refusal as error:
            raise RuntimeError(f"{trigger} is not allowed in {before}") from error
        if self.state == before:
            raise RuntimeError(f"{trigger} was refused in {before}: its gate is closed")
        return self.state


def life_cycle_mermaid() -> str:
    """The life cycle inside one task, as a Mermaid state diagram (the README's; a test compares them)."""
    from state.task_state import LIFE  # here, so that `plan` starts without what a run has gone through

    lines = ["stateDiagram-v2", "    [*] --> pending"]
    for (before, event), after in LIFE.items():
        if before != after:
            lines.append(f"    {_node(before)} --> {_node(after)}: {event}")
    return "\n".join([*lines, "    committing --> done: commit found", "    done --> [*]"]) + "\n"


def plan_mermaid(plan: Plan) -> str:
    """The plan's states and gates, as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> ready"]
    keys = [task.key for task in plan.tasks]
    for task in plan.tasks:
        label = printable_line(f"{task.id} {task.title}".strip()).replace(":", " -").replace('"', "'")
        lines.append(f'    state "{label}" as {task.key}')
    lines.append(f"    ready --> {keys[0]}")
    for source, target in zip(keys, [*keys[1:], _COMPLETE], strict=True):
        lines.append(f"    {source} --> {target}: approval + commit")
    return "\n".join([*lines, "    complete --> [*]"]) + "\n"


def _node(name: str) -> str:
    return name.replace("-", "_")  # Mermaid takes no "-" in a state's name
