"""What does each task of deployment-infra do? Ask, write its files; at a checkpoint run the module's own tests."""

from __future__ import annotations

import re

from phases.deployment_infra.answers import written_answers
from phases.deployment_infra.checkpoint import check_module, files_until
from phases.deployment_infra.files import ANSWERS, CHECKPOINTS, WRITTEN
from phases.deployment_infra.questions import ask_all
from phases.deployment_infra.recorded import Answered
from phases.deployment_infra.titles import TITLES
from phases.deployment_infra.writing import write_file
from phases.step import AfterCrash, Step, StepContext, Work, step


@step("1.1", TITLES["1.1"], writes=WRITTEN["1.1"], after_crash=AfterCrash.REDO)
def ask_and_begin(ctx: StepContext) -> Work:
    """Ask everything once, and write the answers and the module's directories."""
    before = _answers_on_disk(ctx)
    answered = Answered(answers=ask_all(ctx), before=before)
    return _write(ctx, answered)


def _answers_on_disk(ctx: StepContext) -> dict[str, str]:
    """The answers that the files on disk were made from; empty where there are none, or not all."""
    return written_answers(ctx.read(ANSWERS)) if ctx.exists(ANSWERS) else {}


def _write(ctx: StepContext, answered: Answered) -> Work:
    written = [write_file(ctx, path, answered) for path in WRITTEN[ctx.task.id]]
    review = [each.difference for each in written if each.difference]
    return Work([each.check for each in written], dict(answered) if ctx.task.id == "1.1" else {}, review)


def _writes_files(task: str) -> Step:
    def write(ctx: StepContext) -> Work:
        return _write(ctx, ctx.data("1.1", Answered))

    title = TITLES[task]
    write.__name__ = "write_" + re.sub(r"\W+", "_", title.lower())
    write.__doc__ = f"{title}: write the files of this task from the answers."
    edited = [path for path in files_until(task) if path != ANSWERS]  # asked about here, or left to the checkpoint
    return step(task, title, reads=[ANSWERS], writes=WRITTEN[task], mends=edited, after_crash=AfterCrash.REDO)(write)


def _runs_the_tests(task: str) -> Step:
    def check(ctx: StepContext) -> Work:
        return check_module(ctx)

    check.__name__ = f"checkpoint_{task}"
    check.__doc__ = "Run the module's own tests, and every tool that is installed."
    return step(task, TITLES[task], reads=[ANSWERS], mends=files_until(task), after_crash=AfterCrash.REDO)(check)


STEPS = (
    ask_and_begin,
    *(_runs_the_tests(task) if task in CHECKPOINTS else _writes_files(task) for task in TITLES if task != "1.1"),
)
