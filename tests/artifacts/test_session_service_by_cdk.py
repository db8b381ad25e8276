"""The session service as a CDK app: CDK's command line bootstraps a sandbox's account, lists, compares, destroys."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worlds.session_service import SERVICE
from tests.worlds.workspaces import ROOT
from workflow.sandbox import control

pytestmark = pytest.mark.slow
needs_cdk = pytest.mark.skipif(shutil.which("cdk") is None, reason="not run: cdk not found")


@pytest.fixture
def app(tmp_path: Path) -> Path:
    place = tmp_path / "app"
    for source in (SERVICE, ROOT / "artifacts" / "session-service-demo"):
        shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    return place


def run(place: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(place),
        "PYTHONDONTWRITEBYTECODE": "1",
        **environment,
    }
    return subprocess.run(command, cwd=place, env=given, capture_output=True, text=True, timeout=200)


@pytest.fixture
def account(tmp_path: Path) -> Iterator[dict[str, str]]:
    home = tmp_path / "phasegate" / "sandbox"
    info = control.start(home)
    yield {
        "AWS_ENDPOINT_URL": info.endpoint_url,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_REGION": "us-east-1",
    }
    control.stop(home)


@pytest.mark.parametrize("directory", [".", "infrastructure"])
@pytest.mark.parametrize("stage", ["dev", "staging", "production"])
def test_the_app_writes_what_deploy_would_deploy(app: Path, directory: str, stage: str) -> None:
    program = json.loads((app / directory / "cdk.json").read_text("utf-8"))["app"]
    out = app / "out"
    done = run(app / directory, *program.split(), CDK_OUTDIR=str(out), CDK_CONTEXT_JSON=json.dumps({"env": stage}))
    assert done.returncode == 0, done.stderr
    (artifact,) = json.loads((out / "manifest.json").read_text("utf-8"))["artifacts"].values()
    config = json.loads((app / f"infrastructure/config/{stage}.json").read_text("utf-8"))
    assert artifact["environment"] == f"aws://{config['account']}/{config['region']}"
    assert artifact["properties"]["stackName"] == f"SessionManagement-{stage}"
    assert artifact["properties"]["parameters"]["Stage"] == stage
    assert "SessionsTable" in json.loads((out / artifact["properties"]["templateFile"]).read_text("utf-8"))["Resources"]


def test_a_profile_that_is_not_there_is_refused(app: Path) -> None:
    program = [sys.executable, "infrastructure/cdk_app.py"]
    done = run(app, *program, CDK_OUTDIR=str(app / "out"), CDK_CONTEXT_JSON='{"env": "moon"}')
    assert (done.returncode, done.stderr) == (1, "--context env=moon: there is no infrastructure/config/moon.json\n")
    assert not (app / "out").exists()


@needs_cdk
def test_the_cdk_command_line_lists_compares_and_destroys(app: Path, account: dict[str, str]) -> None:
    def cdk(*arguments: str, place: Path = app) -> str:
        done = run(place, "cdk", *arguments, "--context", "env=dev", **account)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    assert "bootstrapped" in cdk("bootstrap", "--template", "infrastructure/bootstrap.yaml")
    assert "SessionManagement-dev" in cdk("list")
    made = run(
        app, sys.executable, "infrastructure/put_in_place.py", "users", "infrastructure/config/dev.json", **account
    )
    assert made.returncode == 0, made.stdout + made.stderr
    compared = cdk("diff")
    assert "[+] AWS::DynamoDB::Table SessionsTable" in compared and "UserPoolClient" not in compared
    assert "destroyed" in cdk("destroy", "--force", place=app / "infrastructure")
