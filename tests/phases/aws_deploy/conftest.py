"""The world of aws-deploy: a repository with a small deployment, and an empty account."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.shop_world import ShopWorld
from workflow.sandbox.inprocess import Sandbox


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox) -> ShopWorld:
    return ShopWorld(tmp_path / "shop", sandbox)
