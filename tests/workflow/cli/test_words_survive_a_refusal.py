"""What `done` says and nothing has asked for yet outlives a refusal of the same order: boxes, criteria, fields, values.

And `status` says of a box what its page says of it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.by_hand import answers, by, digest, events, made, said, ticks, words
from tests.worlds.command_world import CommandWorld

pytestmark = pytest.mark.slow

CUT = b"""# Cut

## T-0

- [ ] Old is read-only
- [ ] Backup made (`touch backup.ok`)
- [ ] Disk has 20 % free (`df -h .`)

## Later

- [ ] Told
"""
ALL = b"""# Release

## Phase 1: Ship it

By: ____

```sh
touch <KIND>.ok
```

```sh
touch <OTHER>.ok
```

### Exit Criteria

- It answers

## Phase 2: Tell

Told.
"""
UNNAMED = "backup.ok"


def refused(tmp_path: Path) -> CommandWorld:
    """Both commands ran, and the order is refused then: nobody named the file that the first one wrote."""
    world = made(tmp_path, CUT)
    told = by("Bob", world, "done", "--box", "1=yes", "--box", "3=yes", "--run", "all")
    assert (told.code, UNNAMED in told.error) == (2, True), told
    assert "--box 3=yes is kept: it counts once what looks at that box has passed" in told.error
    return world


def test_a_yes_that_was_held_back_is_the_word_on_its_box_in_the_next_order(tmp_path: Path) -> None:
    world = refused(tmp_path)
    assert words(world) == {"box 1": "attested"}
    told = by("Bob", world, "done", "--path", UNNAMED)
    assert told.code == 0, told
    assert words(world) == {"box 1": "attested", "box 3": "attested"}
    bob = {event["by"]["git"] for event in events(world, "answered") if event.get("item") == "box 3"}
    assert bob == {"Bob <bob@example.com>"}
    assert by("Cleo", world, "approve", "--digest", digest(world)).code == 0
    assert world("resume").code == 3
    assert (ticks(world), world("audit").code) == ("xxx ", 0)


def test_another_word_of_a_later_order_counts_before_it(tmp_path: Path) -> None:
    world = refused(tmp_path)
    assert by("Bob", world, "done", "--path", UNNAMED, "--box", "3=n/a:no disk").code == 0
    assert words(world)["box 3"] == "not-applicable"


def test_status_says_of_a_box_what_its_page_says(tmp_path: Path) -> None:
    world = refused(tmp_path)
    told = " ".join(world("status").out.split())
    assert "its command runs, and a person says whether '20 %' holds: command 2: exit 0" in told
    assert "yes, said Bob <bob@example.com> (command), counts once that is known" in told
    assert "its command answers it: command 1: exit 0" in told


def test_a_yes_that_was_kept_makes_no_pass_of_what_fails_then(tmp_path: Path) -> None:
    world = made(tmp_path)  # of whose three boxes the last two have commands
    told = by("Bob", world, "done", "--no-files", "--box", "1=yes", "--box", "3=yes", "--run", "all")
    assert told.code == 3
    left = {"t_24h_command_1_failed_1": "skip", "t_24h_command_1_left": "why"}
    more = {"t_24h_command_2_failed_1": "skip", "t_24h_command_2_left": "why"}
    assert by("Bob", world, "resume", *answers(world, **left, **more)).code == 3
    assert words(world) == {"box 1": "attested"}
    (worked,) = events(world, "worked")
    boxes = {each["answers"]: each["verdict"] for each in worked["checks"] if each.get("answers")}
    assert (boxes["box 2"], boxes["box 3"]) == ("not-checked", "not-checked")


def test_what_an_answers_file_said_is_kept_with_it(tmp_path: Path) -> None:
    world = made(tmp_path, ALL)
    given = answers(world, phase_1_field_1="Ada", fill_kind="one", fill_other="two")
    told = by("Bob", world, "done", "--run", "all", "--attest", "1", *given)
    assert (told.code, "one.ok" in told.error or "two.ok" in told.error) == (2, True), told
    kept = said(world)
    assert {name: kept.get(name) for name in ("phase-1-field-1", "fill-kind", "fill-other", "phase-1-it-answers")} == {
        "phase-1-field-1": "Ada",
        "fill-kind": "one",
        "fill-other": "two",
        "phase-1-it-answers": "yes",
    }
    told = by("Bob", world, "done", "--path", "one.ok", "--path", "two.ok")
    assert told.code == 0, told
    assert events(world, "worked")[0]["data"]["fields"][0]["value"] == "Ada"


def test_nothing_is_kept_of_an_order_that_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    world = made(tmp_path, ALL)
    before = world.files()
    given = answers(world, phase_1_field_1="Ada", fill_kind="one; id", fill_other="two")
    told = by("Bob", world, "done", "--no-files", "--run", "all", "--attest", "1", *given)
    assert (told.code, "fill-kind" in told.error) == (2, True), told
    assert world.files() == before
