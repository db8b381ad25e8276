"""zsh and fish, as they are installed, complete verbs, options, runbooks and files of `phasegate`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.worlds.workspaces import PHASEGATE, environment
from workflow.cli.completion import INSTALL

pytestmark = pytest.mark.slow


def found(shell: str) -> str:
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"not run: {shell} not found")
    return path


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "deploy.md").touch()
    (tmp_path / "answers.yaml").touch()
    return tmp_path


def around(place: Path) -> dict[str, str]:
    """An environment in which `phasegate` is this one, and no shell has a configuration of its own."""
    path = os.pathsep.join((str(Path(PHASEGATE).parent), os.environ["PATH"]))
    return {
        **environment(),
        "PATH": path,
        "HOME": str(place),
        "ZDOTDIR": str(place),
        "XDG_CONFIG_HOME": str(place / ".config"),
    }


def install(shell: str, place: Path) -> None:
    """Type what `phasegate completion --help` says, where nothing is configured yet."""
    subprocess.run(["sh", "-c", INSTALL[shell]], cwd=place, env=around(place), timeout=60, check=True)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("phasegate stat", {"status"}),
        ("phasegate run dep", {"deploy.md", "deployment-checklist", "deployment-infra"}),
        ("phasegate run --answers ans", {"answers.yaml"}),
        ("phasegate resume --ask", {"--ask-again"}),
        ("phasegate completion ", {"bash", "zsh", "fish"}),
    ],
)
def test_fish_completes(typed: str, told: set[str], place: Path) -> None:
    program = found("fish")
    install("fish", place)
    ran = subprocess.run(
        [program, "-c", f'complete -C "{typed}"'],
        cwd=place,
        env=around(place),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stderr == ""
    assert told <= {line.partition("\t")[0] for line in ran.stdout.splitlines()}


@pytest.fixture
def zsh(place: Path) -> Iterator[pexpect.spawn[str]]:
    """zsh at a terminal, as the line that is to be typed once leaves it."""
    program = found("zsh")
    install("zsh", place)
    child = pexpect.spawn(
        program, ["-d", "-i"], cwd=place, env=around(place), encoding="utf-8", timeout=30, dimensions=(24, 100)
    )
    child.sendline("PS1='ready> '; echo it-'is'-there")
    child.expect_exact("it-is-there\r\n")
    yield child
    child.close(force=True)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("phasegate stat", "us"),
        ("phasegate run deploy.", "md"),
        ("phasegate run --answers ans", "wers.yaml"),
        ("phasegate resume --ask", "-again"),
    ],
)
def test_zsh_completes_what_is_typed(typed: str, told: str, zsh: pexpect.spawn[str]) -> None:
    zsh.send(f"{typed}\t")
    zsh.expect_exact(f"{typed}{told}")


def test_zsh_lists_what_there_is(zsh: pexpect.spawn[str]) -> None:
    zsh.send("phasegate completion \t")
    for shell in ("bash", "zsh", "fish"):
        zsh.expect_exact(shell)
