"""A fence that ends with 0 before its last command: its box is not passed, no policy opens the gate, a person may."""

from __future__ import annotations

import json
from pathlib import Path
from unittest import mock

import pytest

from tests.worlds.by_hand import OPEN, answers, by, digest, events, made, ticks
from tests.worlds.command_world import CommandWorld

BOX = "# T\n\n## Checklist\n- [ ] All tests pass\n  ```{0}\n  {1}\n  ```\n\n## Then\n- [ ] Told\n"
GUARD = "[ -e ci ] || exit 0\n  false"
NOT_REACHED = "exit 0 after {0} s, before its end: line 7 (`false`) was not reached"


def handed_in(path: Path, lines: str = GUARD, shell: str = "sh", *, policy: str = OPEN) -> CommandWorld:
    world = made(path, BOX.format(shell, lines).encode(), policy)
    told = by("Robot", world, "done", "--no-files", "--run", "all")
    assert (told.code, "waits for approval" in told.out) == (0, True), told
    return world


@pytest.mark.parametrize("first", ["[ -e ci ] || exit 0", "exec true", "exit 0", "{ exit 0; }", "return 0"])
def test_no_policy_opens_a_gate_on_a_command_that_was_not_reached(tmp_path: Path, first: str) -> None:
    world = handed_in(tmp_path, f"{first}\n  false")
    told = world("resume")
    assert (told.code, events(world, "approved"), ticks(world)) == (3, [], "  ")
    (done,) = events(world, "effect-done")
    assert done["result"]["ended_early"] is True
    assert done["result"]["commands"] == [
        {"line": 6, "exit_code": 0},
        {"line": 7, "exit_code": None, "unreached": "false"},
    ]
    (worked,) = events(world, "worked")
    command, box = worked["checks"]
    seen = NOT_REACHED.format(done["result"]["seconds"])
    assert (command["verdict"], command["seen"]) == ("not-checked", seen)
    assert (box["verdict"], seen in box["seen"]) == ("not-checked", True)
    assert worked["data"]["commands"][0]["ending"] == "ended-early"


@pytest.mark.parametrize(("shell", "lines"), [("sh", "cat <<X\n   X\n  false"), ("python", "exit()\n  assert False")])
def test_the_same_where_the_shell_cannot_say_which_line(tmp_path: Path, shell: str, lines: str) -> None:
    world = handed_in(tmp_path, lines, shell)
    assert (world("resume").code, events(world, "approved")) == (3, [])
    assert "before its end, inside of the command that begins at line 6" in world("status", "--review").out


def test_page_report_and_log_name_it_and_a_person_answers_the_box(tmp_path: Path) -> None:
    world = handed_in(tmp_path)
    assert "line 7 (`false`) was not reached" in world("status", "--review").out
    assert "exit 0, before its end: line 7 (`false`) was not reached" in world("log").out
    told = by("Bob", world, "approve", "--digest", digest(world))
    assert (told.code, "box 1 needs a person's word first" in told.error) == (2, True)
    assert by("Bob", world, "approve", "--digest", digest(world), "--attest", "1").code == 0
    assert world("resume").code == 3
    assert ticks(world) == "x "
    assert world("audit").code == 0
    (report,) = (world.root / "artifacts").rglob("*_commands.md")
    assert "It ended before its end: line 7 (`false`) was not reached." in report.read_text()


def test_who_did_the_work_cannot_say_yes_for_it(tmp_path: Path) -> None:
    world = made(tmp_path, BOX.format("sh", GUARD).encode(), OPEN)
    told = by("Robot", world, "done", "--no-files", "--run", "all", "--box", "1=yes")
    assert (told.code, "line 7 (`false`) was not reached" in told.error) == (2, True), told
    told = by("Robot", world, "done", "--no-files", "--box", "1=yes")
    assert (told.code, "line 7 (`false`) was not reached" in told.error) == (2, True), told


def test_a_yes_for_it_is_refused_before_anything_is_recorded(tmp_path: Path) -> None:
    runbook = BOX.format("sh", GUARD).replace("\n## Then", "- [ ] Built (`sh none.sh`)\n\n## Then")
    world = made(tmp_path, runbook.encode())
    assert by("Robot", world, "done", "--no-files", "--run", "all").code == 3  # the second one failed
    before = world.journal.read_bytes()
    told = by("Robot", world, "done", "--no-files", "--box", "1=yes")
    assert (told.code, "line 7 (`false`) was not reached" in told.error) == (2, True), told
    assert world.journal.read_bytes() == before


def test_the_audit_finds_evidence_that_leaves_it_out(tmp_path: Path) -> None:
    world = made(tmp_path, BOX.format("sh", GUARD).encode())
    with mock.patch("phases.manual.script_report.before_its_end", lambda _ran: ""):
        assert by("Robot", world, "done", "--no-files", "--run", "all").code == 0
        by("Bob", world, "approve", "--digest", digest(world), "--attest", "1")
        world("resume")
    told = world("audit")
    assert (told.code, "It ended before its end" in told.out + told.error) == (1, True), told


def test_a_fence_that_goes_on_in_its_shell_is_not_run(tmp_path: Path) -> None:
    fences = "  ```sh\n  exit 0\n  X=1\n  ```\n\n  <!-- phasegate: same-shell -->\n  ```sh\n  touch ran\n  ```\n"
    world = made(tmp_path, f"# T\n\n- [ ] 1. Go\n{fences}".encode())
    assert by("Robot", world, "done", "--no-files", "--run", "all").code == 0
    assert not (world.root / "ran").exists()
    (worked,) = events(world, "worked")
    assert [each["ending"] for each in worked["data"]["commands"]] == ["ended-early", "not-run"]


def test_a_command_that_is_edited_so_that_it_ends_early_says_both(tmp_path: Path) -> None:
    world = made(tmp_path, BOX.format("sh", "false").encode(), OPEN)
    assert by("Robot", world, "done", "--no-files", "--run", "all").code == 3
    given = answers(world, checklist_command_1_failed_1="edit", checklist_command_1_edited_2="exit 0\nfalse")
    assert by("Robot", world, "resume", *given).code == 3
    seen = events(world, "worked")[0]["checks"][0]["seen"]
    assert ("was not reached" in seen, "edited: exit 0" in seen) == (True, True), seen
    assert events(world, "approved") == []


def test_a_script_that_came_to_its_end_is_opened_by_the_policy_as_done_says(tmp_path: Path) -> None:
    world = made(tmp_path, BOX.format("sh", "true\n  exit 0").encode(), OPEN)
    told = by("Robot", world, "done", "--no-files", "--run", "all")
    assert told.code == 0
    short = digest(world)[:7]
    assert f"handed in; {short} is opened by the policy when the run is resumed" in told.out
    run = json.loads(world("status", "--json").out)["run"]
    following = [line.strip() for line in (told.error + told.out).split("next:")[1].splitlines() if line.strip()]
    assert following[0] == f"phasegate resume {run}   # the policy opens this gate"
    assert f" resume {run}   # the policy opens this gate" in world("status").out
    assert world("resume").code == 3
    assert [event["via"] for event in events(world, "approved")] == ["policy"]
    assert ticks(world) == "x "
    assert "ended_early" not in events(world, "effect-done")[0]["result"]
