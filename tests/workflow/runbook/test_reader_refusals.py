"""Which runbooks are refused, and with which words?"""

from __future__ import annotations

import gc
import re
from pathlib import Path

import pytest

from state.errors import BadInput
from state.model import Plan
from workflow.runbook.reader import read_runbook


def read(data: bytes, name: str = "plan.md") -> Plan:
    return read_runbook(data, name="plan", path=name)


def test_all_problems_are_said_at_once() -> None:
    data = b"## Phase 1: A\n**Request permission to proceed to Phase 7**\n## Phase 2: B\n```\n## Phase 3: C\n"
    with pytest.raises(BadInput) as refused:
        read(data)
    assert [str(problem).split(": ")[1] for problem in refused.value.problems] == [
        "gate-names-missing-phase",
        "unclosed-fence",
    ]


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"\xef\xbb\xbf", b"\xff\xfd\x00", b"---\n---\n", b"<!--", b"```", b"\r\n"]
)
def test_a_document_without_anything_is_refused_as_one_without_a_task(data: bytes) -> None:
    with pytest.raises(BadInput, match="no-task"):
        read(data)


def test_an_unclosed_fence_with_no_task_behind_it_is_only_said() -> None:
    (finding,) = read(b"- [ ] 1. A\n\n```bash\nmake\n").findings
    assert (finding.code, finding.line) == ("unclosed-fence", 3)


def test_bytes_that_are_not_utf8_are_kept_and_said() -> None:
    plan = read(b"# T\n- [ ] 1. caf\xe9\n- [ ] 2. B\n")
    assert plan.tasks[0].title == "caf\\xe9"
    assert plan.tasks[1].box is not None
    assert plan.tasks[1].box.offset == 4 + len(b"- [ ] 1. caf\xe9\n") + 3
    assert [(finding.code, finding.line, finding.column) for finding in plan.findings] == [("not-utf8", 2, 13)]
    assert plan.digest


def test_a_shape_can_be_asked_for() -> None:
    data = b"# T\n## Phase 1: A\n- [ ] one\n- [ ] two\n"
    assert [task.kind for task in read(data).tasks] == ["phase"]
    asked = read_runbook(data, name="t", path="t.md", shape="tasks")
    assert [task.kind for task in asked.tasks] == ["task", "task"]
    with pytest.raises(BadInput, match="no phase: expected headings"):
        read_runbook(b"- [ ] 1. A\n", name="t", path="t.md", shape="phases")


def test_the_garbage_collector_is_left_as_it_was() -> None:
    assert gc.isenabled()
    with pytest.raises(BadInput):
        read(b"")
    assert gc.isenabled()


def test_the_plan_names_its_document() -> None:
    plan = read_runbook(b"# The Title #\n- [ ] 1. A\n", name="mine", path="docs/mine.md")
    assert (plan.name, plan.title, plan.runbook) == ("mine", "The Title", "docs/mine.md")
    assert read_runbook(b"- [ ] 1. A\n", name="mine", path="m.md").title == "mine"


def test_every_code_that_the_reader_says_is_explained_in_the_grammar() -> None:
    root = Path(__file__).resolve().parents[3]
    sources = [*(root / "workflow" / "runbook").glob("*.py")]
    said = {
        code
        for source in sources
        for codes in re.findall(
            r"report\.(?:warn|note|leave_out|problem)\(\s*f?\"([a-z0-9-]+)|f?\"([a-z]+-[a-z]+): ", source.read_text()
        )
        for code in codes
        if code
    }
    grammar = (root / "docs" / "runbook-grammar.md").read_text()
    assert len(said) > 20
    assert {code for code in said if not re.search(rf"`{re.escape(code)}[`a-z]", grammar)} == set()
