"""By which command does an extra of phasegate come into the environment that runs here?

pipx and uv make environments that no shell has activated, and some without pip in them (pipx 1.18.4 where it finds uv,
and `uv tool install`), so `pip install` as such would go to another environment or nowhere.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from shlex import quote


def install_extra(name: str) -> str:
    """The command, typeable here, that installs what the extra needs beside the phasegate that is installed."""
    import shutil  # here: for refusals only

    here, found = Path(sys.executable), shutil.which("pip")
    if found is not None and Path(found).parent == here.parent:
        return f"pip install 'phasegate[{name}]'"
    if find_spec("pip") is not None:
        return f"{quote(str(here))} -m pip install 'phasegate[{name}]'"
    return f"uv pip install --python {quote(str(here))} 'phasegate[{name}]'"
