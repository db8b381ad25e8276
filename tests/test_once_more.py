"""`make test` tries a few red tests once more, alone: what is red by itself stays red, what is not is named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.worlds.once_more import FEW

ROOT = Path(__file__).resolve().parents[1]
# red wherever another test ran before it in the same process
UNSTEADY = "import sys\ndef test_a():\n    sys.seen = 1\ndef test_unsteady():\n    assert not hasattr(sys, 'seen')\n"
RED = "import pytest\n@pytest.mark.parametrize('at', range({}))\ndef test_red(at):\n    assert at < 0\n"

pytestmark = pytest.mark.slow


def suite(place: Path, text: str) -> subprocess.CompletedProcess[str]:
    """What `make test` does with these tests."""
    (place / "test_some.py").write_text(text, encoding="utf-8")
    command = f"{sys.executable} -m pytest -q || {sys.executable} -m tests.worlds.once_more $?"
    environment = {k: v for k, v in os.environ.items() if k != "PYTEST_ADDOPTS"} | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        ["sh", "-c", command], cwd=place, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_what_passes_alone_is_named_and_costs_nothing(tmp_path: Path) -> None:
    ended = suite(tmp_path, UNSTEADY)
    assert ended.returncode == 0
    assert "UNSTEADY: test_some.py::test_unsteady failed among all tests" in ended.stdout
    assert ended.stdout.index("AssertionError") < ended.stdout.index("once more, alone")


def test_what_is_red_alone_stays_red(tmp_path: Path) -> None:
    ended = suite(tmp_path, RED.format(1))
    assert ended.returncode == 1
    assert ended.stdout.count("1 failed") == 2
    assert "UNSTEADY" not in ended.stdout


def test_one_that_is_red_alone_beside_one_that_is_not_stays_red(tmp_path: Path) -> None:
    ended = suite(tmp_path, UNSTEADY + RED.format(1))
    assert ended.returncode == 1
    assert "UNSTEADY" not in ended.stdout


def test_many_are_not_tried_again(tmp_path: Path) -> None:
    ended = suite(tmp_path, RED.format(FEW + 1))
    assert ended.returncode == 1
    assert "once more" not in ended.stdout


def test_what_is_no_failure_of_a_test_is_not_tried_again(tmp_path: Path) -> None:
    ended = suite(tmp_path, "def test_it(:\n")
    assert ended.returncode == 2
    assert "once more" not in ended.stdout
