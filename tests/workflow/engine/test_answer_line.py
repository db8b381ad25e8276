"""An answer that is typed as it is printed is read back as the text that it is; so is each choice put in its place."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from workflow.engine.answer_line import answer_lines
from workflow.runs.answers_file import parse_answers, read_answers

TEXTS = (
    *("eu-west-1", "yes", "no", "No", "on", "y", "null", "true", "~", "12", "1.5", "1e3", "0x1f", "12:30", ".inf", "-"),
    *("run", "a b", "a: b", "a #b", "it's", 'say "no"', "$HOME `ls`", "- a", "[a]", "{a}", "arn:aws:s3:::b/*", "a,b"),
    *(
        "2026-01-02",
        "ja, näher",
        "a ",
        "*x",
        "&x",
        "!x",
        "%x",
        "@x",
        "back\\slash",
        "=",
        "<<",
        "...x",
        "a:",
        "nan",
        "e5",
    ),
)


def typed(directory: Path, command: str) -> str:
    subprocess.run(["sh", "-ec", command], cwd=directory, check=True)
    return read_answers(str(directory / "answers.yaml"))["the-question"]


@pytest.mark.parametrize("text", TEXTS, ids=repr)
def test_the_text_comes_back(tmp_path: Path, text: str) -> None:
    (line,) = answer_lines([("the-question", text, ())])
    assert typed(tmp_path, line) == text


def test_every_choice_is_named_as_it_is_to_be_written(tmp_path: Path) -> None:
    choices = ("yes", "run", "no: leave it")
    (line,) = answer_lines([("the-question", "", choices)])
    written = line.partition("the-question: ")[2].split(" or ")
    assert [parse_answers(f"q: {each}\n".encode(), "a.yaml")["q"] for each in written] == list(choices)


def test_what_is_known_is_added_and_one_editor_is_opened_for_the_rest(tmp_path: Path) -> None:
    lines = answer_lines([("go", "", ("run", "skip")), ("region", "eu-west-1", ()), ("who", "", ())], file="my file")
    assert lines == [
        "echo 'region: eu-west-1' >> 'my file'",
        "${EDITOR:-vi} 'my file'   # add, each with its answer: go: run or skip; who",
    ]
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nprintf "%s\\n" "go: run" "who: Ada" >> "$1"\n')
    editor.chmod(0o755)
    for line in lines:
        subprocess.run(["sh", "-ec", line], cwd=tmp_path, check=True, env={**os.environ, "EDITOR": str(editor)})
    assert read_answers(str(tmp_path / "my file")) == {"region": "eu-west-1", "go": "run", "who": "Ada"}
