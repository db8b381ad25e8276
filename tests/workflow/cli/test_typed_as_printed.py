"""Every `next:` line of many commands is typed as it is printed, by a shell, where the person stands who reads it.

Where that is: at the top of the repository, in a directory below it, or outside with `-C` and a name that needs quotes.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.worlds.forked_shell import type_in
from tests.worlds.repositories import first_commit
from tests.worlds.run_world import RUNBOOK
from workflow.cli.main import run

pytestmark = pytest.mark.slow

REPO = "it's a $HOME && (shop)"
STANDINGS = {  # where a person stands, from outside of the repository, and the directory that they give
    "below it": (f"{REPO}/sub dir", []),
    "outside, of a directory below it": (".", ["-C", f"{REPO}/sub dir"]),
    "at the top": (REPO, []),
    "outside": (".", ["-C", REPO]),
}
EVERYWHERE = ("init", "reject")  # the others: where it is hardest
NAME = "the tasks.md"
REHEARSED = ("--sandbox", "--yes", "--practice")
PRINTED = ("FILE", "TEXT", "REASON")  # what a person has to fill in
BOB = {"GIT_AUTHOR_NAME": "Bob", "GIT_AUTHOR_EMAIL": "bob@example.com"}  # who did what was done before
EVE = {"GIT_AUTHOR_NAME": "Eve", "GIT_AUTHOR_EMAIL": "eve@example.com"}  # who reads, and types
Act = Callable[[Path], object]


def typed(*arguments: str) -> Act:
    """A command of ours, at the top of the repository, by somebody else than Ada; whatever it ends with."""

    def act(root: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in BOB.items():
                patch.setenv(name, value)
            _said(root, arguments)

    return act


def written(path: str, text: str) -> Act:
    def act(root: Path) -> None:
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text)

    return act


def shell(command: str) -> Act:
    return lambda root: subprocess.run(["sh", "-ec", command], cwd=root, check=True, capture_output=True)


@dataclass(frozen=True)
class Case:
    """What was done before, what is typed then, and what is put right before its `next:` lines are typed."""

    before: Sequence[Act]
    command: Sequence[str]
    mended: Sequence[Act] = field(default_factory=tuple)


STARTED = typed("run", NAME)
HANDED_IN = (STARTED, typed("done", "--no-files"))
COMMITTED = typed("run", NAME, *REHEARSED, "--until", "1.1")
EDITED = shell("sed -i.bak 's/Paint the walls/Paint the doors/' *.md && rm *.bak")
REFUSING = shell("mkdir -p .git/hooks; printf '#!/bin/sh\\nexit 1\\n' > .git/hooks/pre-commit; chmod +x .git/hooks/*")
NO_HOOK = shell("rm -r .git/hooks")

CASES = {
    "init": Case((), ["init", "stage-06", "--runbook", "sub dir/stage.md"]),
    "init where another document is": Case((), ["init", "stage-06"]),
    "plan of a missing runbook": Case((), ["plan", "nowhere.md"]),
    "run": Case((), ["run", NAME]),
    "run, the runbook is changed": Case((EDITED,), ["run", NAME]),
    "run, bad answers": Case((written("../answers.yaml", "a: [1]"),), ["run", NAME, "--answers", "answers.yaml"]),
    "run, other answers": Case((written("../answers.yaml", "a: b"),), ["run", NAME, "--answers", "answers.yaml"]),
    "run until": Case((), ["run", NAME, *REHEARSED, "--until", "1.1"]),
    "status, work to do": Case((STARTED,), ["status"]),
    "resume, work to do": Case((STARTED,), ["resume"]),
    "a second run": Case((STARTED,), ["run", NAME]),
    "done, files not named": Case((STARTED, written("sub dir/it's new.txt", "x")), ["done"]),
    "done, a file of an odd name": Case((STARTED, written("sub dir/it's \u202e new.txt", "x")), ["done"]),
    "done": Case((STARTED,), ["done", "--no-files"]),
    "status, waiting": Case(HANDED_IN, ["status"]),
    "resume, waiting": Case(HANDED_IN, ["resume"]),
    "approve something else": Case(HANDED_IN, ["approve", "--digest", "0000000"]),
    "reject": Case(HANDED_IN, ["reject", "--reason", "no"]),
    "an edited runbook": Case((COMMITTED, EDITED), ["resume"]),
    "no runbook": Case((COMMITTED, shell("rm *.md")), ["resume", "--yes", "--practice"]),
    "another copy of it": Case(
        (COMMITTED, shell('for copy in .phasegate/*/runbook.md; do echo x >> "$copy"; done')), ["resume"]
    ),
    "no journal": Case((COMMITTED, shell("rm .phasegate/*/journal.jsonl")), ["status"]),
    "another branch": Case((COMMITTED, shell("git switch -q -c other")), ["resume"]),
    "abort, refused by a hook": Case((COMMITTED, REFUSING), ["abort", "--reason", "a b"], (NO_HOOK,)),
    "a commit that a hook refuses": Case((COMMITTED, REFUSING), ["resume", "--yes", "--practice"], (NO_HOOK,)),
    "an unsound policy": Case(
        (written("phasegate.yaml", "gates: 1\n"), shell("git add -A; git commit -qm p")), ["run", NAME]
    ),
    "a policy that is not committed": Case((written("phasegate.yaml", "gates: []\n"),), ["run", NAME]),
    "a policy by another name": Case((written("phasegate.yml", "gates: []\n"),), ["run", NAME]),
    "runs": Case((STARTED,), ["runs"]),
    "a misspelt run": Case((STARTED,), ["status", "teh tasks-2026"]),
    "a misspelt runbook": Case((), ["plan", "teh tasks.md"]),
    "a misspelt workflow": Case((), ["run", "stage-60"]),
    "init of one's own": Case((), ["init", NAME]),
    "what was not answered, asked again": Case(HANDED_IN, ["resume", "--ask-again", "colour"]),
    "checks that are not there": Case((), ["checks", NAME]),
}


def _said(place: Path, arguments: Sequence[str]) -> str:
    out, error = io.StringIO(), io.StringIO()
    with contextlib.chdir(place), contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        run([*arguments])
    return out.getvalue() + error.getvalue()


def printed(said: str) -> Iterator[Sequence[str]]:
    """What the `next:` lines offer, without their remarks: commands to be typed one after the other."""
    found = re.search(r"^next: (.*(?:\n {6}.*)*)", said, re.MULTILINE)
    assert found, said
    for line in found[1].split("\n"):
        command = line.strip().split("   #")[0]
        yield from (each.split(", then: ") for each in command.split(", or: "))


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    root = tmp_path / "made" / REPO
    (root / "sub dir").mkdir(parents=True)
    (root / NAME).write_bytes(RUNBOOK)
    (root / "sub dir" / "kept.txt").write_text("x\n")
    first_commit(root)
    return root.parent


@pytest.mark.parametrize("name", CASES)
def test_what_is_printed_can_be_typed(outside: Path, tmp_path: Path, name: str) -> None:
    case = CASES[name]
    for act in case.before:
        act(outside / REPO)
    for number, standing in enumerate([*STANDINGS][: 4 if name in EVERYWHERE else 2]):
        stands, given = STANDINGS[standing]
        said_in = tmp_path / f"said-{number}"
        shutil.copytree(outside, said_in, symlinks=True)
        said = _said(said_in / stands, [*given, *case.command])
        for act in case.mended:
            act(said_in / REPO)
        for at, commands in enumerate(printed(said)):
            place = tmp_path / f"typed-{number}-{at}"
            shutil.copytree(said_in, place, symlinks=True)
            for command in commands:
                done = type_it(place / stands, command)
                assert works(command, done), f"{standing}: {command}\n{done.stdout}{done.stderr}\nsaid: {said}"


def type_it(place: Path, command: str) -> subprocess.CompletedProcess[str]:
    for word in PRINTED:
        command = re.sub(rf"(?<= ){word}\b", "'sub dir/kept.txt'" if word == "FILE" else "'some words'", command)
    mine = {"EDITOR": "touch", "GIT_EDITOR": "echo m >", "HOME": str(place)}
    return type_in(place, command, {**os.environ, **EVE, **mine})


def works(command: str, done: subprocess.CompletedProcess[str]) -> bool:
    """It ran where it was meant to: well, or as far as a person is needed; `done` with a file that did not change."""
    if " done " in command and "kept.txt" in done.stderr:
        return "sub dir/kept.txt: was not changed since task" in done.stderr
    return done.returncode in ((0, 3) if "phasegate" in command else (0,))
