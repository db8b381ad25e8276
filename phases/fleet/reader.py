"""What does a fleet file say? Its bytes become a `Fleet`, or every problem at once, each with file:line:column.

Rules:
- Nothing is guessed: an unknown setting, a wrong kind of value, a target that no wave has or that two have is refused.
- Each target has a directory of its own: two runs in one would write the same files, and their branches conflict.
- It holds no credentials: there is no setting for any, and an answer that has the form of one is refused.
- Pure: bytes in, a value out. What the repository has to it is looked at by who orders.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import PurePosixPath

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from phases.documents.yaml_document import Place, YamlDocument, in_order, seen
from phases.documents.yaml_document import said as said_of
from phases.fleet.model import Fleet, FleetTarget, Wave
from phases.tried_answers import is_placeholder
from state.errors import BadInput, Problem
from state.event_parts import RunTarget
from state.longest_text import LONGEST
from state.path_word import path_word
from state.printable import as_name

MOST = 1000  # targets, and runs at once
NAME = r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$"
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_REGION = r"^[a-z]{2}(-[a-z]+)+-[0-9]+$"
_EXPECTED = {
    "fleet": "small letters, digits and -, at most 40",
    "account": "an account of 12 digits, in quotes",
    "region": "a region such as eu-west-1",
    "bake": "a time such as 30m, 24h or 7d",
    "workflow": "the name of a workflow, or the path of a runbook",
    "repository": "the address of a remote",
    "directory": "a directory of the repository such as targets/eu",
    "profile": "the name of a profile",
}
_CREDENTIALS = re.compile(r"^[a-z][a-z0-9+.-]*://[^/@\s]*:[^/@\s]*@", re.IGNORECASE)


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SETTINGS = "expected settings, `name: value` a line"
# pydantic's kinds of errors, as far as a fleet file can meet them
_IN_OUR_WORDS = {
    "model_type": _SETTINGS,
    "dict_type": _SETTINGS,
    "list_type": "expected a list such as [one, two]",
    "too_short": "expected {min_length} at least",
    "too_long": "expected {max_length} at most",
    "greater_than_equal": "expected a whole number of {ge} or more",
    "less_than_equal": "expected a whole number of {le} or less",
    "int_type": "expected a whole number",
    "bool_type": "expected true or false",
}


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Target(_Settings):
    account: str | None = Field(default=None, pattern=r"^[0-9]{12}$")
    region: str | None = Field(default=None, pattern=_REGION)
    sandbox: bool = False
    directory: str = ""
    profile: str = ""
    answers: dict[str, str] = {}


class _Wave(_Settings):
    name: str = Field(pattern=NAME)
    targets: list[str] = Field(min_length=1)
    at_most: int | None = Field(default=None, ge=1, le=MOST)
    bake: str = Field(default="0s", pattern=r"^(0|[1-9][0-9]{0,4})[smhd]$")
    stop_after_failures: int = Field(default=1, ge=1, le=MOST)


class _Limits(_Settings):
    runs: int = Field(default=20, ge=1, le=MOST)
    per_account: int = Field(default=2, ge=1, le=MOST)


class _File(_Settings):
    fleet: str = Field(pattern=NAME)
    workflow: str = Field(min_length=1)
    repository: str = ""
    targets: dict[str, _Target] = Field(min_length=1, max_length=MOST)
    waves: list[_Wave] = Field(min_length=1)
    limits: _Limits = _Limits()


class FleetDocument:
    """A fleet file, and where each of its settings stands.

    `more`: what else is wrong, by whoever knows the repository: it is given the workflow ("" for none that can be read)
    and the targets as far as they can be read, so that all is told at once.

    Raises BadInput with every problem, each at `name:line:column`.
    """

    def __init__(
        self,
        data: bytes,
        name: str,
        *,
        is_secret: Callable[[str], bool] = lambda _text: False,
        more: Callable[[FleetDocument, str, Sequence[FleetTarget]], Iterable[Problem]] | None = None,
    ) -> None:
        self.name = name
        self._document = YamlDocument(data, name, self.refusal, _is_text)
        problems, body = [*self._document.problems, *self._beside(is_secret)], None
        try:
            body = _File.model_validate(self._document.value)
        except ValidationError as error:
            problems += [self._document.problem(detail["loc"], _said(detail)) for detail in error.errors()]
        value = _settings(self._document.value)
        if more is not None and value:
            workflow = value.get("workflow")
            problems += more(self, workflow if isinstance(workflow, str) else "", list(_as_read(value.get("targets"))))
        if problems or body is None:
            raise self.refusal(problems)
        self.fleet = _fleet(body)

    @property
    def repository(self) -> str:
        """The address that the file has, as far as it can be read."""
        found = _settings(self._document.value).get("repository")
        return found if isinstance(found, str) else ""

    def problem(self, place: Place, message: str) -> Problem:
        return self._document.problem(place, message)

    def refusal(self, problems: Sequence[Problem]) -> BadInput:
        return BadInput(
            f"the fleet in {self.name} is refused, so nothing is ordered",
            problems=in_order(problems),
            next_command=f"$EDITOR {path_word(self.name)}   # docs/fleet.md has every setting",
        )

    def _beside(self, is_secret: Callable[[str], bool]) -> Iterator[Problem]:
        """What no kind of value tells, setting by setting, whatever the others are."""
        value = _settings(self._document.value)
        targets = _settings(value.get("targets"))
        repository = value.get("repository")
        if isinstance(repository, str) and _CREDENTIALS.match(repository):
            yield self.problem(("repository",), "repository: the address holds a password; git keeps those elsewhere")
        first: dict[object, str] = {}
        for name, target in targets.items():
            yield from self._of_target(name, _settings(target), is_secret)
            directory = _settings(target).get("directory", "")
            if isinstance(directory, str) and first.setdefault(directory, name) != name:
                yield self._same_directory(name, directory, first[directory])
        if isinstance(waves := value.get("waves"), list):
            yield from self._of_waves(waves, targets)

    def _of_target(
        self, name: str, target: Mapping[str, object], is_secret: Callable[[str], bool]
    ) -> Iterator[Problem]:
        place: Place = ("targets", name)
        if not re.fullmatch(NAME, name):
            yield self.problem(place, f"expected a name of {_EXPECTED['fleet']}, seen {seen(name)}")
        if target.get("sandbox") is True:
            both = [each for each in ("account", "region") if each in target]
            if both:
                yield self.problem((*place, both[0]), "sandbox is an account of one machine: give it alone")
        else:
            missing = [each for each in ("account", "region") if each not in target]
            if missing:
                yield self.problem(place, f"{' and '.join(missing)} missing (or sandbox: true)")
        directory = target.get("directory", "")
        if isinstance(directory, str) and why_outside(directory):
            yield self.problem((*place, "directory"), f"directory: {why_outside(directory)}")
        for question, answer in _settings(target.get("answers")).items():
            if isinstance(answer, str) and (why := _no_answer(answer, is_secret)):
                yield self.problem((*place, "answers", question), f"answers: {as_name(question)} {why}")

    def _same_directory(self, name: str, directory: str, first: str) -> Problem:
        where = f"directory {seen(directory)}" if directory else "the fleet's own directory"
        return self.problem(
            ("targets", name, *(("directory",) if directory else ())),
            f"target {name} is in {where}, as target {first} at {self._at(('targets', first))}: both would write the "
            "same files; give each a directory",
        )

    def _of_waves(self, waves: list[object], targets: Mapping[str, object]) -> Iterator[Problem]:
        names: dict[object, Place] = {}
        first: dict[object, Place] = {}
        for number, wave in enumerate(map(_settings, waves)):
            name, here = wave.get("name"), ("waves", number, "name")
            if isinstance(name, str) and names.setdefault(name, here) != here:
                yield self.problem(here, f"wave {name} is there twice; the first is at {self._at(names[name])}")
            listed = wave.get("targets")
            for at, target in enumerate(listed if isinstance(listed, list) else []):
                place: Place = ("waves", number, "targets", at)
                if isinstance(target, str):
                    yield from self._of_target_in_wave(target, place, first.setdefault(target, place), targets)
        for name in targets:
            if name not in first:
                yield self.problem(("targets", name), f"no wave has target {name}")

    def _of_target_in_wave(
        self, target: str, place: Place, first: Place, targets: Mapping[str, object]
    ) -> Iterator[Problem]:
        if target not in targets:
            yield self.problem(place, f"{seen(target)} is no target; there are: {', '.join(targets)[:200] or 'none'}")
        elif first != place:
            yield self.problem(place, f"target {target} is in two waves; the first is at {self._at(first)}")

    def _at(self, place: Place) -> str:
        return self._document.place(place)


def _no_answer(answer: str, is_secret: Callable[[str], bool]) -> str:
    """Why this is none, of any question; "" where it may be one."""
    if is_secret(answer):
        return "has the form of a secret; none belongs here"
    if is_placeholder(answer):
        return f"is {seen(answer)}, which stands for an answer: write the answer"
    if len(answer) > LONGEST:
        return f"has {len(answer):,} characters, expected at most {LONGEST:,}"
    return f"has a control character in it: {seen(answer)}" if _CONTROL.search(answer) else ""


def _as_read(targets: object) -> Iterator[FleetTarget]:
    """The targets as far as they can be read, whatever else is wrong in them."""
    for name, target in _settings(targets).items():
        each = _settings(target)
        account, region, directory = (
            text if isinstance(text := each.get(key), str) else "" for key in ("account", "region", "directory")
        )
        answers = {key: text for key, text in _settings(each.get("answers")).items() if isinstance(text, str)}
        region = region if re.fullmatch(_REGION, region) else ""
        inside = "" if why_outside(directory) else directory
        if each and not (directory and not inside):
            yield FleetTarget(name, RunTarget(account, region, each.get("sandbox") is True), inside, "", answers)


def _settings(value: object) -> Mapping[str, object]:
    """The value where it is settings, else none."""
    return value if isinstance(value, dict) else {}


def why_outside(path: str) -> str:
    """Why it is no directory below the workspace; "" where it is one."""
    parts = PurePosixPath(path).parts
    if path and (path.startswith("/") or ".." in parts or ".git" in parts or str(PurePosixPath(path)) != path):
        return f"expected a directory of the repository such as targets/eu, seen {seen(path)}"
    return ""


def span(text: str) -> timedelta:
    """`30m`"""
    return timedelta(seconds=int(text[:-1]) * UNITS[text[-1]])


def _fleet(body: _File) -> Fleet:
    targets = {
        name: FleetTarget(
            name,
            RunTarget("", "", True) if each.sandbox else RunTarget(each.account or "", each.region or "", False),
            each.directory,
            each.profile,
            each.answers,
        )
        for name, each in body.targets.items()
    }
    waves = tuple(
        Wave(each.name, tuple(each.targets), each.at_most or MOST, span(each.bake), each.stop_after_failures)
        for each in body.waves
    )
    return Fleet(body.fleet, body.workflow, body.repository, targets, waves, body.limits.runs, body.limits.per_account)


def _is_text(place: Place) -> bool:
    return bool(place) and (place[-1] == "account" or (len(place) > 3 and place[2] == "answers"))


def _said(detail: Mapping[str, object]) -> str:
    """One of pydantic's findings in our words."""
    loc = detail["loc"]
    assert isinstance(loc, tuple)
    name = str(loc[-1]) if loc else ""
    if words := _IN_OUR_WORDS.get(str(detail["type"])):
        context = detail.get("ctx")
        told = f"{words.format_map(context if isinstance(context, dict) else {})}, seen {seen(detail['input'])}"
        return f"{name}: {told}" if loc else told
    expected = _EXPECTED.get("fleet" if name == "name" else name)
    if detail["type"] not in ("extra_forbidden", "missing"):
        return f"{name}: expected {expected or 'a text, in quotes'}, seen {seen(detail['input'])}"
    return said_of(detail, sorted(_model(loc).model_fields))  # type: ignore[arg-type]


def _model(loc: Place) -> type[BaseModel]:
    inner: dict[object, tuple[int, type[BaseModel]]] = {
        "targets": (2, _Target),
        "waves": (2, _Wave),
        "limits": (1, _Limits),
    }
    depth, model = inner.get(loc[0], (9, _File)) if loc else (9, _File)
    return model if len(loc) > depth else _File
