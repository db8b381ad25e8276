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
        text = script.read_text("utf-8")
        from_pypi, from_npm, from_debian = (
            re.findall(line, text)
            for line in (r'pip" install (.*)', r"npm install (.*) >/dev/null", r"apt-get download (.*) >/dev/null")
        )
        assert from_pypi or from_npm or from_debian, script.name
        for installed, pinned in (
            (from_pypi, r"[\w.-]+(\[[\w,-]+\])?==[\w.]+"),
            (from_npm, r"(@[\w-]+/)?[\w.-]+@\d+\.\d+\.\d+"),
            (from_debian, r"[\w.+-]+=[\w.:+~-]+"),
        ):
            for line in installed:
                packages = [word.strip("'") for word in line.split() if not word.startswith("-")]
                assert packages and all(re.fullmatch(pinned, of) for of in packages), script.name
