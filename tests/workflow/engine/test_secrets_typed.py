"""A secret typed at a prompt is asked again there, whatever asks; elsewhere it is refused, and nothing is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from phases.step import Question
from state.errors import BadAnswer
from tests.worlds.release_world import Release, checks, fence
from workflow.engine.engine import Settings

PASSWORD = "passw" + "ord=hunter2secret"
TOKEN = "tok" + "en=hunter2secret"


class AtAPrompt:
    """Types what it was given, one after the other, until the question takes it: as the terminal does."""

    def __init__(self, release: Release, monkeypatch: pytest.MonkeyPatch, **typed: list[str]) -> None:
        self.problems: dict[str, list[str]] = {}
        self._typed = {name.replace("_", "-"): texts for name, texts in typed.items()}
        self._ask = release.person.ask
        monkeypatch.setattr(release.person, "ask", self.ask)

    def ask(self, question: Question, suggestion: str | None) -> tuple[str, str] | None:
        if question.name not in self._typed:
            return self._ask(question, suggestion)
        for text in self._typed[question.name]:
            problem = question.problem_with(text)
            if problem is None:
                return text, "prompt"
            self.problems.setdefault(question.name, []).append(problem)
        raise AssertionError(f"{question.name}: nothing that was typed is taken")


def everything(release: Release) -> str:
    files = [each for each in release.root.rglob("*") if each.is_file() and ".git/" not in each.as_posix()]
    return "\n".join(each.read_text() for each in files)


CASES = {
    "why a command is left": (
        fence("sh missing.sh"),
        {"t1_command_1_failed_1": "skip"},
        {"t1_command_1_left": [f"known {TOKEN}", "known, see the vault"]},
    ),
    "what is filled in": (fence("echo <REGION>"), {}, {"fill_region": [PASSWORD, "here"]}),
    "an edited command": (
        fence("sh missing.sh"),
        {"t1_command_1_failed_1": "edit"},
        {"t1_command_1_edited_2": [f"echo {PASSWORD}", "true"]},
    ),
    "a field": ("Deployed by: ____", {}, {"t1_field_1": [TOKEN, "Ada"]}),
    "what has a telling name": (
        fence("echo <API_TOKEN>"),
        {},
        {"fill_api_token": ["hunter2secret", "$DEPLOY_TOKEN"]},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_secret_typed_at_a_prompt_is_asked_again_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    monkeypatch.setenv("DEPLOY_TOKEN", "of-the-environment")
    text, answers, typed = CASES[case]
    release = Release(tmp_path, text, **answers)
    prompt = AtAPrompt(release, monkeypatch, **typed)
    release.is_shown()
    (problems,) = prompt.problems.values()
    assert "answers are committed" in problems[0]
    assert "expected" in problems[0]
    assert "hunter2secret" not in everything(release) + problems[0]


def test_a_file_that_answers_with_a_secret_is_refused_with_the_same_words(tmp_path: Path) -> None:
    release = Release(tmp_path, fence("echo <REGION>"))
    with (
        release.start(Settings(answers={"fill-region": PASSWORD})) as engine,
        pytest.raises(BadAnswer, match="answer to fill-region refused: it holds a secret, and answers are committed"),
    ):
        engine.drive()
    assert "hunter2secret" not in everything(release)


def test_what_is_no_secret_is_taken_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = Release(tmp_path, fence("echo <REGION>"), t1_command_1_filled="run")
    prompt = AtAPrompt(release, monkeypatch, fill_region=["eu-west-1"])
    assert checks(release.is_shown())["command 1: echo <REGION>"][1] == "exit 0"
    assert prompt.problems == {}
