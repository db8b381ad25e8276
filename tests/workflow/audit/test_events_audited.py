"""Events that an approval does not cover are held against what repeats them: evidence, report, commit, other events."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import pytest

from tests.worlds.forger import Events, Forger, changed_first
from tests.worlds.run_world import RunWorld
from workflow.audit.findings import Unprovable
from workflow.audit.html_report import html_page
from workflow.audit.tables import text_lines
from workflow.ports import HandIn, HandView

SHED = b"""# Shed

- [ ] 1. Paint it
  - Run `echo blue`
- [ ]* 2. Sand it
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> RunWorld:
    """The first task ran its command and left a file, the second was skipped."""
    world = RunWorld(tmp_path_factory.mktemp("shed"), runbook=SHED)
    world.sandbox = False

    def paint(_view: HandView) -> HandIn:
        (world.root / "wall").write_text("blue\n")
        return HandIn(["wall"], "prompt")

    world.person.answers = {"t1-command-1": "run"}
    world.person.works = [paint, HandIn((), "prompt", "smooth")]
    with world.start() as engine:
        engine.drive()
    return world


@pytest.fixture
def forger(finished: RunWorld, tmp_path: Path) -> Forger:
    return Forger.of_copy(finished, tmp_path / "copy")


FORGED: dict[str, tuple[Callable[[Events], Events], str]] = {
    "who handed in": (
        changed_first("handed-in", by__git="Bob <bob@example.com>"),
        "is by Bob <bob@example.com>, the evidence",
    ),
    "how it was handed in": (
        changed_first("handed-in", via="checkpoint"),
        "(checkpoint) with 1 file, shown was another",
    ),
    "that it came by done": (changed_first("handed-in", via="done"), "came by `done`, and that a terminal"),
    "that it came by --yes": (changed_first("handed-in", via="--yes"), "hands in for nobody outside of the sandbox"),
    "whether a terminal was there": (
        changed_first("handed-in", terminal=False),
        "says terminal False, the evidence True",
    ),
    "a file more": (changed_first("handed-in", paths=["wall", "roof"]), "names roof, which the evidence does not have"),
    "a file less": (changed_first("handed-in", paths=[]), "does not name wall, which the evidence has"),
    "an exit code": (changed_first("effect-done", result__exit_code=1), "command 1: the events have"),
    "the lines that ran": (changed_first("effect-done", result__commands=[]), "command 1: the events have"),
    "an output": (changed_first("effect-done", result__output="red"), "the report in its commit does not"),
    "how long it took": (changed_first("effect-done", result__seconds=999.0), "the report in its commit does not"),
    "the program": (changed_first("effect-done", result__program="bash"), "another script or program"),
    "the script": (changed_first("effect-done", result__script="echo red"), "another script or program"),
    "what was intended": (changed_first("effect-intended", intent__command="echo red"), "another script or program"),
    "a time before its neighbour": (
        changed_first("handed-in", at="2020-01-01T00:00:00.000Z"),
        "handed-in is from 2020-01-01",
    ),
    "a time before what it shows": (
        changed_first("worked", request__shown_at="2098-01-01T00:00:00.000Z"),
        "shown was at 2098",
    ),
}


def test_a_run_in_which_a_command_ran_and_a_task_was_skipped_is_sound(forger: Forger) -> None:
    assert [event["type"] for event in forger.events()].count("effect-done") == 1
    assert forger.codes() == []


@pytest.mark.parametrize("what", FORGED)
def test_what_was_forged_beside_the_evidence_is_found(forger: Forger, what: str) -> None:
    edit, says = FORGED[what]
    forger.rewrite(edit)
    found = [finding.message for finding in forger.audit().findings if finding.code == "event-differs"]
    assert [message for message in found if says in message], found


@pytest.mark.parametrize("field", ["skip", "via"])
def test_a_forged_skip_is_found(forger: Forger, field: str) -> None:
    def edit(events: Events) -> Events:
        (event,) = (event for event in events if event.get("skip"))
        event[field] = {"skip": "rough", "via": "done"}[field]
        return events

    forger.rewrite(edit)
    assert "event-differs" in forger.codes()


def test_what_nothing_else_holds_is_listed_until_an_anchor_holds_it(forger: Forger) -> None:
    def unbacked(**given: Any) -> list[Unprovable]:
        return [limit for limit in forger.audit(**given).unprovable if limit.code == "unbacked-events"]

    (limit,) = unbacked()
    assert "whether a terminal was there" in limit.said
    assert "what effects came to" in limit.said
    assert "who answered what was asked" in limit.said
    assert unbacked(anchor=forger.made()[-1].sha) == []


def test_it_is_said_as_finding_expected_and_seen_points_and_what_closes_it(forger: Forger) -> None:
    audit = forger.audit()
    (limit,) = (each for each in audit.unprovable if each.code == "unbacked-events")
    assert limit.message == (
        "the events of the last commit stand in the run's journal alone: expected a signature on them, or a later "
        "commit or an anchor that holds them, seen an approval without a signature, and no commit behind them; whoever "
        "can write here may have changed"
    )
    lines = text_lines(audit)
    at = next(number for number, line in enumerate(lines) if line.startswith("  unbacked-events: "))
    points = lines[at + 1 : at + 1 + len(limit.left_open)]
    assert points == [f"    - {each}" for each in limit.left_open]
    assert all(len(each) <= 120 for each in points)
    closes = lines[at + 1 + len(points)].removeprefix("    what closes it: ")
    assert closes == limit.closed_by
    sha = subprocess.run(closes, shell=True, cwd=forger.root, capture_output=True, text=True, check=True).stdout.strip()
    assert sha == forger.made()[-1].sha
    assert "unbacked-events" not in {each.code for each in forger.audit(anchor=sha).unprovable}
    assert all(escape(each) in html_page([audit]) for each in limit.left_open)
    assert limit.to_json()["left_open"] == list(limit.left_open)
