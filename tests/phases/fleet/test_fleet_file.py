"""A fleet file: every mistake at once, each with its place; what is right becomes a fleet and a runbook."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from types import SimpleNamespace

import pytest

from phases.elsewhere import RunThere
from phases.fleet.model import Fleet
from phases.fleet.reader import FleetDocument
from phases.fleet.runbook import file_of, runbook_path, runbook_text
from phases.fleet.wave import Given, _require_going_on, _within_limits
from state.errors import StepFailed
from tests.worlds.fleet_files import GOOD, problems
from workflow.runbook.reader import read_runbook


def fleet(text: str = GOOD) -> Fleet:
    return FleetDocument(text.encode(), "fleet.yaml").fleet


def test_what_is_right_is_a_fleet() -> None:
    found = fleet()
    assert str(found.targets["canary"].at) == "111111111111/eu-west-1"
    assert found.targets["eu"].answers == {"stage": "prod", "version": "3.10"}  # as written
    assert [(wave.name, wave.bake, wave.at_most) for wave in found.waves] == [
        ("canary", timedelta(minutes=30), 1000),
        ("regions", timedelta(0), 2),
    ]


# What is changed in the file, and how the problem begins.
MISTAKES = {
    "a setting that there is not": ("limits:", "access_key: x\nlimits:", "fleet.yaml:11:1: 'access_key' is not a"),
    "a secret setting of a target": ("here: {", "here: {password: x, ", "fleet.yaml:7:10: 'password' is not a setting"),
    "an answer with a secret": (
        "stage: prod",
        "stage: hunter2",
        "fleet.yaml:5:85: answers: stage has the form of a se",
    ),
    "a password in the address": (
        "targets:\n  can",
        "repository: https://me:hunter2@host/x\ntargets:\n  can",
        "fleet.yaml:3:1: repository: the address holds a password",
    ),
    "no account": ('account: "222222222222", region: us', "region: us", "fleet.yaml:6:3: account missing (or sandbox"),
    "a short account": ("account: 111111111111", "account: 11", "fleet.yaml:4:12: account: expected an account of 12 "),
    "no region of AWS": ("region: us-east-1", "region: moon", "fleet.yaml:6:33: region: expected a region such as eu-"),
    "both": (
        "sandbox: true",
        'sandbox: true, account: "222222222222"',
        "fleet.yaml:7:25: sandbox is an account",
    ),
    "outside": ("targets/us", "../us", "fleet.yaml:6:52: directory: expected a directory of the repository"),
    "a directory twice": (
        "targets/us",
        "targets/eu",
        "fleet.yaml:6:52: target us is in directory 'targets/eu', as target eu at fleet.yaml:5:3: both would write",
    ),
    "the fleet's own directory twice": (
        "region: us-east-1, directory: targets/us",
        "region: us-east-1",
        "fleet.yaml:7:3: target here is in the fleet's own directory, as target us at fleet.yaml:6:3: both would",
    ),
    "a target twice": ("[eu, us, here]", "[eu, us, here, canary]", "fleet.yaml:10:45: target canary is in two waves"),
    "a target in no wave": ("[eu, us, here]", "[eu, us]", "fleet.yaml:7:3: no wave has target here"),
    "no such target": ("[canary]", "[canary, cuckoo]", "fleet.yaml:9:38: 'cuckoo' is no target; there are: canary, eu"),
    "a wave twice": (
        "name: regions",
        "name: canary",
        "fleet.yaml:10:6: wave canary is there twice; the first is at",
    ),
    "no time": ("30m", "soon", "fleet.yaml:9:39: bake: expected a time such as 30m"),
    "none at once": (
        "at_most: 2",
        "at_most: 0",
        "fleet.yaml:10:46: at_most: expected a whole number of 1 or more, seen 0",
    ),
    "a name that is no ref": ("name: regions", "name: ../x", "fleet.yaml:10:6: name: expected small letters"),
    "no waves": ("waves:\n", "wave:\n", "fleet.yaml:1:1: 'waves' is missing"),
    "no YAML": ("limits: {", "limits: {{", "fleet.yaml:12:1: not YAML"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused_at_its_place(mistake: str) -> None:
    old, new, said = MISTAKES[mistake]
    assert old in GOOD
    found = problems(GOOD.replace(old, new, 1))
    assert any(each.startswith(said) for each in found), found


@pytest.mark.parametrize(
    "text", ["- a\n", "a word\n", "3\n", "a" * 100_000], ids=["a list", "a word", "a number", "long"]
)
def test_a_file_that_holds_no_settings_is_refused_at_its_begin(text: str) -> None:
    (told,) = problems(text)
    assert told.startswith("fleet.yaml:1:1: expected settings")


def test_all_mistakes_are_told_at_once_in_order() -> None:
    text = GOOD
    for mistake in (
        "a short account",
        "an answer with a secret",
        "outside",
        "a target twice",
        "no time",
        "a wave twice",
    ):
        old, new, _said = MISTAKES[mistake]
        text = text.replace(old, new, 1)
    found = problems(text)
    assert [each.split(":")[1] for each in found] == ["4", "5", "6", "9", "10", "10"]


def test_its_runbook_is_a_task_a_wave_and_says_of_which_file_it_is() -> None:
    text = runbook_text(fleet(), "fleets/customers.yaml", "a" * 64)
    plan = read_runbook(text.encode(), name="fleet", path=runbook_path("fleets/customers.yaml"))
    assert [(task.id, task.title) for task in plan.tasks] == [("1", "Wave canary"), ("2", "Wave regions")]
    assert all(file_of(task.text) == ("fleets/customers.yaml", "a" * 64) for task in plan.tasks)
    assert not any(task.commands or task.items for task in plan.tasks)
    assert plan.runbook == "fleets/customers.fleet.md"


class Ordering:
    """What a wave is told beside its runs: which run it is of, and that nobody said stop."""

    run_id, runs = "fleet-1", SimpleNamespace(stopped=lambda _part: "")


@pytest.mark.parametrize(
    ("failed", "stops"),
    [((), False), (("eu",), False), (("eu", "us"), True), (("eu", "us", "here"), True)],
    ids=lambda each: str(each),
)
def test_so_many_failures_stop_a_wave_and_one_less_does_not(failed: tuple[str, ...], stops: bool) -> None:
    found = fleet()
    wave = found.wave("regions")
    assert wave is not None and wave.stop_after_failures == 2
    runs = {each.target: each for each in given("eu", "us", "here")}
    there = {
        each.run: RunThere(each.run, "stopped", "failed" if name in failed else "asks", "")
        for name, each in runs.items()
    }
    with pytest.raises(StepFailed, match=f"{len(failed)} runs failed, .* is 2: ") if stops else nullcontext():
        _require_going_on(Ordering(), wave, runs, there, [], {})  # type: ignore[arg-type]
    if stops:  # a person said of one that it is ordered again, or gone on without: it counts no more
        _require_going_on(Ordering(), wave, runs, there, [], dict.fromkeys(failed[1:], True))  # type: ignore[arg-type]


def given(*targets: str) -> list[Given]:
    return [Given(each, f"run-{each}", "", 1) for each in targets]


@pytest.mark.parametrize(
    ("left", "under_way", "ordered"),
    [
        (["eu", "us", "here"], [], ["eu", "here"]),  # one in an account, two in the wave
        (["us", "here"], ["eu"], ["here"]),
        (["us"], ["eu", "here"], []),
        (["us"], ["here"], ["us"]),
        ([], ["eu"], []),
    ],
)
def test_no_more_is_ordered_than_the_limits_say(left: list[str], under_way: list[str], ordered: list[str]) -> None:
    found = fleet()
    wave = found.wave("regions")
    assert wave is not None
    assert list(_within_limits(found, wave, left, given(*under_way))) == ordered
