"""At which addresses is the page? On this machine only; behind TLS also where `--origin` says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from state.errors import BadInput

PORT = 8471
NAME = "localhost"  # the only name of this machine that browsers take passkeys of; 127.0.0.1 is another origin


@dataclass(frozen=True, slots=True)
class Address:
    """Where the page is.

    Attributes:
        base: what a person opens, without a slash at its end.
        hosts: the values of Host that are ours; `origins`: of Origin, in the same order.
    """

    base: str
    hosts: Sequence[str]
    origins: Sequence[str]

    def origin_at(self, host: str) -> str:
        """The origin of a page that was asked for by this Host, which is one of ours."""
        return dict(zip(self.hosts, self.origins, strict=True))[host]


def rp_id_of(origin: str) -> str:
    """The relying party of a page of this origin, as authenticators know it: its host."""
    return urlsplit(origin).hostname or NAME


def address_of(port: int, origin: str | None) -> Address:
    """The addresses of a server at this port. Raises BadInput for an origin that is none, or is not guarded by TLS."""
    host = f"{NAME}:{port}" if port != 80 else NAME
    own = f"http://{host}"
    if origin is None:
        return Address(own, (host,), (own,))
    outside = _origin(origin)
    return Address(outside, (host, outside.partition("://")[2]), (own, outside))


def _origin(text: str) -> str:
    """As a browser writes it: scheme, host and port alone, in lower case."""
    try:
        parts = urlsplit(text)
        port, name = parts.port, (parts.hostname or "")
    except ValueError as error:
        raise _refused(text, str(error)) from error
    more = parts.username or parts.password or parts.query or parts.fragment or parts.path not in ("", "/")
    if parts.scheme != "https" or not name or more or not name.isascii() or not text.isprintable():
        raise _refused(text, "expected https, a name, and nothing behind it")
    shown = f"[{name}]" if ":" in name else name
    return f"https://{shown}" + (f":{port}" if port not in (None, 443) else "")


def _refused(text: str, why: str) -> BadInput:
    return BadInput(f"--origin {text[:200]}: {why}", next_command="phasegate serve --origin https://gates.example.com")
