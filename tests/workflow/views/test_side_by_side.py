"""A difference as blocks: each line once, in git's order, on the side that has it."""

from __future__ import annotations

import pytest

from workflow.views.side_by_side import diff_blocks, diff_lines, is_one_sided

UNIFIED = [
    "@@ -1,5 +1,5 @@ def price():",
    " same",
    "-was",
    "-was too",
    "\\ No newline at end of file",
    "+is",
    " @@ same",
    "+more",
]


def test_every_line_is_there_once_in_the_same_order() -> None:
    lines = diff_lines(UNIFIED)
    assert [line.sign + line.text for line in lines] == UNIFIED
    assert [line for block in diff_blocks(lines) for line in block.lines] == lines


def test_a_line_stands_on_the_side_that_has_it_and_a_remark_where_its_line_does() -> None:
    assert [(line.kind, line.side) for line in diff_lines(UNIFIED)] == [
        ("place", "both"),
        ("same", "both"),
        ("removed", "old"),
        ("removed", "old"),
        ("remark", "old"),
        ("added", "new"),
        ("same", "both"),
        ("added", "new"),
    ]


def test_what_changed_together_is_one_block() -> None:
    assert [(block.is_change, len(block.lines)) for block in diff_blocks(diff_lines(UNIFIED))] == [
        (False, 2),
        (True, 4),
        (False, 1),
        (True, 1),
    ]


@pytest.mark.parametrize(
    ("lines", "alone"),
    [
        (["@@ -0,0 +1 @@", "+new", "\\ No newline at end of file"], True),
        (["@@ -1 +0,0 @@", "-gone"], True),
        (["@@ -1 +1 @@", "-was", "+is"], False),
        (["@@ -1 +1,2 @@", " same", "+is"], False),
    ],
)
def test_a_file_that_is_new_or_gone_has_nothing_to_stand_beside(lines: list[str], alone: bool) -> None:
    assert is_one_sided(diff_lines(lines)) is alone
