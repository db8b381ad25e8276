"""A pattern that somebody wrote is matched as Python would, and for a second at most."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from phases.checks import expectation
from phases.checks.evaluate import evaluate
from phases.documents import regular_expression
from phases.documents.regular_expression import Undecided, matches, problem_with
from tests.worlds.checking import check, written
from workflow.doors.aws.client import AwsDoor

WORDS = "a word and another " * 20_000  # nothing special: it only takes longer than no time at all
PATTERN = r"(?:[a-z]+ )+"


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("", ""),
        ("a.c", "a\nc"),
        ("a|b", "c"),
        (r"(?i)prod-\w{1,8}", "PROD-orders"),
        (r"(?=.*\d)[a-z0-9]+", "abc1"),
        (r"(\w+)-\1", "eu-eu"),
        (r"(?P<x>é+)", "éé"),
        (r"arn:aws:sns:[a-z0-9-]+:\d{12}:.+", "arn:aws:sns:eu-west-1:123456789012:alarms"),
        ("orders", "orders-2"),
    ],
)
def test_it_matches_what_python_matches(pattern: str, text: str) -> None:
    assert problem_with(pattern) is None
    assert matches(pattern, text) is (re.fullmatch(pattern, text, re.DOTALL) is not None)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("a{e<=1}", "b"), ("a{e<=1}", "a{e<=1}"), ("{}", "{}"), ('{"a": 1}', '{"a": 1}'), ("[{]x", "{x")],
)
def test_a_brace_that_begins_no_count_is_a_brace(pattern: str, text: str) -> None:
    assert problem_with(pattern) is None
    assert matches(pattern, text) is (re.fullmatch(pattern, text) is not None)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", "unterminated subpattern"),
        ("[a", "unterminated character set"),
        ("*", "nothing to repeat"),
        ("(?P<a>x)(?P<a>y)", "redefinition of group name"),
        ("a{2,1}", "min repeat greater than max repeat"),
        (r"\p{L}", "bad escape"),
        ("(" * 400 + ")" * 400, "nested too deeply"),
    ],
)
def test_what_is_no_pattern_of_pythons_is_refused_with_a_reason(pattern: str, why: str) -> None:
    assert why in str(problem_with(pattern))


def test_a_match_that_takes_longer_is_neither_yes_nor_no() -> None:
    assert matches(PATTERN, WORDS)
    with pytest.raises(Undecided, match=r"380,000 characters matches .* was not known after 1e-06 s"):
        matches(PATTERN, WORDS, seconds=1e-6)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Everybody who matches has a millionth of a second."""

    def at_once(pattern: str, text: str) -> bool:
        return regular_expression.matches(pattern, text, seconds=1e-6)

    monkeypatch.setattr(expectation, "matches", at_once)
    yield


def test_a_check_that_is_not_decided_in_time_is_not_checked(hurried: None) -> None:
    (declared,) = written(check("dynamodb", "list_tables", {}, "TableNames[0]", {"matches": PATTERN})).checks
    outcome = evaluate(declared, OnePage(region="eu-west-1"), wait=lambda _seconds: None)
    assert (outcome.state, outcome.seen) == ("not checked", "")
    assert "380,000 characters matches" in outcome.reason and "was not known after 1e-06 s" in outcome.reason


class OnePage(AwsDoor):
    """A door that has one answer."""

    def pages(self, service: str, operation: str, **params: Any) -> Iterator[dict[str, Any]]:
        yield {"TableNames": [WORDS]}
