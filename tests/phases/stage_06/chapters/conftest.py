"""The sample contract, deployed: once for the tests of a module that only look, anew for those that change things."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.worlds.deployed_world import REGION, SAMPLE, deployed_world
from tests.worlds.step_world import StepWorld
from workflow.sandbox.inprocess import Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as opened:
        yield opened


@pytest.fixture(scope="module")
def session(sandbox: Sandbox) -> Any:
    """One boto3 session for all programs of a module: making one costs a quarter of a second."""
    return sandbox.session(REGION)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> StepWorld:
    """Deployed once a module: tests leave it as they found it, but for the files that every run writes alike."""
    return deployed_world(tmp_path_factory.mktemp("deployed"), sandbox, SAMPLE.read_bytes())


@pytest.fixture
def world(deployed: StepWorld) -> StepWorld:
    """The run behind task 4.1, to go on with."""
    return deployed.fork()


@pytest.fixture
def own_sandbox() -> Iterator[Sandbox]:
    """Not in a module that uses `sandbox`: one at a time."""
    with Sandbox() as opened:
        yield opened


@pytest.fixture
def own_world(tmp_path: Path, own_sandbox: Sandbox) -> StepWorld:
    """Deployed for this test alone."""
    return deployed_world(tmp_path, own_sandbox, SAMPLE.read_bytes())
