"""The README tells the truth: its commands run, its diagram is the machine's, its tables name every command."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from state.machine import life_cycle_mermaid
from workflow.cli.main import VERBS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def transcripts(text: str) -> list[tuple[str, int]]:
    """The commands of all ```console blocks, in order, each with the exit code that the text promises."""
    commands: list[tuple[str, int]] = []
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        here_document = False
        for line in block.splitlines():
            if line.startswith("$ "):
                commands.append((line[2:], 0))
                here_document = line.endswith("<<'END'")
            elif here_document:
                commands[-1] = (f"{commands[-1][0]}\n{line}", 0)
                here_document = line != "END"
            elif exit_code := re.fullmatch(r"\[exit (\d+)\]", line):
                commands[-1] = (commands[-1][0], int(exit_code.group(1)))
    return commands


@pytest.mark.slow
def test_the_commands_of_the_readme_run_as_they_stand(tmp_path: Path) -> None:
    commands = transcripts(README)
    assert len(commands) > 15
    script = ["set -u"]
    for number, (command, _code) in enumerate(commands):
        script.append(f'{command}\necho "::{number}:$?" >&2')
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "GIT_"))},
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PHASEGATE_CLONE": str(ROOT),
    }
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
    )
    codes = {int(number): int(code) for number, code in re.findall(r"^::(\d+):(\d+)$", done.stderr, re.MULTILINE)}
    wrong = [(command, code, codes.get(i)) for i, (command, code) in enumerate(commands) if codes.get(i) != code]
    assert not wrong, done.stderr[-3000:]
    subjects = subprocess.run(
        ["git", "-C", str(tmp_path / "shop"), "log", "--format=%s"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert len(subjects) == 15
    status = subprocess.run(
        ["git", "-C", str(tmp_path / "shop"), "status", "--porcelain"], capture_output=True, text=True, check=True
    ).stdout
    assert status == "?? answers.yaml\n"


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
