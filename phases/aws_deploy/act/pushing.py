"""Where are branch and tag pushed, and did the branch arrive?"""

from __future__ import annotations

from phases.step import Check, StepContext


def remote_of(ctx: StepContext) -> str | None:
    """Where branch and tag are pushed: `origin`, or the only other remote there is."""
    remotes = list(ctx.git.remotes())
    return "origin" if "origin" in remotes else remotes[0] if len(remotes) == 1 else None


def push_check(ctx: StepContext, name: str, branch: str) -> Check:
    """Push the branch where there is a remote; a repository without one is said to have none."""
    remote = remote_of(ctx)
    if remote is None:
        several = ", ".join(ctx.git.remotes())
        seen = f"not pushed: none of {several} is called origin" if several else "not pushed: there is no remote"
        return Check(name, "pushed where there is a remote", seen, "note")
    head = ctx.git.head()

    def pushed() -> dict[str, object] | None:
        return {"sha": head} if ctx.git.remote_head(remote, branch) == head else None

    def push() -> dict[str, object]:
        if pushed() is None:
            ctx.git.push(remote, branch)
        return {"sha": head}

    ctx.effect(f"push-{branch}-{head[:10]}", {"remote": remote, "branch": branch, "sha": head}, push, pushed)
    there = ctx.git.remote_head(remote, branch) or "not there"
    return Check(name, f"{head[:10]} at {remote}", there[:10], "pass" if there == head else "fail", branch)
