"""How is the work of a task that is done by hand handed in? From anywhere; for people, CI jobs and coding agents.

Rules:
- Handing in opens no gate: the evidence is put before its approvers, and who handed it in here is none of them unless
  phasegate.yaml says so. What the policy opens by itself is opened when the run is resumed.
- What is not asked for is not run: at a terminal an order that names no command asks about each, as the guided run
  does, elsewhere those that were left out are named behind it. An exit criterion that nobody attests is not taken as
  met.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote

from phases.checks.exit_criteria import question_names
from phases.manual.command_endings import Ending
from phases.manual.hand_work import command_question
from phases.manual.interpreters import NOT_FOUND
from state.counted import counted
from state.errors import BadInput
from state.model import PlannedTask
from state.path_word import path_word
from state.task_state import TaskState
from workflow.engine.agents import require_presence
from workflow.engine.engine import Engine
from workflow.ports import HandIn, Person, Settings
from workflow.runs.find_run import choose
from workflow.service.boxes import said_of_boxes
from workflow.service.given_words import require_short, require_words
from workflow.service.looked_in_vain import refuse_looked_in_vain
from workflow.service.open_run import given_answers, held_run, recover
from workflow.service.still_open import Order, require_all
from workflow.service.who import Who
from workflow.service.workspace import governed_workspace_of
from workflow.views.box_view import BoxWord
from workflow.views.boxes import how_to_open, opens_by_policy

ALL = "all"
NAME_A_FILE = "--path FILE   # a changed one; --no-files where the work left none"


@dataclass(frozen=True, slots=True)
class Work:
    """What is handed in, of the task that the run stands at.

    Attributes:
        paths: changed files or directories that belong to it, as seen from the directory of the order.
        no_files: it left none here, or none that belongs to it.
        attest: numbers of exit criteria that hold, or "all".
        runs: numbers of the task's commands to run, or "all".
        skip: why an optional task is left out; None where it is not.
        answers: path of a file that answers questions, as the process sees it.
        boxes: `N=yes`, `N=no` or `N=n/a:REASON`, for boxes that are answered each by itself.
        said: answers that the face gives itself, by question; they come before those of the file.
    """

    paths: Sequence[str] = ()
    no_files: bool = False
    attest: Sequence[str] = ()
    runs: Sequence[str] = ()
    skip: str | None = None
    answers: str | None = None
    boxes: Sequence[str] = ()
    said: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What waits for approval now: the task's name, the digest of its evidence, and the commands that open its gate.

    Attributes:
        by_policy: whether the policy opens it, when the run is resumed.
        not_run: the numbers of the task's commands that nobody had run.
        with_commands: the same order once more, with these to be run.
        cannot_run: those that were not run because something is missing, each with why: `command 1: not run: ...`.
    """

    run: str
    task: str
    digest: str
    opened_by: Sequence[str]
    by_policy: bool
    not_run: Sequence[int] = ()
    with_commands: str = ""
    cannot_run: Sequence[str] = ()


def done(directory: Path, who: Who, person: Person, run_id: str | None, work: Work) -> HandedIn:
    """Hand the work in, and put it before its approvers.

    Raises BadInput for a task that waits for no work, a skip without a reason, and for what does not belong to it; as
    `Engine.segment`.
    """
    run = "" if run_id is None else f"{quote(run_id)} "
    name_a_file = f"phasegate done {run}{_options(work)}{NAME_A_FILE}"
    if work.paths and work.no_files:
        raise BadInput("--path and --no-files cannot both be given", next_command=name_a_file)
    workspace = governed_workspace_of(directory)
    inside = [_inside(workspace, directory, path, name_a_file) for path in work.paths]
    chosen = choose(workspace, run_id)
    if work.skip is not None:
        require_words("the reason to skip it", work.skip, f"phasegate done {chosen} --skip REASON")
    require_short("--box", work.boxes, f"phasegate done {chosen} --box N=WORD")
    hand_in = HandIn(inside if inside or work.no_files else None, "done", work.skip or "", _options(work))
    settings = Settings(given_answers(work.answers, work.said), answers_file=work.answers or "")
    with held_run(workspace, chosen, who, person, settings) as engine:
        skips = f"--skip {quote(work.skip)} " if work.skip is not None else ""
        recover(engine, then=f"phasegate done {quote(chosen)} {_files(hand_in)}{skips}{hand_in.options}".rstrip())
        task = engine.current()
        engine.require_attempt(task)
        asks = person.at_terminal and not work.runs and work.skip is None and not engine.run.is_of_0_1
        answers = said(engine.run.run_id, task, work.attest, work.runs, asks=asks)
        words = _words(engine, task, person, work, hand_in, answers)
        state = engine.hand_in(hand_in, answers, words)
        assert state.request is not None
        run_id, digest = engine.run.run_id, state.request.digest
        not_run = _not_run(state)
        runs = " ".join(f"--run {number}" for number in not_run)
        again = f"phasegate done {quote(run_id)} {_files(hand_in)}{hand_in.options}{runs}"
        ways, by_policy = how_to_open(engine.run, state), opens_by_policy(state)
        return HandedIn(run_id, task.label, digest, ways, by_policy, not_run, again, _cannot_run(state))


def take_back(directory: Path, who: Who, person: Person, run_id: str | None) -> str:
    """Take back what was handed in; returns the task's name. Raises BadInput as `Engine.take_back`."""
    workspace = governed_workspace_of(directory)
    with held_run(workspace, choose(workspace, run_id), who, person) as engine:
        recover(engine)
        task = engine.current()
        engine.take_back(by=engine.doors.me)
        return f"{engine.run.run_id}: {task.label}"


