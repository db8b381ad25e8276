"""`phasegate worker --db`: DBOS queues in SQLite and PostgreSQL what the refs show; its database may go at any time."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worlds.approval_world import Keys
from tests.worlds.postgres import postgres
from tests.worlds.workers import Disturbed, Workers

pytest.importorskip("dbos", reason="not run: the extra `fleet` is not installed")
pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path, keys: Keys) -> Iterator[Workers]:
    found = Workers(tmp_path, keys)
    try:
        yield found
    finally:
        found.end()


@pytest.fixture
def short() -> Iterator[Path]:
    """A directory whose path is short enough for a socket, and that another user may enter."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="pg-") as place:
        Path(place).chmod(0o755)
        yield Path(place)


def test_by_sqlite_a_run_goes_from_gate_to_gate_though_its_database_is_deleted_between(world: Workers) -> None:
    run, file = world.order(), world.root / "fleet.sqlite"
    world.options, world.real = ("--db", f"sqlite:///{file}"), True
    world.begin("w1")
    for _ in range(3):
        world.until(run, "waiting")
        assert file.exists()
        for each in world.root.glob("fleet.sqlite*"):
            if each.suffix != ".lock":
                each.unlink()
        assert world.approve(run)
    world.until(run, "")
    assert world.wrong_with(run) == [] and world.lines_of("refused") == []
    assert "another process works by" in world.once("w2", code=6)


def test_by_sqlite_without_an_address_once_ends_when_nothing_can_move(world: Workers) -> None:
    run = world.order()
    world.options = ("--db",)
    assert f"{run}: waiting" in world.once("w1")
    assert world.approve(run)
    assert f"{run}: waiting" in world.once("w1")
    assert (world.clone("w1").root / ".git/phasegate/fleet.sqlite").exists()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("mysql://localhost/fleet", "--db 'mysql://localhost/fleet': expected sqlite:///FILE or postgresql://"),
        ("sqlite:////nowhere/at/all.sqlite", "No such file or directory"),
        ("sqlite:///{root}/none.sqlite", "file is not a database"),
        (
            "postgresql://me:secret@127.0.0.1:1/fleet",
            "'postgresql://me@127.0.0.1:1/fleet': the database is not reached",
        ),
    ],
)
def test_a_wrong_address_is_refused_and_nothing_is_done(world: Workers, address: str, said: str) -> None:
    run = world.order()
    before = world.refs()
    (world.root / "none.sqlite").write_text("something else " * 100)
    shown = world.once("w1", "--db", address.format(root=world.root), code=2)
    assert said in shown and "secret" not in shown
    assert world.refs() == before and world.standing(run).state == "todo"


def test_by_postgresql_workers_that_die_double_and_lose_nothing_though_the_database_is_dropped(
    world: Workers, short: Path
) -> None:
    with postgres(short / "cluster") as cluster:
        world.options = ("--db", cluster.address)
        runs = world.orders(4)
        disturbed = Disturbed(world, every=2)

        def meanwhile() -> None:
            if world.verdicts == 5:
                cluster.sql("DROP DATABASE fleet WITH (FORCE)", "CREATE DATABASE fleet")
            disturbed()

        world.decide_all(runs, meanwhile)
        assert world.verdicts >= 12
        assert world.wrong_with(*runs) == []
