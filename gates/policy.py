"""Who may open a gate? The rules of one gate, as plain values.

The default: one approver, who may be the operator, within 24 hours. Everything stricter is said explicitly.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """What a gate asks for.

    Attributes:
        approvers: how many different people must approve.
        operator_may_approve: whether the person who runs the task counts as one of them.
        expires_after: how long what was shown may wait; then it counts as rejected, never as approved.
    """

    approvers: int = 1
    operator_may_approve: bool = True
    expires_after: timedelta = timedelta(hours=24)


DEFAULT_POLICY = GatePolicy()
