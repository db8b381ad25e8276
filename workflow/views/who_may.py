"""Who may open a gate, and how? In words, from one place for every face: status, inbox, page, commands, MCP. Pure.

Rules:
- Who and how are two things: `ada@example.com, at a terminal or with a signature`.
- A way is said only where the policy admits it: no `--sign` without allowed signers, no passkey without a list of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from gates.operators import operators_of
from gates.policy import GatePolicy, email_of
from state.counted import counted
from state.evidence import AGENT, RecordedPolicy
from state.printable import as_name, printable_line
from state.run_state import RunState
from state.task_events import LEFT_OUT_VIA
from state.task_state import TaskState

Policy = RecordedPolicy | GatePolicy


def who_may(run: RunState, state: TaskState, *, enrolled: int | None = None) -> str:
    """Who may approve what this task shows, and how: `anybody`, `2 people, 0 by now: *@example.com, signed with ...`.

    `enrolled`: how many passkeys of its list may approve it now, where that is known.
    """
    policy = state.worked.policy if state.worked else None
    if policy is None:
        return "anybody"
    how = how_in_words(policy, enrolled=enrolled)
    barred = [printable_line(each) for each in _barred(run, state, policy)]
    if policy.who:
        who = ", ".join(map(printable_line, policy.who)) + (f", not {', '.join(barred)}" if barred else "")
    elif barred:
        who = f"somebody else than {', '.join(barred)}"
    elif policy.passkeys_alone:
        who, how = f"holders of {_a_passkey(policy, enrolled)}", ""
    else:
        who = "anybody"
    return f"{_how_many(state, policy)}{who}{f', {how}' if how else ''}"


def is_barred(run: RunState, state: TaskState, identity: str) -> bool:
    """Whether this person is among those who may not approve what this task shows, for what they did."""
    policy = state.worked.policy if state.worked else None
    return policy is not None and email_of(identity) in set(map(email_of, _barred(run, state, policy)))


def how_in_words(policy: Policy, *, enrolled: int | None = None) -> str:
    """How an approval is to be given there: `with a signature by a key in FILE`; "" where it is said as one likes."""
    keys = [f"by an SSH key in {as_name(policy.allowed_signers)}"] if policy.allowed_signers else []
    if policy.signed:
        ways = [*keys, *([f"by {_a_passkey(policy, enrolled)}"] if policy.passkeys else [])]
        return f"signed {' or '.join(ways)}" if ways else "signed, by a key of which the policy names no list"
    if policy.presence != "terminal":
        return ""
    ways = [*(["with a signature"] if keys else []), *(["with a passkey"] if policy.passkeys else [])]
    return " or ".join(["at a terminal", *ways])


def agents_in_words(policy: GatePolicy) -> str:
    """How an approval of an agent's work is to be given at a gate with this policy, whatever its work will be."""
    return how_in_words(policy.settled(without_terminal=True, agents=True)) or "in any way, also without a person there"


def approves_after(policy: GatePolicy, *, at_terminal: bool = True) -> str:
    """Who approves an agent's task once a person has done it, at a terminal or without: said before they do it."""
    done = policy.settled(without_terminal=not at_terminal, agents=True)
    return "who does it may approve it" if done.operator_may_approve else "somebody else approves it then"


def approval_asked(policy: GatePolicy) -> str:
    """What a gate will ask for beside checks that pass, before its work is done: `2 approvals of the digest shown`.

    Of an agent's work, where the policy says so.
    """
    many = "approval" if policy.approvers == 1 else f"{policy.approvers} approvals"
    by = f", by {', '.join(map(printable_line, policy.who))}" if policy.who else ""
    how = f", {how_in_words(policy)}" if policy.signed else ""
    by_itself = "; it opens by itself where every check passed" if policy.opened_by_policy else ""
    agents = f"; of an agent's work {agents_in_words(policy)}" if policy.presence and not policy.signed else ""
    return f"{many} of the digest shown{by}{how}{agents}{by_itself}"


def asked_of_command(run: RunState, state: TaskState) -> Iterator[str]:
    """What stands behind the command that approves: how many, by whom, what it needs; nothing for anybody."""
    policy = state.worked.policy if state.worked else None
    if policy is None:
        return
    if policy.approvers > 1:
        yield f"{counted(policy.approvers, 'person', 'people')}, {len(_given(state))} by now"
    if policy.who:
        yield f"by {', '.join(map(printable_line, policy.who))}"
    if others := _barred(run, state, policy):
        yield f"by somebody else than {', '.join(map(printable_line, others))}"
    if policy.presence == "terminal" and not policy.signed:
        yield "in a terminal, or with --sign" if policy.allowed_signers else "in a terminal"


def _how_many(state: TaskState, policy: RecordedPolicy) -> str:
    if policy.approvers == 1:
        return ""
    return f"{counted(policy.approvers, 'person', 'people')}, {len(_given(state))} by now: "


def _given(state: TaskState) -> Collection[str]:
    return {approval.by.git for approval in state.approvals}


def _barred(run: RunState, state: TaskState, policy: RecordedPolicy) -> Collection[str]:
    """Which people may not approve: who did the work or ordered it, and who approved already where several are to."""
    did_work = [] if policy.operator_may_approve else operators_of(run, state)
    ordered = [] if policy.orderer_may_approve else [run.start.orderer.git]
    given = [approval.by.git for approval in state.approvals] if policy.approvers > 1 else []
    people = (who for who in (*did_work, *ordered, *given) if who != LEFT_OUT_VIA)  # a profile's task is nobody's work
    return dict.fromkeys(who for who in people if not who.startswith(AGENT))


def _a_passkey(policy: Policy, enrolled: int | None) -> str:
    return f"a passkey in {as_name(policy.passkeys)}" + ("" if enrolled is None else f" ({enrolled})")
