"""The world of aws-deploy: a repository with a small deployment, and an empty account."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.retries.standard import ExponentialBackoff
from shop_world import ShopWorld

from workflow.sandbox.inprocess import Sandbox


@pytest.fixture(autouse=True)
def retries_do_not_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda _self, _context: 0)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as opened:
        yield opened


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox) -> ShopWorld:
    return ShopWorld(tmp_path / "shop", sandbox)
