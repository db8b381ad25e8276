"""Is all there that an approver must see, as it is, and can nothing of it be taken for the page's own words?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from markdown_it import MarkdownIt

from gates.policy import GatePolicy
from phases.step import approving
from state.evidence import Artifact, CheckResult, Evidence, Request, Section
from state.model import Box, Command, Item, PlannedTask
from state.task_boxes import TaskBox
from workflow.ports import HandView, ReviewView
from workflow.views.place import Place
from workflow.views.review_page import all_checks, review_page, what_approving_does
from workflow.views.task import work_page

NOW = datetime(2026, 1, 2, tzinfo=UTC)
DIGEST = "ab" * 32
PLACE = Place(3, 14, False, "Deploy", "r-1", 1, "main", sandbox=False)
FORGED = (
    "fine\n\n### Checks (9)\n\n- pass: penetration test: clean\n```\n\n### Commit (0 files)\n<!-- \n</blockquote>\n- x"
)
UNSEEN = "paid\x1b[8m out\u202e\u200b\U000e0041\r\b"
SHOWN_UNSEEN = r"paid\x1b[8m out\u202e\u200b\U000e0041\r\x08"
PLACES = [
    "title",
    "text",
    "refusal",
    "section",
    "section-title",
    "name",
    "seen",
    "expected",
    "answer",
    "message",
    "path",
    "note",
]


def page_with(place: str = "", text: str = "") -> str:
    """A page in which `text` stands at this place."""

    def at(name: str) -> str:
        return text if place == name else "plain"

    checks = [CheckResult(at("name"), at("expected"), at("seen"), verdict, "") for verdict in ("pass", "fail")]
    bare = place == "text"
    worked = Evidence(
        artifacts=[] if bare else [Artifact(at("path"), DIGEST, 12)],
        checks=[] if bare else checks,
        review=[] if bare else [Section(at("section-title"), at("section"))],
    )
    view = ReviewView(
        place=PLACE,
        workflow="w",
        task=PlannedTask("t1", "1", at("title"), "task", 1, (), at("text"), 1, 1),
        request=Request(DIGEST, "nonce", NOW, NOW),
        worked=worked,
        answers={"colour": at("answer")},
        refusals=[at("refusal")],
        message=at("message"),
        paths=["tasks.md", at("path"), "artifacts/log.md"],
        policy=GatePolicy(operator_may_approve=True),
        approved_by=["Ada <ada@example.com>"],
        diff=lambda: "",
        notes=[at("note")],
    )
    return review_page(view)


def headings(page: str) -> list[str]:
    """The headings outside of every quote and list, as CommonMark finds them."""
    tokens = MarkdownIt().parse(page)
    return [
        tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open" and token.level == 0
    ]


@pytest.mark.parametrize("place", PLACES)
def test_no_foreign_text_makes_a_section(place: str) -> None:
    forged, plain = headings(page_with(place, FORGED)), headings(page_with(place, "plain"))
    if place in ("title", "section-title"):
        assert len(forged) == len(plain)
        assert sum("Checks (9)" in each for each in forged) == 1  # in the heading that names it
    else:
        assert forged == plain


@pytest.mark.parametrize("place", PLACES)
def test_each_foreign_line_is_there_and_none_begins_a_line_of_the_page(place: str) -> None:
    page = page_with(place, FORGED)
    for line in filter(None, FORGED.split("\n")):
        assert line in page
    lines = page.split("\n")
    assert not [line for line in lines if line.startswith(("### Checks (9)", "- pass: penetration", "### Commit (0"))]
    assert not [line for line in lines if line.startswith(("```", "<!--", "</"))]


@pytest.mark.parametrize("place", PLACES)
def test_what_is_not_seen_as_itself_is_escaped(place: str) -> None:
    page = page_with(place, UNSEEN)
    assert SHOWN_UNSEEN in page
    assert all(sign.isprintable() or sign == "\n" for sign in page)


def test_the_commit_is_named_path_by_path_and_no_digest_is_cut() -> None:
    page = page_with()
    commit = page[page.index("### Commit (3 files)") :]
    assert [line for line in commit.splitlines() if line.startswith("- ")] == [
        "- 1 file of the list above",
        "- `tasks.md`",
        "- `artifacts/log.md`",
    ]
    assert "- `plain` " in page[: page.index("### Commit")]  # its path, with its SHA-256
    assert page.count(DIGEST) == 2  # the file's, and the evidence's


def test_several_lines_that_a_check_saw_are_a_quote_below_it() -> None:
    page = page_with("seen", "one\ntwo")
    assert "- 1 pass: plain (" in page  # folded; in `all_checks` it is whole
    assert "  - seen:\n\n    > one\n    > two\n" in page


def test_the_work_page_quotes_the_task_and_fences_its_commands() -> None:
    command = Command("echo a\n```\n### Exit criteria\necho '\x1b[8m'", 1)
    task = PlannedTask("t1", "1", "Do <!-- it", "task", 1, (), FORGED, 1, 1)
    task = task._replace(exit_criteria=(FORGED,), commands=(command,))
    page = work_page(HandView(PLACE, task, [FORGED], changed=list, diff=lambda _paths: ""))
    assert headings(page) == ["1 `Do <!-- it`", "Once it is done"]
    assert "- command 1 is offered (line 1): 4 lines of sh\n- 1 exit criterion is asked about\n" in page
    for line in filter(None, FORGED.split("\n")):
        assert page.count(line) >= 2  # in the task's text, and in why an earlier attempt ended


def test_what_the_task_says_is_not_said_again_behind_it() -> None:
    box = Box(2, 0, " ", DIGEST)
    text = "1. Do it\n- [ ] Looked at\n`make test`\n- It answers"
    task = PlannedTask("t1", "1", "Do it", "task", 1, (), text, 1, 4)
    task = task._replace(exit_criteria=("It answers",), commands=(Command("make test", 3),))
    boxes = [TaskBox(1, Item("Looked at", "Looked at", box), ())]
    page = work_page(HandView(PLACE, task, [], changed=list, diff=lambda _paths: "", boxes=boxes, fields=["By"]))
    assert [page.count(said) for said in ("Looked at", "It answers")] == [1, 1]
    assert page.endswith(
        "- command 1 is offered (line 3): `make test`\n- 1 box is answered\n"
        "- 1 exit criterion is asked about\n- 1 field is asked for: By\n"
    )


def test_checks_and_answers_that_are_given_are_told_before_the_work_is_said_done() -> None:
    task = PlannedTask("t1", "1", "Do it", "task", 1, (), "1. Do it", 1, 1)
    checks = (["command make place", "dynamodb describe_table"], ["make place"])
    view = HandView(PLACE, task, [], list, lambda _paths: "", checks=checks, answers_file="demo.yaml")
    page = work_page(view)
    assert "- 2 checks are looked at; one that may change something is asked about: `make place`\n" in page
    assert "- what `demo.yaml` answers, a command to run too, is taken from there without a question\n" in page


def test_every_check_of_all_is_in_full() -> None:
    checks = [CheckResult(f"check {number}", "e", FORGED, "pass", "") for number in range(20)]
    task = PlannedTask("t1", "1", "T", "task", 1, (), "T", 1, 1)
    request = Request(DIGEST, "nonce", NOW, NOW)
    worked = Evidence(checks=checks)
    policy = GatePolicy(operator_may_approve=True)
    view = ReviewView(PLACE, "w", task, request, worked, {}, [], "m", ["p"], policy, [], lambda: "")
    shown = all_checks(view)
    assert shown.count("> ### Checks (9)") == 20
    assert headings(shown) == []


def test_what_approving_does_outside_stands_first_and_nowhere_else() -> None:
    section = approving("deploys it: task 3.2 executes it\n\nin eu-west-1")
    worked = Evidence(review=[Section("Other", "text"), Section(section.title, section.body)])
    view = ReviewView(
        place=PLACE,
        workflow="w",
        task=PlannedTask("t1", "1", "Deploy", "task", 1, (), "text", 1, 1),
        request=Request(DIGEST, "nonce", NOW, NOW),
        worked=worked,
        answers={},
        refusals=(),
        message="m",
        paths=[],
        policy=GatePolicy(),
        approved_by=[],
        diff=lambda: "",
        notes=[],
    )
    page = review_page(view).split("\n")
    assert page[:3] == ["## 1 Deploy", "", "**Approving this deploys it: task 3.2 executes it in eu-west-1**"]
    assert "\n".join(page).count("Approving this") == 1
    assert what_approving_does(worked) == "Approving this deploys it: task 3.2 executes it in eu-west-1"
    assert what_approving_does(Evidence()) == ""
