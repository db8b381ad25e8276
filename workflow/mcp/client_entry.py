"""How is this server named in a client's configuration file? As JSON that the usual clients take."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

PATH = "/mcp"  # of a server over HTTP


def address_of(port: int) -> str:
    """Where a client reaches a server over HTTP at this port."""
    return f"http://127.0.0.1:{port}{PATH}"


def client_entry(directory: Path) -> str:
    """The entry `mcpServers` for a server that works in this directory, with the whole path of the command."""
    command = shutil.which("phasegate") or str(Path(sys.argv[0]).absolute())
    return _entry({"command": command, "args": ["-C", str(directory.absolute()), "mcp"]})


def client_entry_http(url: str, token: str) -> str:
    """The entry for a server at this address: whoever has the token is let in."""
    return _entry({"type": "http", "url": url, "headers": {"Authorization": f"Bearer {token}"}})


def _entry(entry: Mapping[str, object]) -> str:
    return json.dumps({"mcpServers": {"phasegate": entry}}, ensure_ascii=False, indent=2)
