"""What is on the pages: what waits, everything that the digest covers, and nothing that a text of somebody's makes."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.worlds.agent_world import BOXES, AgentWorld
from tests.worlds.command_world import CommandWorld
from tests.worlds.journals import journal_events
from tests.worlds.page_world import Page
from tests.worlds.run_world import RUNBOOK
from tests.worlds.workspaces import git

pytestmark = pytest.mark.slow
OPEN = "default: {presence: any}\n"
NASTY = "<script>alert(1)</script> \"'`{{ 7*7 }} \u202egnp.exe \x1b[31m &lt;"


def opened(world: AgentWorld | CommandWorld) -> Page:
    page = Page(world.root)
    page.enters()
    return page


@pytest.fixture
def world(tmp_path: Path) -> AgentWorld:
    made = AgentWorld(tmp_path, policy=OPEN)
    made.starts()
    return made


def test_the_inbox_has_what_waits_in_every_repository_what_expires_first_in_front(tmp_path: Path) -> None:
    worlds = []
    for name, hours in (("later", 9), ("sooner", 3)):
        (tmp_path / name).mkdir()
        worlds.append(AgentWorld(tmp_path / name, policy=f"default: {{presence: any, expires: {hours}h}}\n"))
        worlds[-1].starts()
        worlds[-1].works("one.txt")
    page = Page(*(each.root for each in worlds))
    page.enters()
    told = page.get("/")
    assert re.findall(r'href="/r/([^/]+)/[^/]+/gate"', told.text) == ["shed-2", "shed"]  # both are named shed
    said = told.said()
    assert "1 Choose a colour" in said
    assert "who may anybody" in said
    assert worlds[0].digest[:7] in said
    assert "2 h 59 min left" in said or "3 h left" in said


def test_a_run_that_waits_for_work_and_one_that_ended_have_their_places(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path)
    world.up_to("2.1")
    assert "1 run that ended complete" in opened(world).get("/").said()
    (tmp_path / "other").mkdir()
    waits = AgentWorld(tmp_path / "other")
    waits.starts()
    said = opened(waits).get("/").said()
    assert "Nothing waits for approval" in said
    assert "Work that an agent is at 1 Choose a colour" in said


def test_a_journal_that_cannot_be_read_is_said_and_hides_nothing_else(world: AgentWorld) -> None:
    world.works("one.txt")
    damaged = world.journal.parent.parent / "shed-20260101-000000"
    damaged.mkdir()
    (damaged / "journal.jsonl").write_text("{}\n")
    told = opened(world).get("/")
    assert "shed-20260101-000000" in told.said()
    assert "1 Choose a colour" in told.said()


def test_the_run_has_its_states_its_time_its_log_and_what_to_type(world: AgentWorld) -> None:
    world.works("one.txt")
    page = opened(world)
    said = page.get(page.run()).said()
    assert "0 of 2 done" in said
    assert re.search(r"at work \d+ s, waiting for approval \d+ s", said)
    assert f"--digest {world.digest[:7]}" in said
    assert "handed-in 1#1: 1 file, by agent: scripted 1.0 (mcp)" in said


def test_the_gate_has_everything_that_the_digest_covers(world: AgentWorld) -> None:
    (world.root / "run.sh").write_text("#!/bin/sh\n")
    (world.root / "run.sh").chmod(0o755)
    (world.root / "one.txt").write_text("first\nsecond\n")
    world.hands_in("one.txt", "run.sh")
    page = opened(world)
    told = page.get(page.gate())
    said = told.said()
    (event,) = world.events("worked")
    for each in event["artifacts"]:
        assert each["sha256"] in said
        assert f"{each['size']} bytes" in said
    assert "run.sh a file, mode 100755 (executable)" in said
    assert "+first" in said
    assert "2 lines added, 0 removed" in said
    assert "Message: shed task 1: Choose a colour" in said
    assert all(path in said for path in (".phasegate/", "shed.md", "artifacts/shed/working_log.md"))
    assert said.count("- [ ] 1. Choose a colour") == 1  # what was to be done is said once
    assert world.digest in said
    assert f"Digest {world.digest[:7]}, good once" in said
    assert told.fields("approve")["digest"] == event["request"]["digest"]


def test_every_file_has_its_mode(world: AgentWorld) -> None:
    (world.root / "plain.txt").write_text("a\n")
    (world.root / "run.sh").write_text("b\n")
    (world.root / "run.sh").chmod(0o755)
    world.hands_in("plain.txt", "run.sh")
    page = opened(world)
    said = page.get(page.gate()).said()
    assert "plain.txt a file, mode 100644 · 2 bytes" in said
    assert "run.sh a file, mode 100755 (executable) · 2 bytes" in said


def voided(tmp_path: Path) -> AgentWorld:
    """Ada approved two files; one of them, and a third, are others by now."""
    world = AgentWorld(tmp_path, policy="default: {presence: any, approvers: 2}\n")
    world.starts()
    (world.root / "kept.txt").write_text("kept\n")
    (world.root / "gone.txt").write_text("gone\n")
    (world.root / "changed.txt").write_text("was\n")
    world.hands_in("kept.txt", "gone.txt", "changed.txt")
    world.approves(at_terminal=True)
    (world.root / "gone.txt").unlink()
    (world.root / "changed.txt").write_text("is\n")
    world.drives()
    (world.root / "<b>new.txt").write_text("new\n")
    world.hands_in("kept.txt", "changed.txt", "<b>new.txt")
    return world


def test_who_approved_before_is_told_what_is_another_since(tmp_path: Path) -> None:
    world = voided(tmp_path)
    first = world.events("worked")[0]["request"]["digest"][:7]
    page = opened(world)
    told = page.get(page.gate())
    said = told.said()
    assert f"Since the approval recorded in your name, unsigned, of {first}, " in said
    assert f"changed.txt changed since {first}" in said
    assert f"<b>new.txt new since {first}" in said
    assert f"kept.txt changed since {first}" not in said
    assert all(each in said for each in ("changed.txt: changed", "<b>new.txt: new", "gone.txt: no more part of it"))
    assert "1 file the same" in said
    assert "<b>" not in told.text


def test_nobody_else_is_told_and_nobody_who_approved_what_waits(tmp_path: Path) -> None:
    world = voided(tmp_path)
    subprocess.run(["git", "-C", str(world.root), "config", "user.email", "bob@example.com"], check=True)
    page = opened(world)
    since = "Since the approval recorded in your name"
    assert since not in page.get(page.gate()).said()
    subprocess.run(["git", "-C", str(world.root), "config", "user.email", "ada@example.com"], check=True)
    assert since in page.get(page.gate()).said()
    world.approves(at_terminal=True)
    assert since not in page.get(page.gate()).said()


def test_failures_and_notes_stand_before_what_passed_which_is_named(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path)
    world("run", "tasks.md", "--sandbox", "--yes", "--until", "1.1")
    world.hand_in()
    page = opened(world)
    told = page.get(page.gate())
    assert told.status == 200
    journal = journal_events(world.journal)
    checks = next(each for each in reversed(journal) if each["type"] == "worked")["checks"]
    assert all(check["name"] in told.said() for check in checks)


def test_what_somebody_else_wrote_is_text_and_is_seen_as_what_it_is(tmp_path: Path) -> None:
    name = "<img src=x onerror=alert(1)>.txt"
    world = AgentWorld(tmp_path, policy=OPEN, runbook=f"# Shed\n\n- [ ] 1. Choose <b>a</b> {NASTY}\n")
    world.starts()
    (world.root / name).write_text(f"{NASTY}\n")
    world.hands_in(name)
    world.tools.note(("scripted", "1.0"), None, NASTY)
    page = opened(world)
    for path in ("/", page.run(), page.gate(), f"{page.run()}/audit", "/people"):
        text = page.get(path).text
        assert "<script>alert" not in text
        assert "<img" not in text
        assert "<b>" not in text
        assert "\u202e" not in text
        assert "\x1b" not in text
        assert "49" not in re.findall(r"colour.{0,80}", text)
    assert "{{ 7*7 }} \\u202egnp.exe \\x1b[31m &lt;" in page.get(page.gate()).said()


def test_a_file_that_changed_since_is_not_shown_and_nothing_can_be_approved(world: AgentWorld) -> None:
    world.works("one.txt", "what was shown\n")
    (world.root / "one.txt").write_text("something else\n")
    page = opened(world)
    told = page.get(page.gate())
    assert "one.txt is another file now than the one that was shown: nothing can be approved" in told.said()
    assert "something else" not in told.text
    with pytest.raises(KeyError):
        told.fields("approve")
    assert told.fields("reject")["token"]


def test_what_is_no_text_and_what_is_too_large_is_said(tmp_path: Path) -> None:
    big = b"x\n" * (2**21 + 1)
    world = AgentWorld(tmp_path)
    for path in ("changed.txt", "gone.txt"):
        (world.root / path).write_bytes(big)
    git(world.root, "add", ".")
    git(world.root, "commit", "-qm", "large")
    world.starts()
    began = git(world.root, "rev-parse", "HEAD")[:10]
    (world.root / "gone.txt").unlink()
    (world.root / "big.txt").write_bytes(big)
    (world.root / "changed.txt").write_bytes(big + b"y\n")
    (world.root / "picture.bin").write_bytes(b"\x89PNG\0\0")
    world.hands_in("big.txt", "changed.txt", "gone.txt", "picture.bin")
    page = opened(world)
    said = page.get(page.gate()).said()
    assert "is too large to be shown here: 4,194,306 bytes; `less -- big.txt` shows it" in said
    assert f"is too large to be shown here: 4,194,308 bytes; `git diff {began} -- changed.txt` shows it" in said
    assert f"`git show {began}:./gone.txt` shows it" in said
    assert "+y" in git(world.root, "diff", began, "--", "changed.txt")
    assert len(git(world.root, "show", f"{began}:./gone.txt")) == len(big)
    assert "is no text: 6 bytes" in said


def test_attributes_of_the_repository_hide_nothing(world: AgentWorld) -> None:
    (world.root / ".gitattributes").write_text("*.txt binary -diff\n")
    world.works("one.txt", "seen\n")
    page = opened(world)
    assert "+seen" in page.get(page.gate()).said()


def test_a_program_of_the_repository_is_not_run(world: AgentWorld) -> None:
    ran = world.root / "ran"
    subprocess.run(["git", "-C", str(world.root), "config", "diff.external", f"touch {ran}"], check=True)
    subprocess.run(["git", "-C", str(world.root), "config", "core.fsmonitor", f"touch {ran}"], check=True)
    world.works("one.txt")
    ran.unlink(missing_ok=True)
    page = opened(world)
    for path in ("/", page.run(), page.gate(), f"{page.run()}/audit", "/people"):
        assert page.get(path).status == 200
    assert not ran.exists()


def test_a_link_in_the_place_of_the_runs_is_refused_and_not_followed(world: AgentWorld, tmp_path: Path) -> None:
    world.works("one.txt")
    page = opened(world)
    address = page.gate()
    (world.root / ".phasegate").rename(tmp_path / "elsewhere")
    (world.root / ".phasegate").symlink_to(tmp_path / "elsewhere")
    told = page.get(address)
    assert (told.status, "symbolic link" in told.text, page.faults) == (409, True, [])
    assert "symbolic link" in page.get("/").said()


def test_a_gate_that_waits_no_more_leads_to_its_run(world: AgentWorld) -> None:
    world.works("one.txt")
    page = opened(world)
    address = page.gate()
    world.rejects(at_terminal=True)
    told = page.get(address)
    assert (told.status, told.location) == (303, page.run())


def test_boxes_that_nobody_settled_are_asked_about(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, runbook=BOXES, policy=OPEN)
    world.starts()
    world.hands_in(boxes=("1=yes", "2=yes"))
    page = opened(world)
    text = page.get(page.gate()).text
    assert re.findall(r'name="(box-\d+)" value="(\w+)"', text) == [
        ("box-1", "attest"),
        ("box-1", "waive"),
        ("box-2", "attest"),
        ("box-2", "waive"),
    ]


def test_the_audit_says_what_was_found_and_what_it_cannot_prove(world: AgentWorld) -> None:
    world.works("one.txt")
    page = opened(world)
    said = page.get(f"{page.run()}/audit").said()
    assert "Nothing was found" in said
    assert "whole-history" in said
    world.rewrites(lambda events: events[2].update(at="2020-01-01T00:00:00.000Z"))
    assert "Nothing was found" not in page.get(f"{page.run()}/audit").said()


def test_people_says_who_opens_which_gate_and_in_whose_name_a_page_acts(world: AgentWorld) -> None:
    said = opened(world).get("/people").said()
    assert "recorded as Ada <ada@example.com>" in said
    assert "every gate 1 approval of anybody" in said
    (world.root / "phasegate.yaml").write_text("default: {approvers: nobody}\n")
    assert "fail" in opened(world).get("/people").said()


def test_looking_writes_nothing(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=RUNBOOK)
    world("run", "tasks.md", "--sandbox", "--yes", "--until", "1.1")
    world.hand_in()
    before = world.files()
    page = opened(world)
    for path in ("/", page.run(), page.gate(), f"{page.run()}/audit", "/people"):
        assert page.get(path).status == 200
    assert world.files() == before
    assert world.git("status", "--porcelain") == world.git("status", "--porcelain")
