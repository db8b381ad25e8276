"""The world of the deployment tasks: a workspace as task 2.1 leaves it, and an empty account."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.retries.standard import ExponentialBackoff
from deploying import Deploying

from workflow.sandbox.inprocess import Sandbox


@pytest.fixture(autouse=True)
def retries_do_not_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda _self, _context: 0)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as opened:
        yield opened


@pytest.fixture
def deploying(tmp_path: Path, sandbox: Sandbox) -> Deploying:
    """A small contract, ready to be deployed."""
    return Deploying(tmp_path, sandbox)
