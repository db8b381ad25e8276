"""A condition that is not read is listed with its line and those of its boxes; one that is read is not."""

from __future__ import annotations

import pytest

from state.model import Plan
from workflow.runbook.reader import read_runbook

LINE = "If the row counts differ:"
CHECKLIST = f"## One\n\n- [ ] Copied\n  {LINE}\n  - [ ] Restored\n  - [ ] Told\n\n## Two\n\n- [ ] End\n"
UNREAD = {
    "indented in a container": (
        f"- [ ] 1. A\n- [ ] 2. B\n\n  {LINE}\n\n  - [ ] 2.1 C\n  - [ ] 2.2 D\n- [ ] 3. E\n",
        6,
        "8, 9",
    ),
    "a bullet": (f"- [ ] 1. A\n- [ ] 2. B\n  - {LINE}\n    - [ ] 2.1 C\n    - [ ] 2.2 D\n- [ ] 3. E\n", 5, "6, 7"),
    "a bullet in the first column": (f"- [ ] 1. A\n- {LINE}\n  - [ ] 1.1 C\n- [ ] 3. E\n", 4, "5"),
    "a title": (f"- [ ] 1. A\n- [ ] 2. {LINE}\n  - [ ] 2.1 C\n- [ ] 3. E\n", 4, "5"),
    "in a checklist": (CHECKLIST, 6, "7, 8"),
    "in a phase": (f"## Phase 1: Copy\n\n- {LINE}\n  - [ ] Restored\n\n## Phase 2: End\n\nx\n", 5, "6"),
}
READ = {
    "in the first column": f"- [ ] 1. A\n\n{LINE}\n\n- [ ] 2. C\n\n## Later\n\n- [ ] 3. E\n",
    "under a heading": f"## One\n\n{LINE}\n\n- [ ] a\n\n## Two\n\n- [ ] b\n",
    "without boxes": f"- [ ] 1. A\n  - {LINE}\n    - restore it\n- [ ] 2. B\n",
    "no condition": "- [ ] 1. A\n  - Whether it differs:\n    - [ ] 1.1 C\n- [ ] 2. B\n",
    "on the way back": f"## One\n\n- [ ] a\n\n## Rollback\n\n- [ ] b\n  - {LINE}\n    - [ ] c\n",
}


def read(text: str, grammar: int = 2) -> Plan:
    return read_runbook(f"# Title\n\n{text}".encode(), name="plan", path="plan.md", grammar=grammar)


def listed(plan: Plan) -> list[tuple[int, str]]:
    return [(each.line, each.message) for each in plan.not_tasks if each.code == "no-condition"]


@pytest.mark.parametrize("name", UNREAD)
def test_a_condition_that_is_not_read_is_listed_with_its_boxes(name: str) -> None:
    text, line, boxes = UNREAD[name]
    ((at, message),) = listed(read(text))
    assert at == line
    assert f"{boxes})" in message and "If the row counts differ" in message


@pytest.mark.parametrize("name", READ)
def test_others_are_not(name: str) -> None:
    assert listed(read(READ[name])) == []


def test_nothing_that_is_read_changes_and_grammar_1_lists_none() -> None:
    for text, _line, _boxes in UNREAD.values():
        assert all(not task.condition for task in read(text).tasks)
        assert listed(read(text, grammar=1)) == []


@pytest.mark.parametrize("fence", ["", "\n", "[Add notes here]\n"])
def test_the_place_for_notes_has_no_commands(fence: str) -> None:
    notes = f"## One\n\n- [ ] a\n\n## Two\n\n- [ ] b\n\n## Notes\n\n```\n{fence}```\n"
    assert read(notes).not_tasks == ()


def test_a_section_without_anything_in_its_fence_has_none_and_notes_with_a_command_has() -> None:
    both = "## One\n\n- [ ] a\n\n## Two\n\n- [ ] b\n\n## Empty\n\n```\n```\n\n## Notes\n\n```sh\nmake notes\n```\n"
    assert [each.line for each in read(both).not_tasks] == [16]
