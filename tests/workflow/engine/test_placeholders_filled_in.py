"""Placeholders in the commands of a task: asked for by name, seen as filled in, never run without a value."""

from __future__ import annotations

from pathlib import Path

import pytest

from phases.manual.blanks import Filled
from phases.manual.script_questions import run_question
from phases.step import Question
from state.errors import BadAnswer, Waiting
from state.event_types import EffectIntended
from tests.worlds.journals import journal_bytes
from tests.worlds.release_world import NONE, Release, checks
from workflow.engine.engine import Settings
from workflow.ports import HandIn, Pause
from workflow.views.review_page import review_page


def test_a_placeholder_is_asked_for_by_name_once_in_a_run_and_what_is_shown_is_run(tmp_path: Path) -> None:
    release = Release(
        tmp_path,
        'Say `sh say.sh <ENVIRONMENT>` and `sh say.sh [environment] "$PLACE"`.',
        fill_environment="staging",
        fill_place="here & now",
        t1_command_1_filled="run",
        t1_command_2_filled="run",
    )
    (release.root / "say.sh").write_text('for each; do echo "$each" >> said; done\n')
    worked = release.is_shown()
    assert (release.root / "said").read_text() == "staging\nstaging\nhere & now\n"
    assert release.asked == [
        *("t1-command-1", "fill-environment", "t1-command-1-filled"),
        *("t1-command-2", "fill-place", "t1-command-2-filled"),
    ]
    with release.reopen() as engine:
        intents = [event.intent for event in engine.journal.events if isinstance(event, EffectIntended)]
    assert [intent["command"] for intent in intents] == [
        "sh say.sh staging",
        "PLACE='here & now'\nsh say.sh staging \"$PLACE\"",
    ]
    assert checks(worked)["command 1: sh say.sh <ENVIRONMENT>"] == ("pass", "exit 0")


def test_a_command_that_is_not_wanted_asks_for_nothing(tmp_path: Path) -> None:
    release = Release(tmp_path, "Say `sh say.sh <ENVIRONMENT>`.", t1_command_1="skip")
    release.is_shown()
    assert release.asked == ["t1-command-1"]


def test_what_was_typed_is_seen_before_it_runs_and_can_be_typed_again(tmp_path: Path) -> None:
    release = Release(tmp_path, "Make `touch <NAME>`.", fill_name="wrong")
    said = iter(["fill", "run"])

    def ask(question: object, suggestion: str | None, real=release.person.ask) -> tuple[str, str] | None:  # type: ignore[no-untyped-def]
        if question.name == "t1-command-1-filled":  # type: ignore[attr-defined]
            release.person.asked.append((question.text, suggestion))  # type: ignore[attr-defined]
            release.says(fill_name="right")
            return next(said), "prompt"
        return real(question, suggestion)  # type: ignore[no-any-return]

    release.person.ask = ask  # type: ignore[method-assign]
    release.is_shown()
    texts = [text for text, _suggestion in release.person.asked if text.startswith("Run")]
    assert texts == [f"Run `touch {name}`? It may change something." for name in ("wrong", "right")]
    assert [(release.root / name).exists() for name in ("wrong", "right")] == [False, True]


def test_without_a_terminal_it_is_given_by_name_and_can_be_changed(tmp_path: Path) -> None:
    release = Release(tmp_path, "Make `touch <NAME>/made`.")
    release.person.works = [Pause()]
    release.waits("to be done by hand")
    release.person.absent = True
    run = {"t1-command-1": "run"}
    with release.reopen() as engine, pytest.raises(Waiting, match="What is <NAME>") as waiting:
        engine.hand_in(HandIn((), "done"), run)
    assert "each with its answer: fill-name" in waiting.value.next_command
    with release.reopen(Settings(answers={"fill-name": "nowhere"})) as engine, pytest.raises(Waiting, match="exit 1"):
        engine.drive()
    again = {"fill-name": ".", "t1-command-1-failed-1": "again"}
    with release.reopen(Settings(answers=again)) as engine, pytest.raises(Waiting, match="approval"):
        engine.drive()
    assert (release.root / "made").exists()


