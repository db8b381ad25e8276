"""An answer that is typed as it is printed is read back as the text that it is; so is each choice put in its place."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from workflow.engine.answer_line import answer_line
from workflow.runs.answers_file import read_answers

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
    assert typed(tmp_path, answer_line("the-question", text)) == text


@pytest.mark.parametrize("choices", [("yes", "no"), ("run", "skip"), ("no: leave it", "yes: take it")])
def test_every_choice_can_be_put_in_the_place_of_the_value(tmp_path: Path, choices: tuple[str, ...]) -> None:
    for number, choice in enumerate(choices):
        place = tmp_path / str(number)
        place.mkdir()
        line, remark = answer_line("the-question", "...", choices).split("   # one of ")
        assert choice in remark
        assert typed(place, line.replace("...", choice)) == choice


def test_what_needs_no_quotes_has_none() -> None:
    assert answer_line("region", "eu-west-1") == "echo 'region: eu-west-1' >> answers.yaml"
    assert answer_line("go", "...", ("run", "skip")) == "echo 'go: ...' >> answers.yaml   # one of run, skip"
    assert answer_line("x", "...", ("yes", "no")) == 'echo \'x: "..."\' >> answers.yaml   # one of "yes", "no"'
