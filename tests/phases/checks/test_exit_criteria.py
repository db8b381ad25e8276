"""A task is done as its runbook says: by its checks, and by a person's word where no check answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gates.judged import checks_beside
from phases.checks.definition import Checks
from phases.checks.exit_criteria import find_checks, look_at_exit
from phases.step import Question
from state.errors import BadInput, Waiting
from state.model import PlannedTask
from tests.worlds.checking import MODELS, table_check, written
from tests.worlds.step_world import StepWorld
from workflow.doors.aws.client import AwsDoor
from workflow.runbook.reader import read_runbook
from workflow.sandbox.inprocess import Sandbox

RUNBOOK = b"""\
# Deploy orders

## Phase 3: Infrastructure deployment

Apply the changes.

### Exit Criteria
- **Infrastructure state** verified.
- Alarms are quiet (`alarms-quiet`)
- User confirms all changes applied

**Request permission to proceed to Phase 4**

## Phase 4: Application

### Exit Criteria
- Users are told
"""
PLAN = read_runbook(RUNBOOK, name="orders", path="ops/orders.md")
PHASE_3, PHASE_4 = PLAN.tasks
CONFIRM = "phase-3-user-confirms-all-changes-applied"


def tables(id: str, **changes: Any) -> dict[str, Any]:
    """A check that the account has some table."""
    return table_check(
        **{
            "id": id,
            "name": f"Tables ({id})",
            "operation": "list_tables",
            "parameters": {},
            "expression": "length(TableNames)",
            "expect": {"at-least": 1},
            **changes,
        }
    )


CHECKS = (
    tables("whole-task", tasks=["Phase 3"]),
    tables("state", criterion="infrastructure state  verified"),
    tables("alarms-quiet"),
    tables("other-phase", tasks=["Phase 4"], criterion="Users are told"),
)


@pytest.fixture
def world(tmp_path: Path, sandbox: Sandbox) -> StepWorld:
    sandbox.client("dynamodb").create_table(
        TableName="orders",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    return StepWorld(tmp_path, aws=AwsDoor(sandbox=True, session=sandbox.session()), defaults=False)


def looked(world: StepWorld, checks: Checks | None, task: PlannedTask = PHASE_3) -> list[tuple[str, str]]:
    return [(check.name, check.verdict) for check in look_at_exit(task, checks, world.ctx()).checks]


def test_criteria_are_answered_in_their_order_and_a_person_attests_the_rest(world: StepWorld) -> None:
    world.given = {CONFIRM: "yes"}
    assert looked(world, written(*CHECKS)) == [
        ("Tables (state)", "pass"),
        ("Tables (alarms-quiet)", "pass"),
        ("User confirms all changes applied", "attested"),
        ("Tables (whole-task)", "pass"),
    ]
    assert list(world.asked) == [CONFIRM]


def test_a_persons_word_says_whose_it_is_and_how_it_came(world: StepWorld) -> None:
    world.given = {CONFIRM: "yes"}
    (word,) = [
        each for each in look_at_exit(PHASE_3, written(*CHECKS), world.ctx()).checks if each.verdict == "attested"
    ]
    assert (word.expected, word.seen) == ("attested by a person", "yes, says Ada <ada@example.com> (prompt)")


def test_a_no_fails(world: StepWorld) -> None:
    world.given = {CONFIRM: "no", f"{CONFIRM}-unmet": "send back"}
    assert ("User confirms all changes applied", "fail") in looked(world, written(*CHECKS))


def test_a_no_at_a_terminal_is_paused_at_and_asked_again(world: StepWorld) -> None:
    world.given = {CONFIRM: "no", f"{CONFIRM}-unmet": "pause"}
    with pytest.raises(Waiting, match='paused: not met: "User confirms all changes applied"'):
        looked(world, written(*CHECKS))
    world.given = {CONFIRM: "yes"}
    assert ("User confirms all changes applied", "attested") in looked(world, written(*CHECKS))


def test_a_no_at_a_terminal_is_noted_on_and_asked_again(world: StepWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {CONFIRM: ["no", "yes"], f"{CONFIRM}-unmet": ["note", "again"], f"{CONFIRM}-unmet-note": ["one is left"]}
    monkeypatch.setattr(world.person, "ask", lambda question, _: (said[question.name].pop(0), "prompt"))
    ctx = world.ctx()
    checks = look_at_exit(PHASE_3, written(*CHECKS), ctx).checks
    assert ("User confirms all changes applied", "attested") in [(each.name, each.verdict) for each in checks]
    assert ctx.answers()[f"{CONFIRM}-unmet-note"] == "one is left"
    assert not any(said.values())


def test_without_an_answer_it_waits(world: StepWorld) -> None:
    with pytest.raises(Waiting):
        look_at_exit(PHASE_3, written(*CHECKS), world.ctx())


def test_nobody_is_asked_when_a_check_failed(world: StepWorld) -> None:
    world.aws.call("dynamodb", "delete_table", TableName="orders")
    assert ("User confirms all changes applied", "not-checked") in looked(world, written(*CHECKS))
    assert not world.asked


def test_a_failure_that_is_only_noted_keeps_nobody_from_being_asked(world: StepWorld) -> None:
    world.given = {CONFIRM: "yes"}
    noted = tables("whole-task", tasks=["t*", "Infrastructure*"], expect={"at-least": 9}, severity="note")
    verdicts = dict(looked(world, written(noted, *CHECKS[1:])))
    assert (verdicts["Tables (whole-task)"], verdicts["User confirms all changes applied"]) == ("note", "attested")


def test_without_a_checks_file_a_person_attests_everything(world: StepWorld) -> None:
    world.defaults = True  # as under `--yes` in the sandbox
    assert [verdict for _, verdict in looked(world, None)] == ["attested"] * 3
    assert len(set(world.asked)) == 3


def test_criteria_whose_words_are_alike_are_asked_one_by_one(world: StepWorld) -> None:
    world.defaults = True
    found = look_at_exit(PHASE_4, None, world.ctx(), criteria=["Done!", "Done?", "完了", "确认"])
    assert len(found.checks) == 4
    assert list(world.asked) == ["phase-4-done", "phase-4-done-2", "phase-4-3", "phase-4-4"]


def test_enter_alone_attests_nothing(world: StepWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    questions: list[Question] = []
    monkeypatch.setattr(world.person, "ask", lambda question, _: questions.append(question) or ("yes", "prompt"))
    look_at_exit(PHASE_4, None, world.ctx())
    assert [(question.suggest, question.choices) for question in questions] == [(False, ("yes", "no"))]


def test_an_item_of_a_checklist_is_a_criterion_like_any_other(world: StepWorld) -> None:
    world.given = {"phase-4-somebody-looked": "yes"}
    found = look_at_exit(
        PHASE_4, written(*CHECKS), world.ctx(), criteria=["Infrastructure state verified", "Somebody looked"]
    )
    assert [check.verdict for check in found.checks] == ["pass", "attested", "pass"]


def test_a_missing_placeholder_is_told_before_anything_is_called(world: StepWorld, sandbox: Sandbox) -> None:
    checks = written(CHECKS[0], table_check(tasks=["Phase 3"], parameters={"TableName": "{table}"}))
    sandbox.calls.clear()
    with pytest.raises(BadInput, match=r"orders.checks.yaml:\d+:\d+: {table} has no value"):
        look_at_exit(PHASE_3, checks, world.ctx())
    assert not sandbox.calls


def test_placeholders_of_other_tasks_checks_are_not_needed(world: StepWorld) -> None:
    world.given = {CONFIRM: "yes"}
    other = table_check(tasks=["Phase 4"], parameters={"TableName": "{table}"})
    assert len(looked(world, written(*CHECKS[:3], other))) == 4


def test_the_answers_of_the_run_fill_the_placeholders(world: StepWorld) -> None:
    world.give_data("Phase 1", {}, answers={"table": "orders"})
    check = table_check(
        tasks=["Phase 4"],
        parameters={"TableName": "{table}"},
        expression="Table.TableName",
        expect={"equals": "{table}"},
        criterion="Users are told",
    )
    assert looked(world, written(check), PHASE_4) == [(check["name"], "pass")]
    assert look_at_exit(PHASE_4, written(check), world.ctx(), variables={"table": "none"}).checks[0].verdict == "fail"


def test_the_evidence_keeps_request_answer_and_verdict(world: StepWorld) -> None:
    world.given = {CONFIRM: "yes"}
    checks = written(*CHECKS)
    found = look_at_exit(PHASE_3, checks, world.ctx())
    body = json.loads(found.json)
    assert body["sha256"] == checks.sha256
    assert [(each["criterion"], each["answered_by"], each["verdicts"]) for each in body["criteria"]] == [
        ("**Infrastructure state** verified.", ["state"], ["pass"]),
        ("Alarms are quiet (`alarms-quiet`)", ["alarms-quiet"], ["pass"]),
        ("User confirms all changes applied", "a person", ["attested"]),
    ]
    state = body["checks"][0]
    assert state["request"] == {
        "service": "dynamodb",
        "operation": "list_tables",
        "region": "us-east-1",
        "parameters": {},
    }
    assert (state["answer"], state["seen"], state["state"]) == ({"TableNames": ["orders"]}, "1", "passed")
    assert found.markdown.startswith("# Exit checks of Phase 3 Infrastructure deployment\n\n3 of 4 checks passed")
    assert '"orders"' in found.markdown
    assert found == look_at_exit(PHASE_3, checks, world.ctx())  # the same facts, the same bytes


def test_a_check_for_what_the_runbook_does_not_have_is_refused_with_its_place() -> None:
    written(*CHECKS, plan=PLAN)
    with pytest.raises(BadInput) as refused:
        written(tables("a", tasks=["Phase 3", "Phase 9"]), tables("b", criterion="Never said"), plan=PLAN)
    assert [problem.message for problem in refused.value.problems] == [
        "no task of ops/orders.md is called 'Phase 9'",
        "ops/orders.md has no exit criterion and no box 'Never said'",
    ]
    assert all(problem.where.startswith("orders.checks.yaml:") for problem in refused.value.problems)


def test_the_checks_of_a_runbook_stand_beside_it() -> None:
    assert checks_beside("ops/orders.md") == ("ops/orders.checks.yaml", "ops/checks.yaml")
    assert checks_beside("tasks.md") == ("tasks.checks.yaml", "checks.yaml")
    files = {"ops/checks.yaml": b"checks: []\n"}
    found = find_checks("ops/orders.md", files.get, lambda: MODELS)
    assert found is not None
    assert found.path == "ops/checks.yaml"
    assert find_checks("orders.md", files.get, lambda: MODELS) is None
    files["ops/orders.checks.yaml"] = b"checks: []\n"
    special = find_checks("ops/orders.md", files.get, lambda: MODELS)
    assert special is not None
    assert special.path == "ops/orders.checks.yaml"
