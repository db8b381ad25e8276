"""A box that is drawn with other signs than Markdown's is no task, and is told with its line."""

from __future__ import annotations

import pytest

from workflow.runbook.reader import read_runbook


@pytest.mark.parametrize("box", ["□", "■", "▢", "◻", "❏", "［ ］", "［x］", "【　】", "【✓】", "〔 〕"])
@pytest.mark.parametrize("bullet", ["- ", "1. ", "* "])
def test_a_drawn_box_is_warned_of_with_its_line(bullet: str, box: str) -> None:
    plan = read_runbook(f"# R\n\n## A\n- [ ] one\n{bullet}{box} two\n".encode(), name="r", path="r.md")
    (found,) = [each for each in plan.findings if each.line == 5]
    assert (found.code, f"{box} is no checkbox" in found.message) == ("malformed-box", True)
    assert sum(len(list(task.boxes())) for task in plan.tasks) == 1


@pytest.mark.parametrize("words", ["【重要】 read it", "「go」 is said", "a □ b", "[text](there)"])
def test_words_in_such_brackets_are_words(words: str) -> None:
    plan = read_runbook(f"# R\n\n## A\n- [ ] one\n- {words}\n".encode(), name="r", path="r.md")
    assert plan.findings == ()
