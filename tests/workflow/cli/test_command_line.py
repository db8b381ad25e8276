"""The command line itself: every verb has help, every refusal its exit code, and nobody is asked without a terminal."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from workflow.cli.group import VERBS, cli
from workflow.cli.main import run


@pytest.mark.parametrize("verb", VERBS)
def test_the_list_of_verbs_says_what_each_verb_says_of_itself(verb: str) -> None:
    command = cli.get_command(click.Context(cli), verb)
    assert command is not None
    assert (command.help or "").startswith(VERBS[verb].rstrip("."))


@pytest.mark.parametrize("verb", ["", *VERBS])
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*filter(None, [verb]), "--help"]) == 0
    assert "Usage: phasegate" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nonsense"], 2, "No such command"),
        (["run"], 2, "Missing argument"),
        (["-C", "nowhere", "status"], 2, "no such directory"),
        (["status"], 2, "is not in a git repository"),
        (["run", "stage-06", "--yes"], 2, "refused anywhere but in the sandbox"),
        (["plan", "stage-99"], 2, "'stage-99' is neither a workflow (stage-06"),
        (["plan", "nowhere.md"], 2, "runbook nowhere.md is not there\nnext: find"),
        (["sandbox", "status"], 2, "is not in a git repository"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_refusals_have_their_exit_code(
    arguments: list[str],
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == code
    shown = capsys.readouterr()
    assert said in shown.err
    assert "Traceback" not in shown.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("asked", ["upgrade.md", "ops/upgrde.md", "docs/upgrade.md"])
def test_a_runbook_of_this_name_elsewhere_may_be_meant(
    asked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for place in ("ops", "docs", ".hidden"):
        (tmp_path / place).mkdir()
    (tmp_path / "ops" / "upgrade.md").write_text("# U\n\n- [ ] 1. A\n")
    (tmp_path / ".hidden" / "upgrade.md").write_text("# U\n\n- [ ] 1. A\n")
    monkeypatch.chdir(tmp_path)
    assert run(["plan", asked]) == 2
    assert capsys.readouterr().err == (
        f"phasegate: runbook {asked} is not there; did you mean ops/upgrade.md?\nnext: phasegate plan ops/upgrade.md\n"
    )
