"""Links, FIFOs and devices where the product reads and writes: exit 2 with a way on, and nothing outside is touched."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.worlds.command_world import YES, CommandWorld

LOG = "artifacts/tasks/working_log.md"
ATTRIBUTES = ".phasegate/.gitattributes"
pytestmark = pytest.mark.slow

JOURNALS = [".phasegate", ".phasegate/RUN", ".phasegate/RUN/journal.jsonl"]
PLACES = [*JOURNALS, ".phasegate/RUN/runbook.md", ATTRIBUTES, LOG, "artifacts/tasks", "artifacts", "tasks.md"]


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    return CommandWorld(tmp_path)


def everything(place: Path) -> dict[str, bytes]:
    return {str(each): each.read_bytes() for each in sorted(place.rglob("*")) if each.is_file()}


def moved_out(world: CommandWorld, place: str) -> Path:
    """What is at the place is outside now, and a link to it stands there, as a clone could bring it."""
    here, there = world.root / place, world.root.parent / "outside" / "it"
    there.parent.mkdir()
    shutil.move(here, there)
    here.symlink_to(os.path.relpath(there, here.parent))
    return there.parent


@pytest.mark.parametrize("place", PLACES)
def test_a_run_under_way_is_not_led_out_of_its_repository(world: CommandWorld, place: str) -> None:
    world.up_to("1.1")
    outside = moved_out(world, place.replace("RUN", world.run_id))
    before, head = everything(outside), world.git("rev-parse", "HEAD")
    verbs = [("resume", "--yes", "--practice"), *([("note", "a remark"), ("status",)] if place in JOURNALS else [])]
    for verb in verbs:
        told = world(*verb)
        assert told.code == 2, told.error
        assert "symbolic link" in told.error
        assert "\nnext: " in told.error
        assert everything(outside) == before
    assert world.git("rev-parse", "HEAD") == head


@pytest.mark.parametrize("place", [LOG, "artifacts", ".phasegate", ATTRIBUTES])
def test_a_run_does_not_begin_where_a_clone_has_put_links(world: CommandWorld, place: str) -> None:
    outside = world.root.parent / "outside"
    outside.mkdir()
    (outside / "it").write_text("precious")
    here = world.root / place
    here.parent.mkdir(parents=True, exist_ok=True)
    here.symlink_to(outside / "it" if here.suffix else outside)
    world.git("add", "-A")
    world.git("commit", "-q", "-m", "Links")
    before = world.files()
    told = world("run", "tasks.md", *YES)
    assert told.code == 2, told.error
    assert "symbolic link" in told.error
    assert everything(outside) == {str(outside / "it"): b"precious"}
    assert world.files() == before


def a_fifo(path: Path) -> None:
    os.mkfifo(path)


def a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [a_fifo, a_device], ids=["FIFO", "device"])
@pytest.mark.parametrize(
    ("place", "verb"),
    [
        ("notes.md", ("plan", "notes.md")),
        ("notes.md", ("run", "notes.md", *YES)),
        (LOG, ("run", "tasks.md", *YES)),
        ("answers.yaml", ("run", "tasks.md", "--answers", "ANSWERS")),
        ("checks.yaml", ("checks", "checks.yaml")),
        (".phasegate/r/journal.jsonl", ("status",)),
        (".phasegate/r/journal.jsonl", ("log", "r")),
        ("report.html", ("init", "stage-06", "--runbook", "report.html")),
    ],
    ids=lambda given: given if isinstance(given, str) else " ".join(given[:2]),
)
def test_what_never_ends_is_refused_and_not_waited_for(
    world: CommandWorld, make: Callable[[Path], None], place: str, verb: tuple[str, ...]
) -> None:
    path = world.root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    make(path)
    told = world(*(str(path) if word == "ANSWERS" else word for word in verb))
    assert told.code == 2, told.error
    assert "fault of phasegate" not in told.error


def test_a_runbook_with_a_second_name_is_not_ticked_before_it_has_its_own(world: CommandWorld) -> None:
    second = world.root.parent / "second.md"
    second.hardlink_to(world.root / "tasks.md")
    content = second.read_bytes()
    told = world("run", "tasks.md", *YES)
    assert told.code == 2, told.error
    assert "tasks.md: has 2 names (hard links)" in told.error
    world.type(told.next)
    told = world("run", "tasks.md", *YES)
    assert told.code == 0, told.error
    assert second.read_bytes() == content


def test_a_report_is_not_written_through_a_link_of_the_repository(
    world: CommandWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.up_to("1.1")
    outside = world.root.parent / "outside"
    outside.mkdir()
    (world.root / "reports").symlink_to(outside)
    monkeypatch.chdir(world.root)
    told = world("audit", "--html", "reports/audit.html")
    assert told.code == 2, told.error
    assert "goes through reports, which is a symbolic link" in told.error
    assert everything(outside) == {}


def test_a_demo_is_not_made_where_a_link_leads(world: CommandWorld) -> None:
    (world.root / "phasegate-demo").symlink_to(world.root.parent / "elsewhere")
    told = world("demo", "--yes")
    assert told.code == 2, told.error
    assert not (world.root.parent / "elsewhere").exists()
