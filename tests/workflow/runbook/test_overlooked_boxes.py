"""A box of which no rule says what it is: a warning or a listing with its line, in every shape, and nothing lost."""

from __future__ import annotations

import pytest

from state.errors import BadInput
from workflow.runbook.reader import read_runbook

SHAPES = ("tasks", "phases", "checklist")
HEADS = {
    "tasks": "# T\n\n- [ ] 1. One\n",
    "phases": "# T\n\n## Phase 1: One\n\n- [ ] One\n",
    "checklist": "# T\n\n- [ ] One\n",
}
WARNED = {
    "behind a comment's end": ("<!-- a\n--> - [ ] 4. behind", "malformed-box", 1),
    "behind a comment's end, bare": ("<!-- a\n--> [ ] tail", "malformed-box", 1),
    "behind a comment on its line": ("<!-- a --> - [ ] 4. behind", "malformed-box", 0),
    "a second box": ("- [ ] 2. Go - [ ] No-go", "second-box", 0),
    "a second box without a bullet": ("- [ ] 2. Choose [ ] yes [ ] no", "second-box", 0),
    "a long number": ("123456789012. [ ] x", "malformed-box", 0),
    "a tag": ("<li>[ ] x", "malformed-box", 0),
    "tags": ("<ul><li class='a'> [x] x", "malformed-box", 0),
    "a tag behind a bullet": ("- <b>[ ] x</b>", "malformed-box", 0),
    "a quote in a list": ("- > - [ ] 6. x", "malformed-box", 0),
    "a quote in a numbered list": ("1. > * [x] 6. x", "malformed-box", 0),
    "an escaped opening": ("Text \\<!-- escaped\n- [ ] 2. x\n-->", "escaped-comment", 0),
    "an escaped opening in a title": ("- [ ] 2. Two \\<!-- escaped\n- [ ] 3. x\n-->", "escaped-comment", 0),
    "an empty comment": ("<!-->\n- [ ] 2. x\n<!-- a -->", "empty-comment", 0),
    "an empty comment with a dash": ("<!--->\n- [ ] 2. x\n<!-- a -->", "empty-comment", 0),
}
LISTED = {
    "a comment on one line": ("<!-- - [ ] 2. Roll out -->", "hidden-box", 0),
    "a comment on one line, two boxes": ("<!-- a --><!-- 1. [x] b -->", "hidden-box", 0),
    "a comment in a title": ("- [ ] 2. Two <!-- - [ ] inner -->", "hidden-box", 0),
    "a comment in prose": ("Text <!-- - [ ] inner -->", "hidden-box", 0),
}
NOTHING = (
    "Mark it with `- [ ]` or <!-- the [x] mark --> so.",
    "- [ ] 2. Write `[ ]` here",
    "- [ ] 2. See [x](a.md) and [x][1] and a[0]",
    "<a href='x'>[x](b)</a>",
    "A \\\\<!-- a --> text",
    "<!-- a\n-->",
    "- [ ] 2. Two <!-- a note -->",
)


def read(shape: str, text: str, *, strict: bool = False, end: str = "\n") -> tuple[int, list[tuple[str, str, int]]]:
    """How many lines stand in front, and what was said, as (severity, code, line)."""
    head = HEADS[shape]
    data = (head + text + "\n").replace("\n", end).encode()
    plan = read_runbook(data, name="t", path="t.md", shape=shape, strict=strict)  # type: ignore[arg-type]
    found = [(each.severity, each.code, each.line) for each in plan.findings]
    return head.count("\n") + 1, found + [("listed", each.code, each.line) for each in plan.not_tasks]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("case", WARNED)
def test_it_is_a_warning_with_its_line_and_strict_refuses_it(case: str, shape: str, end: str) -> None:
    text, code, below = WARNED[case]
    first, found = read(shape, text, end=end)
    is_item = code == "second-box" and shape != "tasks"  # which a checklist says itself, as a note
    assert ("note" if is_item else "warning", code, first + below) in found
    if not is_item:
        with pytest.raises(BadInput, match="refused by --strict"):
            read(shape, text, strict=True, end=end)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("case", LISTED)
def test_it_is_listed_with_its_line(case: str, shape: str) -> None:
    text, code, below = LISTED[case]
    first, found = read(shape, text)
    assert ("listed", code, first + below) in found


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("text", NOTHING)
def test_what_is_no_box_is_not_told(text: str, shape: str) -> None:
    if text.startswith("- [ ]") and shape != "tasks":
        shape = "tasks"  # elsewhere it is an item, which says of any second `[ ]` in its text that it is not flipped
    _first, found = read(shape, f"\nWords of nobody.\n\n{text}")
    assert [each for each in found if each[1].endswith(("-box", "-comment"))] == []


@pytest.mark.parametrize("case", {**WARNED, **LISTED})
def test_the_tasks_are_those_that_were_read_before(case: str) -> None:
    """Runs that have begun are read on as they were: only findings are new."""
    text = {**WARNED, **LISTED}[case][0]
    data = (HEADS["tasks"] + text + "\n").encode()
    old = read_runbook(data, name="t", path="t.md", shape="tasks", grammar=1)
    assert not [each for each in old.findings if each.code in ("second-box", "escaped-comment", "empty-comment")]
