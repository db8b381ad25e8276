"""Does the reader hold for documents that nobody thought of? Generated ones, of every form of the grammar.

Bounded: the whole file takes some seconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from state.errors import BadInput
from state.machine import END_STATES, RunMachine
from state.model import Box, Plan, Shape
from workflow.runbook.marks import changes_besides_marks, flip, flip_all, read_marks
from workflow.runbook.reader import read_runbook

pytestmark = pytest.mark.slow

WORDS = st.sampled_from(
    [
        "deploy",
        "the",
        "tables",
        "[ ]",
        "`[x]`",
        "数据",
        "таблица",
        "🚀",
        "**bold**",
        "it's",
        '"quoted"',
        "a_b",
        "<tag>",
        "3.11",
        "|",
        "#",
        "*",
        "_it_",
        "(optional)",
        "GO / [ ] NO-GO",
        "STOP",
        "[link](x)",
        "<!-- c -->",
        "\\*",
        "é",
    ]
)
TITLES = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
IDS = st.sampled_from(
    [
        "",
        "1.",
        "2)",
        "3:",
        "1.1",
        "1.2",
        "1.1.1",
        "2.1",
        "7.3.5a",
        "2A.1",
        "T001",
        "T002",
        "AC-1",
        "T0.1",
        "**1.1**",
        "Task 1.1:",
        "**Step 3:**",
        "7.9*",
        "20",
        "Checkpoint -",
        "Final checkpoint",
    ]
)
STATES = st.sampled_from([" ", " ", " ", "x", "X", "-", "~"])
BULLETS = st.sampled_from(["-", "*", "+", "1.", "2)", "- -"])
INDENTS = st.sampled_from(["", "", "  ", "    ", "\t", "      "])
AFTER = st.sampled_from([" ", "  ", "* ", "\\* "])
DETAILS = st.sampled_from(
    [
        "- a detail",
        '- **COMMIT**: with message "task 1.1: x"',
        "- _Requirements: 1.1, 2.3-2.6_",
        "_Requirements: All",
        "- **Property 2: Name**",
        "- **Validates: Requirements 1.3**",
        "wrapped text",
        "1. numbered",
        "> quoted",
        "| a | b |",
        "- Request permission to proceed",
        "Request permission to proceed to Phase 2",
        "**Label**: text",
        "- run `make <X>`",
        "- Date: ____",
        "**Exit Criteria**:",
        "**NO-GO if:**",
        "If it fails:",
        "> - [ ] quoted box",
        "> [!NOTE]",
        "run `a -> b` or `./go $X`",
    ]
)
MALFORMED = st.sampled_from(
    [
        "- [] no",
        "- [x ] no",
        "- [ ]no",
        "- [?] odd",
        "- ✅ done",
        "[ ] bare",
        "| [ ] | cell |",
        "- [x](link)",
        "- [[wiki]]",
        "### [x] heading",
        "-[ ] tight",
        "-\u00a0[ ] wide",
        "- [\u00a0] wide state",
        "• [ ] foreign",
        '<input type="checkbox"> html',
        "- **[ ]** bold",
    ]
)
HEADING_TEXTS = st.sampled_from(
    [
        "Phase 1: A",
        "Phase 2: B (2 days) ✅",
        "Success Criteria",
        "Output Validation Checklist",
        "Notes",
        "NO-GO Criteria",
        "Step 1.5 — C",
        "Exit Criteria",
        "Rollback Plan",
        "Phase 2 Progress",
        "Rollback (if needed)",
        "If it fails",
        "[Phase 3: C](c.md)",
        "1. Numbered",
        "Legend",
    ]
)
HEADINGS = st.builds("{} {}".format, st.sampled_from(["#", "##", "###"]), st.one_of(TITLES, HEADING_TEXTS))
BLANKS = st.integers(1, 6).map(lambda count: "\n" * (count - 1))
BOXES = st.builds(
    lambda indent, bullet, state, after, id_, title: f"{indent}{bullet} [{state}]{after}{id_} {title}".rstrip(),
    INDENTS,
    BULLETS,
    STATES,
    AFTER,
    IDS,
    TITLES,
)
FENCES = st.builds(
    lambda indent, run, language, body: "\n".join(
        [f"{indent}{run}{language}", *(f"{indent}{line}" for line in body), f"{indent}{run}"]
    ),
    INDENTS,
    st.sampled_from(["```", "````", "~~~", "~~~~~"]),
    st.sampled_from(["", "bash", "text"]),
    st.lists(
        st.sampled_from(["- [ ] 1. hidden", "make x", "# comment", "cat <<EOF", "``", "it's [a] <X>"]), max_size=4
    ),
)
COMMENTS = st.sampled_from(["<!-- - [ ] 9. hidden -->", "<!--\n- [ ] 9. hidden\n-->"])
BLOCKS = st.one_of(
    BOXES,
    BOXES,
    BOXES,
    HEADINGS,
    BLANKS,
    FENCES,
    COMMENTS,
    MALFORMED,
    st.builds("{}{}".format, INDENTS, DETAILS),
    TITLES,
)
FRONT_MATTER = st.sampled_from(["", "", "", "---\na: b\n- [ ] 9. hidden\n---\n"])
DOCUMENTS = st.builds("{}{}".format, FRONT_MATTER, st.lists(BLOCKS, min_size=1, max_size=25).map("\n".join))
SHAPES = st.sampled_from([None, "tasks", "phases", "checklist"])

bounded = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


def read(data: bytes) -> Plan:
    return read_runbook(data, name="plan", path="plan.md")


def read_or_skip(data: bytes) -> Plan:
    try:
        plan = read(data)
    except BadInput:
        assume(False)
        raise
    return plan


@dataclass(frozen=True)
class Shown:
    """What a plan says, without lines and offsets."""

    shape: str
    tasks: tuple[object, ...]


def shown(plan: Plan) -> Shown:
    return Shown(
        plan.shape,
        tuple(
            (
                task.key,
                task.id,
                task.title,
                task.kind,
                task.heading,
                task.optional,
                task.bullets,
                task.requirements,
                task.commit_message,
                task.gate,
                task.exit_criteria,
                [command.text for command in task.commands],
                [(item.title, item.text, item.box.state) for item in task.items],
                [(parent.id, parent.title, parent.box.state) for parent in task.parents],
                task.box.state if task.box else None,
            )
            for task in plan.tasks
        ),
    )


def tree(plan: Plan) -> list[object]:
    """The states and what flips with them; not the text of their details."""
    return [
        (
            task.key,
            task.id,
            task.kind,
            task.optional,
            task.box.state if task.box else None,
            [item.text for item in task.items],
            [parent.id for parent in task.parents],
        )
        for task in plan.tasks
    ]


def open_boxes(plan: Plan) -> list[Box]:
    return [box for task in plan.tasks for box in task.boxes() if not box.done and box.state in " -~"]


@bounded
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        plan = read(data)
    except BadInput:
        return
    assert plan.tasks
    assert plan.digest


@bounded
@given(st.text(st.sampled_from("-*+ []x~`#|<!>\t\r\n1.)(:_\"'\\é漢"), max_size=200))
def test_any_heap_of_signs_is_read_or_refused(text: str) -> None:
    try:
        assert read(text.encode()).tasks
    except BadInput as refused:
        assert refused.problems


@bounded
@given(DOCUMENTS, SHAPES, st.booleans())
def test_a_document_is_read_or_refused_in_any_shape_and_strictly(text: str, shape: Shape | None, strict: bool) -> None:
    try:
        plan = read_runbook(text.encode(), name="plan", path="plan.md", shape=shape, strict=strict)
    except BadInput as refused:
        assert all(problem.where.startswith("plan.md:") for problem in refused.problems)
        assert refused.problems
        return
    assert shape in (None, plan.shape)
    assert not (strict and any(finding.severity == "warning" for finding in plan.findings))


@bounded
@given(DOCUMENTS)
def test_what_is_read_can_be_run_and_every_box_is_where_the_plan_says(text: str) -> None:
    data = text.encode()
    plan = read_or_skip(data)
    keys = [task.key for task in plan.tasks]
    assert len(set(keys)) == len(keys)
    assert not set(keys) & {"ready", *END_STATES}
    assert RunMachine(plan, lambda _key: True).may("advance")
    lines = data.split(b"\n")
    offsets = [box.offset for task in plan.tasks for box in task.boxes()]
    assert len(set(offsets)) == len(offsets)
    for task in plan.tasks:
        assert 1 <= task.line <= task.end_line <= len(lines)
        for box in task.boxes():
            assert data[box.offset - 1 : box.offset + len(box.state.encode()) + 1] == f"[{box.state}]".encode()
            assert data.count(b"\n", 0, box.offset) + 1 == box.line


@bounded
@given(DOCUMENTS)
def test_every_live_box_is_a_state_a_part_of_one_or_left_out_with_a_reason(text: str) -> None:
    plan = read_or_skip(text.encode())
    taken = {box.line for task in plan.tasks for box in task.boxes()}
    left_out = {finding.line for finding in plan.not_tasks}
    assert not taken & left_out
    fence = ""
    comment = False
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip()
        if comment or bare.startswith("<!--"):
            comment = "-->" not in bare
            continue
        if fence:
            fence = "" if bare and not bare.strip(fence[0]) and len(bare) >= len(fence) else fence
            continue
        if bare.startswith(("```", "~~~")):
            fence = bare[: len(bare) - len(bare.lstrip(bare[0]))]
            continue
        for bullet in ("- ", "* ", "+ ", "1. ", "2) ", "- - "):
            if bare.startswith(bullet + "[ ] "):
                assert number in taken | left_out, line


@bounded
@given(DOCUMENTS, st.data())
def test_a_flip_changes_one_byte_and_the_plan_stays_the_same(text: str, data: st.DataObject) -> None:
    before = text.encode()
    plan = read_or_skip(before)
    boxes = open_boxes(plan)
    assume(boxes)
    box = data.draw(st.sampled_from(boxes))
    after = flip(before, box)
    assert len(after) == len(before)
    assert [offset for offset in range(len(before)) if before[offset] != after[offset]] == [box.offset]
    again = read(after)
    assert again.digest == plan.digest
    assert changes_besides_marks(before, after, plan) == []
    assert read_marks(after, plan)[box.offset] == "x"


@bounded
@given(DOCUMENTS)
def test_flipping_all_and_back_is_the_same_file(text: str) -> None:
    before = text.encode()
    plan = read_or_skip(before)
    boxes = open_boxes(plan)
    there = flip_all(before, boxes)
    for state in " -~":
        there = flip_all(there, [box._replace(state="x") for box in boxes if box.state == state], to=state)
    assert there == before


@bounded
@given(DOCUMENTS)
def test_line_ends_byte_order_mark_and_a_missing_last_newline_leave_the_tree_as_it_is(text: str) -> None:
    expected = shown(read_or_skip(text.encode()))
    crlf = text.replace("\n", "\r\n")
    half = crlf.replace("\r\n", "\n", text.count("\n") // 2)
    for other in (crlf, half, "\ufeff" + text, "\ufeff" + crlf + "\r\n", text + "\n", text.rstrip("\n")):
        assert shown(read(other.encode())) == expected


def tabs_for_spaces(line: str) -> str:
    spaces = len(line) - len(line.lstrip(" "))
    return "\t" * (spaces // 4) + " " * (spaces % 4) + line.lstrip(" ")


@bounded
@given(DOCUMENTS)
def test_tabs_for_four_spaces_leave_the_tree_as_it_is(text: str) -> None:
    text = text.replace("\t", "    ")
    expected = shown(read_or_skip(text.encode()))
    tabbed = "\n".join(tabs_for_spaces(line) for line in text.split("\n"))
    assert shown(read(tabbed.encode())) == expected


@bounded
@given(DOCUMENTS, st.sampled_from(["\u00a0", "\u3000", "\u202f", "\u2007", "\u2003"]))
def test_wide_blanks_around_a_box_leave_the_tree_as_it_is(text: str, wide: str) -> None:
    expected = tree(read_or_skip(text.encode()))
    wider = re.sub(r"(?m)^( *(?:[-*+]|\d[.)])) (\[[ xX~-]\]) ", rf"\1{wide}\2{wide}", text)
    assert tree(read(wider.encode())) == expected


@bounded
@given(DOCUMENTS, st.sampled_from("-*+"))
def test_other_bullets_leave_the_tree_as_it_is(text: str, bullet: str) -> None:
    expected = tree(read_or_skip(text.encode()))
    other = re.sub(r"(?m)^( *)[-*+](?= \[[ xX~-]\] )", rf"\1{bullet}", text)
    assert tree(read(other.encode())) == expected


def gaps(lines: list[str]) -> list[int]:
    """Where a paragraph can stand without tearing another one: before blank lines, boxes, headings, and at the end."""
    first = ["- [", "* [", "+ [", "1. [", "2) [", "- - [", "#", "```", "~~~"]
    return [at for at, line in enumerate([*lines, ""]) if not line.strip() or line.lstrip().startswith(tuple(first))]


@bounded
@given(DOCUMENTS, st.data(), st.sampled_from(["Some words.", "> quoted", "| a | b |", "![x](y.png)"]))
def test_a_paragraph_inserted_anywhere_does_not_change_the_tree(text: str, data: st.DataObject, inserted: str) -> None:
    expected = tree(read_or_skip(text.encode()))
    lines = text.split("\n")
    at = data.draw(st.sampled_from(gaps(lines)))
    assume(at > 0 or lines[0] != "---")  # front matter stands at the very beginning
    lines[at:at] = ["", inserted, ""]
    assert tree(read("\n".join(lines).encode())) == expected


@bounded
@given(DOCUMENTS, st.integers(0, 30), st.sampled_from(["inserted by hand", "- a bullet", ""]))
def test_text_inserted_anywhere_is_seen_as_a_change(text: str, at: int, inserted: str) -> None:
    before = text.encode()
    plan = read_or_skip(before)
    lines = before.split(b"\n")
    lines.insert(min(at, len(lines)), inserted.encode())
    assert changes_besides_marks(before, b"\n".join(lines), plan)
