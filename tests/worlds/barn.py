"""A workflow of three tasks for workers that are processes of their own; what it does outside is in a directory.

    python -m tests.worlds.barn -C CLONE worker --once      the real command, which knows the workflows below

In `barn` nobody can look up whether the last call was made; in `barn-by-name` each has a name; `pile` is its first
task.

`$BARN`: the directory that is outside. Each call is a line of `calls`, the profile of AWS that it had one of
`profiles`; a call takes effect once for each name, as an API with a token does: what is taken is a file of that name.
Where `$BARN/hold-NAME` is a named pipe, the call of NAME says so by a line in it before it is made, and waits for a
line of `$BARN/go-NAME`. `$BARN/until`: the time before which nothing is ordered. Where `$BARN/asks` is, task 2 asks for
`gauge`. Where `$BARN/wet` is, the order of task 1 fails.
"""

from __future__ import annotations

import os
from pathlib import Path

from typing_extensions import TypedDict

from phases.recorded import Line
from phases.step import AfterCrash, Question, Step, StepContext, Work, Workflow, step
from state.errors import StepFailed
from state.json_values import parse_time
from workflow.cli.main import main
from workflow.runs.workflow_catalog import KNOWN

RUNBOOK = """# Build the barn

- [ ] 1. Order the wood
- [ ] 2. Order the tin
- [ ] 3. Ring the builder
"""
PILE_RUNBOOK = "# Pile the wood\n\n- [ ] 1. Order the wood\n"
NAMES = {"1": "wood", "2": "tin", "3": "builder"}


class Made(TypedDict):
    """What came of a call."""

    name: Line


def call(name: str) -> None:
    """One call outside."""
    outside = Path(os.environ["BARN"])
    what = name.rpartition("/")[2]
    if (outside / f"hold-{what}").exists():
        (outside / f"hold-{what}").write_text(f"{name}\n")
        (outside / f"go-{what}").read_text()
    with (outside / "calls").open("a") as calls:
        calls.write(f"{name}\n")
    with (outside / "profiles").open("a") as profiles:
        profiles.write(f"{os.environ.get('AWS_PROFILE', 'none')}\n")
    try:
        (outside / name.replace("/", "-")).touch(exist_ok=False)
    except FileExistsError:
        with (outside / "refused").open("a") as refused:
            refused.write(f"{name}\n")


def _ordered(task: str, title: str) -> Step:
    def act(ctx: StepContext) -> Work:
        """Order it, by a name that is taken once."""
        name = f"{ctx.run_id}/{NAMES[task]}"
        until = Path(os.environ["BARN"]) / "until"
        if until.exists():
            ctx.wait_until(parse_time(until.read_text()), "the price to fall")
        if task == "1" and (Path(os.environ["BARN"]) / "wet").exists():
            raise StepFailed("the wood is wet", next_command=f"phasegate resume {ctx.run_id}")
        if task == "2" and (Path(os.environ["BARN"]) / "asks").exists():
            ctx.ask(Question("gauge", "How thick?"))

        def found() -> dict[str, str] | None:
            return {"name": name} if (Path(os.environ["BARN"]) / name.replace("/", "-")).exists() else None

        def made() -> dict[str, str]:
            call(name)
            return {"name": name}

        return Work(data=ctx.effect("order", {"name": name}, made, found, Made))

    return step(task, title, after_crash=AfterCrash.ASK_THE_WORLD)(act)


@step("3", "Ring the builder", after_crash=AfterCrash.ASK_A_PERSON)
def ring(ctx: StepContext) -> Work:
    """Ring, which nobody can look up afterwards."""
    call(f"{ctx.run_id}/builder")
    return Work()


def _workflow(name: str, *steps: Step, runbook: str = RUNBOOK) -> Workflow:
    return Workflow(
        name=name,
        summary=f"build a {name}",
        runbook="barn.md",
        runbook_text=lambda: runbook.encode(),
        log="artifacts/barn/working_log.md",
        steps=steps,
    )


WOOD, TIN = _ordered("1", "Order the wood"), _ordered("2", "Order the tin")
BARN, BY_NAME = (
    _workflow("barn", WOOD, TIN, ring),
    _workflow("barn-by-name", WOOD, TIN, _ordered("3", "Ring the builder")),
)
PILE = _workflow("pile", WOOD, runbook=PILE_RUNBOOK)
WORKFLOWS = {  # as in `KNOWN`
    "barn": "tests.worlds.barn:BARN",
    "barn-by-name": "tests.worlds.barn:BY_NAME",
    "pile": "tests.worlds.barn:PILE",
}

if __name__ == "__main__":
    KNOWN.update(WORKFLOWS)
    main()
