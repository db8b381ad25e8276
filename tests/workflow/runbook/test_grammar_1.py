"""Are runs of 0.1 read as they were? Every sample document by grammar 1, against what 0.1 itself read from it.

`tests/golden/grammar-1.json` was written by the reader of 0.1: the plan's digest and the SHA-256 of all that was read,
or of the words of the refusal. It is never changed for a document that is in it.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from state.errors import BadInput, JournalDamaged
from state.event_types import RunStarted
from state.events import make_event
from state.json_values import Json, Misread
from state.model import Command, PlannedTask
from state.read_journal import parse
from workflow.runbook.grammar import CURRENT_GRAMMAR, GRAMMARS, grammar_of
from workflow.runbook.kept_runbook import read_kept
from workflow.runbook.reader import read_runbook

ROOT = Path(__file__).resolve().parents[3]
AT = datetime(2026, 1, 1, tzinfo=UTC)
RUNBOOKS = ROOT / "tests" / "runbooks"
RECORDED = json.loads((ROOT / "tests" / "golden" / "grammar-1.json").read_text())
# Refusals that 0.1 worded otherwise: what cannot be printed is quoted as an escape since then, not as U+FFFD.
REWORDED = {
    "bad/utf-16": {"refused": "a83b63df7f24e7462ddbc0ef7385ab15e47295641e8c84ef9e32b2f7faff7787"},
    "bad/utf-16-without-a-mark": {"refused": "4d7d937c04275d51799f54e0a704469fe1aed187ae4973b3c7745823f4d77d0d"},
    "bad/utf-32": {"refused": "90dc9f731dd3d4a2e9ddd7583d8df52ec89c3b256d376e2ebad627135da777c7"},
}
OF_A_COMMAND = 4  # fields of a command in 0.1; the others say what only grammar 2 reads
FIELDS = [
    name
    for name in PlannedTask._fields
    if name not in ("condition", "above", "below", "inside", "stops", "condition_line")
]  # those of 0.1, in its order


def started(**more: Json) -> RunStarted:
    """The first event of a run of `p.md`."""
    fields: dict[str, Json] = {
        "run": "r-1",
        "workflow": "p",
        "runbook": "p.md",
        "runbook_sha256": "0" * 64,
        "plan": "0" * 64,
        "branch": "main",
        "base": "0" * 40,
        "sandbox": False,
        "by": {"git": "Ada <ada@example.com>", "user": "ada", "host": "shed"},
        "tasks": [{"id": "1", "key": "t1", "title": "A"}],
    }
    event = make_event(0, AT, "run-started", {**fields, **more})
    assert isinstance(event, RunStarted)
    return event


def read_by_1(name: str) -> dict[str, str]:
    """What grammar 1 makes of `good/NAME` or `bad/NAME`, as it was recorded."""
    path = RUNBOOKS / f"{name}.md"
    try:
        plan = read_runbook(path.read_bytes(), name=path.stem, path=path.name, grammar=1)
    except BadInput as refused:
        said = str(refused).partition("\nnext: $EDITOR ")[0]  # 0.1 offered no command there
        return {"refused": hashlib.sha256(said.encode()).hexdigest()}
    tasks = [[as_0_1_had_it(getattr(task, field)) for field in FIELDS] for task in plan.tasks]
    said = [plan.name, plan.title, plan.shape, plan.runbook, plan.sha256, tasks, plan.findings, plan.not_tasks]
    read = hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
    return {"plan": plan.digest, "read": read}


def as_0_1_had_it(value: object) -> object:
    """A value of the plan, commands in it with the fields that 0.1 knew."""
    if isinstance(value, Command):
        return value[:OF_A_COMMAND]
    return [as_0_1_had_it(each) for each in value] if isinstance(value, tuple) else value


@pytest.mark.parametrize("name", RECORDED)
def test_grammar_1_reads_what_0_1_read(name: str) -> None:
    assert read_by_1(name) == REWORDED.get(name, RECORDED[name])


def test_every_sample_was_recorded() -> None:
    assert sorted(RECORDED) == sorted(
        f"{path.parent.name}/{path.stem}" for kind in ("good", "bad") for path in (RUNBOOKS / kind).glob("*.md")
    )


@pytest.mark.parametrize("name", ["asked", "by-hand"])
def test_a_golden_run_of_0_1_is_read_by_grammar_1_and_has_its_plan(name: str) -> None:
    golden = ROOT / "tests" / "golden" / "v1"
    first = parse((golden / f"{name}.jsonl").read_bytes())[0][0]
    assert isinstance(first, RunStarted)
    data = (golden / f"{name}.md").read_bytes()
    assert grammar_of(first) == 1
    plan = read_kept(data, first)
    assert (plan.grammar, plan.digest) == (1, first.plan)


def test_a_kept_runbook_is_read_by_the_grammar_of_its_run() -> None:
    data = b"# P\n\n## Notes\n- [ ] remember\n\n## Work\n- [ ] 1. A\n- [ ] 2. B\n"
    keys = {
        number: [task.key for task in read_kept(data, started(**more)).tasks]
        for number, more in ((1, {}), (2, {"grammar": 2}))
    }
    assert keys == {1: ["t1", "t2"], 2: ["notes", "t1", "t2"]}


def test_a_runbook_of_a_run_is_read_in_one_place_only() -> None:
    """Whoever reads a runbook elsewhere would read one of 0.1 by today's grammar."""
    callers = {
        path.relative_to(ROOT).as_posix()
        for package in ("workflow", "phases", "gates", "state")
        for path in (ROOT / package).rglob("*.py")
        if "read_runbook(" in path.read_text() and "def read_runbook(" not in path.read_text()
    }
    of_no_run = {
        "workflow/runbook/checklist.py",  # reads any document that checks are proposed for
        "workflow/policy/shape_fit.py",  # reads what would begin now in another shape, before a run does
    }
    assert callers - of_no_run == {"workflow/runbook/kept_runbook.py", "workflow/runs/load_plan.py"}


def test_what_starts_now_is_read_by_the_latest_grammar() -> None:
    assert max(GRAMMARS) == CURRENT_GRAMMAR == read_runbook(b"- [ ] 1. A\n", name="p", path="p.md").grammar


def test_a_grammar_that_is_not_known_is_refused_by_its_number() -> None:
    with pytest.raises(JournalDamaged, match="grammar 3 of runbooks, this phasegate knows 1 and 2"):
        grammar_of(started(grammar=3))


@pytest.mark.parametrize("number", [0, "2", True, 1.0, None])
def test_a_grammar_that_is_no_number_is_misread(number: Json) -> None:
    with pytest.raises(Misread, match="field `grammar`"):
        started(grammar=number)
