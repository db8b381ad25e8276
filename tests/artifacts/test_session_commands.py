"""The session service's own commands: deployed, tested and taken away by programs, against a server of the sandbox."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.worlds.session_service import SERVICE
from workflow.sandbox import control

pytestmark = pytest.mark.slow


def test_it_is_deployed_tested_and_taken_away_by_its_own_commands(tmp_path: Path) -> None:
    app = tmp_path / "app"
    shutil.copytree(SERVICE, app, ignore=shutil.ignore_patterns("__pycache__"))
    home = tmp_path / "phasegate" / "sandbox"
    info = control.start(home)
    try:
        environment = {
            "PATH": os.environ["PATH"],
            "AWS_ENDPOINT_URL": info.endpoint_url,
            "AWS_ACCESS_KEY_ID": "sandbox",
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

        def run(*arguments: str) -> tuple[int, str]:
            done = subprocess.run(
                [sys.executable, *arguments], cwd=app, env=environment, capture_output=True, text=True, timeout=120
            )
            return done.returncode, done.stdout + done.stderr

        profile = "infrastructure/config/dev.json"
        assert run("infrastructure/deploy.py", "deploy", profile) == (
            0,
            "SessionManagement-dev: CREATE_COMPLETE\ninfrastructure/outputs/dev.json: 8 outputs\n",
        )
        code, said = run("infrastructure/deploy.py", "deploy", profile)
        assert (code, said.splitlines()[0]) == (0, "SessionManagement-dev: nothing to change")
        code, said = run("smoke/smoke.py", profile, "user", "heartbeat", "disconnect")
        assert code == 0 and [line.split(": ")[0] for line in said.splitlines()] == [
            "user passes",
            "heartbeat passes",
            "disconnect passes",
        ]
        (tmp_path / "without").mkdir()
        (tmp_path / "without" / "websockets.py").write_text("raise ModuleNotFoundError(name='websockets')\n", "utf-8")
        environment["PYTHONPATH"] = str(tmp_path / "without")
        code, said = run("smoke/smoke.py", profile, "token", "connect")
        assert (code, said.splitlines()[1]) == (127, "connect not checked: websockets is not installed: make install")
        del environment["PYTHONPATH"]
        (app / "other.json").write_text((app / profile).read_text("utf-8").replace("123456789012", "210987654321"))
        code, said = run("smoke/smoke.py", "other.json", "user")
        assert code == 1 and said.startswith("not run: the credentials are of account 123456789012")
        handler = app / "service" / "heartbeat_handler.py"
        told = 'say(connection, type="heartbeat"'
        handler.write_text(handler.read_text("utf-8").replace(told, f"raise ValueError\n    {told}"), "utf-8")
        assert run("infrastructure/deploy.py", "deploy", profile)[1].startswith(
            "SessionManagement-dev: UPDATE_COMPLETE"
        )
        code, said = run("smoke/smoke.py", profile, "heartbeat")
        assert code == 1 and said.startswith(
            "heartbeat fails: Internal server error: session-heartbeat-handler-dev failed: ValueError"
        )
        assert run("infrastructure/deploy.py", "destroy", profile) == (0, "SessionManagement-dev: DELETE_COMPLETE\n")
        code, said = run("smoke/smoke.py", profile, "connect")
        assert code == 1 and said.startswith("connect fails: ")
    finally:
        control.stop(home)


@pytest.mark.parametrize("script", ["infrastructure/lint.py", "tests/test_handlers.py"])
def test_its_own_checks_pass(script: str) -> None:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, script], cwd=SERVICE, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("change", [("deploy.py", "x = 1   \n"), ("config/dev.json", '{"stage": "dev"}\n')], ids=str)
def test_format_changes_what_has_not_the_form_and_nothing_else(tmp_path: Path, change: tuple[str, str]) -> None:
    app = tmp_path / "app"
    shutil.copytree(SERVICE, app, ignore=shutil.ignore_patterns("__pycache__"))

    def formatted() -> str:
        command = [sys.executable, "infrastructure/format.py"]
        return subprocess.run(command, cwd=app, capture_output=True, text=True, check=True).stdout

    assert formatted() == ""
    (app / "infrastructure" / change[0]).write_text(change[1], "utf-8")
    assert formatted() == f"infrastructure/{change[0]}: formatted\n"
    assert formatted() == ""
