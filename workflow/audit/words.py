"""How is a value of an audit said to people? Times and policies."""

from __future__ import annotations

from datetime import timedelta

from state.evidence import RecordedPolicy


def duration(length: timedelta) -> str:
    """`2 d 3 h`, `4 min 5 s`, `1.3 s`, `40 ms`: the two largest units."""
    seconds = length.total_seconds()
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    left, parts = int(seconds), list[str]()
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        if left >= size or parts:
            parts.append(f"{left // size} {unit}")
            left %= size
    return " ".join(part for part in parts[:2] if not part.startswith("0 "))


def asked_for(policy: RecordedPolicy | None) -> str:
    """What a gate asked for, by the policy that the journal records: `2 approvers, not the operator; signed`."""
    if policy is None:
        return ""
    who = f" of {', '.join(policy.who)}" if policy.who else ""
    many = "approver" if policy.approvers == 1 else "approvers"
    said = f"{policy.approvers} {many}{who}{'' if policy.operator_may_approve else ', not the operator'}"
    said += "" if policy.orderer_may_approve else ", not who ordered the run"
    parts = [said, *(["signed"] if policy.signed else [])]
    hours, rest = divmod(policy.expires_after, 3600)
    within = f"{hours} h" if not rest and hours <= 72 else duration(timedelta(seconds=policy.expires_after))
    parts.append(f"within {within}")
    parts += ["or the policy itself, when every check passes"] if policy.opened_by_policy else []
    parts += ["or the approval of before, when nothing has changed"] if policy.repeat else []
    return "; ".join(parts)
