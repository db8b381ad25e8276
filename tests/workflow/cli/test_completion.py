"""A shell completes workflows and files where a command takes them."""

from __future__ import annotations

import pytest

from workflow.cli.main import run


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("phasegate plan st", ["file,st", "plain,stage-06"]),
        ("phasegate run aws", ["file,aws", "plain,aws-deploy"]),
        ("phasegate questions de", ["file,de", "plain,deployment-checklist", "plain,deployment-infra"]),
        ("phasegate init st", ["file,st", "plain,stage-06"]),
        ("phasegate checks de", ["file,de"]),
        ("phasegate run --answers a", ["file,a"]),
        ("phasegate done --path de", ["file,de"]),
    ],
)
def test_what_is_completed(
    typed: str, told: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_PHASEGATE_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", typed)
    monkeypatch.setenv("COMP_CWORD", str(typed.count(" ")))
    assert run([]) == 0
    assert capsys.readouterr().out.splitlines() == told
