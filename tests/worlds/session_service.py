"""The session service, deployed into an account in this process, and its functions run here with their environment."""

from __future__ import annotations

import io
import json
import os
import sys
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

from tests.worlds.workspaces import ROOT
from workflow.sandbox.inprocess import Sandbox

SERVICE = ROOT / "artifacts" / "session-service"
# Each function, with its memory [MB] and its time-out [s].
FUNCTIONS = {
    "session-authorizer": (128, 10),
    "session-connection-handler": (256, 30),
    "session-heartbeat-handler": (128, 10),
    "session-disconnect-handler": (256, 30),
    "session-refresh-handler": (256, 30),
}


@contextmanager
def modules_of(directory: Path, *names: str) -> Iterator[list[ModuleType]]:
    """The scripts of a directory as modules, with those beside them that they import; forgotten afterwards."""
    with patch.dict(sys.modules), patch.object(sys, "dont_write_bytecode", True):
        yield [_loaded(directory, name) for name in names]


def _loaded(directory: Path, name: str) -> ModuleType:
    while True:
        spec = spec_from_file_location(name, directory / f"{name}.py")
        assert spec is not None and spec.loader is not None
        module = module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except ModuleNotFoundError as error:
            if not (directory / f"{error.name}.py").exists():
                raise
            _loaded(directory, str(error.name))
        else:
            return module


def config(stage: str) -> dict[str, Any]:
    """The profile's configuration file."""
    found: dict[str, Any] = json.loads((SERVICE / "infrastructure" / "config" / f"{stage}.json").read_text("utf-8"))
    return found


def deploy(sandbox: Sandbox, stage: str = "dev", template: dict[str, Any] | str | None = None) -> str:
    """What `deploy.py deploy` does, with another template if one is given: the stack's status."""
    with modules_of(SERVICE / "infrastructure", "deploy") as (script,):
        bucket, key = script.upload(sandbox.session(), config(stage))
    values = {"Stage": stage, "AlarmEmail": "on-call@example.com", "CodeBucket": bucket, "CodeKey": key}
    body = template if template is not None else (SERVICE / "infrastructure/template.yaml").read_text("utf-8")
    client, name = sandbox.client("cloudformation"), f"SessionManagement-{stage}"
    client.create_stack(
        StackName=name,
        TemplateBody=body if isinstance(body, str) else json.dumps(body),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    return sandbox.settle(name)


class FunctionHere:
    """A deployed function in this process: its own code and environment, and what it asks of AWS.

    Attributes:
        asked: function -> the calls that its handler has made, as (service, action).
    """

    asked: dict[str, set[tuple[str, str]]]
    sandbox: Sandbox
    directory: Path

    def __init__(self, session: Any, name: str, _management: str = "") -> None:
        self._name = name
        self._configuration = session.client("lambda").get_function_configuration(FunctionName=name)
        bucket = f"session-service-code-123456789012-{session.region_name}"
        (entry,) = session.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
        code = session.client("s3").get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
        self._code = self.directory / name
        zipfile.ZipFile(io.BytesIO(code)).extractall(self._code)

    def run(self, event: dict[str, Any]) -> Any:
        module, _, handler = self._configuration["Handler"].rpartition(".")
        variables = {"AWS_DEFAULT_REGION": "us-east-1", **self._configuration["Environment"]["Variables"]}
        before = len(self.sandbox.calls)
        with ExitStack() as stack:
            stack.enter_context(patch.dict(os.environ, variables))
            (loaded,) = stack.enter_context(modules_of(self._code, module))
            answer = getattr(loaded, handler)(json.loads(json.dumps(event)), None)
        self.asked.setdefault(self._name, set()).update(self.sandbox.calls[before:])
        return answer

    def close(self) -> None: ...
