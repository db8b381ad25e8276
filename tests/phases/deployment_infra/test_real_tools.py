"""The rendered module under the tools that its checkpoints run, each where it is installed (.ci/run installs some)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from phases.deployment_infra.tools import TOOLS, Tool
from tests.worlds.rendered_module import write_module

pytestmark = pytest.mark.slow
# Those that look at the files as they are; the others have tests of their own, or want more than the files.
LOOKING = {"yamllint", "actionlint", "zizmor", "shellcheck", "hadolint", "promtool"}


@pytest.mark.parametrize("tool", [tool for tool in TOOLS if tool.name in LOOKING], ids=lambda tool: tool.name)
def test_a_tool_finds_nothing_in_the_module(tool: Tool, tmp_path: Path) -> None:
    if shutil.which(tool.program) is None:
        pytest.skip(f"not run: {tool.program} not found")
    place = write_module(tmp_path)
    done = subprocess.run(["sh", "-c", tool.command], cwd=place, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_detect_secrets_finds_nothing_in_the_module(tmp_path: Path) -> None:
    place = write_module(tmp_path)
    subprocess.run(["git", "init", "-q"], cwd=place, check=True)
    subprocess.run(["git", "add", "--all", "--force"], cwd=place, check=True)
    (tool,) = [tool for tool in TOOLS if tool.name == "detect-secrets"]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # one of phasegate's own requirements
    assert shutil.which(tool.program, path=path)

    def refused() -> str:
        command = ["sh", "-c", tool.command]
        environment = {**os.environ, "PATH": path}
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=240, env=environment)
        return done.stdout + done.stderr if done.returncode else ""

    assert refused() == ""
    alerting = place / "terraform/modules/monitoring/alerting.tf"
    alerting.write_text(alerting.read_text() + 'locals {\n  password = "correct-horse-battery"\n}\n')
    assert "terraform/modules/monitoring/alerting.tf" in refused()


def test_every_tool_that_looks_is_one_that_a_checkpoint_runs() -> None:
    assert {tool.name for tool in TOOLS} >= LOOKING
