"""Which calls of curl only read? GET and HEAD of http and https, with nothing sent along and nothing written.

Not among them: addresses with a user or a password, addresses of a machine's own metadata (their answer is
credentials), header lines that are not known to be harmless (`X-HTTP-Method-Override`, `Authorization`), and any file
but /dev/null to write to or to read from.

Source: curl(1), 8.x.
"""

from __future__ import annotations

from collections.abc import Sequence

from phases.manual.program_options import Options, read_by
from state.late_pattern import late

# Addresses whose answer is a machine's own credentials (AWS, Google, Azure: 169.254.169.254; ECS: 169.254.170.2).
_METADATA = late(r"(?i)(?:169\.254\.|100\.100\.100\.200)|metadata(?:\.google)?(?:\.internal)?$|instance-data")
_URL = late(r"(?i)(?:https?://)?([a-z0-9.-]+)(?::[0-9]+)?(?:[/?#][^\s{}\[\]]*)?")
_HOST = late(r"(?i)(?:[a-z0-9-]+\.)*[a-z][a-z0-9-]*\.?|(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})")


def _addresses(words: Sequence[str]) -> bool:
    return bool(words) and all(_address(word) for word in words)


def _address(word: str) -> bool:
    found = _URL.fullmatch(word)
    if found is None:
        return False
    host = found.group(1).rstrip(".")
    return bool(_HOST.fullmatch(host)) and not host.lower().startswith("0x") and not _METADATA.match(host)


_HEADER = (
    r"(?i)(?:accept|accept-language|accept-encoding|cache-control|content-type|origin|pragma|referer|user-agent): .*"
)
_SECONDS = r"[0-9]+(?:\.[0-9]+)?"
_TEXT = r"[^@%-](?:(?!%output|%\{output)[\s\S])*|%\{(?:(?!%output)[\s\S])*"  # `@file`, and curl 8.3's `%output{file}`
_CURL = Options(
    flags="sSfLIikgv46N#",
    valued="mHXwoAe",
    long="silent show-error fail fail-with-body location head include insecure verbose globoff compressed no-buffer "
    "no-progress-meter http1.1 http2 ipv4 ipv6 retry-connrefused retry-all-errors progress-bar tlsv1.2 tlsv1.3",
    long_valued={
        "-m": _SECONDS,
        "-H": _HEADER,
        "-X": "GET|HEAD",
        "-w": _TEXT,
        "-o": "/dev/null",
        "-A": r"[^-][\s\S]*",
        "-e": r"https?://\S*",
        "max-time": _SECONDS,
        "connect-timeout": _SECONDS,
        "retry": "[0-9]+",
        "retry-delay": "[0-9]+",
        "retry-max-time": "[0-9]+",
        "max-redirs": "[0-9]+",
        "header": _HEADER,
        "request": "GET|HEAD",
        "write-out": _TEXT,
        "output": "/dev/null",
        "user-agent": r"[^-][\s\S]*",
    },
    places=_addresses,
)


def reads_curl(words: Sequence[str]) -> bool:
    """Whether curl, called with these words, is known to read and nothing else."""
    return list(words) in (["--version"], ["-V"]) or read_by(_CURL, words)
