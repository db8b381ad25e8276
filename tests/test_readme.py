"""The README tells the truth: its diagram is the machine's, its tables name every command, its blocks can be pasted.

That its commands run is shown with those of all documents (test_documented_commands.py).
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from state.machine import life_cycle_mermaid
from workflow.cli.verbs import VERBS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def test_the_diagram_is_the_machines() -> None:
    assert life_cycle_mermaid() in README


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_is_documented(verb: str) -> None:
    assert re.search(rf"`(?:phasegate )?{verb}\b", README)


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_file_that_is_named_exists(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    named = set(re.findall(r"(?<![\w/.<>-])((?:docs|state|gates|phases|workflow|tests)/[\w./-]+\w\b)(?!-?<)", text))
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_blocks_to_paste_are_commands_as_they_stand() -> None:
    """`<this repository>` in a terminal is a redirection; what has to be filled in is no block to paste."""
    fences = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    blocks = [text for language, text in fences if language == "sh"]
    commands = [line.partition("   #")[0].strip() for block in blocks for line in block.splitlines()]
    assert commands[0] == "make demo"
    assert not [each for each in commands if re.search(r"[<>]|\.\.\.", each)]
    for each in commands:
        done = subprocess.run(["bash", "-n", "-c", each], capture_output=True, text=True)
        assert done.returncode == 0, (each, done.stderr)
