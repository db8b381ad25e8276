"""Local checks: what a checks file may say of this machine, and what is seen there. Commands and files are real."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from phases.checks.evaluate import Outcome, evaluate
from phases.checks.local.version import is_less, version_in
from phases.checks.reader import read_checks
from state.errors import BadInput
from tests.worlds.checking import MODELS, table_check, written
from tests.worlds.step_world import Answering
from workflow.doors.commands import CommandDoor
from workflow.service.workspace_here import WorkspaceHere


class NoAws:
    """AWS is not asked."""

    sandbox = True
    region = "eu-west-1"

    def at(self, _region: str) -> NoAws:
        return self

    def pages(self, _service: str, _operation: str, **_parameters: object) -> list[dict[str, Any]]:
        return [{"Table": {"TableStatus": "ACTIVE", "TableArn": "arn:aws:dynamodb:eu-west-1:1:table/orders"}}]


def look(place: Path, entry: dict[str, Any], *, changes: bool = False, **variables: str) -> Outcome:
    (check,) = written({"id": "it", "name": "It", **entry}).filled(variables).checks
    here = WorkspaceHere(place, CommandDoor(), Answering({}), changes=changes)  # type: ignore[arg-type]
    return evaluate(check, NoAws(), here=here, wait=lambda _seconds: None)  # type: ignore[arg-type]


def refused(text: str) -> list[str]:
    with pytest.raises(BadInput) as caught:
        read_checks(text.encode(), "f.yaml", MODELS)
    return [str(problem) for problem in caught.value.problems]


GOOD = {"account": "111122223333", "mail": "ops@shop.org", "sizes": {"small": 1}}
FILES = {
    "good.json": json.dumps(GOOD),
    "open.json": json.dumps({**GOOD, "mail": "TODO"}),
    "blank.json": json.dumps({**GOOD, "sizes": {"small": ""}}),
    "list.json": "[1]",
    "no.json": "{",
    "notes.md": "we deployed 1.2.3\n",
    "empty.md": "",
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "folder").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("settings", "state"),
    [
        ({"path": "notes.md"}, "passed"),
        ({"path": "gone.md"}, "failed"),
        ({"path": "folder/"}, "passed"),
        ({"path": "notes.md/"}, "failed"),
        ({"path": "gone/"}, "failed"),
        ({"path": "folder"}, "failed"),  # a directory is no file
        ({"path": "notes.md", "contains": "1.2.3"}, "passed"),
        ({"path": "notes.md", "contains": "1.2.4"}, "failed"),
        ({"path": "notes.md", "lacks": "TODO"}, "passed"),
        ({"path": "notes.md", "lacks": "1.2.3"}, "failed"),
        ({"path": "gone.md", "lacks": "TODO"}, "failed"),  # what is not there lacks nothing
        ({"path": "empty.md", "lacks": "TODO"}, "failed"),
        ({"path": "empty.md"}, "not checked"),  # it is there, and says nothing
        ({"path": "empty.md", "json": True}, "failed"),
        ({"path": "good.json", "json": True}, "passed"),
        ({"path": "no.json", "json": True}, "failed"),
        ({"path": "list.json", "json": True}, "failed"),
        ({"path": "good.json", "json": True, "fields": ["account", "sizes.small"]}, "passed"),
        ({"path": "good.json", "json": True, "fields": ["*"]}, "passed"),
        ({"path": "open.json", "json": True, "fields": ["mail"]}, "failed"),
        ({"path": "open.json", "json": True, "fields": ["account"]}, "passed"),
        ({"path": "blank.json", "json": True, "fields": ["*"]}, "failed"),
        ({"path": "good.json", "json": True, "fields": ["owner"]}, "failed"),
    ],
    ids=lambda each: each if isinstance(each, str) else " ".join(f"{k}={v}" for k, v in each.items()),
)
def test_a_file_is_as_the_check_says_or_is_not(place: Path, settings: dict[str, Any], state: str) -> None:
    try:
        seen = look(place, {"file": settings}).state
    except BadInput:  # no regular file
        seen = "failed"
    assert seen == state


def test_a_field_of_a_file_is_judged_by_an_expression(place: Path) -> None:
    entry = {"file": {"path": "good.json"}, "expression": "mail", "expect": {"matches": r"\S+@\S+"}}
    assert look(place, entry).state == "passed"
    assert look(place, {**entry, "expect": {"equals": "{address}"}}, address="ops@shop.org").state == "passed"
    assert look(place, {**entry, "file": {"path": "open.json"}}).state == "failed"


@pytest.mark.parametrize(
    ("run", "settings", "state", "seen"),
    [
        ("python3 --version", {"at-least": "3.9"}, "passed", "3."),
        ("python3 --version", {"at-least": "99.1"}, "failed", "3."),
        ("python3 --version", {"at-most": "2.7"}, "failed", "3."),
        ("no-such-tool --version", {}, "failed", ""),
        ("true --version", {"at-least": "99"}, "failed", ""),
    ],
)
def test_a_tool_is_asked_for_its_version(
    place: Path, run: str, settings: dict[str, str], state: str, seen: str
) -> None:
    outcome = look(place, {"tool": {"run": run, **settings}})
    assert outcome.state in (state, "not checked") if run.startswith("true") else outcome.state == state
    assert outcome.seen.startswith(seen)


@pytest.mark.parametrize(
    ("settings", "state"),
    [
        ({"run": "test -e notes.md"}, "passed"),
        ({"run": "test -e gone.md"}, "failed"),
        ({"run": "test -e gone.md", "exit": 1}, "passed"),
        ({"run": "no-such-tool", "changes": True}, "not checked"),  # nobody knows what it would have said
    ],
)
def test_a_command_ends_as_expected(place: Path, settings: dict[str, Any], state: str) -> None:
    assert look(place, {"command": settings}, changes=True).state == state


def test_a_command_that_may_change_something_runs_only_when_somebody_says_so(place: Path) -> None:
    entry = {"command": {"run": "touch made", "changes": True}}
    assert look(place, entry).state == "not checked"
    assert not (place / "made").exists()
    assert look(place, entry, changes=True).state == "passed"
    assert (place / "made").exists()


def test_what_a_command_prints_is_judged_as_json_or_as_a_text(place: Path) -> None:
    entry = {"command": {"run": "cat {file}"}, "expression": "sizes.small", "expect": {"equals": 1}}
    assert look(place, entry, file="good.json").state == "passed"
    assert look(place, {**entry, "expect": {"equals": 2}}, file="good.json").state == "failed"
    assert look(place, entry, file="notes.md").state == "not checked"
    text = {"command": {"run": "cat notes.md"}, "expect": {"contains": "1.2.3"}}
    assert look(place, text).state == "passed"
    assert look(place, {**text, "expect": {"contains": "9"}}).state == "failed"


@pytest.mark.parametrize(
    ("expect", "state"),
    [
        ({"equals": ""}, "passed"),
        ({"one-of": ["", "x"]}, "passed"),
        ({"matches": ".*"}, "not checked"),
        ({"contains": ""}, "not checked"),
        ({"equals": "x"}, "failed"),
    ],
)
def test_a_command_that_prints_nothing_says_nothing_but_where_that_is_expected(
    place: Path, expect: dict[str, Any], state: str
) -> None:
    assert look(place, {"command": {"run": "true"}, "expect": expect}).state == state


PODS = {
    "running": [{"name": "a", "phase": "Running"}],
    "failed": [{"name": "a", "phase": "Failed"}],
    "none": [],
}


@pytest.mark.parametrize("of", ["file", "command"])
@pytest.mark.parametrize(
    ("expression", "expect"),
    [
        ("pods[?phase!='Running'].name", {"equals": []}),
        ("length(pods[?phase!='Running'])", {"at-most": 0}),
        ("length(pods[?phase!='Running'] || `[]`)", {"equals": 0}),
        ("!(pods[?phase!='Running'])", {"equals": True}),
        ("{bad: length(pods[?phase!='Running'])}", {"equals": {"bad": 0}}),
        ("pods | [?phase!='Running']", {"equals": []}),
        ("@.pods[?phase!='Running'].name", {"equals": []}),
    ],
)
def test_nothing_wrong_in_an_empty_list_is_silence(
    place: Path, of: str, expression: str, expect: dict[str, Any]
) -> None:
    seen = {}
    for name, pods in PODS.items():
        (place / "pods.json").write_text(json.dumps({"pods": pods}))
        looked = {"file": {"path": "pods.json"}} if of == "file" else {"command": {"run": "cat pods.json"}}
        seen[name] = look(place, {**looked, "expression": expression, "expect": expect}).state
    assert seen == {"running": "passed", "failed": "failed", "none": "not checked"}


def test_what_is_found_in_a_document_needs_nothing_beside_it(place: Path) -> None:
    (place / "pods.json").write_text(json.dumps([{"phase": "Running"}]))
    entry = {"file": {"path": "pods.json"}, "expression": "length([?phase=='Running'])", "expect": {"at-least": 1}}
    assert look(place, entry).state == "passed"
    assert look(place, {**entry, "expect": {"at-most": 1}}).state == "passed"  # there was something to count
    (place / "pods.json").write_text("[]")
    assert look(place, {**entry, "expect": {"at-most": 1}}).reason == "the document is empty: nothing was looked at"


def test_a_placeholder_in_a_command_is_one_word_whatever_it_becomes(place: Path) -> None:
    entry = {"command": {"run": "test -e {file}"}}
    assert look(place, entry, file="gone; touch made").state == "failed"
    assert not (place / "made").exists()


def test_a_python_that_does_not_say_where_it_lives_shows_no_environment(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = place / "bin"
    own.mkdir()
    (own / "python3").write_text("#!/bin/sh\nexit 0\n")
    (own / "python3").chmod(0o755)
    monkeypatch.setenv("PATH", f"{own}:/usr/bin:/bin")
    assert look(place, {"virtual-environment": {}}).state == "not checked"


@pytest.mark.parametrize("active", [True, False])
def test_a_virtual_environment_is_active_or_is_not(
    place: Path, monkeypatch: pytest.MonkeyPatch, *, active: bool
) -> None:
    own = place / ".venv/bin"
    own.mkdir(parents=True)
    prefix, code = (place / ".venv", 0) if active else ("/usr", 1)
    (own / "python3").write_text(f"#!/bin/sh\necho {prefix}\nexit {code}\n")
    (own / "python3").chmod(0o755)
    monkeypatch.setenv("PATH", f"{own}:/usr/bin:/bin")
    assert look(place, {"virtual-environment": {}}).state == ("passed" if active else "failed")
    assert look(place, {"virtual-environment": {"path": ".venv"}}).state == "failed"  # no pyvenv.cfg
    (place / ".venv/pyvenv.cfg").write_text("home = /usr/bin\n")
    assert look(place, {"virtual-environment": {"path": ".venv"}}).state == ("passed" if active else "failed")
    (place / "other").mkdir()
    (place / "other/pyvenv.cfg").write_text("")
    assert look(place, {"virtual-environment": {"path": "other"}}).state == "failed"


@pytest.mark.parametrize(
    ("saved", "state"),
    [
        ("arn:aws:dynamodb:eu-west-1:1:table/orders\n", "passed"),
        ("arn:aws:dynamodb:eu-west-1:1:table/orders-2\n", "failed"),  # a part of a longer word
        ("", "failed"),
        (None, "failed"),
    ],
)
def test_a_file_has_what_aws_answers(tmp_path: Path, saved: str | None, state: str) -> None:
    if saved is not None:
        (tmp_path / "outputs.txt").write_text(saved)
    entry = table_check(expression="Table.TableArn", expect={"in-file": "outputs.txt"})
    assert look(tmp_path, entry).state == state
    nothing = table_check(expression="Table.StreamSpecification.StreamViewType", expect={"in-file": "outputs.txt"})
    assert look(tmp_path, nothing).state == "failed"  # nothing stands in every file


class Nameless(WorkspaceHere):
    """A run that knows nobody."""

    def sign_off(self, of: str) -> str:
        return ""


def test_a_run_that_knows_nobody_signs_nothing_off(place: Path) -> None:
    (check,) = written({"id": "it", "name": "It", "sign-off": {"of": "operator"}}).checks
    here = Nameless(place, CommandDoor(), Answering({}), changes=False)  # type: ignore[arg-type]
    seen = evaluate(check, NoAws(), here=here, wait=lambda _seconds: None)  # type: ignore[arg-type]
    assert (seen.state, seen.reason) == ("not checked", "the run knows no operator")


def test_without_a_machine_to_look_at_nothing_passes() -> None:
    (check,) = written({"id": "it", "name": "It", "file": {"path": "notes.md"}}).checks
    assert evaluate(check, NoAws(), wait=lambda _s: None).state == "not checked"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ("Python 3.11.4", "3.11.4"),
        ("v18.19.0", "18.19.0"),
        ("go version go1.21.5 linux/amd64", "1.21.5"),
        ("aws-cli/2.15.30 Python/3.11.8 Linux/5.15", "2.15.30"),
        ("Docker version 24.0.5, build ced0996", "24.0.5"),
        ("jq-1.6", "1.6"),
        ('openjdk version "17.0.1" 2021-10-19', "17.0.1"),
        ("2.115.0 (build 58027ee)", "2.115.0"),
        ("no version", ""),
    ],
)
def test_the_version_is_found_in_what_a_tool_prints(printed: str, version: str) -> None:
    assert version_in(printed) == version


@pytest.mark.parametrize(
    ("one", "other"), [("3.9", "3.11"), ("3.11.0rc1", "3.11"), ("2.0.0-beta.1", "2.0"), ("1.9.9", "2"), ("18.1", "v20")]
)
def test_versions_are_compared_number_by_number(one: str, other: str) -> None:
    assert is_less(one, other)
    assert not is_less(other, one)
    assert not is_less(one, one)


def test_every_problem_of_a_local_check_is_told_with_its_place() -> None:
    text = """\
