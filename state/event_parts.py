"""Which values do events carry that no digest covers? Tasks by name, a snapshot of the working tree, paths of a commit.

What an approval covers is in `evidence.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from state import json_values as j
from state.cheap_classes import dataclass
from state.json_values import Fields, Json
from state.tree_entry import EXECUTABLE, LINK, PLAIN


@dataclass(frozen=True, slots=True)
class NamedTask:
    """A task of the plan, as the journal names it."""

    id: str
    key: str
    title: str

    @classmethod
    def from_json(cls, body: Fields) -> NamedTask:
        return cls(j.text(body, "id"), j.key(body, "key"), j.text(body, "title"))

    def to_json(self) -> dict[str, Json]:
        return {"id": self.id, "key": self.key, "title": self.title}


@dataclass(frozen=True, slots=True)
class RunTarget:
    """Where a run is to act: an AWS account (12 digits) and a region, or with `sandbox` the account on one machine."""

    account: str
    region: str
    sandbox: bool

    @classmethod
    def from_json(cls, body: Fields) -> RunTarget:
        if "sandbox" in body:
            if not j.flag(body, "sandbox") or "account" in body or "region" in body:
                raise j.misread(body, "sandbox", "true, and neither account nor region beside it")
            return cls("", "", True)
        account, region = j.text(body, "account"), j.text(body, "region")
        if not is_account(account):
            raise j.misread(body, "account", "12 digits")
        if not region:
            raise j.misread(body, "region", "the name of a region")
        return cls(account, region, False)

    def to_json(self) -> dict[str, Json]:
        return {"sandbox": True} if self.sandbox else {"account": self.account, "region": self.region}

    def __str__(self) -> str:
        return "sandbox" if self.sandbox else f"{self.account}/{self.region}"


def is_account(text: str) -> bool:
    """Whether this is how AWS writes an account."""
    return len(text) == 12 and text.isascii() and text.isdigit()


@dataclass(frozen=True, slots=True)
class RollbackTask(NamedTask):
    """A state of a rollback, which is no task of a runbook: its text, commit message and exit criteria are here.

    `line`: where the text begins in the runbook, from 1; 0 where it is not one piece of it.
    """

    text: str
    message: str
    exit_criteria: tuple[str, ...]
    line: int = 0

    @classmethod
    def from_json(cls, body: Fields) -> RollbackTask:
        name = (j.text(body, "id"), j.key(body, "key"), j.text(body, "title"))
        line = j.whole(body, "line") if "line" in body else 0
        return cls(*name, j.text(body, "text"), j.text(body, "message"), j.texts(body, "exit_criteria"), line)

    def to_json(self) -> dict[str, Json]:
        named: dict[str, Json] = {"id": self.id, "key": self.key, "title": self.title}
        said: dict[str, Json] = {"text": self.text, "message": self.message, "exit_criteria": list(self.exit_criteria)}
        return {**named, **said, **({"line": self.line} if self.line else {})}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the working tree was like: the commit, and the blob ids of files that were not as in it (None: gone).

    `modes`: of those that were there, as git would have kept them, six digits; None in runs of 0.1, which do not know.
    """

    head: str
    dirty: Mapping[str, str | None]
    modes: Mapping[str, str] | None = None

    @classmethod
    def from_json(cls, body: Fields) -> Snapshot:
        inside = j.record(body, "dirty")
        dirty = {each: j.digest_or_none({f"dirty.{each}": value}, f"dirty.{each}") for each, value in inside.items()}
        return cls(j.digest(body, "head"), dirty, _modes(body, dirty) if "modes" in body else None)

    def to_json(self) -> dict[str, Json]:
        body: dict[str, Json] = {"head": self.head, "dirty": dict(self.dirty)}
        return body if self.modes is None else {**body, "modes": dict(self.modes)}


def _modes(body: Fields, dirty: Mapping[str, str | None]) -> Mapping[str, str]:
    modes = j.text_of_each(body, "modes")
    for path, mode in modes.items():
        if path not in dirty or mode not in (PLAIN, EXECUTABLE, LINK):
            raise j.misread({f"modes.{path}": mode}, f"modes.{path}", "the mode of a file or link that is in `dirty`")
    return modes


@dataclass(frozen=True, slots=True)
class CommitPath:
    """A path of a task's commit in a run of 1: the blob id that it must get; None for the journal, and for no file."""

    path: str
    object: str | None

    @classmethod
    def from_json(cls, body: Fields) -> CommitPath:
        return cls(j.path(body, "path"), j.digest_or_none(body, "object"))

    def to_json(self) -> dict[str, Json]:
        return {"path": self.path, "object": self.object}
