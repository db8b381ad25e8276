"""Work by hand of which a part came without a terminal: nobody who did it approves it, unless the policy says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from phases.step import Workflow
from state.errors import BadInput, Waiting
from tests.worlds.approval_world import ADA, BOB, ApprovalWorld
from tests.worlds.forger import Forger
from workflow.engine.engine import Settings
from workflow.ports import HandIn, Pause
from workflow.runs.workflow_catalog import guided
from workflow.views.box_view import BoxWord

RUNBOOK = """# Cut over

## T-24h
- [ ] Frozen
- [ ] Told

### Exit Criteria
- The board agrees

## T-0
- [ ] Switched
"""
YES = (BoxWord(1, "attested"), BoxWord(2, "attested"))
CRITERION = "t-24h-criterion-1"
HOLDS = {CRITERION: "yes"}


class Desk(ApprovalWorld):
    """A person says at a terminal that it is done, and what `says` has; the rest comes from elsewhere."""

    @property
    def workflow(self) -> Workflow:
        return guided("shed")

    def begins(self, *says: BoxWord) -> None:
        self.person.box_words = [*says, None] if len(says) < len(YES) else list(says)
        self.person.verdicts = [Pause()]
        with self.start() as engine, pytest.raises((Waiting, KeyboardInterrupt)):
            engine.drive()

    def hands_in(self, **answers: str) -> None:
        """`phasegate done --no-files --box 1=yes --box 2=yes` and these answers, without a terminal."""
        self.person.at_terminal, self.person.absent = False, True
        with self.reopen() as engine:
            engine.hand_in(HandIn((), "done"), answers, YES)

    def goes_on(self, settings: Settings | None = None, *, at_terminal: bool = False) -> None:
        self.person.at_terminal, self.person.absent = at_terminal, not at_terminal
        self.person.verdicts = [Pause()] if at_terminal else []
        with self.reopen(settings) as engine, pytest.raises(Waiting):
            engine.drive()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    world = Desk(tmp_path)
    world.commits_files({"tasks.md": RUNBOOK})
    world.person.answers = dict(HOLDS)
    return world


def boxes_by_done(desk: Desk) -> None:
    desk.begins()
    desk.hands_in(**HOLDS)


def one_box_by_done(desk: Desk) -> None:
    desk.begins(YES[0])
    desk.hands_in(**HOLDS)


def the_criterion_by_done(desk: Desk) -> None:
    desk.person.answers = {CRITERION: ""}
    desk.person.works = [HandIn((), "prompt")]
    ask, desk.person.ask = desk.person.ask, interrupts  # type: ignore[method-assign]
    desk.begins()
    desk.person.ask = ask  # type: ignore[method-assign]
    desk.hands_in(**HOLDS)


def interrupts(*_asked: object) -> tuple[str, str] | None:
    raise KeyboardInterrupt


def boxes_by_an_answers_file(desk: Desk) -> None:
    desk.begins()
    desk.goes_on(Settings(answers={**HOLDS, "t-24h-box-1": "yes", "t-24h-box-2": "yes"}))


def taken_back_and_handed_in_again(desk: Desk) -> None:
    desk.begins(*YES)
    with desk.reopen(work=False) as engine:
        engine.take_back(by=engine.doors.me)
    desk.hands_in(**HOLDS)


MIXED: list[Callable[[Desk], None]] = [
    boxes_by_done,
    one_box_by_done,
    the_criterion_by_done,
    boxes_by_an_answers_file,
    taken_back_and_handed_in_again,
]


@pytest.mark.parametrize("mix", MIXED, ids=lambda mix: mix.__name__)
def test_whoever_did_a_part_without_a_terminal_does_not_approve_it(desk: Desk, mix: Callable[[Desk], None]) -> None:
    mix(desk)
    assert desk.events_of("worked")[-1]["policy"]["operator_may_approve"] is False
    before = desk.journal.read_bytes()
    with pytest.raises(BadInput, match="ran this task"):
        desk.approves(ADA)
    assert desk.journal.read_bytes() == before
    desk.approves(BOB)
    assert "approver-is-operator" not in Forger(desk.root, desk.run_id).codes()


def test_whoever_did_all_of_it_at_a_terminal_approves_it(desk: Desk) -> None:
    desk.begins(*YES)
    assert desk.events_of("worked")[-1]["terminal"] is True
    desk.person.at_terminal = False
    desk.approves(ADA)


def test_a_process_that_only_puts_together_what_was_said_at_a_terminal_does_no_part(desk: Desk) -> None:
    desk.begins(*YES)
    lines = desk.journal.read_bytes().splitlines(keepends=True)
    last = next(number for number, line in enumerate(lines) if b'"type":"worked"' in line)
    desk.journal.write_bytes(b"".join(lines[:last]))  # it was killed when all was said, before it was shown
    desk.goes_on()
    assert desk.events_of("worked")[-1]["terminal"] is True
    desk.approves(ADA)
    assert not {"approver-is-operator", "event-differs"} & set(Forger(desk.root, desk.run_id).codes())


def test_an_answer_that_is_asked_again_at_a_terminal_keeps_the_others_as_said_there(desk: Desk) -> None:
    desk.begins(*YES)
    desk.person.box_words, desk.person.verdicts = [YES[1]], [Pause()]
    with desk.reopen() as engine, pytest.raises(Waiting):
        engine.ask_again(["box 2"])
        engine.drive()
    assert {event["via"] for event in desk.events_of("answered")} == {"prompt"}
    desk.approves(ADA)


def test_what_was_said_by_done_stays_so_where_another_is_asked_again(desk: Desk) -> None:
    one_box_by_done(desk)
    desk.person.at_terminal, desk.person.absent = True, False
    desk.person.box_words, desk.person.verdicts = [YES[1]], [Pause()]
    with desk.reopen() as engine, pytest.raises(Waiting):
        engine.ask_again(["box 1"])
        engine.drive()
    with pytest.raises(BadInput, match="ran this task"):
        desk.approves(ADA)


def test_a_policy_that_says_so_lets_them(desk: Desk) -> None:
    desk.commits_files({"phasegate.yaml": "default: {operator_may_approve: true}\n"})
    boxes_by_done(desk)
    desk.approves(ADA)


def test_what_is_shown_again_keeps_whether_a_terminal_was_there(desk: Desk) -> None:
    desk.begins(*YES)
    desk.person.at_terminal, desk.person.absent = False, True
    with desk.as_(BOB), desk.reopen(work=False) as engine:
        state = engine.run.current_task
        assert state is not None and state.request is not None
        engine.say_of_boxes(state.request.digest, [BoxWord(1, "waived", "no")], "command", by=engine.doors.me)
    assert [event["terminal"] for event in desk.events_of("worked")] == [True, True]
