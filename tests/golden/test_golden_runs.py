"""Runs that a release left in each of their states go on, and are audited, as they were by that release.

`runs-*/` are never changed (record.py says how one is made): a test that is red here means that runs in the field would
stand elsewhere, lose an approval, or come to another end.

Rules of the comparison:
- What a reading command said is said again, value by value; more may be said beside it (docs/json.md).
- The lines of the journal that were there stay, byte for byte. What is appended has the same events with the same
  fields, people, times and verdicts, in the run's own format.
- Digests and ids that the release had written are compared; those made today may differ, as the words of checks,
  reviews and generated documents may. Files that people handed in, the runbook and its copies have the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from state.files import sha256
from state.fold import fold
from state.read_journal import parse
from state.task_state import LIFE
from tests.worlds.golden_run import GoldenRun, unpack

RUNS = sorted(path.parent for path in Path(__file__).parent.glob("runs-*/*/expected.json"))
MADE = re.compile(r"\b([0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})\b")
SHORT = re.compile(r"--digest ([0-9a-f]{7})\b")
WORDS = {"prev", "review", "problems", "changed"}  # fields of events whose values are words, or follow from words
every_run = pytest.mark.parametrize("golden", RUNS, ids=lambda path: f"{path.parent.name} {path.name}")


def expected_of(golden: Path) -> dict[str, Any]:
    expected: dict[str, Any] = json.loads((golden / "expected.json").read_text("utf-8"))
    return expected


def opened(golden: Path, tmp_path: Path) -> GoldenRun:
    return GoldenRun(unpack(golden / "workspace.tar.gz", tmp_path / "run"), later=expected_of(golden)["later"])


def differences(expected: Any, seen: Any, where: str = "") -> Iterator[str]:
    """What was there and is not as it was, by its place. More fields are no difference; more elements are."""
    if isinstance(expected, Mapping) and isinstance(seen, Mapping):
        yield from (f"{where}/{name} is gone" for name in expected if name not in seen)
        for name in expected.keys() & seen.keys():
            yield from differences(expected[name], seen[name], f"{where}/{name}")
    elif isinstance(expected, list) and isinstance(seen, list) and len(expected) == len(seen):
        for number, both in enumerate(zip(expected, seen, strict=True)):
            yield from differences(*both, f"{where}/{number}")
    elif expected != seen:
        yield f"{where}: was {expected!r}, is {seen!r}"


def comparable(value: Any, known: frozenset[str]) -> Any:
    """The value without ids and digests that the release had not yet written when the run was packed."""
    if isinstance(value, dict):
        return {comparable(name, known): comparable(each, known) for name, each in value.items()}
    if isinstance(value, list):
        return [comparable(each, known) for each in value]
    return MADE.sub(lambda id_: id_[0] if id_[0] in known else "ID", value) if isinstance(value, str) else value


def short(command: str | None, known: frozenset[str]) -> str | None:
    """A next command, without a digest that the release had not yet written."""
    found = SHORT.search(command or "")
    here = found is None or any(each.startswith(found[1]) for each in known)
    return command if here or command is None else SHORT.sub("--digest ID", command)


def without_words(event: Mapping[str, Any]) -> dict[str, Any]:
    """An event whose words are left out: every field is still named."""
    kept = {name: "WORDS" if name in WORDS else value for name, value in event.items()}
    if "checks" in event:
        kept["checks"] = [check["verdict"] for check in event["checks"]]
    if "artifacts" in event:
        kept["artifacts"] = [artifact["path"] for artifact in event["artifacts"]]
    if event["type"] in ("step-failed", "rejected"):
        kept["reason"] = "WORDS"
    if event["type"] == "rollback-started":
        kept["tasks"] = [[task["id"], task["key"], task["message"]] for task in event["tasks"]]
    return kept


UNCOMMITTED = "uncommitted-events"


def generated(path: str) -> bool:
    return path.startswith("artifacts/") or path.endswith("/journal.jsonl") or "/journal/" in path


def end_of(end: Mapping[str, Any], known: frozenset[str]) -> Any:
    files = {path: entry.split()[:2] if generated(path) else entry.split() for path, entry in end["files"].items()}
    appended = [without_words(event) for event in end["appended"]]
    return comparable({**end, "files": None, "appended": appended}, known) | {"files": files}


def says_as_then(run: GoldenRun) -> dict[str, Any]:
    """What status and audit say, but for what an audit knows by now that it cannot prove.

    Of a run of format 1 the modes that it did not record; of one of format 2 what no commit holds.
    """
    said = run.says()
    left_open = said["audit"]["unprovable"]
    said["audit"]["unprovable"] = [each for each in left_open if each["code"] not in ("modes-unrecorded", UNCOMMITTED)]
    events = run.events()
    left_out = [each["code"] for each in left_open if each not in said["audit"]["unprovable"]]
    if events[0]["v"] == 1:
        assert left_out == ["modes-unrecorded"] * any(task["commit"] for task in said["audit"]["tasks"])
    elif events[-1]["type"] not in ("commit-intended", "aborted"):  # else it may be committed or not
        assert left_out == [UNCOMMITTED]
    return said


@every_run
def test_status_and_audit_say_of_a_golden_run_what_was_said(golden: Path, tmp_path: Path) -> None:
    with opened(golden, tmp_path).here() as run:
        before = run.whole_journal()
        assert list(differences(expected_of(golden)["said"], says_as_then(run))) == []
        assert run.whole_journal() == before


@pytest.mark.slow
@every_run
def test_a_golden_run_goes_on_to_the_same_end(golden: Path, tmp_path: Path) -> None:
    expected = expected_of(golden)
    with opened(golden, tmp_path).here() as run:
        before, lines = run.whole_journal(), len(run.events())
        whole = before[: before.rfind(b"\n") + 1]
        known = frozenset(found[0] for found in MADE.finditer(whole.decode() + json.dumps(expected["said"])))
        for step in expected["then"]:
            typed = run.does(step)
            if typed is not None:
                wanted = step["exit"], short(step["next"], known)
                following = (typed.next or "").replace(
                    f" -C {run.root}", ""
                ) or None  # 0.1 left the directory out that it was given
                unnamed = step["next"] == "phasegate resume" and (following or "").startswith("phasegate resume ")
                if (step["next"] is None and following) or unnamed:  # 0.1 offered none, or did not name the run
                    wanted = step["exit"], short(following, known)
                assert (typed.code, short(following, known)) == wanted, f"{step}\n{typed.out}{typed.error}"
        assert run.whole_journal().startswith(whole)
        end = says_as_then(run) | run.history() | {"appended": run.events()[lines:]}
    assert list(differences(end_of(expected["end"], known), end_of(end, known))) == []
    assert set(end["files"]) == set(expected["end"]["files"])
    assert [sorted(event) for event in end["appended"]] == [sorted(event) for event in expected["end"]["appended"]]


def test_every_status_of_a_task_and_of_a_run_is_in_a_golden_run() -> None:
    said = [expected_of(golden)["said"]["status"] for golden in RUNS]
    statuses = {task["status"] for status in said for task in status["tasks"]}
    assert statuses == {before for before, _event in LIFE} | {"done", "adopted", "stopped"}
    states = {status["state"] for status in said}
    assert states >= {"complete", "aborted", "rolling_back", "rolled_back"}


@every_run
def test_a_golden_run_is_the_one_that_was_recorded(golden: Path, tmp_path: Path) -> None:
    expected, run = expected_of(golden), opened(golden, tmp_path)
    data = run.whole_journal()
    events, _whole = parse(data)
    assert [" ".join((event.type, event.fields.get("task", ""))).strip() for event in events] == expected["events"]
    assert fold(events).run_id == expected["said"]["status"]["run"]
    assert sha256((golden / "workspace.tar.gz").read_bytes()) == expected["sha256"]
