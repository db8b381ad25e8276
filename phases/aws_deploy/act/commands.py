"""How is one of the team's own commands run, and what is kept of it?

Rules:
- Where it runs: the repository's top, `sh -c`, with `PHASEGATE_*` and the region in its environment; in a sandbox run
  the door sees to it that it reaches no other account.
- A command that changes something outside and was cut off by a crash is asked about: nothing else can know how far it
  came.
- Kept: command, exit code, time, and the output's end, masked.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from phases.aws_deploy.spec.load_target import DeploymentTarget
from phases.aws_deploy.spec.recorded import Ran
from phases.documents.markdown import code, code_block
from phases.step import Check, CommandResult, Question, StepContext

KEPT = 16_000  # characters of output that are kept: it is in the journal, and in the phase's document


def environment(ctx: StepContext, target: DeploymentTarget, *, component: str = "", named: str = "") -> dict[str, str]:
    """What the team's commands find in their environment. `named` is another environment than the deployment's."""
    said = {
        "AWS_REGION": target.region,
        "AWS_DEFAULT_REGION": target.region,
        "PHASEGATE_ENVIRONMENT": named or target.deployment.environment,
        "PHASEGATE_DEPLOYMENT": target.deployment.name,
        "PHASEGATE_RUN": ctx.run_id,
        "PHASEGATE_PYTHON": sys.executable,  # has boto3
    }
    if component:
        said["PHASEGATE_COMPONENT"] = component
    return said


def run(ctx: StepContext, target: DeploymentTarget, command: str, **about: str) -> CommandResult:
    """Run it, whatever it comes to; `about` as for `environment`."""
    return ctx.run(command, env=environment(ctx, target, **about))


def looked(ctx: StepContext, target: DeploymentTarget, command: str) -> Ran:
    """Run a command that changes nothing outside; one that was cut off is simply run again. Returns as `once`."""
    return _as_result(run(ctx, target, command))


def once(
    ctx: StepContext,
    target: DeploymentTarget,
    name: str,
    command: str,
    *,
    repeatable: bool = False,
    intent: Mapping[str, object] | None = None,
    **about: str,
) -> Ran:
    """Run a command that does something outside once an attempt; a run that waits and comes back finds what it said.

    `repeatable`: a test may be run again when it was cut off by a crash. Any other command is asked about. `intent` is
    journaled beside the command.

    Returns `{command, exit_code, seconds, output}`; when it was cut off and a person says that it had been done,
    `exit_code` is None and `output` says so.
    """

    def act() -> Ran:
        return _as_result(run(ctx, target, command, **about))

    def find() -> Ran | None:
        if repeatable:
            return None
        said = ctx.ask(
            Question(
                f"{name}-interrupted-{ctx.attempt}",
                f"`{command}` was interrupted and nothing can tell how far it came. Look, then say 'done' (it had come "
                "to its end) or 'repeat'.",
                choices=("done", "repeat"),
                suggest=False,
                runs=("repeat",),
            )
        )
        attested: Ran = {
            "command": command,
            "exit_code": None,
            "seconds": 0.0,
            "output": "a person said that it was done",
        }
        return attested if said == "done" else None

    return ctx.effect(name, {"command": command, **(intent or {})}, act, find, Ran)


def _as_result(done: CommandResult) -> Ran:
    return {
        "command": done.command,
        "exit_code": done.exit_code,
        "seconds": round(done.seconds, 1),
        "output": done.output[-KEPT:],
    }


def exit_check(name: str, done: Ran, where: str = "") -> Check:
    """Passes for exit code 0; attested where a person had to say it."""
    if done["exit_code"] is None:
        return Check(name, "exit code 0", str(done["output"]), "attested", where)
    seen = f"exit code {done['exit_code']}"
    if done["exit_code"] != 0:
        last = str(done["output"]).strip().rpartition("\n")[2]
        return Check(name, "exit code 0", f"{seen}: {last}" if last else seen, "fail", where)
    return Check(name, "exit code 0", seen, "pass", where)


def record(title: str, done: Ran) -> str:
    """A command for a document: what was run, how it ended, what it said."""
    ended = "was seen to be done" if done["exit_code"] is None else f"exit code {done['exit_code']}"
    said = code_block(str(done["output"])) if str(done["output"]).strip() else "It printed nothing."
    return f"### {title}\n\n{code(done['command'])}: {ended}, {done['seconds']:.1f} s\n\n{said}"
