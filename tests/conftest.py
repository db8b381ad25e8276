"""What every test may rely on."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

# A job that a shell started in the background inherits an ignored SIGINT, and so do its children; the tests of Ctrl-C
# start commands that must hear it as they would in a terminal. A handler here is the default in a started child.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def state_of_this_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What belongs to the user and not to a repository (the sandbox's secret) stays in the tests' own directory."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest test begins first, so that at the end no core waits for it."""
    items.sort(key=lambda item: "test_power_cut.py" not in item.nodeid)
