"""Words in any order, each of which somebody declared."""

from __future__ import annotations

import re
import time

import pytest

from phases.checks.suggest.rules.any_order import in_any_order

GREEN = re.compile(
    in_any_order("CI(?:/CD)?|GitHub Actions|pipelines?", "green|pass(?:es|ed|ing)?", also="all|main|commit"), re.I
)


@pytest.mark.parametrize(
    "said", ["CI is green", "On main, CI is green", "all GitHub Actions passing on this commit", "Pipeline: passed"]
)
def test_whatever_the_order(said: str) -> None:
    assert GREEN.fullmatch(said)


@pytest.mark.parametrize(
    "said",
    ["CI and docs green", "CI is not green", "CI greenish", "green", "CI green once merged", "precision is green"],
)
def test_no_word_is_passed_over(said: str) -> None:
    assert not GREEN.fullmatch(said)


def test_a_long_clause_costs_no_more_than_its_length() -> None:
    begun = time.process_time()
    assert not GREEN.fullmatch("CI main " * 5_000 + "else")
    assert time.process_time() - begun < 1
