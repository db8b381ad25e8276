"""What does the demo's repository hold? The session service, how it is put in place here, checks and answers for both.

In a clone they lie in `artifacts/session-service` and `artifacts/session-service-demo`, in an installed package beside
this file. What depends on the machine is decided when the sample is made: a tool that is not on PATH is noted, not
failed, and the answers file says that its item does not apply here.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from phases.packaged import packaged

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
PARTS = (("service", "session-service"), ("demo", "session-service-demo"))
RENAMED = {"gitignore": ".gitignore"}  # under its own name it would hide files of this repository
PACKAGE = "phases.deployment_checklist"
# Of each program: the checks that need it, and what is answered to their items where it is not there.
TOOLS: Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]] = {
    "aws": (("aws-cli",), {"environment-setup-box-1": "n/a: the AWS CLI is not installed on this machine"}),
    "node": (("node",), {"environment-setup-box-3": "n/a: Node.js is not installed on this machine"}),
    "cdk": (("cdk-cli",), {"environment-setup-box-4": "n/a: the CDK CLI is not installed on this machine"}),
}


def sample_files() -> Mapping[str, bytes]:
    """Workspace path -> bytes: everything that the demo's repository has beside the runbook."""
    files: dict[str, bytes] = {}
    for part, name in PARTS:
        in_package = Path(__file__).with_name(part)
        place = in_package if in_package.exists() else ARTIFACTS / name
        found = sorted(path for path in place.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        paths = {path.relative_to(place).as_posix(): path for path in found}
        files |= {RENAMED.get(name, name): path.read_bytes() for name, path in paths.items()}
    missing = [program for program in TOOLS if shutil.which(program) is None]
    return {
        **files,
        "deployment-checklist.checks.yaml": _checks(missing),
        "answers.yaml": _answers(missing),
    }


def _checks(missing: list[str]) -> bytes:
    """The packaged checks, with the two commands that put the service in place, and notes for what is not here."""
    text = packaged(PACKAGE, "checks.yaml").decode()
    noted = {check for program in missing for check in TOOLS[program][0]}
    for check in sorted(noted):
        text = text.replace(f"- {{id: {check},", f"- {{id: {check}, severity: note,")
    # the sandbox has no bootstrap stack: that is CDK's to make
    text = re.sub(r"(  - id: bootstrapped\n)", r"\1    severity: note\n", text)
    return text.replace("\nchecks:\n", "\n" + packaged(PACKAGE, "demo-checks.yaml").decode(), 1).encode()


def _answers(missing: list[str]) -> bytes:
    """The answers to what no check knows, and to the items of what is not here."""
    text = packaged(PACKAGE, "demo-answers.yaml").decode()
    lines = [f"{name}: {answer!r}" for program in missing for name, answer in TOOLS[program][1].items()]
    if missing:
        lines.insert(0, "# not on this machine")
    return "".join([text, *(f"{line}\n" for line in lines)]).encode()
