"""Bob at Debian's Chromium, in a thread of his own: he enrols a passkey, and opens gates with it, whoever asks him.

with served(root) as page, SomebodyAtABrowser(page, root) as bob:
    bob.approves("http://localhost:8471/r/shed/RUN/gate")
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from playwright.sync_api import Page as Tab
from playwright.sync_api import sync_playwright

from tests.worlds.browser_tab import CHROMIUM, OPTIONS, VirtualAuthenticator, tab
from tests.worlds.served_page import ServedPage
from tests.worlds.workspaces import git

T = TypeVar("T")


class SomebodyAtABrowser:
    """See the module. A browser belongs to the thread that started it."""

    def __init__(self, page: ServedPage, root: Path) -> None:
        self._page, self._root = page, root
        self._held = ExitStack()
        self._thread = ThreadPoolExecutor(1)
        self._seen: Tab

    def __enter__(self) -> Self:
        self._there(self._begins)
        git(self._root, "commit", "-qam", "Bob's passkey")
        return self

    def __exit__(self, *_exc: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._there(self._held.close)
        self._thread.shutdown()

    def approves(self, address: str) -> None:
        """Open the gate at this address."""
        self._there(lambda: self._approves(address))

    def _begins(self) -> None:
        browser = self._held.enter_context(sync_playwright()).chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        self._held.callback(browser.close)
        self._seen = self._held.enter_context(tab(browser, self._page))
        self._seen.add_init_script("delete window.EventSource")  # a page that looks again by itself is in the way
        VirtualAuthenticator(self._seen)
        enrols(self._seen, self._page, "Bob")

    def _approves(self, address: str) -> None:
        self._seen.goto(address)
        self._seen.get_by_role("checkbox").check()
        self._seen.get_by_role("button", name="Approve with a passkey").click()
        self._seen.get_by_role("status").filter(has_text="is approved").wait_for()

    def _there(self, does: Callable[[], T]) -> T:
        return self._thread.submit(does).result(timeout=120)


def enrols(seen: Tab, page: ServedPage, name: str) -> None:
    """Have a passkey of somebody's written down."""
    seen.goto(f"{page.here}/people")
    seen.get_by_label("Name").fill(name)
    seen.get_by_label("Address, as in git").fill(f"{name.lower()}@example.com")
    seen.get_by_role("button", name="Enrol a passkey").click()
    seen.get_by_role("status").filter(has_text=f"a passkey of {name}").wait_for()