def _words(
    engine: Engine, task: PlannedTask, person: Person, work: Work, hand_in: HandIn, answers: Mapping[str, str]
) -> Sequence[BoxWord]:
    """What the order says of the task's boxes.

    Raises as `require_all`, before anything is recorded, when something has no answer and nobody can be asked here.
    """
    run_id = engine.run.run_id
    if engine.run.is_of_0_1:
        if work.boxes:
            raise BadInput(
                f"run {run_id} is of format 1, which cannot record an answer to each box; it goes on as it began",
                next_command=f"phasegate resume {run_id}",
            )
        return ()
    words = said_of_boxes(run_id, task, work.boxes)
    once_more = f"phasegate done {quote(run_id)} {_files(hand_in)}{hand_in.options}"
    if (words or work.attest) and _may_be_the_agent(engine, person):
        require_presence(engine.open_run, once_more.rstrip())
    if engine.workflow.step_for(task) is not None or work.skip is not None:
        return words
    both = {**answers, **engine.open_run.settings.answers}
    may_run = {**said(run_id, task, (), [ALL] if task.commands else []), **both}  # those that are asked about
    refuse_looked_in_vain(run_id, task, engine.run.task(task.key), words, may_run, once_more)
    order = Order(hand_in, words, both, f"{_files(hand_in)}{hand_in.options}", work.answers or "")
    require_all(engine.open_run, task, order, asks=person.at_terminal)
    return words


def _may_be_the_agent(engine: Engine, person: Person) -> bool:
    """Whether an agent began the run, and who hands in now may be it, under a person's name: there is no terminal."""
    return engine.run.start.by.is_agent and not (engine.doors.me.is_agent or person.at_terminal)


def _files(hand_in: HandIn) -> str:
    """The options that name the files, as seen from the top of the repository, a blank behind each."""
    if hand_in.paths is None:
        return ""
    return "".join(f"--path {path_word(path)} " for path in hand_in.paths) or "--no-files "


def _options(work: Work) -> str:
    """All else of the order as it was typed, but for a skip, a blank behind each option, for the same once more."""
    options = [f"--attest {quote(each)} " for each in work.attest] + [f"--run {quote(each)} " for each in work.runs]
    options += [f"--box {quote(each)} " for each in work.boxes]
    options += [f"--answers {path_word(work.answers)} "] if work.answers is not None else []
    return "".join(options)


def _not_run(state: TaskState) -> list[int]:
    """The numbers of the commands that the evidence has as skipped."""
    return [number for each in _ended(state, Ending.SKIPPED) if type(number := each.get("number")) is int]


def _cannot_run(state: TaskState) -> list[str]:
    """The commands of which it says so, but for those whose program is missing: that was told at their place."""
    missing = _ended(state, Ending.NOT_RUN)
    return [
        f"command {each.get('number')}: {each.get('why')}"
        for each in missing
        if not str(each.get("why")).endswith(NOT_FOUND)
    ]


def _ended(state: TaskState, ending: Ending) -> list[Mapping[str, object]]:
    """What the evidence says of the commands that ended so."""
    ended = state.worked.data.get("commands") if state.worked and not state.skipped else None
    found = [each for each in ended if isinstance(each, Mapping)] if isinstance(ended, list) else []
    return [each for each in found if each.get("ending") == ending]


def said(
    run_id: str, task: PlannedTask, attest: Sequence[str], runs: Sequence[str], *, asks: bool = False
) -> Mapping[str, str]:
    """The answers that the order gives to what a task asks: commands that were not named are not run.

    `asks`: whether somebody here is asked about each of them instead.

    Raises BadInput for a number that the task does not have.
    """
    look = f"phasegate resume {run_id}   # shows the task; what it has is counted from 1"
    commands, criteria = task.commands, task.exit_criteria
    wanted = _numbers("--run", runs, len(commands), f"task {task.label} has {counted(len(commands), 'command')}", look)
    has = f"task {task.label} has {counted(len(criteria), 'exit criterion', 'exit criteria')}"
    holds = _numbers("--attest", attest, len(criteria), has, look)
    answers = {
        command_question(task, number).name: "run" if number in wanted else "skip"
        for number in range(1, len(task.commands) + 1)
        if not asks
    }
    names = question_names(task, task.exit_criteria)
    return answers | {names[number - 1]: "yes" for number in holds}


def _numbers(option: str, given: Sequence[str], count: int, has: str, look: str) -> set[int]:
    if ALL in given:
        return set(range(1, count + 1))
    wrong = [word for word in given if not word.isdecimal() or not 1 <= int(word) <= count]
    if wrong:
        raise BadInput(f"{option} {wrong[0]}: {has}", next_command=look)
    return {int(word) for word in given}


def _inside(workspace: Path, directory: Path, path: str, name_a_file: str) -> str:
    """The path as seen from the workspace; it is given as seen from the directory. Links are not followed.

    Raises BadInput for an empty one, which would be the whole directory, and for one outside of the workspace.
    """
    if not path:
        raise BadInput("--path names nothing: expected a file or a directory, seen ''", next_command=name_a_file)
    full = Path(os.path.normpath(directory.resolve() / path))
    if not full.is_relative_to(workspace):
        raise BadInput(f"--path {path} lies outside of the repository {workspace.name}", next_command=name_a_file)
    return full.relative_to(workspace).as_posix()
