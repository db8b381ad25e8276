"""What fills in a command is a word to whoever reads the script, or a person saw it there: an answer is no code."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from phases.manual.blanks import is_plain
from state.errors import BadAnswer, Waiting
from tests.worlds.release_world import NONE, Release, asked_in_turn, fence
from workflow.engine.engine import Settings
from workflow.ports import Finished, HandIn, Pause

ODD = (
    "web1; touch ../pwned",
    "$(touch ../pwned)",
    "`touch ../pwned`",
    "a b",
    "a\\",
    "'",
    '"',
    "*",
    "-rf",
    "",
    "a&b",
    "a|b",
)
PLAIN = (
    "web1",
    "eu-west-1",
    "1.2.3",
    "a/b.c",
    "https://x.example:80/a",
    "key=value",
    "ada@example.com",
    "Zürich",
)


def elsewhere(tmp_path: Path, *parts: str) -> Release:
    """A run that waits for its task, and nobody at a terminal."""
    release = Release(tmp_path, *parts)
    release.person.works = [Pause()]
    release.waits("to be done by hand")
    release.person.absent, release.person.at_terminal = True, False
    return release


def handed_in(release: Release, **answers: str) -> None:
    given = {name.replace("_", "-"): value for name, value in answers.items()}
    with release.reopen(Settings(answers=given)) as engine:
        engine.hand_in(HandIn((), "done"), {"t1-command-1": "run"})


@pytest.mark.parametrize("language", ["bash", "sh", "python"])
@pytest.mark.parametrize("value", ODD[:4])
def test_what_could_be_a_second_command_is_refused_where_nobody_sees_it(
    tmp_path: Path, language: str, value: str
) -> None:
    text = {"python": 'print("<HOST>")'}.get(language, "echo <HOST>")
    release = elsewhere(tmp_path, fence(text, language=language))
    given = Settings(answers={"fill-host": value})
    with release.reopen(given) as engine, pytest.raises(BadAnswer, match="fill-host") as refused:
        engine.hand_in(HandIn((), "done"), {"t1-command-1": "run"})
    assert "it stands in the command's text" in str(refused.value)
    assert not (tmp_path / "pwned").exists()
    with release.reopen() as engine:
        assert "fill-host" not in engine.run.answers


@pytest.mark.parametrize("value", PLAIN)
def test_plain_signs_are_taken_from_anywhere(tmp_path: Path, value: str) -> None:
    release = elsewhere(tmp_path, fence("echo <HOST> > ../said"))
    handed_in(release, fill_host=value)
    assert (tmp_path / "said").read_text() == f"{value}\n"


def test_a_variable_is_set_and_quoted_so_it_takes_anything(tmp_path: Path) -> None:
    release = elsewhere(tmp_path, fence('echo "$HOST_OF_IT" > ../said'))
    handed_in(release, fill_host_of_it="web1; touch ../pwned")
    assert (tmp_path / "said").read_text() == "web1; touch ../pwned\n"
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("value", PLAIN)
@pytest.mark.parametrize(
    "script", ["echo X", 'echo "X"', "echo 'X'", "V=X; echo $V", "cat <<E\nX\nE", "sh -c 'echo X'"]
)
def test_plain_signs_are_one_word_in_any_place_of_a_script(script: str, value: str) -> None:
    assert is_plain(value)
    said = subprocess.run(["bash", "-c", script.replace("X", value)], capture_output=True, text=True, check=True)
    assert said.stdout == f"{value}\n"


@pytest.mark.parametrize("value", [each for each in ODD if each])
def test_no_other_sign_is_plain(value: str) -> None:
    assert not is_plain(value)


def test_at_a_terminal_it_is_shown_and_runs_as_it_is_shown(tmp_path: Path) -> None:
    release = Release(tmp_path, 'Say `echo "<WHAT>" > ../said`.', fill_what="two words", t1_command_1_filled="run")
    release.is_shown()
    assert (tmp_path / "said").read_text() == "two words\n"
    assert any('echo "two words"' in text for text in release.person.questions)


def test_an_order_to_run_that_came_with_it_is_none_until_it_was_seen(tmp_path: Path) -> None:
    given = Settings(answers={"fill-what": "two words", "t1-command-1": "run"})
    release = Release(tmp_path, 'Say `echo "<WHAT>" > ../said`.', t1_command_1_filled="skip")
    with release.start(given) as engine, pytest.raises(Waiting, match="waits for approval"):
        engine.drive()
    assert release.asked == ["t1-command-1-filled"]
    assert not (tmp_path / "said").exists()


def test_that_it_was_seen_is_nothing_a_file_can_say(tmp_path: Path) -> None:
    given = Settings(answers={"fill-what": "two words", "t1-command-1": "run", "t1-command-1-filled": "run"})
    release = Release(tmp_path, 'Say `echo "<WHAT>" > ../said`.')
    with release.start(given) as engine, pytest.raises(BadAnswer, match="nobody at a terminal has seen the command"):
        engine.drive()
    assert not (tmp_path / "said").exists()


def test_a_value_that_was_typed_for_another_command_is_refused_where_it_is_not_seen(tmp_path: Path) -> None:
    release = Release(
        tmp_path,
        fence('echo "$WHAT_IT_IS"'),
        fence("echo <what it is> > ../said"),
        fill_what_it_is="a; b",
        t1_command_1_filled="run",
        t1_command_2="pause",
    )
    release.person.answers["t1-command-2"] = "skip"
    release.is_shown()
    release.person.absent, release.person.at_terminal = True, False
    with release.reopen() as engine:
        engine.reject("once more", by=engine.doors.me)
    with release.reopen() as engine, pytest.raises(BadAnswer, match="command 2 of task 1 is not run: fill-what-it-is"):
        engine.hand_in(HandIn((), "done"), {"t1-command-1": "skip", "t1-command-2": "run"})
    assert not (tmp_path / "said").exists()


def test_again_from_a_file_takes_no_other_value_that_nobody_sees(tmp_path: Path) -> None:
    release = elsewhere(tmp_path, fence("echo <HOST> >> ../said", "test -f ready"))
    given = Settings(answers={"fill-host": "web1"})
    with release.reopen(given) as engine, pytest.raises(Waiting, match="exit 1"):
        engine.hand_in(HandIn((), "done"), {"t1-command-1": "run"})
    for said in ("again", "fill"):
        other = Settings(answers={"fill-host": "web2; id", "t1-command-1-failed-1": said})
        with release.reopen(other) as engine, pytest.raises(BadAnswer, match="fill-host"):
            engine.drive()
    assert (tmp_path / "said").read_text() == "web1\n"


def test_what_passed_as_it_was_edited_runs_as_the_runbook_has_it_once_that_was_seen(tmp_path: Path) -> None:
    release = Release(tmp_path, fence('echo "<WHAT>" >> ../said', "test -f ready"), fill_what="two words")
    turns = {
        "t1_command_1_filled": ["run"],
        "t1_command_1_failed_1": ["edit"],
        "t1_command_1_edited_2": ["echo edited"],
        "t1_commands_stand": ["command 1: ask again"],
        "t1_command_1_passed_2": ["again"],
        "t1_command_1_failed_3": ["pause"],
    }
    release.person.works = [Finished(), NONE]
    with pytest.MonkeyPatch.context() as patched:
        asked_in_turn(release, patched, **turns)
        release.waits("paused: command 1")
    assert (tmp_path / "said").read_text() == "two words\ntwo words\n"