checks:
  - {id: a, name: A, command: {run: "rm -rf x"}}
  - {id: b, name: B, command: {run: "test -e '{file}'"}}
  - {id: c, name: C, tool: {run: "python3 -c 1", at-least: new}}
  - {id: d, name: D, file: {path: ../x, fields: [a]}}
  - {id: e, name: E, file: {path: x}, tool: {run: x --version}}
  - {id: f, name: F, file: {path: x}, service: s3, operation: list_buckets}
  - {id: g, name: G, file: {path: x, size: 3}}
  - {id: h, name: H, command: {run: "cat x"}, expect: absent}
  - {id: i, name: I, virtual-environment: {path: /v}, line: 0}
  - {id: j, name: J}
"""
    lines = refused(text)
    places = [line.split(":")[1] for line in lines]
    assert sorted(set(places), key=int) == [str(number) for number in range(2, 12)]
    assert all(line.startswith("f.yaml:") for line in lines)
    assert len([line for line in lines if ":11:" in line]) == 4  # service, operation, expression, expect


def test_versions_are_taken_as_they_are_written() -> None:
    (check,) = read_checks(
        b"checks:\n- {id: a, name: A, tool: {run: x --version, at-least: 3.10}, item: 1.10}\n", "f.yaml", MODELS
    ).checks
    assert check.expected == "installed, at least 3.10"
    assert check.item == "1.10"


@pytest.mark.parametrize(
    ("run", "state", "seen"),
    [
        ("echo '[1]'; echo careful >&2", "passed", "1"),
        ("echo '[2]'; echo careful >&2", "failed", "2"),
        ("echo '[]'; echo no access >&2; exit 3", "failed", "exit 3: no access"),
        ("false", "failed", "exit 1"),
    ],
)
def test_what_a_command_says_to_people_is_no_part_of_its_json_and_tells_why_it_failed(
    place: Path, run: str, state: str, seen: str
) -> None:
    asked = {"command": {"run": run, "changes": True}, "expression": "[0]", "expect": {"equals": 1}}
    found = look(place, asked, changes=True)
    assert (found.state, found.seen) == (state, seen)
