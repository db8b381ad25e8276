"""What does phasegate.yaml say? Its bytes become `Policies`, or every problem at once, each with file:line:column.

Rules:
- Nothing is guessed: an unknown name, a wrong kind of value, a name given twice or a YAML alias is refused.
- Nothing is weaker by omission: what a gate's entry leaves out is as under `default`, what that leaves out is as in
  `gates.policy.GatePolicy`.
- Pure: bytes in, values out. `policy_in_force` reads the file, and the ones that it names.
The settings are described in the commented file that `phasegate init` writes (`phasegate.yaml` beside this module).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import PurePosixPath
from string import Formatter
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gates.policy import GatePolicy, GateRule, Policies
from state.errors import BadInput, Problem
from workflow.policy_in_force import FILE

UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
LONGEST = timedelta(days=365)
TEXT = ("gate", "workflow")  # taken as written: unquoted, YAML would make a number of 3.1, and the same one of 3.10

Path_ = tuple[str | int, ...]


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    approvers: int | None = Field(default=None, ge=1, le=99)
    who: list[str] | None = None
    operator_may_approve: bool | None = None
    expires: str | None = Field(default=None, pattern=r"^[1-9][0-9]{0,4}[mhd]$")
    signed: bool | None = None
    opened_by_policy: bool | None = None
    allowed_signers: str | None = None
    revoked_keys: str | None = None


class _Gate(_Settings):
    gate: str = Field(min_length=1)
    workflow: str = Field(default="*", min_length=1)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    default: _Settings = _Settings()
    gates: list[_Gate] = []
    commit: str = ""
    tests: str = ""


def read_policies(data: bytes, name: str = FILE) -> Policies:
    """The policies in the bytes of a phasegate.yaml; `GatePolicy.files` is left empty.

    Raises BadInput with every problem, each at `name:line:column`.
    """
    document = _Document(data, name)
    try:
        body = _File.model_validate(document.value)
    except ValidationError as error:
        found = [document.problem(detail["loc"], _said(detail)) for detail in error.errors()]
        raise _refused(name, [*document.problems, *found]) from error
    problems = document.problems
    default = _policy(GatePolicy(), body.default)
    problems += [document.problem(("default", field), why) for field, why in _contradictions(default)]
    problems += [document.problem(("commit",), why) for why in _template_problems(body.commit)]
    rules = []
    for number, entry in enumerate(body.gates):
        place: Path_ = ("gates", number)
        rules.append(GateRule(entry.gate, entry.workflow, _policy(default, entry), document.place((*place, "gate"))))
        problems += [document.problem((*place, field), why) for field, why in _contradictions(rules[-1].policy)]
    if problems:
        raise _refused(name, problems)
    return Policies(default, tuple(rules), body.commit, body.tests.strip())


def _policy(base: GatePolicy, said: _Settings) -> GatePolicy:
    """The base, with what was said in its place."""
    given = said.model_dump(exclude_none=True, exclude={"gate", "workflow", "expires", "who"})
    values = {name: getattr(base, name) for name in GatePolicy.__slots__} | given
    if said.expires is not None:
        values["expires_after"] = int(said.expires[:-1]) * UNITS[said.expires[-1]]
    if said.who is not None:
        values["who"] = tuple(said.who)
    return GatePolicy(**values)


def _contradictions(policy: GatePolicy) -> Iterator[tuple[str, str]]:
    """Setting and reason, for each that can never be or that reaches out of the workspace."""
    if policy.signed and not policy.allowed_signers:
        yield "signed", "signatures are asked for, and allowed_signers names no file to verify them against"
    if policy.expires_after > LONGEST:
        yield "expires", f"expected at most {LONGEST.days}d"
    if any(not name.strip() for name in policy.who):
        yield "who", "an empty entry is nobody"
    plain = {name.lower() for name in policy.who}
    if policy.who and not any(set(name) & set("*?[") for name in plain) and len(plain) < policy.approvers:
        yield "approvers", f"{policy.approvers} are asked for, and who names {len(plain)}: this gate could never open"
    for field in ("allowed_signers", "revoked_keys"):
        path = PurePosixPath(getattr(policy, field))
        if path.is_absolute() or ".." in path.parts:
            yield field, f"{path} is not a path inside of the repository, so an audit could not find it"


def _template_problems(template: str) -> Iterator[str]:
    """What keeps it from being the subject of a commit."""
    if not template:
        return
    try:
        names = {name for _text, name, _spec, _conversion in Formatter().parse(template) if name is not None}
        template.format(name="", id="", title="")
    except (ValueError, KeyError, IndexError, AttributeError):
        yield f"commit: expected a text with {{name}}, {{id}} and {{title}}, seen {template!r}"
        return
    if "\n" in template.strip() or not names & {"id", "title"}:
        yield f"commit: expected one line that names {{id}} or {{title}}, seen {template!r}"


def _said(detail: Any) -> str:
    """One of pydantic's findings in our words."""
    if detail["type"] == "model_type":
        return f"expected settings, `name: value` a line, seen {detail['input']!r}"
    name = str(detail["loc"][-1])
    if detail["type"] == "extra_forbidden":
        return f"{name!r} is not a setting here; there are: {', '.join(_names(detail['loc']))}"
    if detail["type"] == "missing":
        return f"{name!r} is missing"
    if name == "expires":
        return f"expires: expected a time such as 30m, 24h or 7d, seen {detail['input']!r}"
    return f"{name}: {detail['msg'][0].lower()}{detail['msg'][1:]}, seen {detail['input']!r}"


