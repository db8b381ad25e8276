"""A tab of Debian's Chromium at the page of `phasegate serve`, let in by its link; and an authenticator in it.

with served(root) as page, tab(browser, page) as seen:
    bob = VirtualAuthenticator(seen)
    seen.get_by_role("button", name="Approve with a passkey").click()
"""

from __future__ import annotations

import http.server
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, ConsoleMessage
from playwright.sync_api import Page as Tab

from tests.worlds.served_page import ServedPage

CHROMIUM = shutil.which("chromium")
REFUSED = "Failed to load resource: the server responded with a status of 409 (Conflict)"
OPTIONS = [
    *("--headless=new", "--no-sandbox", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@contextmanager
def tab(
    browser: Browser, page: ServedPage, *, scripts: bool = True, width: int = 1280, refused: int = 0
) -> Iterator[Tab]:
    """A browser that was let in, by the link or the cookie of `page`.

    What it complains about is a failure, but for so many forms that were refused.
    """
    context: BrowserContext = browser.new_context(java_script_enabled=scripts, viewport={"width": width, "height": 844})
    opened, told = context.new_page(), list[str]()

    def hears(message: ConsoleMessage) -> None:
        told.append(message.text)

    opened.on("console", hears)
    if page.cookie:  # somebody entered: the link is good once
        name, _, value = page.cookie.partition("=")
        context.add_cookies([{"name": name, "value": value, "url": page.here}])
    opened.goto(page.here if page.cookie else page.link)
    opened.wait_for_url(f"{page.here}/")
    yield opened
    context.close()
    assert told == [REFUSED] * refused


@contextmanager
def elsewhere(place: Path) -> Iterator[str]:
    """Another server of this machine; for a browser the same site, and another origin."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *given: object) -> None:
            super().__init__(*given, directory=str(place))  # type: ignore[arg-type]

        def log_message(self, format: str, *args: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class VirtualAuthenticator:
    """Chromium's own, in one tab: with the passkeys that were made by it; its holder is there, and is verified."""

    def __init__(self, seen: Tab) -> None:
        self._line: CDPSession = seen.context.new_cdp_session(seen)
        self._line.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        self._id = self._line.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def verifies(self, holder: bool) -> None:
        """Whether it verifies its holder from now on."""
        self._line.send("WebAuthn.setUserVerified", {"authenticatorId": self._id, "isUserVerified": holder})

    def holds(self) -> list[dict[str, Any]]:
        """What passkeys it has, with their private keys."""
        found = self._line.send("WebAuthn.getCredentials", {"authenticatorId": self._id})
        return list(found["credentials"])

    def takes(self, credential: dict[str, Any]) -> None:
        """Put a passkey of another one into it."""
        self._line.send("WebAuthn.addCredential", {"authenticatorId": self._id, "credential": credential})

    def goes(self) -> None:
        """Take it out of the browser: somebody else's comes."""
        self._line.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self._id})
