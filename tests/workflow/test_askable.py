"""An answer that no question of the run can have is refused before anything is changed, by file and line."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from phases.aws_deploy.recover.rollback_plan import by_hand
from phases.aws_deploy.spec.contacts import CONTACTS
from phases.aws_deploy.workflow import AWS_DEPLOY
from phases.deployment_infra.workflow import DEPLOYMENT_INFRA
from phases.fleet.workflow import FLEET
from phases.stage_06.workflow import STAGE_06
from state.errors import BadInput
from tests.worlds.journals import journal_bytes
from workflow.cli.main import run
from workflow.runbook.reader import read_runbook
from workflow.runs.askable import GivenAnswers, askable, refuse_unasked
from workflow.runs.asked_questions import asked_questions
from workflow.runs.load_plan import RunTarget, load_plan
from workflow.runs.workflow_catalog import guided
from workflow.service.open_run import given_answers

ROOT = Path(__file__).parents[2]
# function -> the place of the question's name among its arguments
ASKS = {"Question": 0, "attestation": 0, "confirm_by_name": 1, "confirm_digest": 1, "_by_hand": 2}
# names that are handed on: (file, variable) -> what it stands for; none where another call of ASKS gives it
HANDED_ON = {
    ("attestations.py", "name"): (),
    ("typed_confirmation.py", "question"): (),
    ("rollback_steps.py", "question"): (),
    ("phase_1_analyse.py", "question"): tuple(question for question, _text in CONTACTS.values()),
}
OTHER_QUESTIONS = {  # in phases/ and workflow/, but for the packages of workflows: `askable` knows their names
    ("exit_criteria.py", "name"),
    ("exit_criteria.py", "*-unmet"),  # at a terminal only, as its note
    ("exit_criteria.py", "*-unmet-note"),
    ("hand_work.py", "test-command"),
    ("hand_work.py", "question_name(task, number)"),
    ("script_questions.py", "question_name(task, number)"),
    ("stops.py", "stop_name(task, stop)"),
    ("after_failure.py", "name"),
    ("blanks.py", "name"),
    ("hand_work.py", "name"),
    ("hand_work.py", "again"),
    ("questions.py", "run_check_name(task, check)"),
    ("step_here.py", "again"),
    ("profiles.py", "PROFILE"),  # of a checks file with profiles
    ("resume.py", "take-edit"),  # asked at a terminal only
    ("approve_policy.py", "approve-policy"),  # at a terminal, by `approve --policy`
    ("rollback_plan.py", "name"),
    ("rollback_plan.py", "rollback-notified"),
    ("conditions.py", "*-condition"),
    ("field_answers.py", "field_question(task, field.number)"),
    ("completed_tasks.py", "ADOPT"),
    ("completed_tasks.py", "name"),
    ("task_execution.py", "repeat-*-*"),
    ("second_thoughts.py", "*-commands-stand"),  # at a terminal only
    ("script_questions.py", "*-missing"),  # at a terminal only
    ("script_questions.py", "*-passed-*"),  # at a terminal, of a command that is taken back
}


def asked(path: Path, asks: Mapping[str, int] = ASKS) -> Iterator[ast.expr]:
    """The expressions for names of questions in a file."""
    source = path.read_text("utf-8")
    if not any(name in source for name in asks):  # to parse every file takes a second
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in asks:
            named = [each.value for each in node.keywords if each.arg == "name"]
            yield named[0] if named else node.args[asks[node.func.id]]


def pattern(name: ast.expr) -> str | None:
    """A name as it is written, with `*` for what is put in; None where it is no text."""
    match name:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(part.value if isinstance(part, ast.Constant) else "*" for part in parts)
        case ast.Call(func=ast.Name(id="question_name"), args=[ast.Constant(value=kind), *_]):
            return f"{kind}-*"
        case ast.Call(func=ast.Name(id="by_hand")):
            return by_hand("*")
    return None


@pytest.mark.parametrize("workflow", [STAGE_06, AWS_DEPLOY, DEPLOYMENT_INFRA, FLEET], ids=lambda each: each.name)
def test_the_questions_of_a_workflow_are_those_that_its_steps_ask(workflow) -> None:  # type: ignore[no-untyped-def]
    found: set[str] = set()
    for path in sorted((ROOT / "phases" / workflow.name.replace("-", "_")).rglob("*.py")):
        for name in asked(path):
            written = pattern(name)
            if written is not None:
                found.add(written)
            elif path.name == "typed_confirmation.py" and ast.unparse(name) == "question":
                found |= {
                    f"{call.args[0].value}-*"
                    for call in ast.walk(ast.parse(path.read_text("utf-8")))
                    if isinstance(call, ast.Call)
                    and ast.unparse(call.func) == "question_name"
                    and isinstance(call.args[0], ast.Constant)
                }
            else:
                found |= set(HANDED_ON[path.name, ast.unparse(name)])
    assert sorted(each.name for each in workflow.questions) == sorted(found)


def told(call: ast.Call) -> tuple[object, object] | None:
    """Default and choices that a call which makes a question has as plain text; None for what is worked out there."""
    function, given = ast.unparse(call.func), {each.arg: each.value for each in call.keywords}
    default = given.get("default", call.args[2] if function == "attestation" and len(call.args) > 2 else None)
    if function == "attestation":
        given["choices"] = ast.Constant(())
    try:
        choices = ast.literal_eval(given["choices"]) if "choices" in given else ()
        return ast.literal_eval(default) if default is not None else None, choices
    except ValueError:
        return None


@pytest.mark.parametrize("workflow", [STAGE_06, AWS_DEPLOY, DEPLOYMENT_INFRA], ids=lambda each: each.name)
def test_defaults_and_choices_are_listed_as_they_are_asked(workflow) -> None:  # type: ignore[no-untyped-def]
    listed = {each.name: (each.default, each.choices) for each in workflow.questions}
    compared = 0
    for path in sorted((ROOT / "phases" / workflow.name.replace("-", "_")).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Question", "attestation"):
                name = pattern(
                    next(
                        (each.value for each in node.keywords if each.arg == "name"),
                        node.args[0] if node.args else node,
                    )
                )
                said = told(node)
                if name in listed and said is not None:
                    assert listed[name] == said, name
                    compared += 1
    assert compared >= 1


def test_every_question_of_the_steps_has_its_task() -> None:
    for workflow in (STAGE_06, AWS_DEPLOY, DEPLOYMENT_INFRA, FLEET):
        tasks = {step.task_id for step in (*workflow.steps, *workflow.rollback)}
        assert {each.task for each in workflow.questions} <= {"", *tasks}
        assert all(each.text for each in workflow.questions)


@pytest.mark.parametrize("workflow", ["stage-06", "aws-deploy", "deployment-infra"])
def test_what_is_listed_is_what_may_be_answered(workflow: str, tmp_path: Path) -> None:
    target = load_plan(tmp_path, workflow, None, or_own=True)
    listed = [each.name for group in asked_questions(target, tmp_path) for each in group.questions]
    assert len(listed) == len(set(listed))
    names = set(askable(target.plan, target.workflow))
    assert set(listed) <= names
    # asked only where boxes are ticked, and where a step says that only a person can know
    assert {each.split("-")[0] for each in names - set(listed) if "[0-9]" not in each} <= {"adopt", "begun", "repeat"}


def test_what_a_runbook_by_hand_asks_is_listed(tmp_path: Path) -> None:
    plan, workflow = plan_of(tmp_path), guided("release")
    listed = {
        each.name for group in asked_questions(RunTarget(plan, workflow, b""), tmp_path) for each in group.questions
    }
    assert {each.split("-")[0] for each in set(askable(plan, workflow)) - listed} == {"adopt", "begun"}
    assert {"t1-command-1", "test-command"} <= listed


def test_there_are_no_other_questions_than_those_that_are_known() -> None:
    own = {ROOT / "phases" / name for name in ("stage_06", "aws_deploy", "deployment_infra", "fleet")}
    paths = [path for top in ("phases", "workflow") for path in (ROOT / top).rglob("*.py")]
    found = {
        (path.name, pattern(name) or ast.unparse(name))
        for path in paths
        if not own & {*path.parents}
        for name in asked(path, {"Question": 0})
    }
    assert found == OTHER_QUESTIONS


RUNBOOK = b"""# Release

