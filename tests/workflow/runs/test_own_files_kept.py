"""A filter, ident or an encoding on the runbook or on a run's own files is refused before a run begins, and by name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld

pytestmark = pytest.mark.slow
RUNBOOK = b"# Job\n\n- [ ] 1. First\n- [ ] 2. Second\n"


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    world = CommandWorld(tmp_path, runbook=RUNBOOK)
    world.git("config", "filter.z.clean", "sed s/First/Evil/")
    return world


def attributes(world: CommandWorld, line: str) -> None:
    (world.root / ".gitattributes").write_text(f"{line}\n")
    world.git("add", "--renormalize", ".")
    world.git("add", ".")
    world.git("commit", "-qm", "Attributes")


@pytest.mark.parametrize(
    "line",
    [
        "tasks.md filter=z",
        "tasks.md ident",
        "tasks.md working-tree-encoding=UTF-8",
        ".phasegate/** filter=z",
        "*.jsonl ident",
        "artifacts/** filter=z",
    ],
)
def test_no_run_begins_and_what_is_printed_takes_it_off(world: CommandWorld, line: str) -> None:
    attributes(world, line)
    before, by = world.files(), line.partition(" ")[2]
    told = world("run", "tasks.md")
    assert (told.code, f"has the attribute {by}" in told.error) == (2, True), told.error
    assert by in world("doctor").out
    assert world.files() == before
    if "jsonl" not in line:  # plan looks at a journal and at a log by any name
        assert (told.error, 2) == ((world("plan", "tasks.md").error and told.error), world("plan", "tasks.md").code)
    world.type(told.next)
    if line == "tasks.md filter=z":  # HEAD has another text still
        told = world("run", "tasks.md")
        assert (told.code, "tasks.md" in told.error) == (2, True)
        world.type("git add --renormalize -- tasks.md && git commit -m 'The runbook as it is here' -- tasks.md")
    assert world("run", "tasks.md").code == 3


def test_a_filter_of_which_nobody_has_the_program_does_nothing(world: CommandWorld) -> None:
    attributes(world, "tasks.md filter=elsewhere")
    assert world("run", "tasks.md").code == 3


def test_a_run_that_is_there_names_the_attribute_and_a_way_on(world: CommandWorld) -> None:
    assert world("run", "tasks.md").code == 3
    attributes(world, "artifacts/** filter=z")
    for order in (["resume"], ["done", "--no-files"]):
        told = world(*order)
        assert (told.code, "has the attribute filter=z" in told.error) == (2, True), told.error
    world.type(told.next)
    assert world("resume").code == 3


def test_a_runbook_that_git_takes_for_unchanged_and_that_is_another_one_is_refused(world: CommandWorld) -> None:
    os.utime(world.root / "tasks.md", (1, 1))
    attributes(world, "tasks.md filter=z")
    (world.root / ".gitattributes").write_text("")
    world.git("commit", "-qm", "No attributes", "--", ".gitattributes")
    assert world.git("status", "--porcelain") == "", "git does not see it: else this shows nothing"
    told = world("run", "tasks.md")
    assert (told.code, "has another text than in HEAD" in told.error) == (2, True)
    world.type(told.error.split("look\n")[1].partition("   #")[0].strip())
    assert world("run", "tasks.md").code == 3
