"""The deployed session service of each profile, asked once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.worlds.checklist_world import Looked, deployed
from workflow.sandbox.inprocess import Sandbox


@pytest.fixture(scope="session")
def bases() -> Mapping[str, Looked]:
    found = {}
    for profile in ("dev", "production"):
        with Sandbox() as sandbox:
            found[profile] = deployed(sandbox, profile)
    return found
