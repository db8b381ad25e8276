"""Each box of a task done by hand has its own answer, in a real repository: asked, kept, shown, ticked, committed."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from phases.step import Question
from state.errors import BadAnswer, BadInput, StepFailed, Waiting
from state.task_boxes import boxes_of
from state.task_events import ItemVerdict
from tests.worlds.boxes_world import ADA, BOB, CUT, DONE, WORDS, CutWorld, say
from workflow.audit import audit_workspace
from workflow.doors.box_keys import _choices
from workflow.engine.engine import Settings
from workflow.ports import Approve, Pause, Reject, Verdict
from workflow.views.box_view import AllBoxes, BoxNumber, LeftOpen
from workflow.views.boxes import known_of
from workflow.views.review_page import review_page


@pytest.fixture
def world(tmp_path: Path) -> CutWorld:
    return CutWorld(tmp_path)


def test_a_box_is_ticked_by_its_own_answer_and_stays_open_when_it_does_not_apply(world: CutWorld) -> None:
    boxes = world.first(say(1), say(4, "not-applicable"), say(5), say(6, "not-applicable"))
    assert boxes == "xxx x  "  # 4 and 6 do not apply; 3 follows from 4 and 5
    assert world.is_sound()
    log = (world.root / "artifacts/shed/working_log.md").read_text()
    assert f"- box 1: Freeze announced: yes, says {ADA} (prompt)" in log
    assert f"- box 4: A: not applicable, says {ADA} (prompt): because" in log
    assert "- box 3: Stacks: yes, derived (follows from box 4, box 5)" in log


def test_the_page_lists_each_box_with_its_verdict_who_and_why(world: CutWorld) -> None:
    world.first(say(1), say(4, "not-applicable"), say(5), say(6))
    page = review_page(world.person.views[0])
    section = page.split("### Boxes (6)")[1].split("###")[0]
    assert f"- box 1: Freeze announced: yes, says {ADA} (prompt)" in section
    assert f"- box 4: A: not applicable, says {ADA} (prompt): because" in section
    assert re.search(r"box 2: Tests pass \(`test -e green`\)``: yes \(command 1: .*exit 0", section)


def test_a_box_with_a_command_is_answered_by_it_and_nobody_is_asked(world: CutWorld) -> None:
    world.first()
    asked = [view.number for view in world.person.boxes_seen]
    assert asked == [1, 4, 5, 6]


def test_a_failed_command_closes_the_gate_and_nobody_is_asked_about_boxes_below_it(world: CutWorld) -> None:
    (world.root / "green").unlink()
    world.person.answers["t-24h-command-1-failed-1"] = "pause"
    with pytest.raises(Waiting):
        world.first()
    assert [view.number for view in world.person.boxes_seen] == [1]
    assert world.boxes() == " " * 7


def test_a_skipped_command_ticks_nothing_by_itself(world: CutWorld) -> None:
    world.person.answers["t-24h-command-1"] = "skip"
    boxes = world.first(say(1), say(2, "not-applicable"), say(4), say(5), say(6))
    assert boxes == "x xxxx "
    assert [view.number for view in world.person.boxes_seen] == [1, 2, 4, 5, 6]


@pytest.mark.parametrize("how", ["skip", "fails"])
def test_a_yes_of_whoever_did_the_work_ticks_no_box_whose_own_command_has_not_passed(world: CutWorld, how: str) -> None:
    if how == "skip":
        world.person.answers["t-24h-command-1"] = "skip"
    else:
        (world.root / "green").unlink()
        world.person.answers |= {"t-24h-command-1-failed-1": "skip", "t-24h-command-1-left": "not here"}
    with pytest.raises(BadAnswer, match="yes to box 2 is refused"):
        world.first(say(1), say(2))
    (shown,) = [view.in_vain for view in world.person.boxes_seen if view.number == 2]
    assert shown.keys() == {2}
    assert ("not run" if how == "skip" else "exit 1 at line 5") in shown[2]
    assert world.boxes() == " " * 7


def test_a_box_that_is_left_to_the_approver_is_attested_at_the_page_by_who_may_approve(world: CutWorld) -> None:
    world.person.answers["t-24h-command-1"] = "skip"
    boxes = world.first(say(1), LeftOpen(2), verdicts=[say(2), Approve("prompt")])
    assert boxes == "xxxxxx "
    first, second = world.person.views
    assert ("box 2 needs a person's word first" in first.refusal, second.refusal) == (True, "")
    assert world.is_sound()


def test_a_mistyped_no_is_taken_back_where_it_was_said_and_so_is_leaving_it_to_the_approver(world: CutWorld) -> None:
    world.person.answers["t-24h-command-1"] = "skip"
    said = (say(1), say(2, "fail"), BoxNumber(2), LeftOpen(2), BoxNumber(2), say(2, "fail"), BoxNumber(2), LeftOpen(2))
    boxes = world.first(*said, say(4), say(5), say(6), verdicts=[say(2), Approve("prompt")])
    assert boxes == "xxxxxx "
    of_two = [view for view in world.person.boxes_seen if view.number == 2]
    assert [[each.key for each in _choices(view)] for view in of_two] == [
        ["n", "x", "a", "b", "l", "p"],
        *([["n", "x", "a", "b", "l", "p"]] * 3),
    ]
    assert [2 in view.answered for view in of_two] == [False, True, True, True]
    assert of_two[2].said[2] == "left to whoever approves"
    assert world.is_sound()


def test_a_no_that_is_asked_about_is_left_to_the_approver(world: CutWorld) -> None:
    world.person.answers |= {"t-24h-command-1": "skip", "t-24h-boxes-unmet": "again"}
    said = (say(1), say(2, "fail"), say(4), say(5), say(6), LeftOpen(2))
    assert world.first(*said, verdicts=[say(2), Approve("prompt")]) == "xxxxxx "
    assert world.is_sound()


def test_who_may_not_approve_attests_no_box_whose_own_command_has_not_passed_at_the_page(world: CutWorld) -> None:
    (world.root / "phasegate.yaml").write_text("default: {operator_may_approve: false}\n")
    world.git("add", "phasegate.yaml")
    world.git("commit", "-qm", "Policy")
    world.person.answers["t-24h-command-1"] = "skip"
    world.person.verdicts = [say(2), Pause()]
    with world.start() as engine:
        with pytest.raises(Waiting, match="waits for approval"):
            engine.segment()
        assert "box 2" not in [item for item, _verdict, _via in world.words(engine)]
    assert any(line.startswith("box 2 was not attested: ") for line in world.person.lines)


UNMET = "t-24h-boxes-unmet"


def asked_in_turn(world: CutWorld, monkeypatch: pytest.MonkeyPatch, said: dict[str, list[str]]) -> None:
    """Have these answers, one after the other, to questions that are asked several times."""
    once = world.person.ask

    def ask(question: Question, suggestion: str | None) -> tuple[str, str] | None:
        if question.name in said:
            world.person.asked.append((question.name, question.text))
            return said[question.name].pop(0), "prompt"
        return once(question, suggestion)

    monkeypatch.setattr(world.person, "ask", ask)


def test_a_no_that_is_sent_back_shows_the_work_again_at_once_and_asks_again(world: CutWorld) -> None:
    world.person.answers[UNMET] = "send back"
    boxes = world.first(say(1), say(4), say(5), say(6, "fail"))
    assert [view.number for view in world.person.boxes_seen] == [1, 4, 5, 6, 1, 4, 5, 6]
    assert any("box 6: Mail sent: expected yes" in line for line in world.person.lines)
    assert boxes == "xxxxxx "
    with world.reopen(work=False) as engine:
        assert engine.run.task("t_24h").attempt == 2
    assert world.is_sound()


def test_the_approver_of_the_next_attempt_reads_which_box_got_a_no_and_what_was_noted(
    world: CutWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_in_turn(world, monkeypatch, {UNMET: ["note", "send back"], f"{UNMET}-note": ["writers still on"]})
    world.first(say(1), say(4), say(5), say(6, "fail"))
    told = f"box 6: Mail sent: no, says {ADA} (prompt); noted: writers still on"
    assert told in world.person.views[0].refusals[0]
    assert told in (world.root / "artifacts/shed/working_log.md").read_text()
    assert world.is_sound()


def test_a_no_by_mistake_is_corrected_before_it_fails_an_attempt(
    world: CutWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {UNMET: ["note", "again"], f"{UNMET}-note": ["the wrong key"]}
    asked_in_turn(world, monkeypatch, said)
    boxes = world.first(say(1), say(4, "fail"), say(5), say(6), say(4))
    assert [view.number for view in world.person.boxes_seen] == [1, 4, 5, 6, 4]
    assert "no to box 4 (A)" in dict(world.person.asked)[UNMET]
    assert boxes == "xxxxxx "
    with world.reopen(work=False) as engine:
        assert engine.run.task("t_24h").attempt == 1
    assert world.is_sound()


def test_from_a_no_one_goes_back_box_by_box_and_nothing_else_is_asked_again(
    world: CutWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_in_turn(world, monkeypatch, {UNMET: ["back", "back"]})
    boxes = world.first(
        say(1), say(4, "fail"), say(5), say(6), BoxNumber(5), say(5), say(6), BoxNumber(4), say(4), say(6)
    )
    assert [view.number for view in world.person.boxes_seen] == [1, 4, 5, 6, 6, 5, 6, 6, 4, 6]
    assert "go back to box 6" in dict(world.person.asked)[UNMET]
    assert boxes == "xxxxxx "
    with world.reopen(work=False) as engine:
        assert engine.run.task("t_24h").attempt == 1
    assert world.is_sound()


def test_a_no_is_paused_at_and_asked_about_again(world: CutWorld) -> None:
    world.person.answers[UNMET] = "pause"
    with pytest.raises(Waiting, match=r"paused: \"T-24h\": no to box 6 \(Mail sent\)"):
        world.first(say(1), say(4), say(5), say(6, "fail"))
    world.person.answers[UNMET] = "again"
    with world.reopen() as engine:
        engine.segment()
        assert engine.run.task("t_24h").attempt == 1
    assert [view.number for view in world.person.boxes_seen] == [1, 4, 5, 6, 6]
    assert world.boxes() == "xxxxxx "


def test_a_no_of_an_answers_file_fails_the_attempt(world: CutWorld) -> None:
    with world.start(Settings(answers={"t-24h-box-6": "no"})) as engine, pytest.raises(StepFailed) as failed:
        engine.segment()
    assert "box 6: Mail sent: expected yes" in str(failed.value.problems[0])
    assert world.boxes() == " " * 7


def test_a_box_can_be_changed_before_the_last_one_is_answered(world: CutWorld) -> None:
    boxes = world.first(say(1), BoxNumber(1), say(1, "not-applicable"), say(4), say(5), say(6))
    assert boxes == " xxxxx "
    assert world.is_sound()


def test_a_box_can_be_changed_at_the_page_and_what_was_shown_is_good_no_more(world: CutWorld) -> None:
    digests: list[str] = []

    def change(view: object) -> Verdict:
        digests.append(view.request.digest)  # type: ignore[attr-defined]
        return say(6, "not-applicable") if len(digests) == 1 else Approve("prompt")

    boxes = world.first(verdicts=[change, change])  # type: ignore[list-item]
    assert boxes == "xxxxx  "
    assert digests[0] != digests[1]
    with world.reopen(work=False) as engine:
        assert engine.run.task("t_24h").attempt == 1
        (approval,) = engine.run.task("t_24h").approvals
        assert approval.digest == digests[1]
    assert world.is_sound()


def test_one_word_for_all_that_are_left_is_recorded_for_each_and_says_so(world: CutWorld) -> None:
    world.person.box_words = [say(1), AllBoxes()]
    with world.start() as engine:
        engine.segment()
        worked = engine.run.task("t_24h").worked
        assert worked is not None
        whys = {check.answers: check.why for check in worked.checks if check.by}
    assert whys == {"box 1": "", **{f"box {number}": "one word for all boxes that were left" for number in (4, 5, 6)}}
    assert [view.all_at_once for view in world.person.boxes_seen] == [False, False]  # box 2 is looked at


def test_one_word_for_all_is_offered_where_nothing_is_looked_at(tmp_path: Path) -> None:
    world = CutWorld(tmp_path, b"# A\n\n## B\n- [ ] one\n- [ ] two\n\n## C\n- [ ] three\n")
    world.first(AllBoxes())
    assert [view.all_at_once for view in world.person.boxes_seen] == [True]


@pytest.mark.parametrize("after", range(4))
def test_a_kill_between_two_answers_loses_none_and_asks_for_what_is_missing_only(world: CutWorld, after: int) -> None:
    words = [say(1), say(4, "not-applicable"), say(5), say(6)]
    with pytest.raises(KeyboardInterrupt):
        world.first(*words[:after], KeyboardInterrupt())
    world.person.boxes_seen.clear()
    world.person.box_words = list(words[after:])
    with world.reopen() as engine:
        engine.segment()
        assert [item for item, _verdict, _via in world.words(engine)] == ["box 1", "box 4", "box 5", "box 6"]
    assert [view.number for view in world.person.boxes_seen] == [1, 4, 5, 6][after:]
    assert world.boxes() == "xxx xx "
    assert world.is_sound()


def test_without_a_terminal_what_is_missing_is_listed_by_number(world: CutWorld) -> None:
    with pytest.raises(KeyboardInterrupt):
        world.first(say(1), KeyboardInterrupt())
    world.person.absent = True
    with world.reopen() as engine, pytest.raises(Waiting) as waits:
        engine.segment()
    assert "3 boxes without an answer" in waits.value.message
    lines = waits.value.lines()
    assert "  4. A   (no answer yet)" in lines
    assert f"  1. Freeze announced   (yes, says {ADA} (prompt))" in lines
    assert f"phasegate done {world.run_id} --box 4=yes --box 5=yes --box 6=yes" in waits.value.next_command


def test_an_answers_file_answers_boxes_by_their_names(world: CutWorld) -> None:
    (world.root / "phasegate.yaml").write_text("default: {operator_may_approve: true}\n")
    world.git("add", "phasegate.yaml")
    world.git("commit", "-qm", "Policy")
    answers = {"t-24h-box-1": "yes", "t-24h-box-4": "n/a: no A", "t-24h-box-5": "yes", "t-24h-box-6": "YES"}
    with world.start(Settings(answers=answers)) as engine:
        engine.segment()
        assert {via for _item, _verdict, via in world.words(engine)} == {"answers-file"}
    assert world.boxes() == "xxx xx "
    assert world.person.boxes_seen == []


@pytest.mark.parametrize("answer", ["n/a", "n/a: ", "maybe", "yes: really", "waived: so"])
def test_an_answer_of_a_file_that_is_none_is_refused(world: CutWorld, answer: str) -> None:
    with (
        world.start(Settings(answers={"t-24h-box-1": answer})) as engine,
        pytest.raises(BadInput, match="box-1 refused"),
    ):
        engine.segment()


def test_a_rehearsals_yes_is_nobodys_word(world: CutWorld) -> None:
    with world.start(Settings(yes=True, practice=True)) as engine:
        engine.segment()
        worked = engine.run.task("t_24h").worked
        assert worked is not None
        assert {check.by.git for check in worked.checks if check.by} == {"--yes"}
    assert world.is_sound()


def test_a_word_on_a_box_that_its_check_passed_counts_only_when_it_is_no_yes(world: CutWorld) -> None:
    (world.root / "phasegate.yaml").write_text("default: {operator_may_approve: true}\n")
    world.git("add", "phasegate.yaml")
    world.git("commit", "-qm", "Policy")
    with world.start() as engine:
        engine.hand_in(DONE, {}, [say(1), say(2, "not-applicable"), say(4), say(5), say(6)])
        engine.approve(engine.run.task("t_24h").request.digest, "command", by=engine.doors.me)  # type: ignore[union-attr]
        engine.segment()
    assert world.boxes() == "x xxxx "


def test_a_task_in_a_run_of_format_1_is_ticked_by_one_word(world: CutWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("state.event_base.VERSION", 1)
    monkeypatch.setattr("state.journal.VERSION", 1)
    monkeypatch.setattr("workflow.runs.begin.VERSION", 1, raising=False)
    world.person.box_words = [None]
    with world.start() as engine:
        assert engine.run.is_of_0_1
        engine.segment()
    assert world.person.boxes_seen == []
    assert world.boxes() == "xxxxxx "


def leaving_box_2(world: CutWorld) -> None:
    """Nobody runs its command or answers it, and no terminal is there: it is left to whoever approves."""
    world.person.answers["t-24h-command-1"] = "skip"
    world.person.at_terminal = False
    world.person.box_words = [say(1), BoxNumber(4), say(4), BoxNumber(5), say(5), BoxNumber(6), say(6), None]


def test_a_box_that_was_left_open_is_waived_at_the_page_by_who_may_approve(world: CutWorld) -> None:
    (world.root / "phasegate.yaml").write_text("default: {operator_may_approve: true}\n")
    world.git("add", "phasegate.yaml")
    world.git("commit", "-qm", "Policy")
    leaving_box_2(world)
    world.person.verdicts = [say(2, "waived"), Approve("prompt")]
    with world.start() as engine:
        engine.segment()
    first, second = world.person.views
    assert ("box 2 needs a person's word first" in first.refusal, first.may_waive) == (True, True)
    assert second.refusal == ""
    assert world.boxes() == "x xxxx "
    assert world.is_sound()


def with_policy(world: CutWorld, policy: str) -> None:
    (world.root / "phasegate.yaml").write_text(f"default: {{{policy}}}\n")
    world.git("add", "phasegate.yaml")
    world.git("commit", "-qm", "Policy")


def test_what_does_not_apply_and_what_is_waived_is_ticked_where_the_policy_says_so(world: CutWorld) -> None:
    with_policy(world, "operator_may_approve: true, tick_not_applicable: true")
    leaving_box_2(world)
    world.person.box_words = [say(1), say(4, "not-applicable"), say(5, "not-applicable"), say(6)]
    world.person.verdicts = [say(2, "waived"), Approve("prompt")]
    with world.start() as engine:
        engine.segment()
    told = "The policy ticks what does not apply and what is waived, too: "
    assert f"{told}box 2, box 3, box 4, box 5." in review_page(world.person.views[-1])
    assert world.boxes() == "xxxxxx "
    assert world.is_sound()
    log = (world.root / "artifacts/shed/working_log.md").read_text()
    assert f"- box 4: A: not applicable, says {ADA} (prompt): because" in log


def test_a_policy_that_would_tick_more_waits_for_its_approval(world: CutWorld) -> None:
    world.person.box_words = [say(1), say(4, "not-applicable"), say(5), say(6)]
    world.person.verdicts = [Pause()]
    with world.start() as engine, pytest.raises(Waiting):
        engine.segment()
    with_policy(world, "tick_not_applicable: true")
    world.person.verdicts = [Approve("prompt")]
    with world.reopen() as engine:
        engine.segment()
    assert world.boxes() == "xxx xx "  # nobody has approved the weaker policy
    (found,) = audit_workspace(world.root, world.run_id, anchor=None)
    assert [finding.code for finding in found.findings] == ["policy-widened"]


def test_a_waiver_by_who_may_not_approve_is_not_recorded(world: CutWorld) -> None:
    leaving_box_2(world)
    world.person.verdicts = [say(2, "waived"), Pause()]
    with world.start() as engine:
        with pytest.raises(Waiting, match="waits for approval"):
            engine.segment()
        assert [verdict for _item, verdict, _via in world.words(engine)] == ["attested"] * 4
    assert not world.person.views[0].may_waive


def test_nobody_approves_while_a_box_is_left_open(world: CutWorld) -> None:
    leaving_box_2(world)
    world.person.verdicts = [Pause()]
    with world.start() as engine:
        with pytest.raises(Waiting):
            engine.segment()
        digest = engine.run.task("t_24h").request.digest  # type: ignore[union-attr]
        bob = replace(engine.doors.me, git=BOB)
        with pytest.raises(BadInput, match="box 2 needs a person's word first"):
            engine.approve(digest, "command", by=bob)
        assert engine.run.task("t_24h").approvals == []


def test_a_word_after_one_of_two_approvals_asks_both_people_again(world: CutWorld) -> None:
    (world.root / "phasegate.yaml").write_text("default: {approvers: 2}\n")
    world.git("add", "phasegate.yaml")
    world.git("commit", "-qm", "Policy")
    world.person.verdicts = [Pause()]
    with world.start() as engine:
        with pytest.raises(Waiting, match="waits for approval"):
            engine.segment()
        bob, carol = (replace(engine.doors.me, git=who) for who in (BOB, "Carol <carol@example.com>"))
        state = engine.run.task("t_24h")

        def digest() -> str:
            assert state.request is not None
            return state.request.digest

        engine.approve(digest(), "command", by=bob)
        engine.say_of_boxes(digest(), [say(6, "not-applicable")], "command", by=carol)
        assert state.approvals == []
        engine.approve(digest(), "command", by=carol)
        engine.approve(digest(), "command", by=bob)
        engine.segment()
    assert world.boxes() == "xxxxx  "
    assert world.is_sound()


@st.composite
def checklists(draw: st.DrawFn) -> tuple[bytes, list[ItemVerdict]]:
    """A section of boxes, nested at random, with line ends, marks and bytes of every kind; and an answer to each."""
    end = draw(st.sampled_from([b"\n", b"\r\n"]))
    lines, depth = [b"# A", b"", b"## B"], 0
    verdicts = []
    for number in range(draw(st.integers(1, 8))):
        depth = draw(st.integers(0, min(depth + 1, 3))) if number else 0
        text = draw(st.sampled_from(["one", "zwei *fett*", "\u4e09 [ ] second", "\U0001f525 four \\[x]", "tab\there"]))
        lines.append(b"  " * depth + draw(st.sampled_from([b"- ", b"* ", b"1. "])) + b"[ ] " + text.encode())
        if draw(st.booleans()):
            lines.append(b"  " * (depth + 1) + b"a remark")
        verdicts.append(draw(st.sampled_from(WORDS)))
    lines += [b"", b"## C", b"- [ ] last"]
    return end.join(lines) + end * draw(st.integers(0, 1)), verdicts


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(checklists())
def test_random_answers_tick_exactly_their_boxes_and_no_other_byte(
    tmp_path_factory: pytest.TempPathFactory, made: tuple[bytes, list[ItemVerdict]]
) -> None:
    data, verdicts = made
    world = CutWorld(tmp_path_factory.mktemp("any"), data)
    task = world.target().plan.tasks[0]
    boxes = boxes_of(task)
    asked = [box.number for box in boxes if not box.below]
    world.first(*(say(number, verdicts[number - 1]) for number in asked))

    def counts(number: int) -> bool:  # once more, from the top down
        below = boxes[number - 1].below
        return any(map(counts, below)) if below else verdicts[number - 1] == "attested"

    expected = bytearray(data)
    for box in boxes:
        if counts(box.number):
            expected[box.item.box.offset] = ord("x")
    assert (world.root / "tasks.md").read_bytes() == bytes(expected)
    assert world.is_sound()


def test_a_box_that_was_ticked_before_the_run_says_so_wherever_it_is_shown(tmp_path: Path) -> None:
    world = CutWorld(tmp_path, CUT.replace(b"- [ ] Freeze", b"- [x] Freeze"))
    world.person.answers["begun-t-24h"] = "to-do"
    with pytest.raises(Waiting):
        world.first(say(1, "not-applicable"), verdicts=[Pause()])
    assert world.boxes().startswith("x")
    told = "Ticked in the runbook before this run, and left so whatever the answer is: box 1."
    assert told in review_page(world.person.views[-1])
    seen = world.person.boxes_seen[0]
    assert known_of(seen.boxes[0], seen.said) == "no answer yet; ticked before this run"
    assert known_of(seen.boxes[1], seen.said) == "no answer yet"


@pytest.mark.parametrize("name", ["t-24h-box-4", "box 4"])
def test_a_box_is_taken_back_and_the_other_answers_of_its_person_are_kept(world: CutWorld, name: str) -> None:
    with pytest.raises(Waiting):
        world.first(say(1), say(4), say(5, "not-applicable"), say(6), verdicts=[Pause()])
    world.person.boxes_seen.clear()
    world.person.box_words, world.person.verdicts = [say(4, "not-applicable")], [Pause()]
    with world.reopen() as engine:
        engine.ask_again([name])
        assert "asked again: t-24h-box-4" in engine.run.task("t_24h").refusals[-1]
        with pytest.raises(Waiting):
            engine.segment()
        words = engine.run.task("t_24h").words
    assert [view.number for view in world.person.boxes_seen] == [4]
    assert {each: (word.verdict, word.via) for each, word in words.items()} == {
        "box 1": ("attested", "prompt"),
        "box 4": ("not-applicable", "prompt"),
        "box 5": ("not-applicable", "prompt"),
        "box 6": ("attested", "prompt"),
    }


def test_one_word_for_all_boxes_is_said_again(world: CutWorld) -> None:
    bare = CUT.replace(b" (`test -e green`)", b"")
    (world.root / "tasks.md").write_bytes(bare)
    world.git("commit", "-qam", "Without a command")
    with pytest.raises(Waiting):
        world.first(say(1), say(2, "not-applicable"), AllBoxes(), verdicts=[Pause()])
    world.person.boxes_seen.clear()
    world.person.verdicts = [Pause()]
    with world.reopen() as engine:
        engine.ask_again(["box 1"])
        with pytest.raises(Waiting):
            engine.segment()
    assert [view.number for view in world.person.boxes_seen] == [1, 4, 5, 6]


@pytest.mark.parametrize("name", ["", "box 7", "size"])
def test_what_no_box_or_question_is_called_is_refused_with_the_names_that_there_are(world: CutWorld, name: str) -> None:
    with pytest.raises(Waiting):
        world.first(say(1), say(4), verdicts=[Pause()])
    with world.reopen() as engine, pytest.raises(BadInput) as refused:
        engine.ask_again([name])
    answered = refused.value.message.partition("answered; ")[2]
    assert "t-24h-box-1, t-24h-box-4" in answered
    assert " , " not in answered


def test_what_a_person_said_before_is_offered_when_the_work_is_sent_back(world: CutWorld) -> None:
    first = [say(1), say(4, "not-applicable"), say(5, "fail"), say(5), say(6)]
    world.person.answers[UNMET] = "again"
    assert world.first(*first, verdicts=[Reject("look again"), Approve("prompt")]) == "xxxxxx "
    (again,) = [view for view in world.person.boxes_seen[len(first) - 1 :] if view.number == 1]
    assert again.former == {1: say(1), 4: say(4, "not-applicable"), 5: say(5), 6: say(6)}
    assert world.person.boxes_seen[0].former == {}
    assert world.is_sound()


def test_nothing_is_offered_of_what_was_a_no_or_is_looked_at(world: CutWorld) -> None:
    world.person.answers |= {"t-24h-command-1": "skip", UNMET: "send back"}
    with pytest.raises(Waiting):
        world.first(say(1), say(2, "not-applicable"), say(4), say(5, "fail"), say(6), verdicts=[Pause()])
    later = [view for view in world.person.boxes_seen if view.former]
    assert later
    assert all(view.former == {1: say(1), 4: say(4), 6: say(6)} for view in later)
