"""Is what will be deployed fit to be deployed? Committed, without secrets, without placeholders, named as agreed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from phases.aws_deploy.act.commands import run
from phases.aws_deploy.paths import DEPLOYMENT, STAGE
from phases.aws_deploy.spec.load_target import DeploymentTarget
from phases.aws_deploy.verify.placeholders import placeholders
from phases.aws_deploy.verify.resources import Arn
from phases.documents.regular_expression import Undecided, matches
from phases.step import Check, StepContext
from state.counted import counted

BASELINE = ".secrets.baseline"  # a team's own list of false alarms, as detect-secrets writes it
_OURS = f"-- . ':(exclude).phasegate' ':(exclude){STAGE}'"
_FOUND = re.compile(r"^Secret Type: (?P<type>.+)\nLocation: +(?P<where>.+)$", re.MULTILINE)


def uncommitted(ctx: StepContext, target: DeploymentTarget, name: str) -> Check:
    """What is deployed must be in git, or the tag would name something else. The run's own files do not count."""
    done = run(ctx, target, f"git -P status --porcelain --untracked-files=no {_OURS}")
    if done.exit_code != 0:
        return Check(name, "nothing", done.output.strip(), "fail")
    changed = [line[3:] for line in done.output.splitlines() if line.strip()]
    return Check(name, "nothing", ", ".join(changed) or "nothing", "fail" if changed else "pass")


def secrets(ctx: StepContext, target: DeploymentTarget, name: str) -> Check:
    """Secrets in the tracked files, looked for by detect-secrets, without asking anybody whether they work.

    Source: https://github.com/Yelp/detect-secrets, "detect-secrets-hook": exit code 1 (xargs: 123) when it finds any;
    `pragma: allowlist secret` on the line, or the baseline, tells it of a false alarm.
    """
    baseline = f" --baseline {BASELINE}" if ctx.exists(BASELINE) else ""
    done = run(
        ctx,
        target,
        f'git -P ls-files -z {_OURS} | xargs -0 -r "$PHASEGATE_PYTHON" -m detect_secrets.pre_commit_hook -n{baseline}',
    )
    found = [f"{match['where']} {match['type']}" for match in _FOUND.finditer(done.output)]
    if done.exit_code == 0:
        files = len(run(ctx, target, f"git -P ls-files {_OURS}").output.splitlines())
        if not files:
            return Check(name, "none in the tracked files", "not checked: no file is tracked", "not-checked")
        return Check(name, "none in the tracked files", f"none found in {counted(files, 'file')}", "pass")
    last = done.output.strip().rpartition("\n")[2]
    seen = "; ".join(found) or f"detect-secrets failed with exit code {done.exit_code}: {last}"
    return Check(name, "none in the tracked files", seen, "fail", shlex.quote(found[0].split(" ")[0]) if found else "")


def configuration(ctx: StepContext, target: DeploymentTarget, name: str) -> list[Check]:
    """Each file of this environment is there, and nothing in it is left to be filled in."""
    files = target.deployment.configuration.files
    checks = []
    if not files:
        seen = "not checked: none are configured"
        checks.append(Check(name, "files of this environment", seen, "not-checked", "configuration.files"))
    for path in (DEPLOYMENT, *files):
        if not ctx.exists(path):
            checks.append(Check(f"{name} {path}", "there, without placeholders", "not there", "fail", path))
            continue
        found = placeholders(ctx.read(path).decode(errors="replace"), path)
        seen = ", ".join(f"line {number}: {text}" for number, text in found)
        where = f"{path}:{found[0][0]}" if found else path
        checks.append(
            Check(f"{name} {path}", "there, without placeholders", seen or "none", "fail" if found else "pass", where)
        )
    return checks


def naming(target: DeploymentTarget, resources: Iterable[Arn], name: str) -> Check:
    """The tagged resources are named as agreed."""
    pattern = target.deployment.configuration.naming
    if pattern is None:
        seen = "not checked: no convention is configured"
        return Check(name, "a convention", seen, "not-checked", "configuration.naming")
    names = [arn.name for arn in resources]
    if not names:
        seen = "not checked: no resource was found by tag"
        return Check(name, f"as /{pattern}/", seen, "not-checked", "inventory.tags")
    try:
        wrong = [each for each in names if not matches(pattern, each)]
    except Undecided as error:
        return Check(name, f"as /{pattern}/", f"not checked: {error}", "not-checked", "configuration.naming")
    seen = f"{', '.join(wrong)}" if wrong else counted(len(names), "resource")
    return Check(name, f"as /{pattern}/", seen, "fail" if wrong else "pass")
