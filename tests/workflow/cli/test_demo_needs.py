"""A demo that cannot be made is refused before anything is: what is not installed, a directory that is there."""

from __future__ import annotations

import importlib.util
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from state.extras import install_extra
from workflow.cli.main import run


def without(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """As where these packages are not installed."""
    found = importlib.util.find_spec

    def find(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name in names else found(name, package)

    monkeypatch.setattr("workflow.service.sandbox.find_spec", find)


@pytest.mark.parametrize("workflow", ["stage-06", "aws-deploy", "deployment-checklist"])
def test_without_the_sandbox_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], workflow: str
) -> None:
    without(monkeypatch, "werkzeug", "cloudpickle")
    assert run(["-C", str(tmp_path), "demo", "--workflow", workflow, "--yes"]) == 2
    told = capsys.readouterr().err
    assert "the sandbox needs werkzeug, cloudpickle, which are not installed" in told
    assert f"next: {install_extra('sandbox')}\n" in told
    assert list(tmp_path.iterdir()) == []


def test_a_workflow_that_touches_no_account_needs_none() -> None:
    from phases.deployment_infra.workflow import DEPLOYMENT_INFRA

    assert not DEPLOYMENT_INFRA.in_an_account


@pytest.mark.parametrize(
    ("words", "there", "offered"),
    [
        (["--yes"], ["phasegate-demo"], "phasegate demo --yes phasegate-demo-2"),
        (
            ["--workflow", "aws-deploy", "--yes", "--keep-running"],
            ["phasegate-demo-aws-deploy", "phasegate-demo-aws-deploy-2"],
            "phasegate demo --workflow aws-deploy --yes --keep-running phasegate-demo-aws-deploy-3",
        ),
        (["my shop", "--again"], ["my shop"], "phasegate demo --again 'my shop-2'"),
    ],
)
def test_a_directory_that_is_there_is_refused_with_all_that_was_typed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    there: list[str],
    offered: str,
) -> None:
    for name in there:
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    assert run(["demo", *words]) == 2
    assert capsys.readouterr().err.endswith(f"exists; the demo makes a new directory\nnext: {offered}\n")
    assert len(list(tmp_path.iterdir())) == len(there)
