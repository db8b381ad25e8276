"""What is looked at when a person hands work in? Tests, the task's own commands, and its exit criteria.

Rules:
- A command is run when a person says so, and only then; one with a placeholder that nobody filled in never is.
- One that is not known to read says that it may write, and Enter does not run it. After a crash in the middle of such
  a command a person is asked before it runs again.
- A checkpoint runs the project's tests: the command of phasegate.yaml, or the one that was answered once.
- All of them run before anybody names files, and before a file's digest is taken: what they write can be handed in.
- What ran is kept as evidence: command, exit code, output with secrets masked, in a file of the task's commit.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from phases.checks.answered import criteria_in_boxes
from phases.checks.applying import applying, without_boxes
from phases.checks.evidence import as_looked_before
from phases.checks.exit_criteria import find_checks, look_at_exit
from phases.checks.profiles import Profile, chosen, with_values
from phases.documents.markdown import code, code_block
from phases.manual.command_endings import CommandEnding, RanCommand, as_kept
from phases.manual.earlier_runs import earlier_runs, run_line, runs_report
from phases.manual.reading_commands import only_reads
from phases.manual.run_scripts import of_another_profile, run_scripts
from phases.manual.script_questions import question_name
from phases.manual.script_report import script_report
from phases.manual.stops import stop_checks
from phases.step import Check, Question, ReviewSection, StepContext, any_failed
from phases.tried_answers import problem_with_command, problem_with_region
from state.model import Command, PlannedTask

if TYPE_CHECKING:
    from phases.checks.definition import Checks

NONE = "none"
BeforeCommand = Callable[[int | None, Sequence[Check]], None]
BeforeCriteria = Callable[[Sequence[Check]], None]
TESTS = Question(
    "test-command",
    "Which command runs the project's tests? ('none' where there is none; `tests` in phasegate.yaml says it once)",
)


def report_paths(log: str, task: PlannedTask) -> tuple[str, str]:
    """Workspace paths, beside the working log, of what keeps what a task's commands printed and what its checks saw."""
    names = (f"{task.key}_commands.md", f"{task.key}_checks.md")
    first, second = (PurePosixPath(log).with_name(name).as_posix() for name in names)
    return first, second


def command_question(task: PlannedTask, number: int) -> Question:
    """Whether to run the task's command with this number, from 1; in runs of 0.1 each line of a fence is one."""
    text = task.commands[number - 1].text
    reads = only_reads(text)
    return Question(
        question_name(task, number),
        f"Run `{text}`?" + ("" if reads else " It may change something."),
        default="run" if reads else "skip",
        choices=("run", "skip"),
        suggest=reads,
        runs=("run",),
    )


def command_id(number: int) -> str:
    """The id that the check of the task's command with this number answers."""
    return f"command {number}"


def may_run(task: PlannedTask, answers: Mapping[str, str]) -> bool:
    """Whether something may be run for this task, where these are the answers given so far."""
    numbers = range(1, len(task.commands) + 1)
    return task.kind == "checkpoint" or any(answers.get(command_question(task, n).name) != "skip" for n in numbers)


def run_commands(task: PlannedTask, ctx: StepContext, before: BeforeCommand | None = None) -> list[Check]:
    """Run the project's tests, at a checkpoint, and those of the task's commands that somebody wants to be run.

    They come before anybody names files, because they may write some. `check_work` finds what they came to: nothing is
    run twice in an attempt. `before` is called before each of the task's own, and behind the last, with its line (None
    then) and what those above came to. Raises as `check_work`.
    """
    return _run_all(task, ctx, before)[0]


