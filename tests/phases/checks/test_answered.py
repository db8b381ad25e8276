"""What a check answers is what it says that it answers: its name ties it to nothing, and the worst verdict counts."""

from __future__ import annotations

import pytest

from phases.checks.answered import Item, answering, criterion_id, declared_id, named_by, resting
from phases.step import Check
from state.evidence import Verdict

ACCESS, CALLER = Item("1.4"), Item("1.4", "caller")


def passed(name: str, *answers: str) -> Check:
    return Check(name, "", "", "pass", answers=answers)


def test_a_name_ties_nothing() -> None:
    named_alike = [passed("1.4 credentials"), passed("exit: it is so", "1.40"), passed("1.4 x", "2.1")]
    assert not answering([ACCESS.id, CALLER.id, criterion_id("it is so")], named_alike)
    answer = passed("whatever it is called", "1.4")
    assert answering([ACCESS.id], [*named_alike, answer]) == [answer]


def test_a_part_answers_its_item_and_the_item_does_not_answer_the_part() -> None:
    whole = ACCESS.check("permissions", "some", "some", "pass", "arn")
    part = CALLER.claim(Check("account", "one", "two", "fail"))
    assert (whole.name, whole.where, part.name, part.verdict) == ("1.4 permissions", "arn", "1.4 account", "fail")
    assert answering([ACCESS.id], [whole, part]) == [whole, part]
    assert answering([CALLER.id], [whole, part]) == [part]


def test_a_claimed_check_keeps_what_it_answered_before() -> None:
    declared = passed("tables", criterion_id("The tables are there."), declared_id("tables"))
    claimed = ACCESS.claim(declared)
    for ids in ([ACCESS.id], named_by("the **tables** are there"), named_by("See `tables`"), named_by("a``tables`b`")):
        assert answering(ids, [claimed]) == [claimed]
    for ids in (named_by("tables"), named_by("See tables"), named_by("`1.4`"), [CALLER.id]):
        assert not answering(ids, [claimed])


@pytest.mark.parametrize(
    ("verdicts", "verdict"),
    [
        (("pass", "pass"), "pass"),
        (("pass", "note", "attested"), "pass"),
        (("note",), "note"),
        (("note", "attested"), "note"),
        (("attested", "attested"), "attested"),
        (("pass", "not-checked"), "not-checked"),
        (("attested", "not-checked"), "not-checked"),
        (("pass", "not-checked", "fail"), "fail"),
    ],
)
def test_the_worst_counts(verdicts: tuple[Verdict, ...], verdict: str) -> None:
    found = resting("So it is", [Item(f"1.{number}").check("x", "", "", each) for number, each in enumerate(verdicts)])
    assert (found.name, found.verdict, found.answers) == ("exit: So it is", verdict, named_by("so it is."))
    assert found.expected.startswith("what 1.0") and found.expected.endswith("looked at")
