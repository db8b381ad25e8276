"""What the tests of approvals share."""

from __future__ import annotations

import pytest
from approval_world import Keys


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("keys"))
