"""How does a file of the module get into the workspace? Rendered, never over an edit that nobody approved replacing.

A file that is there is the module's own when it has the bytes of one of its tasks, by these answers or by those of the
run before. Any other one was edited: its difference is shown, and a person says whether it is kept or replaced.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from phases.deployment_infra.answers import values_of
from phases.deployment_infra.files import FILES
from phases.deployment_infra.recorded import Answered, others_before
from phases.deployment_infra.render import render
from phases.documents.text_difference import text_difference
from phases.step import Check, Question, ReviewSection, StepContext
from state.files import sha256

KEEP, REPLACE = "keep", "replace"


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a file: its check, and its difference where it had been edited."""

    check: Check
    difference: ReviewSection | None = None


def write_file(ctx: StepContext, path: str, answered: Answered) -> Written:
    """Write one file as it is after this task. Raises as `StepContext.ask` where one was edited."""
    values = values_of(answered["answers"])
    wanted = render(path, values, ctx.task.id)
    if not ctx.exists(path):
        return _written(ctx, path, wanted, "written")
    present = ctx.read(path)
    there = [wanted] if others_before(answered) else versions(path, values, since=ctx.task.id)
    if present in there:  # with other answers each file grows again, together with the ones that it names
        return _written(ctx, path, present, "there already")
    if present in (*versions(path, values), *versions(path, _before(answered))):
        return _written(ctx, path, wanted, "written over the module's own earlier version")
    return _edited(ctx, path, present, wanted)


def _before(answered: Answered) -> Mapping[str, object]:
    return values_of(answered["before"]) if answered["before"] else {}


def versions(path: str, values: Mapping[str, object], since: str = "") -> list[bytes]:
    """The bytes of a file after each of its tasks, from that one on."""
    tasks = FILES[path]
    later = tasks[tasks.index(since) :] if since else tasks
    return [render(path, values, each) for each in later] if values else []


def _edited(ctx: StepContext, path: str, present: bytes, wanted: bytes) -> Written:
    difference = _difference(path, present, wanted)
    slug = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")
    answer = ctx.ask(
        Question(
            f"replace-{slug}-{sha256(present)[:8]}",
            f"{path} was edited. Keep it, or replace it by the module's version?",
            default=KEEP,
            choices=(KEEP, REPLACE),
            suggest=False,
            shown=difference,
        )
    )
    if answer == REPLACE:
        written = _written(ctx, path, wanted, "the edited file was replaced, as answered")
    else:
        ctx.write(path, present)
        written = Written(Check(path, "the module's version", "kept as it was edited", "note", path))
    return Written(written.check, difference_of(path, present, wanted))


def difference_of(path: str, present: bytes, wanted: bytes) -> ReviewSection:
    """What was edited in a file, as it stands on the page that is approved."""
    return ReviewSection(f"Difference of {path}", f"```diff\n{_difference(path, present, wanted)}\n```")


def _difference(path: str, present: bytes, wanted: bytes) -> str:
    old, new = (each.decode("utf-8", "backslashreplace") for each in (present, wanted))
    return text_difference(old, new, f"{path} (as it is)", f"{path} (the module's)")


def _written(ctx: StepContext, path: str, content: bytes, seen: str) -> Written:
    ctx.write(path, content)
    problem = _problem_with(path, content)
    if problem:
        return Written(Check(path, "a file that can be read", problem, "fail", path))
    return Written(Check(path, "as the answers make it", f"{seen}, {len(content)} bytes", "pass", path))


def _problem_with(path: str, content: bytes) -> str:
    """Why a file cannot be read as what it is called, with its line; "" where it can, and for other kinds."""
    try:
        if path.endswith(".json"):
            json.loads(content)
        elif path.endswith(".py"):
            compile(content, path, "exec")
        elif path.endswith((".yml", ".yaml")):
            import yaml

            try:
                yaml.safe_load(content)
            except yaml.YAMLError as problem:
                return " ".join(str(problem).split())
    except (ValueError, SyntaxError) as problem:
        return str(problem)
    return ""
