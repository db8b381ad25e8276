"""What does the demo's repository hold? The session service, how it is put in place here, checks and answers for both.

In a clone they lie in `artifacts/session-service` and `artifacts/session-service-demo`, in an installed package beside
this file. What depends on the machine is decided when the sample is made: a tool that is not on PATH is noted, not
failed, and the answers file says that its item does not apply here.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from phases.packaged import packaged

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
PARTS = (("service", "session-service"), ("demo", "session-service-demo"))
RENAMED = {"gitignore": ".gitignore"}  # under its own name it would hide files of this repository
PACKAGE = "phases.deployment_checklist"


@dataclass(frozen=True)
class Tool:
    """A program that items rest on.

    Attributes:
        checks: those that need it: notes where it is not there.
        there, missing: answers to the questions about it, where it is there and where it is not.
        puts_in_place: the demo's checks that run it: left out where it is not there.
    """

    checks: tuple[str, ...]
    missing: Mapping[str, str]
    there: Mapping[str, str] = field(default_factory=dict)
    puts_in_place: tuple[str, ...] = ()


NO_CDK = "n/a: the CDK CLI is not installed on this machine"
TOOLS: Mapping[str, Tool] = {
    "aws": Tool(("aws-cli",), {"environment-setup-box-1": "n/a: the AWS CLI is not installed on this machine"}),
    "node": Tool(("node",), {"environment-setup-box-3": "n/a: Node.js is not installed on this machine"}),
    "cdk": Tool(
        ("cdk-cli", "bootstrapped", "bootstrap-complete"),
        {
            "environment-setup-box-4": NO_CDK,
            "cdk-bootstrap-command-1": "skip",
            "cdk-bootstrap-box-1": NO_CDK,
            "cdk-bootstrap-box-2": NO_CDK,
        },
        {"cdk-bootstrap-command-1": "run", "cdk-bootstrap-check-cdk-bootstrap": "run"},
        ("cdk-bootstrap",),
    ),
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
    """The packaged checks, with the commands that put the service in place, and notes for what is not here."""
    text, demo = packaged(PACKAGE, "checks.yaml").decode(), packaged(PACKAGE, "demo-checks.yaml").decode()
    for tool in (TOOLS[program] for program in missing):
        for check in tool.checks:
            text = text.replace(f"- {{id: {check},", f"- {{id: {check}, severity: note,")
            text = text.replace(f"- id: {check}\n", f"- id: {check}\n    severity: note\n")
        for check in tool.puts_in_place:
            demo = re.sub(rf"  - id: {check}\n(?: {{4}}.*\n)+", "", demo)
    return text.replace("\nchecks:\n", f"\n{demo}", 1).encode()


def _answers(missing: list[str]) -> bytes:
    """The answers to what no check knows, and to the items of what is here or not."""
    text = packaged(PACKAGE, "demo-answers.yaml").decode()
    found = [(TOOLS[each].missing if each in missing else TOOLS[each].there) for each in TOOLS]
    lines = [f"{name}: {answer!r}\n" for answers in found for name, answer in answers.items()]
    return "".join([text, "\n# what is on this machine, and what is not\n", *lines]).encode()
