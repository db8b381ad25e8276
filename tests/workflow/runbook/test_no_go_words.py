"""A list that says when not to go on is never ticked, whatever words its heading or label has."""

from __future__ import annotations

import pytest

from workflow.runbook.reader import read_runbook

READY, SPENT = "- [ ] ready", "- [ ] budget is spent"
SHAPES = {
    "a checklist": f"# Deploy\n\n## Before\n\n{READY}\n\n{{head}}\n\n{SPENT}\n\n## Deploy\n\n- [ ] deployed\n",
    "a task list": f"# Deploy\n\n- [ ] 1. Look\n- [ ] 2. on\n\n{{head}}\n\n{SPENT}\n\n## Later\n\n- [ ] 3. Tell\n",
    "a phase": f"# Deploy\n\n## Phase 1: Look\n\n{READY}\n\n#{{head}}\n\n{SPENT}\n\n## Phase 2: Go\n\n- [ ] on\n",
}
HEADS = [
    "Abort if",
    "Stop when",
    "Do not go on if",
    "Do not deploy if",
    "If any of these is true, stop",
    "Abort criteria",
]
LABELS = ["Abort if:", "**Stop if any of these holds:**"]
NO_LIST = ["Stop the old service", "If the schema changed", "Go or abort", "Stop and look: what does the log say"]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("words", HEADS)
def test_no_box_below_such_a_heading_is_a_state(shape: str, words: str) -> None:
    assert unticked(SHAPES[shape].format(head=f"## {words}")) == ["budget is spent"]


@pytest.mark.parametrize("label", LABELS)
def test_no_box_below_such_a_label_is_a_state(label: str) -> None:
    assert unticked(f"# Deploy\n\n## Phase 1: Go\n\n- [ ] ready\n\n{label}\n\n- [ ] budget is spent\n") == [
        "budget is spent"
    ]


@pytest.mark.parametrize("words", NO_LIST)
def test_other_headings_with_such_words_hold_boxes_as_any(words: str) -> None:
    assert unticked(SHAPES["a checklist"].format(head=f"## {words}")) == []


LATER = "\n## Tell\n\n- [ ] told\n"
SPENT_LIST = f"NO-GO if:\n\n{SPENT}\n\n"


@pytest.mark.parametrize(
    "shape", ["# Deploy\n\n## Deploy\n\n", "# Deploy\n\n- [ ] 1. Look\n- [ ] 2. on\n\n## Deploy\n\n"]
)
@pytest.mark.parametrize("steps", ["1. Stop it.\n2. Copy it.\n\n", "1) Stop it:\n\n   ```sh\n   ./stop.sh\n   ```\n\n"])
def test_a_list_ends_with_the_steps_behind_it(shape: str, steps: str) -> None:
    assert unticked(f"{shape}{SPENT_LIST}{steps}- [ ] stopped\n- [ ] copied\n") == ["budget is spent"]


@pytest.mark.parametrize("between", ["", "Ask the lead.\n\n", "  1. Look at the bill.\n\n", "- a remark\n\n"])
def test_a_remark_or_what_is_further_in_ends_none(between: str) -> None:
    text = f"# Deploy\n\n## Deploy\n\n{SPENT_LIST}{between}- [ ] nobody is there\n{LATER}"
    assert unticked(text) == ["budget is spent", "nobody is there"]


def test_steps_before_its_first_box_end_none() -> None:
    text = f"# Deploy\n\n## Deploy\n\nNO-GO if:\n\n1. Look at the bill.\n\n{SPENT}\n{LATER}"
    assert unticked(text) == ["budget is spent"]


def unticked(text: str) -> list[str]:
    """The boxes that the plan does not tick, as it says them."""
    plan = read_runbook(text.encode(), name="deploy", path="deploy.md")
    return [each.message.rpartition(": ")[2] for each in plan.not_tasks if each.code == "no-go"]
