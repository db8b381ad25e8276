"""Which settings does a checks file have? As pydantic's models, with what is wrong in our words, and their sound part.

Rules:
- One setting that is wrong hides no other: what is sound beside it is read on, so that all problems are told at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from phases.checks.definition import REGION
from phases.checks.expectation import ExpectationKind
from phases.checks.local.settings import (
    CannotHoldSettings,
    CommandSettings,
    EnvironmentSettings,
    FileSettings,
    FollowsSettings,
    LocalSettings,
    SignOffSettings,
    ToolSettings,
)
from phases.checks.profile_settings import ProfileSettings
from phases.documents.yaml_document import Place, said, seen

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

LONGEST_WAIT = 3600  # [s] beyond it a step's durable wait is the right thing
TEXT = ("id", "name", "criterion", "tasks", "item", "beside", "waits-for")  # taken as written: 3.10 is no number
LOCAL = ("tool", "command", "file", "virtual-environment", "follows-from", "sign-off", "cannot-hold")
LOCAL_TEXT = ("run", "at-least", "at-most", "path", "fields", "contains", "lacks", "tasks", "why")
VERSIONS = ("version-at-least", "version-at-most")
KINDS: tuple[ExpectationKind, ...] = get_args(ExpectationKind)
_STAND_INS = {"id": "it", "name": "It"}  # of a check whose own are missing or wrong, while its problems are looked for

Settings = TypeVar("Settings", bound=BaseModel)


class ExpectSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    equals: object = None
    one_of: list[object] | None = Field(default=None, alias="one-of", min_length=1)
    contains: object = None
    contains_each: object = Field(default=None, alias="contains-each")
    at_least: float | None = Field(default=None, alias="at-least", allow_inf_nan=False)
    at_most: float | None = Field(default=None, alias="at-most", allow_inf_nan=False)
    version_at_least: str | None = Field(default=None, alias="version-at-least")
    version_at_most: str | None = Field(default=None, alias="version-at-most")
    matches: str | None = None
    in_file: str | None = Field(default=None, alias="in-file")
    present: Literal[True] | None = None
    absent: Literal[True] | None = None

    @model_validator(mode="before")
    @classmethod
    def _word(cls, given: object) -> object:
        return {given: True} if given in ("present", "absent") else given


class CheckSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    name: str = Field(min_length=1)
    service: str = ""
    operation: str = ""
    parameters: dict[str, object] = {}
    expression: str = Field(default="", min_length=1)
    expect: ExpectSettings | None = None
    tool: ToolSettings | None = None
    command: CommandSettings | None = None
    file: FileSettings | None = None
    virtual_environment: EnvironmentSettings | None = Field(default=None, alias="virtual-environment")
    follows_from: FollowsSettings | None = Field(default=None, alias="follows-from")
    sign_off: SignOffSettings | None = Field(default=None, alias="sign-off")
    cannot_hold: CannotHoldSettings | None = Field(default=None, alias="cannot-hold")
    within: int = Field(default=0, ge=0, le=LONGEST_WAIT)
    every: int = Field(default=10, ge=1, le=LONGEST_WAIT)
    severity: Literal["fail", "note"] = "fail"
    waits_for: str = Field(default="", alias="waits-for")
    region: str = Field(default="", pattern=rf"^({REGION}|\{{[a-z][a-z0-9-]*\}})$")
    tasks: list[str] = []
    criterion: str = ""
    line: int = Field(default=0, ge=1)
    item: str = ""
    beside: str = ""


LOCAL_MODELS: Mapping[str, type[LocalSettings]] = {
    "tool": ToolSettings,
    "command": CommandSettings,
    "file": FileSettings,
    "virtual-environment": EnvironmentSettings,
    "follows-from": FollowsSettings,
    "sign-off": SignOffSettings,
    "cannot-hold": CannotHoldSettings,
}


class LookupSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    service: str
    operation: str
    parameters: dict[str, object] = {}
    expression: str = Field(min_length=1)
    region: str = Field(default="", pattern=rf"^({REGION}|\{{[a-z][a-z0-9-]*\}})$")


class FileOfChecks(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    checks: list[CheckSettings]
    profiles: dict[str, ProfileSettings] = {}
    lookups: dict[str, LookupSettings] = {}


def sound_file(given: object) -> FileOfChecks:
    """What is sound of a file that is refused: for each of its checks the settings that are, None for what is none."""
    body = given if isinstance(given, dict) else {}
    checks, profiles, lookups = (body.get(name) for name in ("checks", "profiles", "lookups"))
    entries = [sound_part(CheckSettings, each, _STAND_INS) for each in checks] if isinstance(checks, list) else []
    return FileOfChecks.model_construct(
        checks=entries, profiles=_sound_parts(ProfileSettings, profiles), lookups=_sound_parts(LookupSettings, lookups)
    )


def _sound_parts(model: type[Settings], given: object) -> dict[str, Settings]:
    parts = {str(name): sound_part(model, each) for name, each in given.items()} if isinstance(given, dict) else {}
    return {name: each for name, each in parts.items() if each is not None}


def sound_part(model: type[Settings], given: object, stand_ins: Mapping[str, object] | None = None) -> Settings | None:
    """The settings without those that pydantic refuses; None where one that is needed is missing."""
    if not isinstance(given, dict):
        return None
    try:
        return model.model_validate({**(stand_ins or {}), **given})
    except ValidationError as error:
        wrong = {detail["loc"][0] for detail in error.errors() if detail["loc"]}
    left = {**(stand_ins or {}), **{name: value for name, value in given.items() if name not in wrong}}
    try:
        return model.model_validate(left)
    except ValidationError:
        return None


def is_text(place: Place) -> bool:
    if len(place) > 3 and place[2] in LOCAL:
        return place[3] in LOCAL_TEXT
    if place[2:3] == ("expect",):
        return len(place) == 4 and place[3] in VERSIONS
    if place[:1] == ("profiles",):
        return len(place) == 4 and place[2] in ("values", "leaves-out")
    return len(place) in (3, 4) and place[2] in TEXT


def said_of(detail: ErrorDetails) -> str:
    loc, given = detail["loc"], seen(detail["input"])
    match detail["type"], loc[-1:]:
        case "missing", ("checks",) if len(loc) == 1:
            return "'checks' is missing: expected a list of checks"
        case _, ("region",):
            return f"region: expected a region such as eu-west-1, seen {given}"
        case "string_pattern_mismatch", ("id",):
            return f"id: expected small letters, digits and hyphens, seen {given}"
        case "model_type" | "dict_type", ("expect",):
            return f"expect: expected present, absent or one of {', '.join(KINDS[:-2])}, seen {given}"
    return said(detail, [field.alias or name for name, field in _settings_at(loc).model_fields.items()])


def _settings_at(place: Place) -> type[BaseModel]:
    """The model of the settings around a place in the file."""
    if len(place) > 3 and place[2] in LOCAL_MODELS:
        return LOCAL_MODELS[str(place[2])]
    if place[:1] == ("profiles",):
        return ProfileSettings if len(place) > 2 else FileOfChecks
    if place[:1] == ("lookups",):
        return LookupSettings if len(place) > 2 else FileOfChecks
    if "expect" in place:
        return ExpectSettings
    return CheckSettings if len(place) > 1 else FileOfChecks
