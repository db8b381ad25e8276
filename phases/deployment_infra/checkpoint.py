"""What does a checkpoint look at? What this run has written so far, with what people mended in it since.

Rules:
- A file that differs from the module's is taken in with its difference shown: so what a tool refuses can be mended.
  It is "not checked", so that no policy opens the gate behind an edit that nobody has seen.
- Files of later tasks that were made from other answers are not judged yet: where there are some, the tests and the
  tools see a copy without them, and a check names them. The last checkpoint sees everything as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory

from phases.deployment_infra.answers import values_of
from phases.deployment_infra.files import FILES
from phases.deployment_infra.recorded import Answered, others_before
from phases.deployment_infra.titles import TITLES
from phases.deployment_infra.tools import TOOLS, run_tests, run_tool
from phases.deployment_infra.writing import Written, difference_of, versions
from phases.step import Check, ReviewSection, StepContext, Work
from state.counted import counted
from state.errors import StepFailed

# git, because a tool is told what git tracks; and what `make schema` has left in the repository
_IN_COPY = 'PROVIDER_SCHEMA="${{PROVIDER_SCHEMA:-$PWD/.schema}}"; export PROVIDER_SCHEMA; cd {place} && '


def files_until(task: str) -> list[str]:
    """The module's files that this task, or one before it, has written."""
    reached = _tasks_until(task)
    return [path for path, tasks in FILES.items() if tasks[0] in reached]


def check_module(ctx: StepContext) -> Work:
    """What the module's tests and every installed tool say of what is written so far. Raises StepFailed."""
    answered = ctx.data("1.1", Answered)
    so_far = files_until(ctx.task.id)
    taken_in = [each for path in so_far if (each := _take_in(ctx, path, answered))]
    checks = [each.check for each in taken_in]
    review = [each.difference for each in taken_in if each.difference]
    if any(check.verdict == "fail" for check in checks):
        return Work(checks, review=review)
    later = [path for path in FILES if path not in so_far and ctx.exists(path)] if others_before(answered) else []
    if not later:
        return _run_all(ctx, "", checks, review)
    with _copy(ctx, so_far) as within:
        return _run_all(ctx, within, [*checks, _not_yet(later)], review)


def _take_in(ctx: StepContext, path: str, answered: Answered) -> Written | None:
    """A file as people left it; None for one that is the module's own."""
    if not ctx.exists(path):
        return Written(Check(path, "a file that this run wrote", "is not there", "fail", path))
    present, own = ctx.read(path), versions(path, values_of(answered["answers"]))
    if present in own:
        return None
    reached = sum(each in _tasks_until(ctx.task.id) for each in FILES[path])
    ctx.write(path, present)
    check = Check(path, "the module's version", "taken in as it was edited: see its difference", "not-checked", path)
    return Written(check, difference_of(path, present, own[reached - 1]))


def _tasks_until(task: str) -> list[str]:
    order = list(TITLES)
    return order[: order.index(task) + 1]


def _not_yet(later: list[str]) -> Check:
    seen = f"{counted(len(later), 'file')} from before, of other answers; not in the copy that was tested here: "
    return Check("files of later tasks", "written by this run", seen + ", ".join(later), "note", ", ".join(later[:1]))


@contextmanager
def _copy(ctx: StepContext, paths: list[str]) -> Iterator[str]:
    """A repository of these files alone; what a command begins with to run in it."""
    with TemporaryDirectory(prefix="phasegate-") as place:
        for path in paths:
            file = Path(place) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(ctx.read(path))
        within = _IN_COPY.format(place=quote(place))
        made = ctx.run(f"{within}git init -q && git add --all --force", timeout=60)
        if made.exit_code:
            raise StepFailed(
                f"task {ctx.task.label}: no copy of the module was made: {made.output.strip()[-300:]}",
                next_command=f"phasegate resume {ctx.run_id}   # when git runs and there is room",
            )
        yield within


def _run_all(ctx: StepContext, within: str, checks: list[Check], review: list[ReviewSection]) -> Work:
    tests, result = run_tests(ctx, within)
    checks = [*checks, *tests, *(run_tool(ctx, tool, within) for tool in TOOLS)]
    if result is None:
        return Work(checks, review=review)
    lines = result.output.strip().splitlines()[-40:]
    return Work(checks, review=[*review, ReviewSection("make test", "```text\n" + "\n".join(lines) + "\n```")])
