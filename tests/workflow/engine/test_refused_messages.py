"""A commit-msg hook refuses the message of what was approved: another one is approved, committed, and audited."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from state.errors import JournalDamaged
from state.read_journal import parse
from tests.worlds.command_world import CommandWorld
from tests.worlds.forger import chained
from tests.worlds.journals import journal_bytes, journal_events
from tests.worlds.run_world import RUNBOOK
from workflow.audit import audit_workspace

TWO = b"# Two things\n\n- [ ] 1. First\n- [ ] 2. Second\n"
CONVENTIONAL = (
    '#!/bin/sh\nhead -1 "$1" | grep -qE "^(feat|docs)(\\(.+\\))?: " || { echo "type may not be empty"; exit 1; }\n'
)
TEMPLATE = 'commit: "docs({id}): {title}"\n'


class Hooked(CommandWorld):
    """A world with the hook, and the verbs of a person who hands in and one who approves."""

    def __init__(self, root: Path, runbook: bytes) -> None:
        super().__init__(root, runbook=runbook)
        assert self("run", "tasks.md").code == 3

    def hooks(self) -> None:
        hook = self.root / ".git/hooks/commit-msg"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(CONVENTIONAL)
        hook.chmod(0o755)

    def approves(self) -> None:
        """Robot hands in, Ada approves."""
        self.hand_in()
        (worked,) = [event for event in self.events if event["type"] == "worked"][-1:]
        told = self("approve", "--digest", worked["request"]["digest"])
        assert told.code == 0, told.error

    def policy(self, text: str) -> None:
        (self.root / "phasegate.yaml").write_text(text)
        self.git("add", "phasegate.yaml")
        self.git("commit", "-q", "-m", "docs: policy")

    @property
    def events(self) -> list[dict[str, object]]:
        return journal_events(self.journal)

    def runs_own(self) -> list[str]:
        return [subject for subject in self.subjects() if subject != "docs: policy"]


def require_sound(world: CommandWorld, state: str) -> set[str]:
    """The audit finds nothing; which limits it has."""
    (found,) = audit_workspace(world.root, None)
    assert ([f"{each.code}: {each.message}" for each in found.findings], found.state) == ([], state)
    return {limit.code for limit in found.unprovable}


@pytest.mark.slow
def test_another_template_holds_for_what_is_approved_from_then_on(tmp_path: Path) -> None:
    world = Hooked(tmp_path, TWO)
    world.approves()
    assert world("resume").code == 3
    world.hooks()
    world.approves()
    refused = world("resume")
    assert refused.code == 5 and "type may not be empty" in refused.error
    assert "another commit: in phasegate.yaml, committed, holds" in refused.error
    world.policy(TEMPLATE)
    assert world("resume").code == 3  # voided by name: it waits for the work, to be approved with the new message
    assert "docs(2): Second" not in world.runs_own()
    world.approves()
    assert world("resume").code == 0
    assert world.runs_own() == ["tasks task 1: First", "docs(2): Second"]
    templates = [event.get("commit") for event in world.events if event["type"] == "task-started"]
    assert templates == [None, None, "docs({id}): {title}"]
    require_sound(world, "complete")


@pytest.mark.slow
def test_a_template_that_is_taken_away_again_is_taken_away(tmp_path: Path) -> None:
    world = Hooked(tmp_path, TWO)
    world.policy(TEMPLATE)
    assert world("reject", "--reason", "no").code == 2  # nothing waits; the first attempt began without the template
    world.approves()
    assert world("resume").code == 3
    world.policy("tests: make\n")
    world.approves()
    assert world("resume").code == 0
    assert world.runs_own() == ["tasks task 1: First", "docs(2): Second"]
    require_sound(world, "complete")


@pytest.mark.slow
def test_a_message_of_the_runbook_is_edited_there(tmp_path: Path) -> None:
    world = Hooked(tmp_path, RUNBOOK)
    world.hooks()
    world.approves()
    refused = world("resume")
    assert refused.code == 5 and f"phasegate resume {world.run_id} --take-edit" in refused.error
    runbook = world.root / "tasks.md"
    runbook.write_bytes(runbook.read_bytes().replace(b'"shed task 1.1: Choose', b'"docs(1.1): Choose'))
    assert world("resume", "--take-edit").code == 3
    world.approves()
    assert world("resume").code == 3
    assert world.subjects() == ["docs(1.1): Choose a colour"]
    require_sound(world, "t1_2")


@pytest.mark.slow
def test_a_run_of_0_1_keeps_its_messages(tmp_path: Path) -> None:
    world = Hooked(tmp_path, TWO)
    first, *others = world.events
    assert first.pop("grammar") == 2
    world.journal.write_bytes(chained([{**event, "v": 1} for event in (first, *others)]))
    for holder in (world.root / ".git/phasegate").glob("*.holder"):  # it has the digest of the line that was exchanged
        holder.unlink()
    world.hooks()
    world.approves()
    world.policy(TEMPLATE)
    assert world("resume").code == 3  # voided: the policy's file is another one
    world.approves()
    refused = world("resume")
    assert refused.code == 5 and "messages stay as the run began" in refused.error
    assert all("commit" not in event for event in world.events if event["type"] == "task-started")


def test_the_record_of_an_abort_takes_the_words_that_the_hook_takes(tmp_path: Path) -> None:
    world = Hooked(tmp_path, TWO)
    world.hooks()
    aborted = world("abort", "--reason", "enough")
    assert aborted.code == 0 and "the run is over, but its record was not committed" in aborted.error
    world.type(aborted.next.replace("-m 'tasks: abort", "-m 'docs: abort"))
    assert world.subjects()[-1].startswith("docs: abort run ")
    assert "end-in-other-words" in require_sound(world, "aborted")


@pytest.mark.parametrize("template", ["{", "{nobody}", "{title.__class__}", "{title:>9999}", "{title!r}", 7])
@pytest.mark.parametrize("line", [0, 1])
def test_a_template_that_is_none_is_refused_with_line_and_field(tmp_path: Path, template: object, line: int) -> None:
    world = Hooked(tmp_path, TWO)
    events = world.events
    events[line]["commit"] = template
    data = chained(events)
    with pytest.raises(JournalDamaged, match=rf"^journal\.jsonl:{line + 1}: field `commit`: expected a te"):
        parse(data)
    world.journal.write_bytes(data)
    for words in (["status"], ["log"], ["resume"], ["abort", "--reason", "no"]):
        told = world(*words)
        assert told.code == 1 and f"journal.jsonl:{line + 1}: field `commit`" in told.error
    told = world("audit")
    assert told.code == 1 and "journal-damaged" in told.out and "field `commit`" in told.out


@pytest.mark.parametrize("template", ["{", "{nobody} {title}", "{title.__class__}", "{title:>9999}", "no field"])
def test_a_template_of_phasegate_yaml_that_is_none_is_refused_with_its_place(tmp_path: Path, template: str) -> None:
    world = Hooked(tmp_path, TWO)
    world.approves()
    before = journal_bytes(world.journal)
    world.policy(f"commit: {json.dumps(template)}\n")
    told = world("approve", "--digest", "0" * 64)
    assert told.code == 2 and journal_bytes(world.journal) == before
    told = world("resume")
    assert told.code == 2 and re.search(r"phasegate.yaml:1:\d: commit: expected", told.error)
