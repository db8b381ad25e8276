"""Checks of this machine answer boxes in a run: by their text, their line or their id; what changes is asked first."""

from __future__ import annotations

from pathlib import Path

import pytest

from state.errors import BadInput
from tests.worlds.run_world import RunWorld

RUNBOOK = b"""# Ship it

## Before
- [ ] Notes written
- [ ] Approved
- [ ] Approved
- [ ] Built

## After
- [ ] Mail sent
"""
CHECKS = """\
checks:
  - {id: notes, name: The notes are there, file: {path: notes.md}, item: box 1, tasks: [Before]}
  - {id: first, name: The first file is there, file: {path: first.txt}, line: 5, criterion: Approved}
  - {id: second, name: The second file is there, file: {path: second.txt}, line: 6}
  - {id: build, name: It builds, command: {run: echo built >> built.txt, changes: true}, criterion: Built}
"""


class ShipWorld(RunWorld):
    def __init__(self, root: Path, *files: str) -> None:
        super().__init__(root, runbook=RUNBOOK)
        self.commit_checks(CHECKS)
        for name in files:
            (self.root / name).write_text("here\n")
        self.person.answers = {"before-check-build": "run"}

    def before(self) -> str:
        """The boxes after the first task."""
        with self.start() as engine:
            engine.segment()
        return self.boxes()


def test_boxes_are_answered_by_text_line_and_id_and_each_run_once(tmp_path: Path) -> None:
    world = ShipWorld(tmp_path, "notes.md", "first.txt", "second.txt")
    assert world.before() == "xxxx "
    assert world.person.boxes_seen == []  # nobody was asked
    assert (world.root / "built.txt").read_text() == "built\n"


def test_a_line_is_one_box_where_a_text_is_there_twice(tmp_path: Path) -> None:
    world = ShipWorld(tmp_path, "notes.md", "first.txt")  # the second file is missing
    with world.start() as engine, pytest.raises(Exception, match="The second file is there") as failed:
        engine.segment()
    assert "The first file" not in str(failed.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("item: box 1, ", "item: box 9, ", "one box of tasks.md with the id 'box 9', seen 0"),
        (
            "item: box 1, tasks: [Before]",
            "item: box 1",
            "one box of tasks.md with the id 'box 1', seen 2, on lines 4, 10",
        ),
        ("line: 6", "line: 3", "line 3 of tasks.md has no box of a task"),
        ("line: 5, criterion: Approved", "line: 7, criterion: Approved", "line 7 of tasks.md has the box 'Built'"),
    ],
)
def test_a_box_that_is_not_there_is_refused_with_its_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    world = ShipWorld(tmp_path)
    (world.root / "tasks.checks.yaml").write_text(CHECKS.replace(old, new))
    with pytest.raises(BadInput) as refused, world.start():
        pass
    assert [told in str(problem) for problem in refused.value.problems] == [True]
    assert all(str(problem).startswith("tasks.checks.yaml:") for problem in refused.value.problems)
