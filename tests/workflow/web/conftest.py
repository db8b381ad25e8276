"""What the tests in a browser share: one browser a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.worlds.browser_tab import CHROMIUM, OPTIONS


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as made:
        started = made.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield started
        started.close()
