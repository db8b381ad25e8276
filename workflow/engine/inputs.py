"""What does a task's work rest on, and what of it is another than when it was approved before? Digests, and the page.

Rules:
- Beside what its step declares, every work rests on its text in the runbook, its answers and the version of phasegate.
- What is shown of the difference is part of the evidence, so that an approval covers it.
- Runs of format 1 have no place for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from gates.repeat import Repeated, changed_inputs, why_asked, why_not_the_same
from phases.documents.markdown import bullets, code, code_block
from phases.documents.text_difference import text_difference
from phases.step import ReviewSection, Step, StepContext, Work
from state.evidence import CheckResult, Evidence, digest_of_inputs
from state.files import sha256
from state.model import PlannedTask
from state.printable import as_name
from workflow.engine.former_work import Approved
from workflow.engine.open_run import OpenRun

MOST_LINES = 400  # of the difference of one file; the file itself is approved by its digest, and shown by `d`


def inputs_of(run: OpenRun, task: PlannedTask, step: Step, context: StepContext, work: Work) -> dict[str, str]:
    """Name -> SHA-256 of everything that the work rests on; none where its step does not say."""
    if step.inputs is None or run.state.is_of_0_1:
        return {}
    return digests(run, task, step.inputs(context, work))


def digests(run: OpenRun, task: PlannedTask, declared: Mapping[str, object]) -> dict[str, str]:
    """The SHA-256 of each of these, and of what every work rests on."""
    everything = {
        **declared,
        "task": task.text,
        "answers": run.state.task(task.key).answers,
        "phasegate": _version(),
    }
    return {name: _sha256(value) for name, value in sorted(everything.items())}


def unchanged_work(
    run: OpenRun, task: PlannedTask, inputs: Mapping[str, object]
) -> tuple[str, Sequence[CheckResult]] | None:
    """As `StepContext.unchanged`, in a run that begins again."""
    former = run.former.of(task.key)
    found = digests(run, task, inputs)
    now = _repeated(run, task, Evidence(inputs=found, input_digest=digest_of_inputs(found)))
    if former is None or why_not_the_same(now, former):
        return None
    return former.rests_on.run, former.worked.checks


def since_approved(run: OpenRun, task: PlannedTask, worked: Evidence) -> list[ReviewSection]:
    """What is shown of the work of a run that begins again: that nothing has changed, or what."""
    if not run.state.start.again or run.state.is_of_0_1:
        return []
    approved = run.former.approved(task.key)
    if approved is None:
        return []
    rests_on = approved.former.rests_on
    before = f"run {code(rests_on.run)}, digest {code(rests_on.digest[:12])}"
    why = why_asked(_repeated(run, task, worked), approved.former)
    if not why:
        return [ReviewSection("Unchanged since it was approved", f"Approved before: {before}.")]
    body = "\n\n".join([f"Approved before: {before}. Asked again, because: {why}", *_difference(run, approved, worked)])
    return [ReviewSection("Changed since it was approved", body)]


def _repeated(run: OpenRun, task: PlannedTask, worked: Evidence) -> Repeated:
    start = run.state.start
    policy = run.counting.policy(task)
    return Repeated(worked, policy, task.key, start.workflow, start.runbook, sandbox=start.sandbox)


def _difference(run: OpenRun, approved: Approved, now: Evidence) -> Iterator[str]:
    """The inputs and the files that are others than they were."""
    if names := changed_inputs(approved.former.worked, now):
        yield "What it rests on that is not as it was:"
        yield bullets(names)
    was, seen = approved.former.worked.digests(), now.digests()
    for path in sorted({*was, *seen}):
        if was.get(path) != seen.get(path):
            yield _file_difference(run, approved, path, was.get(path, ""))


def _file_difference(run: OpenRun, approved: Approved, path: str, was: str) -> str:
    """How one file differs from the one that was approved."""
    named = as_name(path)
    before = run.doors.git.blob(approved.commit, path) if approved.commit and was else None
    if was and (before is None or sha256(before) != was):
        return f"{code(named)}: another one than approved; the former is not in sight"
    file = run.workspace / path
    after = file.read_bytes() if file.is_file() else b""
    try:
        return code_block(_text_difference(before or b"", after, named), "diff")
    except UnicodeDecodeError:
        return f"{code(named)}: another one than approved; no text"


def _text_difference(before: bytes, after: bytes, named: str) -> str:
    """How a text became another one, in at most MOST_LINES lines. Raises UnicodeDecodeError where one is no text."""
    lines = text_difference(before.decode(), after.decode(), f"a/{named}", f"b/{named}").split("\n")
    left_out = len(lines) - MOST_LINES
    more = [f"... and {left_out} lines more of the difference"] if left_out > 0 else []
    return "\n".join([*lines[:MOST_LINES], *more])


def _sha256(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode("utf-8", "surrogatepass"))


@cache
def _version() -> str:
    from importlib import metadata  # here: it takes as long to load as a tenth of the engine

    try:
        return metadata.version("phasegate")
    except metadata.PackageNotFoundError:
        return "unknown"
