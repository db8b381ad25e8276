"""What does phasegate.yaml say? Its bytes become `Policies`, or every problem at once, each with file:line:column.

Rules:
- Nothing is guessed: an unknown name, a wrong kind of value, a name given twice or a YAML alias is refused.
- Nothing is weaker by omission: what a gate's entry leaves out is as under `default`, what that leaves out is as in
  `gates.policy.GatePolicy`.
- Pure: bytes in, values out. `policy_in_force` reads the file, and the ones that it names.
The settings are described in the commented file that `phasegate init` writes (`phasegate.yaml` beside this module).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import PurePosixPath
from string import Formatter
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gates.policy import GatePolicy, GateRule, Policies
from phases.documents.yaml_document import Place, YamlDocument, in_order, said, seen
from state.commit_template import why_no_template
from state.errors import BadInput, Problem
from state.evidence import Presence
from state.nearest import hint
from state.path_word import path_word
from workflow.policy.look_alikes import FILE
from workflow.policy.meeting_settings import PATTERNS as MEETING_PATTERNS
from workflow.policy.meeting_settings import Meeting
from workflow.policy.notify_settings import PATTERNS, Happening, Notify
from workflow.policy.who_entries import entry_named, why_nobody

UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
LONGEST = timedelta(days=365)
TEXT = ("gate", "workflow")
ALONE = ("expires", "allowed_signers", "revoked_keys", "passkeys")  # settings that are wrong whatever the others say


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    approvers: int | None = Field(default=None, ge=1, le=99)
    who: list[str] | None = None
    operator_may_approve: bool | None = None
    orderer_may_approve: bool | None = None
    expires: str | None = Field(default=None, pattern=r"^[1-9][0-9]{0,4}[mhd]$")
    signed: bool | None = None
    opened_by_policy: bool | None = None
    presence: Presence | None = None
    attempts: int | None = Field(default=None, ge=1, le=99)
    repeat: bool | None = None
    allowed_signers: str | None = None
    revoked_keys: str | None = None
    passkeys: str | None = None
    user_verified: bool | None = None
    tick_not_applicable: bool | None = None


class _Gate(_Settings):
    gate: str = Field(min_length=1)
    workflow: str = Field(default="*", min_length=1)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    default: _Settings = _Settings()
    gates: list[_Gate] = []
    commit: str = ""
    tests: str = ""
    notify: Notify | None = None
    meeting: Meeting | None = None
    runners: str = ""


def read_meeting(data: bytes, name: str = FILE) -> tuple[Meeting | None, str]:
    """Where runs are met, by the bytes of a phasegate.yaml, and the file of the runners' keys, "" for none.

    Raises BadInput as `read_policies`.
    """
    read_policies(data, name, judged_before=True)
    found = _File.model_validate(YamlDocument(data, name, lambda problems: _refused(name, problems), _is_text).value)
    return found.meeting, found.runners


def read_notify(data: bytes, name: str = FILE) -> Notify | None:
    """Who is told what, by the bytes of a phasegate.yaml; None where nobody is. Raises BadInput as `read_policies`."""
    read_policies(data, name, judged_before=True)
    value = YamlDocument(data, name, lambda problems: _refused(name, problems), _is_text).value
    return _File.model_validate(value).notify


def read_policies(data: bytes, name: str = FILE, *, judged_before: bool = False) -> Policies:
    """The policies in the bytes of a phasegate.yaml; `GatePolicy.files` is left empty.

    `judged_before`: for the audit of what such a file has governed; entries of `who` that are refused today are read.

    Raises BadInput with every problem, each at `name:line:column`.
    """
    document = YamlDocument(data, name, lambda problems: _refused(name, problems), _is_text)
    try:
        body = _File.model_validate(document.value)
    except ValidationError as error:
        found = [document.problem(detail["loc"], _said(detail)) for detail in error.errors()]
        found += _beside(document, error, judged_before)
        raise _refused(name, [*document.problems, *found]) from error
    default = _policy(GatePolicy(), body.default)
    rules = []
    problems = [*document.problems, *_problems(document, ("default",), default, body.default, judged_before)]
    problems += [document.problem(("commit",), why) for why in _template_problems(body.commit)]
    problems += [document.problem(("runners",), f"runners: {why}") for why in _outside(body.runners)]
    for number, entry in enumerate(body.gates):
        place: Place = ("gates", number)
        rules.append(GateRule(entry.gate, entry.workflow, _policy(default, entry), document.place((*place, "gate"))))
        problems += _problems(document, place, rules[-1].policy, entry, judged_before)
    if problems:
        raise _refused(name, problems)
    return Policies(default, tuple(rules), body.commit, body.tests.strip())


def _beside(document: YamlDocument, error: ValidationError, judged_before: bool) -> Iterator[Problem]:
    """What is wrong beside values of a wrong kind, setting by setting: what these say together nobody knows yet."""
    value = document.value if isinstance(document.value, dict) else {}
    if isinstance(template := value.get("commit"), str):
        yield from (document.problem(("commit",), why) for why in _template_problems(template))
    if isinstance(runners := value.get("runners"), str):
        yield from (document.problem(("runners",), f"runners: {why}") for why in _outside(runners))
    gates = value.get("gates")
    places: list[tuple[Place, object]] = [(("default",), value.get("default"))]
    places += [(("gates", number), entry) for number, entry in enumerate(gates if isinstance(gates, list) else ())]
    wrong = {tuple(detail["loc"])[: 3 if detail["loc"][:1] == ("gates",) else 2] for detail in error.errors()}
    for place, given in places:
        if isinstance(given, dict):
            sound = {
                field: each
                for field, each in given.items()
                if field in _Settings.model_fields
                and not any(loc[: len(place) + 1] == (*place, field) for loc in wrong)
            }
            settings = _Settings.model_validate(sound)
            policy = _policy(GatePolicy(), settings)
            yield from (
                document.problem((*place, field), why) for field, why in _contradictions(policy) if field in ALONE
            )
            if not judged_before:
                yield from (document.problem((*place, "who"), why) for why in _who_problems(settings.who))


def _problems(
    document: YamlDocument, place: Place, policy: GatePolicy, said: _Settings, judged_before: bool
) -> Iterator[Problem]:
    """What is wrong with the policy that the settings at this place make."""
    yield from (document.problem((*place, field), why) for field, why in _contradictions(policy))
    if not judged_before:
        yield from (document.problem((*place, "who"), why) for why in _who_problems(said.who))


def _policy(base: GatePolicy, said: _Settings) -> GatePolicy:
    """The base, with what was said in its place."""
    given = said.model_dump(exclude_none=True, exclude={"gate", "workflow", "expires", "who"})
    values = {name: getattr(base, name) for name in GatePolicy.__slots__} | given
    if said.expires is not None:
        values["expires_after"] = int(said.expires[:-1]) * UNITS[said.expires[-1]]
    if said.who is not None:
        values["who"] = tuple(entry_named(entry) for entry in said.who)
    return GatePolicy(**values)


def _contradictions(policy: GatePolicy) -> Iterator[tuple[str, str]]:
    """Setting and reason, for each that can never be or that reaches out of the workspace."""
    asked = {"signed": policy.signed, "presence": policy.presence == "signed"}
    for field in asked if not (policy.allowed_signers or policy.passkeys) else ():
        if asked[field]:
            yield field, "signatures are asked for, and neither allowed_signers nor passkeys names a file of keys"
    if policy.expires_after > LONGEST:
        yield "expires", f"expected at most {LONGEST.days}d"
    named = _people_named(policy.who)
    if named and named < policy.approvers:
        yield "approvers", f"{policy.approvers} are asked for, and who names {named}: this gate could never open"
    for field in ("allowed_signers", "revoked_keys", "passkeys"):
        yield from ((field, why) for why in _outside(getattr(policy, field)))


def _outside(named: str) -> Iterator[str]:
    """Why a file of keys may not be where it is named."""
    path = PurePosixPath(named)
    if path.is_absolute() or ".." in path.parts:
        yield f"{path} is not a path inside of the repository, so an audit could not find it"
    elif any(part.lower() == ".git" for part in path.parts):
        yield f"{path} is git's own, which no commit can hold, so an audit could not find it"


def _people_named(who: Sequence[str]) -> int:
    """How many people these entries name; 0 where they may be any number, by a pattern or by no entry."""
    names = {name.lower() for name in who}
    return 0 if any(set(name) & set("*?[") for name in names) else len(names)


def _who_problems(who: Sequence[str] | None) -> Iterator[str]:
    """Why an entry can be nobody; a list without entries says nothing, where everybody may be meant, or nobody."""
    if who is None:
        return
    if not who:
        yield 'who: expected addresses, seen an empty list; leave it out, or say ["*"], where everybody may approve'
    for entry in who:
        if why := why_nobody(entry_named(entry)):
            yield f"who: {seen(entry)} can match no git identity: {why}"


def _template_problems(template: str) -> Iterator[str]:
    """What keeps it from being the subject of a commit."""
    if not template:
        return
    if why := why_no_template(template):
        yield f"commit: expected a text with {{name}}, {{id}} and {{title}}, seen {seen(template)}: {why}"
        return
    names = {name for _text, name, _spec, _conversion in Formatter().parse(template)}
    if "\n" in template.strip() or not names & {"id", "title"}:
        yield f"commit: expected one line that names {{id}} or {{title}}, seen {seen(template)}"
    elif not template.strip().isprintable():
        yield f"commit: expected a text without control characters, seen {seen(template)}"


def _is_text(place: Place) -> bool:
    return bool(place) and place[-1] in TEXT


def _said(detail: Any) -> str:
    """One of pydantic's findings in our words."""
    if detail["loc"] and detail["loc"][-1] == "expires" and detail["type"] not in ("model_type", "extra_forbidden"):
        return f"expires: expected a time such as 30m, 24h or 7d, seen {seen(detail['input'])}"
    if detail["loc"] == ("notify", "webhook"):  # what was seen may be an address, and so a secret
        return f"webhook: expected {PATTERNS['webhook']}"
    if detail["loc"] == ("notify", "when"):
        given, known = detail["input"], get_args(Happening)
        meant = hint(given, known) if isinstance(given, str) else ""
        return f"when: expected a list of {', '.join(known)}, seen {seen(given)}{meant}"
    if detail["loc"][:1] == ("notify",) and detail["type"] == "string_pattern_mismatch":
        field = detail["loc"][-1]
        return f"{field}: expected {PATTERNS[field]}, seen {seen(detail['input'])}"
    if detail["loc"][:1] == ("meeting",) and detail["type"] == "string_pattern_mismatch":
        field = detail["loc"][-1]
        return f"{field}: expected {MEETING_PATTERNS[field]}, seen {seen(detail['input'])}"
    return said(detail, _names(detail["loc"]))


def _names(loc: Place) -> list[str]:
    models: dict[object, type[BaseModel]] = {"gates": _Gate, "notify": Notify, "meeting": Meeting}
    model = _File if len(loc) <= 1 else models.get(loc[0], _Settings)
    return sorted(model.model_fields)


def _refused(name: str, problems: Sequence[Problem]) -> BadInput:
    message = f"the policy in {name} is refused, so nothing runs"
    return BadInput(
        message,
        problems=in_order(problems),
        next_command=f"$EDITOR {path_word(name)}   # docs/approvals.md has every setting",
    )
