"""What only phasegate's own environment has is no fact about the machine; one that was activated is the person's.

The real command, with the PATH and VIRTUAL_ENV that an activated shell, a launcher or a plain call gives it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
OWN = Path(sys.prefix)
PHASEGATE = OWN / "bin/phasegate"
CHECKS = """checks:
- {id: environment, name: A virtual environment is active, virtual-environment: {}}
- {id: tool, name: Python, tool: {run: python3 --version, at-least: 3}}
- {id: command, name: Pip, command: {run: pip --version}}
- {id: git, name: Git, command: {run: git --version}}
"""
PYTHON = '#!/bin/sh\n[ "$1" = --version ] && echo Python 3.99 || {{ echo {prefix}; exit {code}; }}\n'


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """With a machine of its own, `system` (no virtual environment), and a person's environment, `theirs`."""
    (tmp_path / "machine.yaml").write_text(CHECKS)
    for name, code in (("system", 1), ("theirs", 0)):
        programs = tmp_path / name / "bin"
        programs.mkdir(parents=True)
        (programs / "python3").write_text(PYTHON.format(prefix=programs.parent, code=code))
        (programs / "pip").write_text("#!/bin/sh\necho pip 1\n")
        for each in programs.iterdir():
            each.chmod(0o755)
    for tool in ("sh", "git"):
        found = next(Path(each) / tool for each in [*os.defpath.split(":"), "/usr/bin"] if (Path(each) / tool).exists())
        (tmp_path / "system/bin" / tool).symlink_to(found)
    return tmp_path


def states(place: Path, *path: Path, active: Path | None = None) -> dict[str, str]:
    around = {"HOME": str(place), "PATH": ":".join(map(str, path))}
    if active is not None:
        around["VIRTUAL_ENV"] = str(active)
    ran = subprocess.run(
        [PHASEGATE, "-C", place, "checks", "machine.yaml", "--run", "--json"],
        env=around,
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(ran.stdout)["checks"]
    for each in found:
        if each["state"] == "not checked" or (each["id"] == "environment" and OWN.name in str(each["reason"])):
            assert f"the environment that phasegate itself runs in, {OWN}, which is not active" in each["reason"]
    return {each["id"]: each["state"] for each in found}


def test_called_by_its_whole_path_it_judges_the_machine(place: Path) -> None:
    system = place / "system/bin"
    assert states(place, system) == {"environment": "failed", "tool": "passed", "command": "passed", "git": "passed"}
    assert states(place, system, active=OWN)["environment"] == "failed", "it is named, and not what python3 is"


def test_the_environment_of_a_person_is_theirs(place: Path) -> None:
    theirs = place / "theirs"
    found = states(place, theirs / "bin", place / "system/bin", active=theirs)
    assert set(found.values()) == {"passed"}


def test_its_own_environment_in_front_is_nobodys(place: Path) -> None:
    found = states(place, OWN / "bin", place / "system/bin")
    assert found == {"environment": "failed", "tool": "passed", "command": "not checked", "git": "passed"}


def test_behind_its_own_the_one_that_was_activated_counts(place: Path) -> None:
    theirs = place / "theirs"
    found = states(place, OWN / "bin", theirs / "bin", place / "system/bin", active=theirs)
    assert found == {"environment": "passed", "tool": "passed", "command": "not checked", "git": "passed"}


def test_without_any_other_python_the_version_is_not_known(place: Path) -> None:
    (place / "system/bin/python3").unlink()
    assert states(place, OWN / "bin", place / "system/bin")["tool"] == "not checked"


def test_its_own_that_was_activated_is_the_persons(place: Path) -> None:
    found = states(place, OWN / "bin", place / "system/bin", active=OWN)
    assert found["environment"] == found["tool"] == "passed"


def test_a_link_to_its_own_environment_is_its_own(place: Path) -> None:
    (place / "linked").symlink_to(OWN)
    assert states(place, place / "linked/bin", place / "system/bin")["command"] == "not checked"
