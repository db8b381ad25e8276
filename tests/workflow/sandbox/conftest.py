"""The world of the sandbox tests: an account in this process."""

from collections.abc import Iterator

import pytest

from tests.worlds.sandbox_world import World
from workflow.sandbox.inprocess import Sandbox


@pytest.fixture
def world() -> Iterator[World]:
    with Sandbox() as sandbox:
        yield World(sandbox)
