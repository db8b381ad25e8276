"""An empty word, as an unset variable of a shell leaves it, is never taken as "not given": it is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld, Told

OPTIONAL = b"# Shed\n\n- [ ] 1. Paint it (optional)\n- [ ] 2. Let it dry\n"
NO_RUNS = ("", " ", ".", "..", "a/b", "../..", "asks", "-x")
VERBS = {  # by which a run is named, and what else each needs
    "status": (),
    "log": (),
    "resume": (),
    "audit": (),
    "approve": ("--digest", "0123456"),
    "reject": ("--reason", "no"),
    "abort": ("--reason", "no"),
    "rollback": ("--reason", "no"),
    "note": ("a remark",),
    "done": ("--no-files",),
}
BLANK = ("", "   ", "\t\n", "\u00a0\u3000")


def refused_unchanged(world: CommandWorld, *arguments: str) -> Told:
    before = world.files()
    told = world(*arguments)
    assert told.code == 2, told
    assert world.files() == before
    return told


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS)
def test_what_is_no_run_is_said_to_be_none(tmp_path: Path, verb: str) -> None:
    world = CommandWorld(tmp_path)
    world.up_to("1.1")
    for name in NO_RUNS:
        dashes = ["--"] if name.startswith("-") else []
        words = [*dashes, name, *VERBS[verb]] if verb == "note" else [*VERBS[verb], *dashes, name]
        told = refused_unchanged(world, verb, *words)
        assert f"no run {name!r}" in told.error
        assert "git checkout" not in told.error
        if verb != "audit":  # which offers to look at git's branches
            assert "next: phasegate " in told.error


@pytest.mark.slow
@pytest.mark.parametrize("blank", BLANK, ids=repr)
def test_a_reason_without_words_is_refused_and_what_is_said_to_type_takes_one(tmp_path: Path, blank: str) -> None:
    world = CommandWorld(tmp_path, runbook=OPTIONAL)
    world("run", "tasks.md")
    asked = [["done", "--skip", blank], ["note", blank], ["abort", "--reason", blank], ["rollback", "--reason", blank]]
    for words in asked:
        told = refused_unchanged(world, *words)
        assert f"expected words, seen {blank!r}" in told.error
        assert re.match(rf"phasegate {words[0]} {world.run_id} .*(TEXT|REASON)$", told.next)
    world.hand_in()
    assert f"seen {blank!r}" in refused_unchanged(world, "reject", "--reason", blank).error


@pytest.mark.slow
def test_an_empty_path_hands_nothing_in(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path)
    world("run", "tasks.md")
    (world.root / "new.txt").write_text("x\n")
    assert "--path names nothing" in refused_unchanged(world, "done", "--path", "").error


@pytest.mark.slow
@pytest.mark.parametrize("typed", ["TEXT", "REASON", " text ".upper(), "...", "<reason>"])
def test_what_only_stands_for_words_is_refused(tmp_path: Path, typed: str) -> None:
    """A `next:` that is typed as it is printed says nothing, and is nobody's reason."""
    world = CommandWorld(tmp_path, runbook=OPTIONAL)
    world("run", "tasks.md")
    asked = [["done", "--skip", typed], ["note", typed], ["abort", "--reason", typed], ["rollback", "--reason", typed]]
    for words in asked:
        assert "which stands for words of yours: say them" in refused_unchanged(world, *words).error
    world.hand_in()
    digest = world("status").out.partition("waiting for approval of ")[2][:7]
    for words in (["reject", "--reason", typed], ["approve", "--digest", digest, "--comment", typed]):
        assert "which stands for words of yours: say them" in refused_unchanged(world, *words).error
    assert world("note", "the TEXT of the notice").code == 0


@pytest.mark.slow
def test_a_box_is_waived_and_not_applicable_for_a_reason_only(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=b"# R\n\n## A\n\n- [ ] one\n- [ ] two\n\n## B\n\n- [ ] three\n")
    world("run", "tasks.md")
    told = refused_unchanged(world, "done", "--no-files", "--box", "1=n/a:REASON", "--box", "2=yes")
    assert "'REASON' stands for a reason of yours: n/a:REASON" in told.error
    told = refused_unchanged(world, "approve", "--digest", "0" * 7, "--waive", "1:REASON")
    assert "--waive 1:REASON: 'REASON' stands for a reason of yours" in told.error
