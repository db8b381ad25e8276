"""A demo that cannot be made is refused before anything is: what is not installed, a directory that is there."""

from __future__ import annotations

import importlib.util
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from state.extras import install_extra
from tests.worlds.command_world import CommandWorld
from workflow.cli.main import run


def without(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """As where these packages are not installed."""
    found = importlib.util.find_spec

    def find(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name in names else found(name, package)

    monkeypatch.setattr("workflow.sandbox.installed.find_spec", find)


@pytest.mark.parametrize("workflow", ["stage-06", "aws-deploy", "deployment-checklist", "deployment-infra"])
def test_without_the_sandbox_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], workflow: str
) -> None:
    without(monkeypatch, "werkzeug", "cloudpickle")
    assert run(["-C", str(tmp_path), "demo", "--workflow", workflow, "--yes"]) == 2
    told = capsys.readouterr().err
    assert "the sandbox needs werkzeug, cloudpickle, which are not installed" in told
    assert f"next: {install_extra('sandbox')}\n" in told
    assert list(tmp_path.iterdir()) == []


def test_without_what_its_workflow_needs_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("phases.deployment_infra.render.find_spec", lambda _name: None)
    assert run(["-C", str(tmp_path), "demo", "--workflow", "deployment-infra", "--yes"]) == 2
    assert f"next: {install_extra('infra')}\n" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_without_the_sandbox_no_run_begins_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = CommandWorld(tmp_path)
    without(monkeypatch, "moto")
    for words in (("run", "tasks.md", "--sandbox"), ("sandbox", "start")):
        told = world(*words)
        assert (told.code, f"next: {install_extra('sandbox')}\n" in told.error) == (2, True), told.error
        assert not (world.root / ".phasegate").exists()


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
