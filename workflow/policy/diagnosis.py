"""Who can open which gate of this repository, and is its policy a sound one? For `phasegate doctor`: it only reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from shlex import quote
from typing import NamedTuple

from gates.policy import GatePolicy, Policies
from state.counted import counted
from state.errors import PhasegateError
from state.outside_file import POLICY, read_if_there
from state.path_word import lift_mark
from workflow.policy.look_alikes import ENROL, FILE, refuse_look_alikes
from workflow.policy.policy_fit import without_key
from workflow.views.doctor import Looked
from workflow.views.who_may import agents_in_words, how_in_words

AREA = "policy"
NO_RULES: Mapping[str, str] = {}
MAKE_A_KEY = "git config gpg.format ssh\ngit config user.signingkey ~/.ssh/id_ed25519.pub"


class Reader(NamedTuple):
    """Who asks: git identity (`Name <email>`, "" for none), and whether git knows an SSH key of theirs to sign with."""

    identity: str
    has_key: bool


def look_at_policy(
    workspace: Path,
    reader: Reader,
    *,
    as_in_head: bool,
    in_head: bool,
    mark: str = "",
    idle: Mapping[str, str] = NO_RULES,
) -> Iterator[Looked]:
    """A line for the file, one for the default and one for each of its rules.

    `as_in_head`: whether phasegate.yaml is in the workspace as it is in HEAD; `in_head`: whether it is in HEAD; `mark`:
    the one by which git does not see what changes in it, or ""; `idle`: of rules about no gate, by place, what is
    wrong.
    """
    try:
        refuse_look_alikes(workspace)
        policies = _policies(workspace)
    except PhasegateError as error:
        problems = "; ".join(map(str, error.problems))
        yield Looked(AREA, "file", "fail", f"{error.message}: {problems}" if problems else error.message, _fix(error))
        return
    if policies is None:
        yield Looked(AREA, "file", "ok", f"no {FILE}: the default holds")
        policies = Policies()
    elif not as_in_head:
        seen = f"{FILE} is not as in HEAD: gates go by what is committed, so nothing opens"
        look = f"git -P diff HEAD -- {FILE}" if in_head else f"cat -- {FILE}"  # git shows no difference of a new one
        yield Looked(AREA, "file", "fail", seen, f"{look}\ngit add -- {FILE} && git commit")
    elif mark:
        seen = f"{FILE} is marked {mark}, so git does not see what changes in it: gates go by what is committed"
        yield Looked(AREA, "file", "warn", seen, lift_mark(mark, FILE))
    else:
        yield Looked(AREA, "file", "ok", f"{FILE}, as in HEAD")
    named = [("every gate" if not policies.rules else "every other gate", policies.default)]
    for rule in policies.rules:
        of = "" if rule.workflow == "*" else f" of {rule.workflow}"
        named.insert(-1, (f"gate {rule.gate}{of} ({rule.place})", rule.policy))
    for name, policy in named:
        why = next((why for place, why in idle.items() if name.endswith(f"({place})")), "")
        yield (
            _gate(workspace, name, policy, reader)
            if not why
            else Looked(AREA, name, "warn", f"{why}, so a run of it is refused", f"$EDITOR {quote(FILE)}")
        )


def _policies(workspace: Path) -> Policies | None:
    data = read_if_there(workspace / FILE, "policy", limit=POLICY, name=FILE)
    if data is None:
        return None
    from workflow.policy.policy_file import read_policies  # pydantic and YAML, only where there is something to read

    return read_policies(data)


def _fix(error: PhasegateError) -> str:
    return "\n".join(line.strip() for line in error.next_command.split("\n"))


def _gate(workspace: Path, name: str, policy: GatePolicy, reader: Reader) -> Looked:
    seen = f"{'; '.join(_words(policy))}; {_may(policy, reader)}"
    missing = [path for path in policy.key_files if not (workspace / path).is_file()]
    if missing == [policy.passkeys]:
        why = f"{policy.passkeys} is not there yet, so no gate opens: the first passkey that is enrolled makes it"
        return Looked(AREA, name, "warn", f"{seen}; {why}", ENROL)
    if missing:
        return Looked(AREA, name, "fail", f"{seen}; {', '.join(missing)} is not there", f"$EDITOR {quote(FILE)}")
    if why := without_key(workspace, policy):
        return Looked(AREA, name, "fail", f"{seen}; {why}, so nobody could sign", f"$EDITOR {quote(FILE)}")
    if policy.signed and policy.names(reader.identity) and not (reader.has_key or policy.passkeys):
        return Looked(AREA, name, "warn", f"{seen}, with a key, and git knows none of yours", MAKE_A_KEY)
    return Looked(AREA, name, "ok", seen)


def _words(policy: GatePolicy) -> Iterator[str]:
    whom = ", ".join(policy.who) or "anybody"
    if policy.opened_by_policy:
        yield f"opens by itself when its checks passed, else by {counted(policy.approvers, 'approval')} of {whom}"
    else:
        yield f"{counted(policy.approvers, 'approval')} of {whom}"
    yield {
        None: "also of who did the work, at a terminal",
        True: "also of who did the work",
        False: "not of who did the work",
    }[policy.operator_may_approve]
    if not policy.orderer_may_approve:
        yield "not of who ordered the run"
    yield how_in_words(policy) if policy.signed else f"unsigned; of an agent's work {agents_in_words(policy)}"
    yield f"within {_time(policy.expires_after)}"


def _may(policy: GatePolicy, reader: Reader) -> str:
    if not reader.identity:
        return "who you are is not known"
    return "you may" if policy.names(reader.identity) else "you may not"


def _time(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    for size, name in ((24 * 60, "day"), (60, "hour")):
        if minutes % size == 0:
            return counted(minutes // size, name)
    return counted(minutes, "minute")
