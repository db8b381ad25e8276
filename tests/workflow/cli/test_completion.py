"""A shell completes workflows and files where a command takes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflow.cli.main import run

DEPLOYMENTS = ["plain,deployment-checklist", "plain,deployment-infra"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("phasegate run d", ["file,d", "plain,deploy.md", *DEPLOYMENTS]),
        (
            "phasegate run depl",
            ["file,depl", "plain,deploy.md", *DEPLOYMENTS],
        ),
        ("phasegate run deploy.", ["file,deploy."]),
        ("phasegate run m", ["file,m"]),
        ("phasegate plan st", ["file,st", "plain,stage-06"]),
        ("phasegate run aws", ["file,aws", "plain,aws-deploy"]),
        (
            "phasegate questions de",
            ["file,de", "plain,deploy.md", *DEPLOYMENTS],
        ),
        ("phasegate init st", ["file,st", "plain,stage-06"]),
        ("phasegate checks de", ["file,de"]),
        ("phasegate run --answers a", ["file,a"]),
        ("phasegate done --path de", ["file,de"]),
    ],
)
def test_what_is_completed(
    typed: str, told: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("deploy.md", "move.md"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("_PHASEGATE_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", typed)
    monkeypatch.setenv("COMP_CWORD", str(typed.count(" ")))
    assert run([]) == 0
    assert capsys.readouterr().out.splitlines() == told
