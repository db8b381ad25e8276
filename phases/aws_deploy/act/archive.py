"""What is kept of the deployment, and under which name? The tag, and the manifest with the digest of every file.

Rules:
- The tag is on the commit that was deployed: the one checked out when phase 4's commands ran, whose files they used.
  What the run itself committed since is evidence about it, and is not what was deployed.
- The manifest names files by path and SHA-256; it does not name itself, nor the working log, which goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from phases.aws_deploy import paths
from phases.aws_deploy.act.pushing import remote_of
from phases.aws_deploy.spec.load_target import DeploymentTarget
from phases.checks.answered import Item
from phases.step import Check, StepContext
from state.files import sha256

ARTIFACTS = (
    paths.DEPLOYMENT_COPY,
    paths.INVENTORY,
    paths.PLAN,
    paths.PREPARATION,
    paths.BACKUPS,
    paths.SNAPSHOT,
    paths.INFRASTRUCTURE,
    paths.APPLICATION,
    paths.VALIDATION,
    paths.MONITORING,
    paths.OPERATIONS,
    paths.ROLLBACK_PLAN,
    paths.SNAPSHOT_AFTER,
    paths.CONFIGURATION_CHANGES,
    paths.REPORT,
)


class KeptFile(TypedDict):
    """A file of the manifest; `size` [bytes]."""

    path: str
    sha256: str
    size: int


class Manifest(TypedDict):
    """What is kept of a deployment."""

    run: str
    deployment: str
    environment: str
    account: str
    region: str
    commit: str
    tag: str
    files: list[KeptFile]


def tag_name(ctx: StepContext, on: DeploymentTarget) -> str:
    """`deployed/<name>-<environment>-<start of the run>`: one a run."""
    return f"deployed/{on.deployment.name}-{on.deployment.environment}-{ctx.started_at:%Y%m%d-%H%M%S}"


def tag_checks(ctx: StepContext, on: DeploymentTarget, item: Item, commit: str) -> list[Check]:
    """Tag the deployed commit, push the tag where there is a remote, and see both."""
    name, remote = tag_name(ctx, on), remote_of(ctx)
    message = (
        f"{on.deployment.name} in {on.deployment.environment}: {', '.join(each.name for each in on.components)}\n\n"
        f"Phasegate-Run: {ctx.run_id}\nAccount: {on.account}\nRegion: {on.region}\n"
    )

    def tag() -> dict[str, str]:
        ctx.git.tag(name, message, commit)
        return {"tag": name, "commit": commit}

    ctx.effect("tag", {"tag": name, "commit": commit}, tag, lambda: None)  # the same tag on the same commit is fine
    seen = ctx.git.tag_target(name)
    checks = [item.check(f"tag {name}", commit, seen or "not there", "pass" if seen == commit else "fail")]
    if remote is None:
        checks.append(item.check("tag pushed", "where there is a remote", "not pushed: there is no remote", "note"))
    else:
        ctx.effect("push-tag", {"remote": remote, "tag": name}, lambda: _push(ctx, remote, name), lambda: None)
        checks.append(item.check("tag pushed", "where there is a remote", f"to {remote}", "pass"))
    ours = (paths.STAGE + "/", ".phasegate/")
    since = [path for path in ctx.git.changed_since(commit) if not path.startswith(ours)]
    checks.append(
        item.check("source since", "as deployed", ", ".join(since) or "as deployed", "note" if since else "pass")
    )
    return checks


def manifest(ctx: StepContext, on: DeploymentTarget, commit: str, scripts: Iterable[str]) -> tuple[Manifest, list[str]]:
    """What is kept, and the paths that should have been there."""
    files: list[KeptFile] = []
    missing = []
    for path in dict.fromkeys((*ARTIFACTS, *scripts)):
        if not ctx.exists(path):
            missing.append(path)
            continue
        data = ctx.read(path)
        files.append({"path": path, "sha256": sha256(data), "size": len(data)})
    body: Manifest = {
        "run": ctx.run_id,
        "deployment": on.deployment.name,
        "environment": on.deployment.environment,
        "account": on.account,
        "region": on.region,
        "commit": commit,
        "tag": tag_name(ctx, on),
        "files": files,
    }
    return body, missing


def _push(ctx: StepContext, remote: str, tag: str) -> dict[str, object]:
    ctx.git.push(remote, tag)
    return {"remote": remote, "tag": tag}
