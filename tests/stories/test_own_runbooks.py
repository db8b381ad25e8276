"""Four runbooks by hand (release, cut-over, migration, an upgrade), from start to audit, as people see them.

Each is kept at 80 and at 200 columns (tests/screens/people): no line is cut, and `next:` is typed as it is printed.
"""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from tests.worlds.repositories import first_commit
from tests.worlds.screen import Screen, compare_with_kept
from tests.worlds.workspaces import PHASEGATE, ROOT, environment

pytestmark = pytest.mark.slow
ENTER = "\r"
RUNBOOKS = ROOT / "tests" / "screens" / "people"
FILES = {"zone.txt": "TTL 60\n", "orders.csv": "1,a,x\n2,b,y\n", "green": "", "new-answers": ""}
KUBECTL = '#!/bin/sh\necho "kubectl $*: ok"\n'

Step = tuple[str, str]  # words that the question has, and the keys that answer it


def done(task: str) -> Step:
    return f"Is {task} done?", "d"


def box(number: int) -> Step:
    return f"box {number} of", "y"


def runs(words: str) -> Step:
    return f"Run {words}", "r"


def approved(task: str) -> Step:
    return f"Approve {task}?", "a"


FILES_ASKED: Step = ("Which of these belong to it", ENTER)
GUIDED: dict[str, list[Step]] = {
    "release": [
        *(done('"Prepare"'), box(1), runs("`test -e green`"), box(3), approved('"Prepare"')),
        *(done('"Build"'), runs("these 3 lines"), ("What is <VERSION>?", "2.4" + ENTER), runs("these 3 lines")),
        *(runs("`sha256sum"), ("Released by?", "Ada" + ENTER), FILES_ASKED, approved('"Build"')),
        *(done('"Announce (optional)"'), box(1), approved('"Announce (optional)"')),
    ],
    "cut-over": [
        *(done('"T-24h"'), box(1), runs("`grep"), box(3), approved('"T-24h"')),
        *(done('"T-0"'), runs("`echo"), box(2), runs("`test"), FILES_ASKED, approved('"T-0"')),
        *(("Is this the case: the shop", "n"), approved('"If the shop does not answer"')),
        *(("Is this the case: no-go", "n"), approved('"Roll back (only if no-go)"')),
    ],
    "migration": [
        *(done("Phase 1"), runs("`wc"), box(1), box(2), ("last night's report", "y"), ("DBA has agreed", "y")),
        *(approved("Phase 1"), done("Phase 2"), runs("these 2 lines"), FILES_ASKED, approved("Phase 2")),
        *(done("Phase 3"), box(1), box(2), ("as fast as before", "y"), approved("Phase 3")),
    ],
    "k8s": [
        *(done("task 1"), runs("`kubectl get"), approved("task 1")),
        *(done("task 2.1"), runs("`kubectl drain"), approved("task 2.1")),
        *(done("task 2.2"), runs("these 4 lines"), approved("task 2.2")),
        approved("task 3"),
        *(done("task 4"), approved("task 4")),
    ],
}


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("name", GUIDED)
def test_a_whole_run_by_its_keys(name: str, width: int, tmp_path: Path) -> None:
    place, programs = tmp_path / "place", tmp_path / "programs"
    place.mkdir()
    programs.mkdir()
    (programs / "kubectl").write_text(KUBECTL)
    (programs / "kubectl").chmod(0o755)
    (place / f"{name}.md").write_bytes((RUNBOOKS / f"{name}.md").read_bytes())
    (place / "phasegate.yaml").write_text('tests: "test -e green"\n')
    for path, text in FILES.items():
        (place / path).write_text(text)
    first_commit(place)
    path = f"{programs}:{environment()['PATH']}"
    screen = Screen(place, "run", f"{name}.md", width=width, PATH=path)
    for words, keys in GUIDED[name]:
        screen.until(words)
        if keys == ENTER:
            screen.until("Enter goes on")
        elif ENTER not in keys:
            screen.until("p) pause")
        screen.press(keys)
        if keys == "a":
            screen.until("» a)")
            screen.press(ENTER)
    screen.until("next: phasegate")
    assert screen.ended() == 0
    lines = screen.lines()
    assert max(map(len, lines)) <= width
    assert not any(line.endswith(("…", "...")) for line in lines)
    typed = shlex.split(lines[-1].removeprefix("next: "))
    told = subprocess.run([PHASEGATE, *typed[1:]], cwd=place, env=environment(), capture_output=True, text=True)
    assert told.returncode == 0, told.stdout
    compare_with_kept(f"people/{name}_{width}", screen)
