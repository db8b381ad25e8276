"""What of a checks file is about one task? As it stands there, so that two versions of a file can be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from phases.checks.api_model import ApiModels
from phases.checks.reader import read_checks
from phases.documents.yaml_document import YamlDocument
from state.errors import BadInput, Problem
from state.model import PlannedTask
from state.path_word import path_word

SHARED = ("profiles", "lookups")  # fill in, or leave out, what stands in any check


def about_task(data: bytes, path: str, task: PlannedTask, models: ApiModels) -> object:
    """The values of the checks that may be looked at for this task, and of what fills these in; None without any.

    Raises BadInput where the file cannot be read.
    """
    declared = read_checks(data, path, models, under_way=True)
    mine = {each.id for each in declared.checks if replace(each, tasks=()).belongs_to(task) or each.belongs_to(task)}
    value: Mapping[str, Any] = YamlDocument(data, path, lambda problems: _refused(path, problems)).value
    entries = value.get("checks") or ()
    mine |= {entry["beside"] for entry in entries if entry["id"] in mine and "beside" in entry}
    about, shared = [entry for entry in entries if entry["id"] in mine], [value.get(name) for name in SHARED]
    return (about, shared) if about or any(shared) else None  # a profile leaves out what no check is about, too


def _refused(path: str, problems: Sequence[Problem]) -> BadInput:
    return BadInput(f"{path} cannot be read", problems=problems, next_command=f"phasegate checks {path_word(path)}")
