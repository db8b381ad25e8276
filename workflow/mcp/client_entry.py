"""How is this server named in a client's configuration file? As JSON that the usual clients take."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path


def client_entry(directory: Path) -> str:
    """The entry `mcpServers` for a server that works in this directory, with the whole path of the command."""
    command = shutil.which("phasegate") or str(Path(sys.argv[0]).absolute())
    entry = {"command": command, "args": ["-C", str(directory.absolute()), "mcp"]}
    return json.dumps({"mcpServers": {"phasegate": entry}}, ensure_ascii=False, indent=2)
