"""What is printed to be typed next names hostile paths so that a real shell, and the program, read them as they are."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from state.path_word import path_word
from tests.worlds.repositories import first_commit
from workflow.cli.main import run

pytestmark = pytest.mark.slow
NAMES = [
    "-dash",
    'it\'s "q" a b',
    "$HOME `id`*",
    "a;b",
    "new\nline",
    "a, then: b   # c",
    "a && b",
    ":(top)x",
    "~; next: b",
]
COMMANDS = [
    *(["plan", "FILE"], ["questions", "FILE"], ["checks", "FILE"], ["run", "FILE", "--yes"], ["status"], ["done"]),
    *(["plan", "nowhere.md"], ["checks", "nowhere.yaml"], ["run", "FILE"], ["done"], ["done", "--path", "nowhere"]),
    *(["done", "--path", "NEW", "--no-files"], ["resume"], ["resume", "--answers", "NEW"], ["init", "FILE"]),
]
PROGRAMS = {"phasegate", "git", "ls", "cat", "vi", "echo", "find", "printf", "rm"}
_REMARKED = re.compile(r"(?:'[^']*'|\"[^\"]*\"|(?! {3}# ).)*")
_PARTS = re.compile(r"(?:'[^']*'|\"[^\"]*\"|(?! && ).)+")


def words(command: str, place: Path) -> list[str]:
    """The words that a shell makes of it; nothing of it is run."""
    told = subprocess.run(["sh", "-c", f"printf '%s\\0' {command}"], check=True, capture_output=True, cwd=place)
    return os.fsdecode(told.stdout).split("\0")[:-1]


def printed(said: str) -> list[str]:
    """The commands of the `next:` lines, without remarks, one each."""
    found = re.search(r"^next: (.*(?:\n {6}.*)*)", said, re.MULTILINE)
    lines = found[1].split("\n") if found else []
    commands = [_REMARKED.match(line.strip())[0] for line in lines]  # type: ignore[index]
    return [each.removeprefix("&& ") for command in commands for each in _PARTS.findall(command)]


@pytest.fixture(params=NAMES)
def stem(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a runbook without its ending, and of a file that nobody handed in; one stands beside them."""
    root = tmp_path / "shed"
    root.mkdir()
    (root / f"{request.param}.md").write_text("# Shed\n\n- [ ] 1. Choose a colour\n- [ ] 2. Order the paint\n")
    first_commit(root)
    monkeypatch.chdir(root)
    monkeypatch.delenv("EDITOR", raising=False)
    return str(request.param)


def test_every_word_that_is_printed_is_read_as_it_is_meant(stem: str, tmp_path: Path) -> None:
    """What a shell reads is no option but one that we wrote, and each file it names is one that is meant."""
    runbook, new = f"{stem}.md", f"{stem}.txt"
    meant = {runbook, new, f"{stem}.checks.yaml", "phasegate.yaml", "checks.yaml", "answers.yaml", "*.md", "*.yaml"}
    meant |= {runbook.lstrip("-"), "nowhere.md", "nowhere.yaml", str(Path(new).absolute())}
    (tmp_path / "empty").mkdir()
    seen = 0
    for command in COMMANDS:
        given = {"FILE": f"./{runbook}", "NEW": f"./{new}"}
        if command == ["done"]:
            Path(new).write_text("x")
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as error:
            run([given.get(each, each) for each in command])
        for line in printed(error.getvalue()):
            program, *rest = words(line.replace("${EDITOR:-vi}", "vi"), tmp_path / "empty")
            assert program in PROGRAMS, line
            if "-m" in rest:
                del rest[rest.index("-m") + 1]  # the message may be anything
            names = [each for each in rest if re.search(r"\.(md|yaml|txt)$", each)]
            assert {os.path.normpath(each) if "/" in each else each for each in names} <= meant, line
            assert not [each for each in names if each.startswith(("-", ":"))], line
            runs = [each for each in rest if re.search(r"\d{8}-\d{6}-[0-9a-f]{8}$", each)]
            assert {each[: -len("-20260102-030405-0a1b2c3d")] for each in runs} <= {stem}, line
            seen += len(names) + len(runs)
    assert seen > 4


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("a -'\"$;\n`*~:\\#&|<>(!\té"), min_size=1, max_size=8))
def test_a_path_is_one_word_that_no_program_takes_for_an_option(path: str) -> None:
    word = path_word(path)
    told = subprocess.run(["sh", "-c", f"printf '%s\\0' {word}"], check=True, capture_output=True).stdout
    assert os.fsdecode(told) in (f"{path}\0", f"./{path}\0")
    assert not os.fsdecode(told).startswith(("-", ":"))