- [ ] 1. Publish
  - Run `npm publish`
- [ ] 2. Checkpoint: tests pass
"""


def plan_of(tmp_path: Path):  # type: ignore[no-untyped-def]
    return read_runbook(RUNBOOK, name="release", path="release.md")


def test_a_runbook_by_hand_asks_what_its_plan_says(tmp_path: Path) -> None:
    names = set(askable(plan_of(tmp_path), guided("release")))
    assert {"t1-command-1", "t1-command-1-failed-*", "test-command", "begun-t1", "adopt", "rollback-notified"} <= names
    assert "t2-command-1" not in names


def given(tmp_path: Path, text: str) -> GivenAnswers:
    path = tmp_path / "answers.yaml"
    path.write_text(text)
    return given_answers(str(path))


def refused(tmp_path: Path, text: str, workflow: str = "stage-06") -> list[str]:
    target = load_plan(tmp_path, workflow, None, or_own=True)
    try:
        refuse_unasked(given(tmp_path, text), target.plan, target.workflow, tmp_path)
    except BadInput as error:
        assert error.exit_code == 2
        return [f"{each.where.rpartition('/')[2]}: {each.message}" for each in error.problems]
    return []


def test_misspelt_and_never_asked_names_are_refused_with_their_lines(tmp_path: Path) -> None:
    assert refused(tmp_path, "region: eu-west-1\n# a remark\nregoin: eu-west-1\n'favourite': red\n") == [
        "answers.yaml:3:1: no question is called regoin; did you mean region?",
        "answers.yaml:4:1: no question is called favourite",
    ]


def test_all_that_is_wrong_in_a_file_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "release.md").write_bytes(RUNBOOK)
    text = "t1-command-1: rnu\nt1-comand-1: run\nt1-command-1-failed-2:\nadopt: no\nt1-command-1-left: '...'\n"
    assert refused(tmp_path, text, "release.md") == [
        "answers.yaml:1:1: t1-command-1: expected one of run, skip, seen 'rnu'",
        "answers.yaml:2:1: no question is called t1-comand-1; did you mean t1-command-1?",
        "answers.yaml:3:1: 't1-command-1-failed-2': expected text, seen nothing; write the answer in quotes",
        "answers.yaml:4:1: 'adopt': expected text, seen a yes or no of YAML (no); write the answer in quotes",
        "answers.yaml:5:1: 't1-command-1-left': expected an answer, seen '...', which stands for one",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "region: eu-west-1\nproject: shop\nenvironment: test\nalarm-address: none\nstack-name: shop\n",
        "confirm-replace-users: Users\nadopt-orphan-users: Users\nremove-orphan-x-12ab: X\nconsent-2: abcdef1\n",
        "rollback-security: 'yes'\nrollback-notified: nobody\nrollback-left: removed\nadopt: adopt\n",
        "",
        "contract: artifacts/stage-02/migrationContract.json\n",
    ],
)
def test_what_stage_06_may_ask_is_taken_whenever_it_comes(text: str, tmp_path: Path) -> None:
    assert refused(tmp_path, text) == []


@pytest.mark.parametrize("name", ["confirm-replace", "confirm-replce-users", "consent", "applied-2", "t1-command-1"])
def test_what_stage_06_never_asks_is_refused(name: str, tmp_path: Path) -> None:
    assert len(refused(tmp_path, f"{name}: x\n")) == 1


def test_a_pattern_is_suggested_as_one(tmp_path: Path) -> None:
    assert refused(tmp_path, "confirm-replce-users: x\n")[0].endswith("did you mean confirm-replace-*?")


def test_placeholders_of_the_checks_beside_a_runbook_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "release.md").write_bytes(RUNBOOK)
    (tmp_path / "release.checks.yaml").write_text(
        "checks:\n- {id: there, name: It is there, service: dynamodb, operation: describe_table, tasks: ['1'],\n"
        "   parameters: {TableName: '{table}'}, expression: Table.TableStatus, expect: {equals: ACTIVE}}\n"
    )
    assert refused(tmp_path, "table: orders\nt1-command-1: run\ntabel: x\n", "release.md") == [
        "answers.yaml:3:1: no question is called tabel; did you mean table?"
    ]


def test_a_profile_that_the_checks_do_not_have_is_told_with_all_else(tmp_path: Path) -> None:
    (tmp_path / "release.md").write_bytes(RUNBOOK)
    (tmp_path / "release.checks.yaml").write_text(
        "profiles: {dev: {values: {}}, production: {values: {}}}\nchecks:\n"
        "- {id: there, name: It is there, file: {path: x}, tasks: ['1']}\n"
    )
    assert refused(tmp_path, "t1-command-1: rnu\nprofile: dve\n", "release.md") == [
        "answers.yaml:1:1: t1-command-1: expected one of run, skip, seen 'rnu'",
        "answers.yaml:2:1: profile: expected one of dev, production, seen 'dve'",
    ]
    assert refused(tmp_path, "profile: dev\n", "release.md") == []


def test_a_run_is_refused_before_it_begins_and_its_resume_before_it_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    for words in (["init", "-q", "-b", "main"], ["config", "user.name", "Ada"], ["config", "user.email", "ada@x.org"]):
        subprocess.run(["git", "-C", str(place), *words], check=True)
    (place / "release.md").write_bytes(RUNBOOK)
    subprocess.run(["git", "-C", str(place), "add", "."], check=True)
    subprocess.run(["git", "-C", str(place), "commit", "-q", "-m", "A runbook"], check=True)
    wrong, answers = tmp_path / "wrong.yaml", tmp_path / "answers.yaml"
    wrong.write_text("t1-comand-1: skip\n")
    answers.write_text("t1-command-1: skip\n")
    here = ["-C", str(place)]

    assert run([*here, "run", "release.md", "--answers", str(wrong)]) == 2
    assert f"{wrong}:1:1: no question is called t1-comand-1; did you mean t1-command-1?" in capsys.readouterr().err
    assert not (place / ".phasegate").exists()

    assert run([*here, "run", "release.md", "--answers", str(answers)]) == 3
    (journal,) = (place / ".phasegate").glob("*/journal.jsonl")
    before = journal_bytes(journal)
    for verb in (["resume"], ["done", "--no-files"], ["rollback", "--reason", "x"]):
        assert run([*here, *verb, "--answers", str(wrong)]) == 2, verb
        assert "t1-comand-1" in capsys.readouterr().err
    assert journal_bytes(journal) == before


@pytest.mark.parametrize("time", ["22:05", "1:30", "22:05:30.5"])
def test_a_time_that_yaml_reads_as_a_number_is_wanted_in_quotes(tmp_path: Path, time: str) -> None:
    with pytest.raises(BadInput) as refusal:
        given(tmp_path, f"t-0-field-2: {time}\n")
    assert f"write '{time}' in quotes" in str(refusal.value)
    assert dict(given(tmp_path, f"t-0-field-2: '{time}'\n")) == {"t-0-field-2": time}


def test_a_region_that_aws_does_not_have_is_refused_before_the_run(tmp_path: Path) -> None:
    told = "region: AWS has no such region, seen 'eu-wets-1'; did you mean eu-west-1?"
    assert refused(tmp_path, "region: eu-wets-1\n") == [f"answers.yaml:1:1: region: {told.partition(': ')[2]}"]
    (tmp_path / "release.md").write_bytes(RUNBOOK)
    (tmp_path / "release.checks.yaml").write_text(
        'checks:\n  - {id: one, name: One, service: dynamodb, operation: list_tables, region: "{place}", '
        'expression: TableNames, expect: present, tasks: ["1"]}\n'
    )
    assert refused(tmp_path, "place: eu-west-1\n", "release.md") == []
    assert refused(tmp_path, "place: eu-wets-1\n", "release.md") == [
        "answers.yaml:1:1: place: AWS has no such region, seen 'eu-wets-1'; did you mean eu-west-1?"
    ]
