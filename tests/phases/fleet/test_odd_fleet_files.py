"""Odd fleet files: whatever bytes stand there, it is a fleet, or a refusal with a place, in our words."""

from __future__ import annotations

import re

import pytest

from phases.fleet.reader import FleetDocument
from state.errors import BadInput
from tests.worlds.fleet_files import GOOD, problems

WORDS_OF_A_LIBRARY = re.compile(r"input should|validation|pydantic|should have|dictionary|Traceback", re.IGNORECASE)
WHOLE = (
    "[1]",
    '"str"',
    "1",
    "3.5",
    "true",
    "null",
    "~",
    "",
    "[]",
    "{}",
    "- a\n- b\n",
    "2026-12-01",
    "!!set {a}",
    "? [a]\n: b",
    "a: &x 1\nb: *x\n",
    "--- a\n--- b\n",
    "[[[[1]]]]",
    "[" * 60,
    "{a: " * 60,
    "\x00",
    "\ufeff[1]",
    "%YAML 9.9\n---\na: 1",
    "fleet: x",
    "waves: 1",
    "targets: 1",
    "limits: 1",
    "fleet: [x]",
    "workflow: {a: b}",
    "<<: {fleet: x}",
    "fleet:\n\tx: 1",
)
TARGETS = (
    "null",
    "1",
    "[]",
    "{}",
    "text",
    "[canary]",
    "{canary: null}",
    "{canary: 1}",
    "{canary: []}",
    "{canary: [1]}",
    "{canary: {sandbox: 1}}",
    "{canary: {sandbox: 'yes'}}",
    "{canary: {sandbox: yes}}",
    "{canary: {directory: 1}}",
    "{canary: {directory: null}}",
    "{canary: {directory: .git}}",
    "{canary: {answers: 1}}",
    "{canary: {answers: [a]}}",
    "{canary: {answers: {a: [1]}}}",
    "{canary: {answers: {a: null}}}",
    "{canary: {account: 2026-12-01}}",
    "{? [a] : b}",
    "{canary: {profile: [x]}}",
    "{canary: {region: 1}}",
    "{1: {sandbox: true}}",
    "{'': {sandbox: true}}",
    '{"a\\n": {}}',
    "{canary: &a {sandbox: true}, eu: *a}",
    "{canary: {sandbox: true}, canary: {sandbox: true}}",
)
WAVES = (
    "null",
    "1",
    "{}",
    "[]",
    "[1]",
    "[null]",
    "[[]]",
    "[{}]",
    "[{name: 1}]",
    "[{name: a, targets: 1}]",
    "[{name: a, targets: []}]",
    "[{name: a, targets: [1]}]",
    "[{name: a, targets: [[canary]]}]",
    "[{name: [a], targets: {}}]",
    "[{name: a, targets: [canary], bake: 30}]",
    "[{name: a, targets: [canary], bake: null}]",
    "[{name: a, targets: [canary], at_most: 1.5}]",
    "[{name: a, targets: [canary], at_most: '1'}]",
    "[{name: a, targets: [canary], stop_after_failures: true}]",
    "[{name: a, targets: [canary], at_most: 99999}]",
)


def refused(text: str) -> list[str]:
    try:
        FleetDocument(text.encode(), "fleet.yaml")
    except BadInput as error:
        return [str(each) for each in error.problems]
    return []


@pytest.mark.parametrize("text", WHOLE)
def test_what_is_no_fleet_at_all_is_refused_by_its_place(text: str) -> None:
    told = refused(text)
    assert told and all(re.match(r"fleet\.yaml:\d+:\d+: ", each) for each in told), told
    assert not any(map(WORDS_OF_A_LIBRARY.search, told)), told


@pytest.mark.parametrize("targets", TARGETS)
def test_odd_targets_are_refused_by_their_place(targets: str) -> None:
    head, waves = GOOD.partition("targets:\n")[0], GOOD.partition("waves:\n")[2]
    told = refused(f"{head}targets: {targets}\nwaves:\n{waves}")
    assert told and all(re.match(r"fleet\.yaml:\d+:\d+: ", each) for each in told), told
    assert not any(map(WORDS_OF_A_LIBRARY.search, told)), told


@pytest.mark.parametrize("waves", WAVES)
def test_odd_waves_are_refused_by_their_place(waves: str) -> None:
    head = GOOD.partition("waves:\n")[0]
    told = refused(f"{head}waves: {waves}\n")
    assert told and all(re.match(r"fleet\.yaml:\d+:\d+: ", each) for each in told), told
    assert not any(map(WORDS_OF_A_LIBRARY.search, told)), told


@pytest.mark.parametrize("answer", ["...", "TODO", "<NAME>", "a\\x07b", "x" * 70_000], ids=lambda each: each[:8])
def test_what_is_no_answer_is_refused_before_anything_is_ordered(answer: str) -> None:
    (told,) = problems(GOOD.replace("stage: prod", f'stage: "{answer}"'))
    assert told.startswith("fleet.yaml:5:85: answers: stage ")
