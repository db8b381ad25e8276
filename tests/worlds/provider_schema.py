"""How does a test get a provider that knows only its schema? As the module serves it, from what `make schema` has kept.

`make provider-schema` fetches that for these tests, once. Where it is not there, or Terraform is not, nothing is run.
"""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from phases.deployment_infra.files import FILES
from phases.deployment_infra.render import render

KEPT = Path(os.environ.get("PROVIDER_SCHEMA") or Path(__file__).parents[2] / "build/provider-schema").resolve()
FOLDER = "tests/infrastructure/schema"


def why_not_run() -> str:
    """Why no test with the provider's schema can run here; "" where it can."""
    if shutil.which("terraform") is None:
        return "not run: terraform not found"
    return (
        "" if (KEPT / ".fetched").exists() else "not run: no schema of the provider; `make provider-schema` fetches it"
    )


needs_schema = pytest.mark.skipif(bool(why_not_run()), reason=why_not_run() or "there")


@contextmanager
def schema_tools(place: Path, values: Mapping[str, object]) -> Iterator[tuple[ModuleType, ModuleType]]:
    """The module's own `provider_schema` and `validate`, as they are rendered."""
    folder = place / FOLDER
    folder.mkdir(parents=True)
    for path in FILES:
        if path.startswith(FOLDER):
            (place / path).write_bytes(render(path, values))
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module("provider_schema"), importlib.import_module("validate")
    finally:
        sys.path.remove(str(folder))
        for name in ("provider_schema", "validate"):
            sys.modules.pop(name, None)
