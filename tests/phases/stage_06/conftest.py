"""The world of the deployment tasks: a workspace as task 2.1 leaves it, and an empty account."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.deploying import Deploying
from workflow.sandbox.inprocess import Sandbox


@pytest.fixture
def deploying(tmp_path: Path, sandbox: Sandbox) -> Deploying:
    """A small contract, ready to be deployed."""
    root = (
        tmp_path / "shop"
    )  # the project is called as the directory is, for all tests alike: they share what is deployed
    root.mkdir()
    return Deploying(root, sandbox)