def _names(loc: Path_) -> list[str]:
    model = _File if len(loc) == 1 else _Gate if loc[0] == "gates" else _Settings
    return sorted(model.model_fields)


def _refused(name: str, problems: list[Problem]) -> BadInput:
    ordered = sorted(problems, key=lambda problem: [int(number) for number in problem.where.split(":")[-2:]])
    message = f"the policy in {name} is refused, so nothing runs"
    return BadInput(message, problems=ordered, next_command=f"$EDITOR {name}   # docs/approvals.md has every setting")


class _Document:
    """A YAML file as plain values, and where each of them stands.

    Attributes:
        value: the values; an empty file is an empty mapping.
        problems: names given twice, and aliases.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self._name = name
        self._marks: dict[Path_, tuple[int, int]] = {}
        self._seen: set[int] = set()
        self.problems: list[Problem] = []
        try:
            self._loader = yaml.SafeLoader(data.decode("utf-8-sig"))
            node = self._loader.get_single_node()
            self.value = {} if node is None or _is_empty(node) else self._read(node, ())
        except UnicodeDecodeError as error:
            raise _refused(name, [Problem(f"{name}:1:1", f"not UTF-8: {error.reason}")]) from error
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else f"{name}:1:1"
            why = getattr(error, "problem", None) or str(error).split("\n", 1)[0]
            hint = "; a value that begins with * needs quotes" if "alias" in why else ""
            raise _refused(name, [Problem(place, f"not YAML: {why}{hint}")]) from error

    def place(self, path: Path_) -> str:
        """`file:line:column` of the value at this path, or of the nearest thing around it."""
        while path not in self._marks and path:
            path = path[:-1]
        line, column = self._marks.get(path, (0, 0))
        return f"{self._name}:{line + 1}:{column + 1}"

    def problem(self, path: Path_, message: str) -> Problem:
        return Problem(self.place(path), message)

    def _read(self, node: yaml.Node, path: Path_) -> Any:
        self._marks.setdefault(path, (node.start_mark.line, node.start_mark.column))
        if id(node) in self._seen:
            self.problems.append(self.problem(path, "aliases are not used here: write it out"))
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self._read(item, (*path, number)) for number, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if path and path[-1] in TEXT:
            return node.value
        return self._loader.construct_object(node)

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        body: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value)
            here = (*path, name)
            if name in body:
                place = f"{self._name}:{key.start_mark.line + 1}:{key.start_mark.column + 1}"
                self.problems.append(Problem(place, f"{name!r} is given twice; the first is at {self.place(here)}"))
                continue
            self._marks[here] = (key.start_mark.line, key.start_mark.column)
            body[name] = self._read(value, here)
        return body


def _is_empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and re.fullmatch(r"~|null|", node.value, re.IGNORECASE) is not None
