"""A run that is done, and others that do it again: the world of `run_world`, whose first task says what it rests on.

world = RepeatedWorld(tmp_path)
world.done()                          # approved to its end
asked = world.again()                 # once more, to its end; keys of the tasks that somebody was asked about
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from phases.step import AfterCrash, Check, ReviewSection, Step, StepContext, Work, step
from tests.worlds.forger import Events, Forger
from tests.worlds.run_world import RunWorld
from workflow.audit import audit_workspace
from workflow.engine.engine import Settings
from workflow.runs.begin import start

PALETTE, LEFT = "palette.txt", "artifacts/shed/colour.md"


class RepeatedWorld(RunWorld):
    """See the module. `checks`, `review`: what the first task comes to."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.checks = [Check("is a colour", "a colour", "green", "pass")]
        self.review: list[ReviewSection] = []
        self.commit_file(PALETTE, "green\n")

    def commit_file(self, path: str, text: str) -> None:
        (self.root / path).write_text(text)
        self.git("add", path)
        self.git("commit", "-qm", f"{path} is another")

    def steps(self) -> tuple[Step, ...]:
        @step(
            "1.1",
            "Choose a colour",
            writes=[LEFT],
            after_crash=AfterCrash.REDO,
            inputs=lambda ctx, _work: {"palette": ctx.read(PALETTE).decode()},
        )
        def choose_colour(ctx: StepContext) -> Work:
            """Write the palette down, with the run: another file each time."""
            ctx.write(LEFT, f"{ctx.read(PALETTE).decode()}of {ctx.run_id}\n")
            return Work(self.checks, review=self.review)

        @step("1.2", "Order the paint", after_crash=AfterCrash.REDO)
        def order_paint(_ctx: StepContext) -> Work:
            """Order; it does not say what that rests on."""
            return Work([Check("ordered", "yes", "yes", "pass")])

        return choose_colour, order_paint

    def done(self) -> None:
        with self.start() as engine:
            engine.drive()

    def again(self) -> list[str]:
        with self.start_again() as engine:
            self.person.views = []
            engine.drive()
            return [view.task.key for view in self.person.views]

    @contextmanager
    def start_again(self) -> Any:
        git_dir = self.root / ".git"
        engine = start(
            self.root, self.target(), self.doors(), Settings(), sandbox=self.sandbox, git_dir=git_dir, again=True
        )
        self.run_id = engine.run.run_id
        with engine.journal:
            yield engine

    def codes(self) -> set[str]:
        """Of the findings of the last run."""
        (audited,) = audit_workspace(self.root, self.run_id)
        return {finding.code for finding in audited.findings}

    def forge(self, edit: Callable[[Events], Events]) -> None:
        """The last run had been otherwise all along, by one who overlooks nothing but what nobody can make."""
        Forger(self.root, self.run_id).rewrite(edit)
