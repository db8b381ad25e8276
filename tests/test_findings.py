"""The scripts of findings/ are each listed once, and install nothing that is not pinned."""

from __future__ import annotations

import re

from tests.worlds.workspaces import ROOT

SCRIPTS = sorted((ROOT / "findings").glob("*.sh"))


def test_each_is_listed_once() -> None:
    listed = re.findall(r"^\| \[([\w-]+\.sh)\]\(\1\) ", (ROOT / "findings/README.md").read_text("utf-8"), re.MULTILINE)
    assert listed == [script.name for script in SCRIPTS] != []


def test_each_pins_what_it_installs() -> None:
    for script in SCRIPTS:
        installed = re.findall(r"pip\" install (.*)", script.read_text("utf-8"))
        assert len(installed) == 1, script.name
        packages = [word.strip("'") for word in installed[0].split() if not word.startswith("--")]
        assert packages and all(re.fullmatch(r"[\w.-]+(\[[\w,-]+\])?==[\w.]+", of) for of in packages), script.name