def test_a_secret_is_no_value_and_the_name_of_its_variable_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEASE_SECRET", "s3cr3t-enough")
    monkeypatch.delenv("TOKEN", raising=False)
    release = Release(tmp_path, "Send `sh send.sh $TOKEN`.", fill_token="s3cr3t-enough")
    (release.root / "send.sh").write_text('test "$1" = "$RELEASE_SECRET"\n')
    with release.start() as engine, pytest.raises(BadAnswer, match="refused"):
        engine.drive()
    release.says(fill_token="$RELEASE_SECRET", t1_command_1_filled="run")
    release.person.works = [NONE]
    assert release.goes_on().checks[0].verdict == "pass"
    assert "s3cr3t-enough" not in journal_bytes(release.root / f".phasegate/{release.run_id}/journal.jsonl").decode()


@pytest.mark.parametrize("blank", ["<API_TOKEN>", "<ApiToken>", "$DEPLOY_KEY"])
def test_what_a_variable_holds_that_stands_for_a_secret_is_masked_in_all_of_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blank: str
) -> None:
    monkeypatch.setenv("FOO", "s3cr3t-enough")
    for name in ("DEPLOY_KEY", "API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    name = {"$DEPLOY_KEY": "fill_deploy_key", "<ApiToken>": "fill_apitoken"}.get(blank, "fill_api_token")
    release = Release(tmp_path, f"Send `echo {blank}`.", 'Then `echo "so $FOO"`.', **{name: "${FOO}"})
    release.says(t1_command_1_filled="run")
    release.is_shown()
    outputs = [each.result["output"] for each in release.results()]
    assert [each.splitlines()[-1] for each in outputs] == ["***", "so ***"]
    assert "s3cr3t-enough" not in journal_bytes(release.root / f".phasegate/{release.run_id}/journal.jsonl").decode()


@pytest.mark.parametrize("command", ["cp ... /tmp", "cp a …"])
def test_an_ellipsis_has_no_name_so_its_command_is_never_run(tmp_path: Path, command: str) -> None:
    release = Release(tmp_path, f"Then `{command}`.")
    (verdict, seen), *_ = checks(release.is_shown()).values()
    assert verdict == "not-checked"
    assert seen.endswith("is not filled in")
    assert release.asked == []


def test_a_command_that_is_not_known_to_only_read_is_not_once_it_is_filled_in_either(tmp_path: Path) -> None:
    release = Release(tmp_path, "Look with `ls <NAME>`, then with `ls .`.")
    with release.start() as engine:
        task = engine.plan.tasks[0]
    before, after = run_question(task, 1), run_question(task, 1, Filled("ls docs"))
    assert "It may change something." in before.text
    assert after.text.endswith("`ls docs`? It may change something.")
    assert (before.default, before.suggest) == (after.default, after.suggest) == ("skip", False)
    without = run_question(task, 2)
    assert (without.default, without.suggest) == ("run", True)


def test_after_a_rejection_it_is_asked_again_and_what_was_said_is_kept(tmp_path: Path) -> None:
    release = Release(tmp_path, "Make `touch $PLACE` and `ls $PLACE`.", fill_place="here")
    release.says(t1_command_1_filled="run", t1_command_2_filled="run")
    asked: list[tuple[str, str | None, bool]] = []

    def ask(question: Question, suggestion: str | None, real=release.person.ask) -> tuple[str, str] | None:  # type: ignore[no-untyped-def]
        if question.name == "fill-place":
            asked.append((question.name, suggestion, question.kept))
        return real(question, suggestion)  # type: ignore[no-any-return]

    release.person.ask = ask  # type: ignore[method-assign]
    release.is_shown()
    with release.reopen() as engine:
        engine.reject("not there")
    release.says(fill_place="there")
    release.person.verdicts = [Pause()]
    release.goes_on()
    assert asked == [("fill-place", None, False), ("fill-place", "here", True)]
    assert (release.root / "there").exists()


def test_without_a_terminal_what_was_said_stays_after_a_rejection(tmp_path: Path) -> None:
    release = Release(tmp_path, "Make `touch $PLACE`.", fill_place="here", t1_command_1_filled="run")
    release.is_shown()
    with release.reopen() as engine:
        engine.reject("not there")
    release.person.absent, release.person.at_terminal = True, False
    with release.reopen() as engine:
        state = engine.hand_in(HandIn((), "done"), {"t1-command-1": "run", "t1-command-1-filled": "run"})
        assert state.status == "in-review"


class Types:
    """At a prompt: each question's answers one after the other, the last one for good; keeps what was asked."""

    def __init__(self, release: Release, **said: list[str]) -> None:
        self.asked: list[tuple[str, str]] = []
        self._said = {name.replace("_", "-"): list(texts) for name, texts in said.items()}
        release.person.ask = self  # type: ignore[assignment]

    def __call__(self, question: Question, _suggestion: str | None) -> tuple[str, str]:
        self.asked.append((question.name, question.text))
        said = self._said[question.name]
        return (said.pop(0) if len(said) > 1 else said[0]), "prompt"


def test_what_is_filled_in_anew_after_a_failure_is_seen_before_it_runs(tmp_path: Path) -> None:
    release = Release(tmp_path, "Note `sh note.sh <NAME>`.")
    (release.root / "note.sh").write_text('echo "$1" >> ../ran\ntest "$1" = right\n')
    prompt = Types(
        release,
        t1_command_1=["run"],
        fill_name=["wrong", "worse", "right"],
        t1_command_1_filled=["run"],
        t1_command_1_failed_1=["fill", "fill"],
        t1_command_1_filled_2=["skip", "run"],
    )
    release.is_shown()
    assert (tmp_path / "ran").read_text().split() == ["wrong", "right"]  # what was not wanted did not run
    seen = [text for name, text in prompt.asked if name == "t1-command-1-filled-2"]
    assert seen == [f"Run `sh note.sh {name}`? It may change something." for name in ("worse", "right")]
    page = review_page(release.person.views[-1])
    assert "- command 1, as it is filled in: run" in page
    assert "- command 1, as it is filled in for run 2: run" in page


def test_a_value_can_be_typed_once_more_where_it_is_seen(tmp_path: Path) -> None:
    release = Release(tmp_path, "Note `sh note.sh <NAME>`.")
    (release.root / "note.sh").write_text('echo "$1" >> ../ran\ntest "$1" = right\n')
    Types(
        release,
        t1_command_1=["run"],
        fill_name=["wrong", "worse", "right"],
        t1_command_1_filled=["run"],
        t1_command_1_failed_1=["fill"],
        t1_command_1_filled_2=["fill", "run"],
    )
    release.is_shown()
    assert (tmp_path / "ran").read_text().split() == ["wrong", "right"]


def test_a_yes_to_what_was_seen_before_the_process_died_is_none_to_what_is_typed_now(tmp_path: Path) -> None:
    release = Release(tmp_path, "Note `sh note.sh <NAME>`.")
    (release.root / "note.sh").write_text('echo "$1" >> ../ran\ntest "$1" = right\n')
    said = {
        "t1_command_1": ["run"],
        "fill_name": ["wrong", "worse", "worst"],
        "t1_command_1_filled": ["run"],
        "t1_command_1_failed_1": ["fill"],
        "t1_command_1_filled_2": ["run"],
        "t1_command_1_failed_2": ["pause"],
    }
    Types(release, **said)
    release.waits("paused: command 1 of task 1: exit 1")
    journal = release.root / f".phasegate/{release.run_id}/journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    begun = next(at for at, line in enumerate(lines) if b"command-1-run-2" in line)
    journal.write_bytes(b"".join(lines[:begun]))  # answered, and not begun
    release.person.works = [NONE]
    prompt = Types(release, **{**said, "fill_name": ["other"]})
    with release.reopen() as engine, pytest.raises(Waiting, match="paused"):
        engine.drive()
    assert ("t1-command-1-filled-2", "Run `sh note.sh other`? It may change something.") in prompt.asked


def test_from_an_answers_file_it_runs_as_the_file_has_it(tmp_path: Path) -> None:
    release = Release(tmp_path, "Make `touch <NAME>/made`.", fill_name="nowhere", t1_command_1_filled="run")
    release.says(t1_command_1_failed_1="pause")
    release.waits("paused")
    release.person.absent = True
    again = {"fill-name": ".", "t1-command-1-failed-1": "fill"}
    with release.reopen(Settings(answers=again)) as engine, pytest.raises(Waiting, match="approval"):
        engine.drive()
    assert (release.root / "made").exists()
