"""Programs that a script names and that are not here: told at the question, where that can be told without a shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from phases.manual.programs_here import not_found_here
from tests.worlds.release_world import Release, fence


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("echo begin > begun.txt\nnosuchprog destroy", ["nosuchprog"]),
        ("nosuchprog a\nnosuchprog b", ["nosuchprog"]),
        ("nosuchprog a && ls | nosuchfilter", ["nosuchprog", "nosuchfilter"]),
        ("REGION=x nosuchprog a", ["nosuchprog"]),
        ("ls\ngit status", []),
        ("PATH=$PATH:tools\nnosuchprog", []),
        (". ./env.sh\nnosuchprog", []),
        ("nosuchprog() { echo; }\nnosuchprog a", []),
        ("$TOOL a\n./nosuchprog b\ntools/nosuchprog c", []),
        ("if nosuchprog; then ls; fi", []),
        ("cat <<E\nnosuchprog x\nE", []),
        ("for each in a; do nosuchprog; done\n(cd a && nosuchprog)", []),
        ("declare -x A=b\nlet A=1\n[[ -f a ]] && true", []),
        ("# nosuchprog\n\\\nls", []),
        ("VERSION=$(cat VERSION)\nX='a b' ls\nA=`b c`\nB+=(c d)\nC=$((1 + 2)) ls", []),
        ("'no such' a\nX='a b' nosuchprog", ["nosuchprog"]),
    ],
)
def test_first_words_that_no_shell_has_to_work_out_are_looked_up(text: str, missing: list[str]) -> None:
    assert not_found_here(text) == missing


def test_the_question_names_them_and_the_fence_runs_all_the_same(tmp_path: Path) -> None:
    release = Release(tmp_path, fence("echo begin > ../begun", "nosuchprog destroy"), t1_command_1_failed_1="pause")
    release.waits("paused: command 1 of task 1: exit 127")
    asked = next(text for text in release.person.questions if text.startswith("Run these 2 lines"))
    assert asked.endswith("It names `nosuchprog`, not found here now.")
    assert (tmp_path / "begun").exists()


def test_another_language_has_no_first_words(tmp_path: Path) -> None:
    release = Release(tmp_path, fence("nosuchprog = 1", "print(nosuchprog)", language="python"))
    release.is_shown()
    assert not any("not found here" in text for text in release.person.questions)
