"""The deployment module's own tests, started by a checkpoint, with less of what they do in every run.

    monkeypatch.setenv(...) for each of module_tests_quickly(tmp_path).items()

They draw ten examples instead of a hundred, start no database, and a file that Terraform reads is parsed once for all
runs that are given one folder: a checkpoint's test is about the verdict. What the tests find is looked at with more: by
the last run of tests/stories/test_deployment_infra.py, as a clone starts it, and by
tests/phases/deployment_infra/test_mutations.py.

It is loaded by pytest in the process of the module's tests, where nothing else of ours is.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from pathlib import Path
from typing import Any

import hcl2
from hypothesis import settings

ROOT = Path(__file__).parents[2]
READ = "MODULE_READ"  # the folder of what was parsed
_LOADS = hcl2.loads


def module_tests_quickly(folder: Path) -> dict[str, str]:
    """The environment of a command that starts them; the folder keeps what was parsed."""
    folder.mkdir(exist_ok=True)
    given = f"-p {__name__} --hypothesis-profile=few"
    return {"PYTEST_ADDOPTS": given, "PYTHONPATH": str(ROOT), READ: str(folder)}


def pytest_load_initial_conftests() -> None:
    settings.register_profile("few", max_examples=10, derandomize=True, database=None, deadline=None)
    hcl2.loads = _remembered  # type: ignore[attr-defined]


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    return collection_path.name == "test_restore.py" or None  # it makes a cluster of PostgreSQL, where there is one


def _remembered(text: str) -> dict[str, Any]:
    kept = Path(os.environ[READ], hashlib.sha256(text.encode()).hexdigest())
    if kept.exists():
        found: dict[str, Any] = pickle.loads(kept.read_bytes())
        return found
    read: dict[str, Any] = _LOADS(text)
    made = kept.with_name(f"{kept.name}.{os.getpid()}")
    made.write_bytes(pickle.dumps(read))
    made.replace(kept)
    return read
