"""A whole stage-06 run that is the same every time: same bytes, same commit ids, whoever drives it and however often.

Rules:
- Time is a function of the journal: a second for each line that it has. So a run that was cut and resumed tells the
  same times as one that was not, and their journals, digests and commits can be compared byte for byte.
- What AWS makes up (ids, times) is fixed where an artifact shows it.
- Nothing is really synced: what a sync saves is modelled (`cut_points`), and disks would take longer than the rest.
- Answers of libraries are remembered (`remembered.py`): they are not what is tested here, and cost more than the rest.
"""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import moto.dynamodb.models.table
import moto.kms.models

from phases.stage_06.inputs.sample import sample_contract
from phases.stage_06.workflow import STAGE_06, runbook_text
from phases.step import Question, Share
from state.files import Disk
from state.find_runs import find_runs
from tests.worlds.journals import line_count
from tests.worlds.remembered import answers_remembered
from workflow.doors.aws.client import AwsDoor
from workflow.doors.commands import CommandDoor
from workflow.doors.git.repository import GitDoor
from workflow.doors.git.step_git import StepGitDoor
from workflow.engine.engine import Doors, Engine, Settings
from workflow.ports import Person, ReviewView, StepDoors, Verdict
from workflow.runs.begin import start
from workflow.runs.load_plan import load_plan
from workflow.runs.reopen import reopen
from workflow.sandbox.cloudformation import account, change_set_actions, operation, provisioning, stacks

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
GIT_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z",
    "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
    "GIT_TEST_FSYNC": "0",
}
BY = {"git": "Ada <ada@example.com>", "user": "ada", "host": "here"}


class JournalClock:
    """Time as the workspace's journal tells it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def _lines(self) -> int:
        return line_count(self._root)

    def now(self) -> datetime:
        return AT + timedelta(seconds=self._lines())

    def nonce(self) -> str:
        return f"nonce-{self._lines()}"

    def suffix(self) -> str:
        return "0a1b2c3d"

    def wait(self, seconds: float) -> None:
        """The sandbox moves on at every poll."""


class Nobody(Person):
    """With `--yes` and the sandbox nobody is asked."""

    @property
    def at_terminal(self) -> bool:
        return False

    def ask(self, question: Question, suggestion: str | None) -> tuple[str, str] | None:
        raise AssertionError(f"asked {question.name}")

    def review(self, view: ReviewView) -> Verdict | None:
        raise AssertionError(f"asked to review {view.task.label}")

    def working(self) -> AbstractContextManager[None]:
        return nullcontext()

    def lent(self) -> AbstractContextManager[None]:
        return nullcontext()

    def progress(self, text: str) -> None: ...

    def output(self, text: str) -> None: ...

    def waiting(self, text: str, share: Share | None = None) -> None: ...


def make_workspace(root: Path) -> Path:
    """A repository with the runbook and the sample contract."""
    (root / "artifacts" / "stage-02").mkdir(parents=True)
    (root / "tasks.md").write_bytes(runbook_text())
    (root / "artifacts" / "stage-02" / "migrationContract.json").write_bytes(sample_contract())
    for arguments in (
        ("init", "-q", "-b", "main", "--template="),
        ("config", "user.name", "Ada"),
        ("config", "user.email", "ada@example.com"),
        ("config", "gc.auto", "0"),  # it would run in the background
        ("add", "-A"),
        ("commit", "-q", "-m", "Start"),
    ):
        subprocess.run(["git", "-C", str(root), *arguments], check=True)
    return root


def copy_workspace(root: Path, copy: Path) -> None:
    """The workspace as it is on the disk this very moment; git's objects, which nobody changes, are linked."""

    def link_or_copy(source: str, target: str) -> None:
        if "/.git/objects/" in source:
            os.link(source, target)
        else:
            Path(target).write_bytes(Path(source).read_bytes())

    _copy_tree(str(root), str(copy), link_or_copy)


def _copy_tree(source: str, target: str, copy_file: Any) -> None:
    os.mkdir(target)  # noqa: PTH102 - strings are three times as fast here, and this is most of a cut's cost
    with os.scandir(source) as entries:
        for entry in entries:
            if entry.is_dir():
                _copy_tree(entry.path, f"{target}/{entry.name}", copy_file)
            else:
                copy_file(entry.path, f"{target}/{entry.name}")


def start_run(root: Path, aws: AwsDoor, disk: Disk, git: GitDoor) -> Engine:
    """`phasegate run stage-06 --sandbox --yes`, up to its first task."""
    doors = _doors(root, aws, disk, git)
    target = load_plan(root, "stage-06", None)
    return start(root, target, doors, Settings(yes=True, practice=True), sandbox=True, git_dir=root / ".git")


def resume_run(root: Path, aws: AwsDoor, disk: Disk | None = None, git: GitDoor | None = None) -> Engine:
    """What a new process does: `phasegate resume --yes`, or `run` when the run had not begun."""
    disk, git = disk or Disk(), git or GitDoor(root)
    runs = find_runs(root)
    if not runs:
        return start_run(root, aws, disk, git)
    (run_id,) = runs
    engine = reopen(
        root,
        run_id,
        lambda _run: _doors(root, aws, disk, git),
        Settings(yes=True, practice=True),
        git_dir=root / ".git",
        find=lambda _name: STAGE_06,
        disk=disk,
    )
    engine.recover()
    return engine


def _doors(root: Path, aws: AwsDoor, disk: Disk, git: GitDoor) -> Doors:
    steps = StepDoors(CommandDoor(), _Named(root), _no_post)
    return Doors(git, disk, JournalClock(root), Nobody(), lambda: aws, BY, steps=steps)


class _Named(StepGitDoor):
    """The repository by one name, wherever its copy lies."""

    def repository(self) -> str:
        return "shop"


def _no_post(_url: str, _body: Mapping[str, object]) -> int:
    raise AssertionError("this world has no webhook")


@contextmanager
def the_same_every_time() -> Iterator[None]:
    """Fixed dates for git, fixed times and counted ids in the sandbox, lint answers remembered.

    One run: enter it anew for the next, which then gets the same ids.
    """
    with ExitStack() as exits:
        exits.enter_context(patch.dict(os.environ, GIT_ENVIRONMENT))
        exits.enter_context(patch.object(os, "fsync", lambda _handle: None))
        exits.enter_context(answers_remembered())
        made = itertools.count(1)  # counts what AWS made: a thing made twice is seen by its id

        def new_id(*_args: object) -> str:
            return f"00000000-0000-4000-8000-{next(made):012}"

        for module in (account, change_set_actions, operation):
            exits.enter_context(patch.object(module, "uuid", SimpleNamespace(uuid4=new_id)))
        exits.enter_context(patch.object(moto.kms.models, "generate_key_id", new_id))
        for module, name, value in (
            (provisioning, "random_suffix", "SUFFIX"),
            *((module, "utc_now", AT) for module in (account, change_set_actions, operation, stacks)),
            (moto.dynamodb.models.table, "utcnow", AT.replace(tzinfo=None)),
        ):
            exits.enter_context(patch.object(module, name, lambda *_args, value=value, **_named: value))
        yield
