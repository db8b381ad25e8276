"""Accounts and retries for the tests of interruptions: one account at a time, and boto3 waits for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.retries.standard import ExponentialBackoff

from tests.worlds.stage_world import StageWorld
from workflow.sandbox.inprocess import Sandbox


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda _self, _context: 0)
    with Sandbox() as opened:
        yield opened


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> StageWorld:
    """Tasks 1.1 to 2.1, which need no account."""
    with Sandbox() as sandbox:
        world = StageWorld(tmp_path_factory.mktemp("built"), sandbox)
        world.take_to("2.1")
    return world


@pytest.fixture
def stage(tmp_path: Path, built: StageWorld, sandbox: Sandbox) -> StageWorld:
    """The stage before task 3.1, with an empty account."""
    return StageWorld(tmp_path, sandbox, built=built)