def check_work(
    task: PlannedTask,
    ctx: StepContext,
    *,
    runbook: str,
    log: str,
    before_criteria: BeforeCriteria | None = None,
    not_applicable: Collection[int] = (),
) -> list[Check]:
    """The exit checks of work that was handed in; writes the reports of what ran and what was looked at, where any was.

    `before_criteria` is called with all that was looked at, before anybody is asked about an exit criterion.
    `not_applicable`: the numbers of the boxes that do not apply, as somebody said with a reason: a check that answers
    nothing else is not looked at, and says so.

    Raises Waiting when a person is needed and nobody answers, and as `look_at_exit` where the runbook has checks.
    """
    checks, kept, _endings = _run_all(task, ctx)
    commands_report, checks_report = report_paths(log, task)
    if checks or kept:
        _write_report(task, ctx, commands_report, kept or ["Nothing.\n"])
    declared, profile = _declared_for(task, ctx, runbook)
    if declared is not None:
        _ask_for_placeholders(task, ctx, without_boxes(declared, task, not_applicable), profile)
    looked = look_at_exit(
        task,
        declared,
        ctx,
        variables=with_values(profile, ctx.answers()),
        not_applicable=not_applicable,
        in_boxes=() if ctx.is_of_0_1 else criteria_in_boxes(task),
        before_asking=None if before_criteria is None else lambda seen: before_criteria([*checks, *seen]),
    )
    if declared is not None and looked.checks:
        ctx.write(checks_report, as_looked_before(ctx.shown(checks_report), ctx.mask(looked.markdown)))
    if task.commands and not ctx.is_of_0_1:
        ctx.forget_scripts()
    return [*checks, *looked.checks]


def _write_report(task: PlannedTask, ctx: StepContext, path: str, kept: Sequence[str]) -> None:
    ctx.write(path, f"# {task.label}: what was run\n\n" + "\n".join(kept))


def report_runs(task: PlannedTask, ctx: StepContext, log: str) -> list[ReviewSection]:
    """Keep what ran for a task that is left out after all, in this attempt or before, and show it; else nothing."""
    ran = earlier_runs(task, ctx, with_this=True).runs
    if not ran:
        return []
    _write_report(task, ctx, report_paths(log, task)[0], [runs_report(ran, "##")])
    return [ReviewSection("What ran all the same", "\n".join(map(run_line, ran)))]


def command_endings(task: PlannedTask, ctx: StepContext) -> list[CommandEnding]:
    """How each command of the task ended in this attempt; [] in runs of 0.1, and behind tests that failed.

    Asks and runs as `run_commands`; behind that and `check_work` it only tells: nothing is asked or run twice.
    """
    return _run_all(task, ctx)[2]


def _declared_for(task: PlannedTask, ctx: StepContext, runbook: str) -> tuple[Checks | None, Profile | None]:
    """The checks beside the runbook, without those that the chosen profile leaves out of this task, and that profile.

    (None, None) where the runbook has no checks.
    """
    found = find_checks(
        runbook,
        ctx.judging,
        lambda: ctx.aws.models,
        under_way=ctx.is_of_0_1,
    )
    if found is None:
        return None, None
    profile = chosen(found.profiles, ctx.answers())
    return applying(found, profile, task), profile


def _ask_for_placeholders(task: PlannedTask, ctx: StepContext, declared: Checks, profile: Profile | None) -> None:
    """Ask for what is not known; what an answers file says otherwise than an earlier task or the profile counts."""
    known = with_values(profile, ctx.answers())
    for name in sorted(declared.needed(applying(declared, profile, task).of(task))):
        given = ctx.given(name)
        if given is not None and given != known.get(name):
            ctx.ask(_placeholder_question(task, declared, name), again=not ctx.given_by(name))
    for question in placeholder_questions(task, declared, profile, ctx.answers()):
        ctx.ask(question)


def placeholder_questions(
    task: PlannedTask, declared: Checks, profile: Profile | None, answers: Mapping[str, str]
) -> list[Question]:
    """What the task's checks are to be filled in with, and neither the profile nor these answers say.

    While no profile is chosen, nobody is asked for what one of them may give.
    """
    asked = applying(declared, profile, task).of(task)
    may_be_given = () if profile else (name for each in declared.profiles for name in each.values)
    names = sorted(declared.to_be_told(asked).difference(with_values(profile, answers), may_be_given))
    return [_placeholder_question(task, declared, name) for name in names]


def _placeholder_question(task: PlannedTask, declared: Checks, name: str) -> Question:
    regions = declared.regions_of(name)
    return Question(
        name,
        f"A check of {task.label} is about {{{name}}}: what is that?",
        problem_with=lambda said: problem_with_region(said, regions) if regions else None,
    )


