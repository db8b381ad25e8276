"""What every test may rely on."""

from __future__ import annotations

import signal

import pytest

# A job that a shell started in the background inherits an ignored SIGINT, and so do its children; the tests of Ctrl-C
# start commands that must hear it as they would in a terminal. A handler here is the default in a started child.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest test begins first, so that at the end no core waits for it."""
    items.sort(key=lambda item: "test_power_cut.py" not in item.nodeid)
