"""The whole of stage-06 on a small contract: a real repository, the real doors, and an account in this process.

world = StageWorld(tmp_path, sandbox)
world.take_to("3.1")                      # as one process, approving everything
world.sandbox.faults.deny("ExecuteChangeSet")
with pytest.raises(Denied): world.take_to("3.2")
world.sandbox.faults.clear()
world.finish()                            # as another process
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from phases.aws import AwsPort
from phases.stage_06.workflow import STAGE_06, runbook_text
from state.event_types import TaskStarted
from state.files import Disk
from state.run_state import RunState
from tests.worlds.repositories import first_commit
from tests.worlds.run_world import FakeClock, FakePerson
from workflow.doors.aws.client import AwsDoor
from workflow.doors.commands import CommandDoor
from workflow.doors.git.step_git import StepGitDoor
from workflow.engine.engine import Doors, Engine, Settings
from workflow.ports import StepDoors
from workflow.runs.begin import start
from workflow.runs.grow_plan import drive
from workflow.runs.load_plan import load_plan
from workflow.runs.reopen import reopen
from workflow.sandbox.inprocess import Sandbox

REGION = "eu-west-1"
STACK = "migration"
SOURCE = "artifacts/stage-02/migrationContract.json"
TABLES = ("Notes", "Tags")
ANSWERS = {"region": REGION, "project": "shop", "environment": "dev", "alarm-address": "none", "stack-name": STACK}


def contract() -> dict[str, Any]:
    """Two tables, one of them with an index."""

    def attribute(name: str) -> dict[str, str]:
        return {"name": name, "type": "S", "source_table": "notes", "source_column": name}

    def table(name: str, *names: str, gsis: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "table": name,
            "type": "single-entity",
            "source_table": "notes",
            "pk": names[0],
            "sk": None,
            "attributes": [attribute(each) for each in names],
            "gsis": gsis,
            "satisfies": ["AP1"],
            "estimated_item_size_bytes": 100,
        }

    index = {"index_name": "ByTag", "pk": "tag", "sk": None, "projection": "ALL"}
    return {"tables": [table("Notes", "id", "tag", gsis=[index]), table("Tags", "tag", gsis=[])]}


class StageWorld:
    """See the module.

    Attributes:
        person: approves everything; its `answers` are those of a terminal, so a wrong one is asked again.
        clock: waiting costs no time; `on_wait` is called instead.
    """

    sandboxed = True

    def __init__(
        self, root: Path, sandbox: Sandbox, *, built: StageWorld | None = None, runbook: str = "tasks.md"
    ) -> None:
        """`built` is a world whose template was built: this one goes on from a copy of it, at task 3.1.

        `runbook` is where its runbook lies in the repository.
        """
        self.root = root / "repo"
        self.sandbox = sandbox
        self.clock = WaitingClock()
        self.person = FakePerson(answers=dict(ANSWERS))
        self.disk = Disk()
        self.run_id = ""
        self.runbook = runbook
        if built:
            shutil.copytree(built.root, self.root, symlinks=True)
            self.run_id, self.clock.at = built.run_id, built.clock.at
            return
        for path, data in ((runbook, runbook_text()), (SOURCE, json.dumps(contract(), indent=1).encode())):
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_bytes(data)
        first_commit(self.root)

    def connect(self) -> AwsPort:
        return AwsDoor(region=REGION, sandbox=True, session=self.sandbox.session(REGION))

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", "-C", str(self.root), *arguments], check=True, capture_output=True, text=True)
        return done.stdout

    def client(self, service: str) -> Any:
        return self.sandbox.client(service, REGION)

    def calls(self, action: str) -> int:
        return [name for _service, name in self.sandbox.calls].count(action)

    def stack_status(self) -> str:
        return str(self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"])

    def doors(self) -> Doors:
        by = {"git": "Ada <ada@example.com>", "user": "ada", "host": "here"}
        git = StepGitDoor(self.root)
        steps = StepDoors(CommandDoor(grace=0.1), git, self._post)
        return Doors(git, self.disk, self.clock, self.person, self.connect, by, steps=steps)

    @staticmethod
    def _post(_url: str, _body: Mapping[str, object]) -> int:
        raise AssertionError("this world has no webhook")

    @contextmanager
    def process(self) -> Iterator[Engine]:
        """The run as a new process has it: started by the first one, come back to by every other."""
        if not self.run_id:
            git_dir = self.root / ".git"
            target = load_plan(self.root, "stage-06", self.runbook)
            engine = start(self.root, target, self.doors(), Settings(), sandbox=self.sandboxed, git_dir=git_dir)
            self.run_id = engine.run.run_id
            with engine.journal:
                yield engine
            return

        def doors(_run: RunState) -> Doors:
            return self.doors()

        engine = reopen(
            self.root,
            self.run_id,
            doors,
            Settings(),
            git_dir=self.root / ".git",
            find=lambda _name: STAGE_06,
            disk=self.disk,
        )
        with engine.journal:
            engine.recover()
            yield engine

    def take_to(self, task: str) -> None:
        """Drive in a process of its own until this task is committed."""
        with self.process() as engine:
            drive(engine, lambda done: done.id == task)

    def finish(self) -> None:
        """Drive in a process of its own to the end, and look at it again from disk and git."""
        with self.process() as engine:
            drive(engine)
            assert engine.complete
            titles, since = [task.key for task in engine.plan.tasks], engine.run.start.base
        assert self.git("status", "--porcelain") == ""
        trailer = "--format=%(trailers:key=Phasegate-Task,valueonly,separator=%x2C)"
        tasks = self.git("log", "--reverse", trailer, f"{since}..HEAD")
        assert tasks.split() == titles
        assert self.stack_status() in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
        assert sorted(self.client("dynamodb").list_tables()["TableNames"]) == sorted(TABLES)

    def attempt(self, task: str) -> int:
        """How many attempts the task has had, read again from disk."""
        from state.read_journal import read

        events = read(self.root / ".phasegate" / self.run_id / "journal.jsonl")
        return sum(isinstance(event, TaskStarted) and event.task == task for event in events)


class WaitingClock(FakeClock):
    """Waiting calls `on_wait`, which may raise as a signal would."""

    on_wait: Callable[[], None] | None = None

    def wait(self, seconds: float) -> None:
        super().wait(seconds)
        if self.on_wait:
            self.on_wait()
