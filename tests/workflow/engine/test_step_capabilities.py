"""What a step may do beside files, questions and AWS, in whole runs: commands, waits, branches, webhooks."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from phases.step import Check, Question, StepContext
from state.errors import BadInput, StepFailed, Waiting
from state.position import Outcome
from tests.worlds.forger import Forger
from tests.worlds.forgeries import of, rewriting
from tests.worlds.journals import journal_bytes
from tests.worlds.run_world import RunWorld
from tests.worlds.taking_back import ANSWERS
from workflow.audit import audit_workspace
from workflow.engine.engine import Engine, Settings
from workflow.ports import Approve, Pause
from workflow.runs.begin import start

BRANCH = "deploy/dev-2026-01-02-shed"


@pytest.fixture
def world(tmp_path: Path) -> RunWorld:
    return RunWorld(tmp_path)


def findings(world: RunWorld) -> list[str]:
    (found,) = audit_workspace(world.root, world.run_id)
    return [f"{finding.code}: {finding.message}" for finding in found.findings]


def journal_of(world: RunWorld) -> bytes:
    return journal_bytes(world.root / ".phasegate" / world.run_id / "journal.jsonl")


# --- commands and webhooks


def test_a_step_runs_a_command_in_the_workspace_and_its_output_is_seen_masked(world: RunWorld) -> None:
    results = []
    world.during = lambda ctx: results.append(ctx.run("pwd; echo password=$PW", env={"PW": "hunter2"}))
    with world.start() as engine:
        engine.drive()
    assert (results[0].exit_code, results[0].output) == (0, f"{world.root}\npassword=***")
    at = world.person.lines.index("$ pwd; echo password=***")
    assert world.person.lines[at + 1 : at + 3] == [f"  {world.root}", "  password=***"]
    assert "hunter2" not in "".join(world.person.lines)


def test_a_command_that_does_not_end_fails_the_task_and_the_next_attempt_goes_on(world: RunWorld) -> None:
    world.during = lambda ctx: ctx.run("sleep 600", timeout=0.05)
    with world.start() as engine, pytest.raises(StepFailed, match="had not ended"):
        engine.drive()
    world.during = lambda ctx: ctx.run("true")
    with world.reopen() as engine:
        engine.drive()
        assert engine.run.tasks["t1_1"].attempt == 2


def test_a_command_inside_an_effect_is_not_run_again_when_its_record_was_lost(world: RunWorld) -> None:
    ledger = world.root.parent / "ledger"

    def charge(ctx: StepContext) -> None:
        def act() -> dict[str, Any]:
            exit_code = ctx.run(f"echo charged >> {ledger}").exit_code
            if ctx.attempt == 1 and len(world.person.asked) == 1 and not world.posted:
                world.posted.append(("died", {}))
                raise KeyboardInterrupt
            return {"exit_code": exit_code}

        ctx.effect("charge", {}, act, lambda: {"exit_code": 0} if ledger.exists() else None)

    world.during = charge
    with world.start() as engine, pytest.raises(KeyboardInterrupt):
        engine.drive()
    with world.reopen() as engine:
        engine.drive()
    assert ledger.read_text() == "charged\n"


def test_a_step_posts_through_the_door(world: RunWorld) -> None:
    world.during = lambda ctx: ctx.post("https://example.com/hook", {"text": ctx.mask("password=hunter2")})
    with world.start() as engine:
        engine.drive()
    assert world.posted == [("https://example.com/hook", {"text": "password=***"})]


# --- waits


def watch(ctx: StepContext) -> None:
    until = ctx.effect("watch", {}, lambda: {"hours": 24}, lambda: None)
    ctx.wait_until(ctx.now + timedelta(hours=until["hours"]), "a day without alarms")


@pytest.mark.slow
def test_a_wait_parks_the_run_and_a_later_resume_finds_it_over(world: RunWorld) -> None:
    world.during = watch
    with (
        world.start() as engine,
        pytest.raises(Waiting, match=r"1\.1 waits until 2026-01-03 03:04:\d\d UTC for a day"),
    ):
        engine.drive()
    world.clock.at += timedelta(hours=23)
    with world.reopen() as engine, pytest.raises(Waiting) as parked:
        engine.drive()
    assert parked.value.next_command.endswith(f"phasegate resume {world.run_id} --wait   # from now on")
    world.clock.at += timedelta(hours=1)
    with world.reopen() as engine:
        engine.drive()
        assert engine.complete
        assert engine.run.tasks["t1_1"].attempt == 1
    assert world.events(engine).count("effect-done") == 2
    assert findings(world) == []


def test_with_wait_the_same_process_waits_and_goes_on(world: RunWorld) -> None:
    world.during = watch
    with world.start(Settings(wait=True)) as engine:
        engine.drive()
        assert engine.complete
    assert world.clock.at.day == 3
    assert any(line.endswith("for a day without alarms; Ctrl-C pauses") for line in world.person.lines)


# --- branches


def to_branch(ctx: StepContext) -> None:
    ctx.git.start_branch(BRANCH)


def test_a_run_goes_on_on_the_branch_that_its_step_started(world: RunWorld) -> None:
    world.during = lambda ctx: (to_branch(ctx), to_branch(ctx))
    with world.start() as engine:
        engine.drive()
        assert engine.complete
        assert (engine.run.branch, engine.run.start.branch) == (BRANCH, "main")
        assert world.events(engine)[3:7] == ["effect-intended", "effect-done", "branch-switched", "worked"]
    assert world.git("branch", "--show-current").strip() == BRANCH
    assert len(world.git("log", "--format=%s", f"main..{BRANCH}").splitlines()) == 3
    assert world.git("status", "--porcelain") == ""
    assert findings(world) == []


class Branching(RunWorld):
    """Its second task starts the branch, so that the first commit is on main; the journal rides along dirty."""

    def steps(self) -> Any:
        first, second = super().steps()
        inner = second.run

        def order_paint(ctx: StepContext) -> Any:
            """Start a branch, then order."""
            to_branch(ctx)
            return inner(ctx)

        return first, replace(second, run=order_paint)


@pytest.fixture
def branching(tmp_path: Path) -> Branching:
    return Branching(tmp_path)


def test_commits_on_two_branches_are_one_sound_run(branching: Branching, tmp_path: Path) -> None:
    with branching.start() as engine:
        engine.drive()
    assert len(branching.git("log", "--format=%s", f"main..{BRANCH}").splitlines()) == 2
    assert findings(branching) == []
    bare = tmp_path / "bare.git"
    branching.git("clone", "-q", "--bare", str(branching.root), str(bare))
    (found,) = audit_workspace(bare, branching.run_id)
    assert (found.state, found.findings) == ("complete", [])
    branching.git("switch", "-q", "main")
    (early,) = audit_workspace(branching.root, branching.run_id)
    assert (early.done, early.findings) == (1, [])


@pytest.mark.slow
def test_a_journal_that_switches_from_another_branch_than_its_own_is_found(branching: Branching) -> None:
    with branching.start() as engine:
        engine.drive()
    forger = Forger(branching.root, branching.run_id)
    rewriting(of("branch-switched", **{"from": "mail"}))(forger)
    assert "journal-impossible" in forger.codes()


@pytest.mark.slow
@pytest.mark.parametrize("dies_after", ["effect-intended", "git switch", "effect-done", "branch-switched"])
def test_a_switch_that_was_killed_anywhere_is_found_and_made_once(branching: Branching, dies_after: str) -> None:
    with suppress(KeyboardInterrupt), branching.start() as engine:
        kill_after(dies_after)(engine)
        engine.drive()
    with branching.reopen() as engine:
        engine.drive()
        assert (engine.complete, engine.run.branch) == (True, BRANCH)
        assert branching.events(engine).count("branch-switched") == 1
    assert findings(branching) == []
    assert branching.subjects() == [
        "shed task 1.1: Choose a colour",
        "shed task 1.2: Order the paint",
        "shed task 2.1: Paint the walls",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("dies_after", ["git switch", "effect-done"])
def test_a_run_that_died_switching_is_rolled_back_on_the_branch_it_is_on(branching: Branching, dies_after: str) -> None:
    with suppress(KeyboardInterrupt), branching.start() as engine:
        kill_after(dies_after)(engine)
        engine.drive()
    branching.person.answers = dict(ANSWERS)
    branching.person.verdicts = [Pause()]
    with branching.start_rollback() as engine, suppress(Waiting):
        engine.drive()
    with branching.reopen() as engine:
        engine.drive()
        assert (engine.outcome, engine.run.branch) == (Outcome.ROLLED_BACK, BRANCH)
    assert findings(branching) == []


def kill_after(what: str) -> Callable[[Engine], None]:
    """The process ends right after this event of a switch is on the disk, or after git switched."""

    def arm(engine: Engine) -> None:
        append, switch = engine.journal.append, engine.doors.steps.git.start_branch  # type: ignore[union-attr]

        def dying_append(type_: str, *arguments: Any, **fields: Any) -> Any:
            event = append(type_, *arguments, **fields)
            if type_ == what and "switch to" in str(fields.get("effect", "switch to")):
                raise KeyboardInterrupt
            return event

        def dying_switch(name: str) -> None:
            switch(name)
            if what == "git switch":
                raise KeyboardInterrupt

        engine.journal.append = dying_append  # type: ignore[method-assign]
        engine.doors.steps.git.start_branch = dying_switch  # type: ignore[union-attr,method-assign]

    return arm


def test_a_git_that_was_killed_while_it_switched_leaves_locks_that_the_next_process_clears(
    branching: Branching,
) -> None:
    with suppress(KeyboardInterrupt), branching.start() as engine:
        kill_after("effect-intended")(engine)
        engine.drive()
    heads = branching.root / ".git" / "refs" / "heads"
    (heads / BRANCH).parent.mkdir()
    for lock in (branching.root / ".git" / "index.lock", heads / f"{BRANCH}.lock"):
        lock.touch()
    with branching.reopen() as engine:
        engine.drive()
        assert engine.run.branch == BRANCH


def test_on_another_branch_the_run_asks_for_its_own(branching: Branching) -> None:
    branching.person.verdicts = [Approve("prompt"), Pause()]
    with branching.start() as engine, pytest.raises(Waiting):
        engine.drive()
    branching.git("switch", "-q", "-c", "elsewhere")
    with pytest.raises(BadInput, match=f"commits to branch {BRANCH}, elsewhere is checked out") as refused:
        branching.reopen().__enter__()
    assert refused.value.next_command == f"git switch {BRANCH}"


def test_the_branch_that_was_left_does_not_do_the_work_again(branching: Branching) -> None:
    with branching.start() as engine:
        engine.drive()
    branching.git("switch", "-q", "main")
    before = journal_of(branching)
    with pytest.raises(BadInput, match=f"went on on branch {BRANCH}, whose commit [0-9a-f]{{10}} main does not have"):
        branching.reopen().__enter__()
    with pytest.raises(BadInput, match=f"went on on branch {BRANCH}; a second run here would mix"):
        start(
            branching.root,
            branching.target(),
            branching.doors(),
            Settings(),
            sandbox=True,
            git_dir=branching.root / ".git",
        )
    assert journal_of(branching) == before
    assert len(branching.outside) == 1
    branching.git("merge", "-q", "--ff-only", BRANCH)
    (found,) = audit_workspace(branching.root, branching.run_id)
    assert (found.state, found.findings) == ("complete", [])


def test_a_second_attempt_goes_on_on_the_branch_that_the_first_one_started(world: RunWorld) -> None:
    world.during = to_branch
    world.failing = [Check("is dry", "dry", "wet", "fail")]
    with world.start() as engine, pytest.raises(StepFailed):
        engine.drive()
    world.failing = []
    with world.reopen() as engine:
        engine.drive()
        assert world.events(engine).count("branch-switched") == 1
    assert findings(world) == []


# --- attested, and questions without a suggestion


def test_what_a_person_attested_is_told_apart_in_the_log_and_by_the_audit(world: RunWorld) -> None:
    world.failing = [Check("team knows", "yes", "Ada said so", "attested")]
    with world.start() as engine:
        engine.drive()
    log = (world.root / "artifacts/shed/working_log.md").read_text()
    assert "- Checks: 1 of 2 passed; team knows (attested): Ada said so" in log
    (found,) = audit_workspace(world.root, world.run_id)
    assert found.findings == []
    assert [limit.message for limit in found.unprovable if limit.code == "attested"] == [
        "a person attested, and nothing looked at: team knows"
    ]


@pytest.mark.parametrize(("suggest", "offered"), [(True, "yes"), (False, None)])
def test_a_question_that_is_to_be_thought_about_suggests_nothing_but_keeps_its_default(
    world: RunWorld, suggest: bool, offered: str | None
) -> None:
    question = Question("sure", "Sure?", default="yes", choices=("yes", "no"), suggest=suggest)
    world.during = lambda ctx: ctx.ask(question)
    world.person.answers["sure"] = "yes"
    with world.start() as engine:
        engine.drive(lambda task: task.id == "1.1")
    assert ("sure", offered) in world.person.asked
    assert json.loads(journal_of(world).splitlines()[3])["answer"] == "yes"


def test_yes_takes_the_default_of_such_a_question(world: RunWorld) -> None:
    world.during = lambda ctx: ctx.ask(Question("sure", "Sure?", default="yes", suggest=False))
    with world.start(Settings(yes=True, practice=True)) as engine:
        engine.drive()
    assert world.person.asked == []
