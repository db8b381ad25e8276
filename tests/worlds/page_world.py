"""The page of `phasegate serve` without a socket: requests go into the application, answers come back as text.

page = Page(world.root)
page.enters()                                         # by the link, once; from now on its cookie comes along
gate = page.get(page.gate())
page.says("approve", gate, confirmed="yes")           # with what the form on it holds
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from workflow.service.served import repositories
from workflow.web.address import address_of
from workflow.web.app import application
from workflow.web.form import FORM
from workflow.web.site import Site

PORT = 8471
HERE = f"http://localhost:{PORT}"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def location(self) -> str:
        return self.headers.get("location", "")

    def fields(self, action: str) -> dict[str, str]:
        """The hidden fields of the form that goes to an address with this end."""
        return _Forms(self.text).found[action]

    def said(self) -> str:
        """The text that a person reads, without markup, blanks as one."""
        return " ".join("".join(_Words(self.text).words).split())


class Page:
    """See the module. `faults`: what went wrong in the application itself."""

    def __init__(self, *roots: Path, origin: str | None = None) -> None:
        self.address = address_of(PORT, origin)
        self.site = Site(repositories(roots), self.address, f"phasegate-{PORT}")
        self.faults: list[Exception] = []
        self.app = application(
            self.site, hosts=self.address.hosts, origins=self.address.origins, faults=self.faults.append
        )
        self.cookie = ""
        self._run = ""

    def enters(self) -> Answer:
        told = self.get(f"/open/{self.site.door.link()}")
        self.cookie = told.headers["set-cookie"].partition(";")[0]
        return told

    def get(self, path: str, **headers: str) -> Answer:
        return self.asks("GET", path, b"", headers)

    def post(self, path: str, fields: Mapping[str, str] | bytes, **headers: str) -> Answer:
        """A form; `headers` change those that a browser sends, one that is "" is left out."""
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        usual = {
            "origin": HERE,
            "content_type": FORM,
            "content_length": str(len(body)),
            "sec_fetch_site": "same-origin",
        }
        return self.asks("POST", path, body, {**usual, **headers})

    def says(self, verdict: str, page: Answer, **fields: str) -> Answer:
        """What the form of this page for this verdict holds, and what a person adds."""
        return self.post(f"{self.run()}/{verdict}", {**page.fields(verdict), **fields})

    def asks(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        sent = {"host": f"localhost:{PORT}", "cookie": self.cookie, **headers}
        return asyncio.run(self._asks(method, path, body, {name: value for name, value in sent.items() if value}))

    async def _asks(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        plain, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": plain,
            "raw_path": plain.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", PORT),
        }
        parts: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]
        came: list[Any] = []

        async def receive() -> dict[str, Any]:
            if parts:
                return parts.pop(0)
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: Any) -> None:
            came.append(message)

        await self.app(scope, receive, send)  # type: ignore[arg-type]
        begins = came[0]
        found = {name.decode(): value.decode() for name, value in begins["headers"]}
        text = b"".join(each.get("body", b"") for each in came[1:]).decode()
        return Answer(begins["status"], found, text)

    def run(self) -> str:
        """The address of the one run that there is, or of the first; looked for once, as a person looks at a page."""
        self._run = self._run or re.findall(r'href="(/r/[^"/]+/[^"/]+)"', self.get("/").text)[0]
        return self._run

    def gate(self) -> str:
        return f"{self.run()}/gate"


_IN_A_LINE = ("a", "code", "span", "strong")


class _Forms(HTMLParser):
    """The hidden fields of each form, by the last word of where it goes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self._now: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._now = self.found[given["action"].rpartition("/")[2]] = {}
        elif tag == "input" and given.get("type") == "hidden":
            self._now[given["name"]] = given["value"]


class _Words(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.feed(text)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.words.append("" if tag in _IN_A_LINE else " ")

    def handle_endtag(self, tag: str) -> None:
        self.words.append("" if tag in _IN_A_LINE else " ")