def _run_all(
    task: PlannedTask, ctx: StepContext, before: BeforeCommand | None = None
) -> tuple[list[Check], list[str], list[CommandEnding]]:
    """What the tests and commands came to, what is kept of it, and how each command ended."""
    kept: list[str] = []
    checks = [_tests(ctx, kept)] if task.kind == "checkpoint" else []
    if not ctx.is_of_0_1:
        if any_failed(checks):
            return checks, kept, []  # nothing is offered behind a command that failed
        told = None if before is None else lambda line, so_far: before(line, _checks_of(so_far))
        earlier = earlier_runs(task, ctx)
        ended = [replace(each, earlier=earlier.of(each.number)) for each in run_scripts(task, ctx, told)]
        kept += [script_report(each) for each in ended if each.runs or each.earlier]
        kept += [runs_report(earlier.others, "##")] if earlier.others else []
        return [*checks, *_checks_of(ended), *_of_other_profiles(ctx, ended), *stop_checks(task, ctx)], kept, ended
    for number, command in enumerate(task.commands, 1):
        checks.append(_offer(task, ctx, number, command, kept))
    return checks, kept, []


def _checks_of(endings: Sequence[CommandEnding]) -> list[Check]:
    """What the commands came to, each answering the box that it stands in."""
    return [replace(each.check, answers=(command_id(each.number),)) for each in endings]


def _of_other_profiles(ctx: StepContext, endings: Sequence[CommandEnding]) -> list[Check]:
    """That what ran names another profile: no policy opens the gate behind it."""
    found = [(each, of_another_profile(ctx, each.runs[-1]["script"])) for each in endings if each.runs]
    return [
        Check(
            f"command {each.number} is for this run's profile",
            "its own names",
            why,
            "not-checked",
            f"line {each.command.line}",
        )
        for each, why in found
        if why
    ]


def _tests_of(ctx: StepContext) -> Question:
    """The question, whose answer is looked up before it is kept: `mkae test` is refused."""
    return replace(
        TESTS,
        text=f"{ctx.task.in_words}: {TESTS.text[:1].lower()}{TESTS.text[1:]}",
        problem_with=lambda said: None if said == NONE else problem_with_command(said, ctx.exists),
        runs=None,
    )


def _tests(ctx: StepContext, kept: list[str]) -> Check:
    command, other = ctx.answers().get(TESTS.name, ""), ctx.given(TESTS.name)
    is_another = other not in (None, command) and not ctx.has_begun("tests")  # an answers file says so since
    if is_another or not command or (command != NONE and ctx.is_brought(TESTS.name) and not ctx.has_ended("tests")):
        command = ctx.ask(_tests_of(ctx), again=is_another)  # an answer that a clone brought runs nothing
    if command == NONE:
        return Check("tests", "exit 0", "this project has no test command", "not-checked")
    return _run(ctx, "tests", "tests", command, kept, reads=True)  # tests are made to be run again


def _offer(task: PlannedTask, ctx: StepContext, number: int, command: Command, kept: list[str]) -> Check:
    first, _, _ = command.text.partition("\n")
    name = f"command {number}: {first}"
    where = f"line {command.line}"
    if unfilled := command.unfilled(os.environ):  # the command gets this environment
        return Check(name, "exit 0", f"not run: {', '.join(unfilled)} is not filled in", "not-checked", where)
    question = command_question(task, number)
    if ctx.has_begun(f"command-{number}"):  # then nothing runs by this answer: what came of it is looked up
        question = replace(question, runs=())
    if ctx.ask(question) == "skip":
        return Check(name, "exit 0", "not run", "not-checked", where)
    return _run(ctx, f"command-{number}", name, command.text, kept, reads=only_reads(command.text), where=where)


def _run(
    ctx: StepContext, effect: str, name: str, command: str, kept: list[str], *, reads: bool, where: str = ""
) -> Check:
    def act() -> RanCommand:
        return as_kept(ctx.run(command))

    def find() -> RanCommand | None:
        if not reads or ctx.was_begun_elsewhere(effect):
            again = f"{ctx.task.asked_as}-{effect}-again-{ctx.attempt}"
            text = f"`{command}` was interrupted, and nothing can tell how far it came. Look, then say 'run' to go on."
            ctx.ask(Question(again, text, choices=("run",), suggest=False, runs=("run",)))
        return None

    done = ctx.effect(effect, {"command": ctx.mask(command)}, act, find, RanCommand)
    kept.append(f"## {code(ctx.mask(command))}\n\nExit {done['exit_code']} after {done['seconds']} s.\n")
    kept.append(code_block(done["output"]) + "\n")
    seen = f"exit {done['exit_code']} after {done['seconds']} s"
    return Check(name, "exit 0", seen, "pass" if done["exit_code"] == 0 else "fail", where)
