"""What does an approver of a changed policy read? What judges now against what would, and the files, complete. Pure.

Rules: as in `review_page.py`. What files and keys say stands in a block quote; nothing is cut.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from gates.policy_change import PASSKEY, GateRules
from phases.documents.markdown import code, inline, quote
from state.printable import as_name, printable
from state.text_lines import lines_of
from state.time_span import span
from workflow.engine.policy_review import PolicyChange, WeakerGate
from workflow.policy.policy_history import Held

ALL = 1 << 20  # lines of context: the whole text


def policy_page(change: PolicyChange) -> str:
    """The page: each group of gates with what would become of its settings and keys, the files, and what is asked."""
    lines = ["## A weaker policy", ""]
    lines += [f"Run `{change.run}`. HEAD ({change.head[:10]}) asks for less than what judges its gates now."]
    for gates in _alike(change.gates):
        names = ", ".join(inline(gate.task.label) for gate in gates)
        first = gates[0]
        lines += ["", f"### {'Gate' if len(gates) == 1 else 'Gates'} {names}", ""]
        lines += [f"- {inline(why)}" for why in first.standing.weaker]
        before, after = _rules(first.standing.rules), _rules(first.new)
        lines += ["", "What judges (-), and what would (+):", "", quote("\n".join(_compared(before, after)))]
    for path in sorted({*change.before.ids, *change.held.ids}):
        was, now = _text(change.before, path), _text(change.held, path)
        if was != now:
            lines += ["", f"### {code(as_name(path))} since the run began", ""]
            lines += [quote("\n".join(_compared(was, now)))]
    asked = "Approval: signed by one of the signers that count now" if change.signed else "Approval: by who may now"
    lines += ["", f"{asked}; not by who did work of this run, as at its gates."]
    if change.refusal:
        lines += [f"You cannot approve this: {inline(change.refusal)}."]
    lines += ["", f"Digest {change.digest}"]
    return printable("\n".join(lines)) + "\n"


def _alike(gates: Sequence[WeakerGate]) -> list[list[WeakerGate]]:
    """The gates, those together for which the same would change."""
    groups: list[list[WeakerGate]] = []
    for gate in gates:
        same = (gate.standing.rules, gate.new, gate.standing.weaker)
        for group in groups:
            if (group[0].standing.rules, group[0].new, group[0].standing.weaker) == same:
                group.append(gate)
                break
        else:
            groups.append([gate])
    return groups


def _rules(rules: GateRules) -> list[str]:
    policy = rules.policy
    said = {True: "true", False: "false", None: "left out"}
    return [
        f"approvers: {policy.approvers}",
        *(f"who: {each}" for each in policy.who or ["everybody"]),
        f"operator_may_approve: {said[policy.operator_may_approve]}",
        f"expires: {span(policy.expires_after)}",
        f"signed: {said[policy.signed]}",
        f"opened_by_policy: {said[policy.opened_by_policy]}",
        *([f"presence: {policy.presence}"] if policy.presence is not None else []),
        *([f"attempts: {policy.attempts}"] if policy.attempts is not None else []),
        f"repeat: {said[policy.repeat]}",
        *([] if policy.user_verified else ["user_verified: false"]),
        *(["tick_not_applicable: true"] if policy.tick_not_applicable else []),
        *([] if policy.orderer_may_approve else ["orderer_may_approve: false"]),
        *(f"{'passkey' if line.startswith(PASSKEY) else 'allowed signer'}: {line}" for line in sorted(rules.allowed)),
        *(f"revoked key: {line}" for line in sorted(rules.revoked)),
    ]


def _text(held: Held, path: str) -> list[str]:
    if path not in held.data:
        return []
    try:
        return lines_of(held.data[path].decode())
    except UnicodeDecodeError:
        return [f"(binary) SHA-256 {held.digests[path]}"]


def _compared(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """Both in one, each line with its sign."""
    for number, line in enumerate(difflib.unified_diff(before, after, n=ALL, lineterm="")):
        if number > 2:  # the names and the place
            yield line.replace("\r", "\\r")
