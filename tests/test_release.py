"""A release says one version everywhere, and carries its licence."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_the_newest_entry_of_the_changelog_is_this_version() -> None:
    entries = re.findall(r"^## \[(\S+)\] - (\S+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert entries[0][0] == PROJECT["version"]
    assert (entries[0][1] == "unreleased") == (".dev" in PROJECT["version"])


def test_the_licence_named_is_the_one_that_is_there() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert PROJECT["license"] == "Apache-2.0"
    assert PROJECT["license-files"] == ["LICENSE"]
    assert "Apache License" in text and "Version 2.0, January 2004" in text and "END OF TERMS AND CONDITIONS" in text


def test_the_command_names_the_version_that_is_installed() -> None:
    done = subprocess.run([Path(sys.executable).with_name("phasegate"), "--version"], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stdout == f"phasegate, version {version('phasegate')}\n"
