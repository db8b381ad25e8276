"""Where is the sample application? In `artifacts/sample-app` of a clone, beside this file in an installed package."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

IN_PACKAGE = Path(__file__).with_name("sample_app")
IN_CLONE = Path(__file__).parents[2] / "artifacts" / "sample-app"
RENAMED = {"gitignore": ".gitignore"}  # under its own name it would hide files of this repository


def sample_files() -> Mapping[str, bytes]:
    """Workspace path -> bytes: everything the demo's repository has beside the runbook."""
    place = IN_PACKAGE if IN_PACKAGE.exists() else IN_CLONE
    found = sorted(path for path in place.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    paths = {path.relative_to(place).as_posix(): path for path in found}
    return {RENAMED.get(name, name): path.read_bytes() for name, path in paths.items()}
