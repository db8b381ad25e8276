"""What does a checks file say of its profiles? Read into `Profile`, with what is wrong in them by its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from phases.checks.profiles import PROFILE, Profile
from phases.documents.yaml_document import YamlDocument, seen
from state.errors import Problem

_NAME = re.compile(r"[a-z][a-z0-9-]*")  # as a question's name, or an answer


class ProfileSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    values: dict[str, str] = {}
    leaves_out: list[str] = Field(default=[], alias="leaves-out")
    lines: list[Annotated[int, Field(ge=1)]] = []


def read_profiles(document: YamlDocument, given: Mapping[str, ProfileSettings]) -> tuple[Profile, ...]:
    """The profiles, in the order of the file."""
    return tuple(
        Profile(
            name,
            dict(each.values),
            tuple(each.leaves_out),
            tuple(each.lines),
            document.place(("profiles", name)),
            document.places_under(("profiles", name)),
        )
        for name, each in given.items()
    )


def wrong_profiles(document: YamlDocument, given: Mapping[str, ProfileSettings]) -> Iterator[Problem]:
    """Names that are none, and values that one profile has and another lacks: its placeholders would stay open."""
    everything = dict.fromkeys(name for each in given.values() for name in each.values)
    for name, each in given.items():
        here = ("profiles", name)
        if not _NAME.fullmatch(name):
            yield document.problem(here, f"profile: expected small letters, digits and hyphens, seen {seen(name)}")
        for value in each.values:
            place = (*here, "values", value)
            if not _names_a_placeholder(value):
                yield document.problem(place, f"values: {seen(value)} is no name of a placeholder")
        if lacking := [value for value in everything if value not in each.values]:
            yield document.problem(here, f"profile {name} has no value for {', '.join(lacking)}, which another one has")


def _names_a_placeholder(value: str) -> bool:
    """Whether a profile may give it a value; the profile's own name is none of its values."""
    return _NAME.fullmatch(value) is not None and value != PROFILE
