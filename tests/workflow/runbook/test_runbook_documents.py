"""What do the four source documents, and this project's own equivalents, become? Their states, listed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from state.model import Plan
from workflow.runbook.marks import flip_all
from workflow.runbook.reader import read_runbook

ROOT = Path(__file__).resolve().parents[3]
GOOD = ROOT / "tests" / "runbooks" / "good"
SEEDS = ROOT.parent / "shared" / "seeds"
OWN_STAGE_06 = ROOT / "phases" / "stage_06" / "runbook.md"

STAGE_06 = ["1.1", "1.2", "1.3", "1.4", "2.1", "3.1", "3.2", "3.3", "4.1", "4.2", "5.1", "5.2", "5.3"]
STAGE_06_ITEMS = (
    "Artifact Organization",
    "Migration Contract",
    "Table Configuration",
    "GSI Configuration",
    "Safety Settings",
    "Template Validation",
    "User Confirmation",
    "Successful Deployment",
    "Contract Compliance",
    "Documentation",
    "Integration Guide",
)
AWS_PHASES = (
    "Pre-Deployment Analysis",
    "Environment Preparation",
    "Infrastructure Deployment",
    "Application Deployment",
    "Validation & Testing",
    "Monitoring Setup",
    "Rollback Preparation",
    "Post-Deployment",
)


def read(path: Path) -> Plan:
    if not path.exists():
        pytest.skip(f"{path.name} is not beside this repository")
    return read_runbook(path.read_bytes(), name=path.stem, path=path.name)


def keys(plan: Plan) -> list[str]:
    return [task.key for task in plan.tasks]


stage_06 = pytest.mark.parametrize("path", [OWN_STAGE_06, SEEDS / "stage-06-tasks.md"], ids=["own", "seed"])
aws_deploy = pytest.mark.parametrize(
    "path", [GOOD / "aws-deploy.md", SEEDS / "aws-deployment-workflow.md"], ids=["own", "seed"]
)


@stage_06
def test_stage_06_is_thirteen_tasks_and_the_output_validation(path: Path) -> None:
    plan = read(path)
    assert plan.shape == "tasks"
    assert [task.id for task in plan.tasks] == [*STAGE_06, ""]
    assert keys(plan) == [*("t" + id_.replace(".", "_") for id_ in STAGE_06), "output_validation_checklist"]
    assert {task.kind for task in plan.tasks[:-1]} == {"task"}
    last = plan.tasks[-1]
    assert (last.kind, last.title, last.box) == ("validation", "Output Validation Checklist", None)
    assert tuple(item.title for item in last.items) == STAGE_06_ITEMS


@stage_06
def test_stage_06_parents_flip_with_their_last_child(path: Path) -> None:
    parents = {task.id: [parent.id for parent in task.parents] for task in read(path).tasks if task.parents}
    assert parents == {"1.4": ["1"], "2.1": ["2"], "3.3": ["3"], "4.2": ["4"], "5.3": ["5"]}


@stage_06
def test_stage_06_commit_messages_name_stage_and_task(path: Path) -> None:
    for task in read(path).tasks[:-1]:
        assert task.commit_message and task.commit_message.startswith(f"stage-06 task {task.id}: ")


@stage_06
def test_stage_06_reads_without_a_finding(path: Path) -> None:
    plan = read(path)
    assert (plan.findings, plan.not_tasks) == ((), ())


@stage_06
def test_stage_06_done_to_the_end_has_every_box_ticked_and_the_same_digest(path: Path) -> None:
    plan, before = read(path), path.read_bytes()
    done = flip_all(before, [box for task in plan.tasks for box in task.boxes()])
    assert done.count(b"- [x] ") == 13 + 5 + 11
    assert b"- [ ] " not in done
    assert read_runbook(done, name=plan.name, path=plan.runbook).digest == plan.digest


def test_own_stage_06_has_the_facts_of_the_seed() -> None:
    def facts(plan: Plan) -> list[object]:
        return [
            (
                task.key,
                task.id,
                task.title,
                task.kind,
                task.commit_message,
                task.requirements,
                [item.title for item in task.items],
                [(parent.id, parent.title) for parent in task.parents],
            )
            for task in plan.tasks
        ]

    seed = SEEDS / "stage-06-tasks.md"
    assert facts(read(OWN_STAGE_06)) == facts(read(seed))
    artifacts = re.compile(r"artifacts/[\w./-]+")
    named = set(artifacts.findall(OWN_STAGE_06.read_text()))
    assert named - set(artifacts.findall(seed.read_text())) == {"artifacts/stage-06/access-and-security.md"}
    assert set(artifacts.findall(seed.read_text())) <= named


@aws_deploy
def test_aws_deploy_is_eight_phases_each_with_criteria_and_a_gate_to_the_next(path: Path) -> None:
    plan = read(path)
    assert plan.shape == "phases"
    assert keys(plan) == [f"phase_{number}" for number in range(1, 9)]
    assert tuple(task.title for task in plan.tasks) == AWS_PHASES
    assert all(task.exit_criteria for task in plan.tasks)
    assert [task.gate for task in plan.tasks] == [
        *(f"Request permission to proceed to Phase {number}" for number in range(2, 9)),
        "",
    ]
    lines = path.read_text().split("\n")
    assert all(task.gate in lines[task.gate_line - 1] for task in plan.tasks if task.gate)


@aws_deploy
def test_aws_deploy_keeps_rollback_cost_and_security_out_of_the_states(path: Path) -> None:
    left_out = " ".join(finding.message for finding in read(path).not_tasks)
    for heading in ("Rollback Procedures", "Cost Monitoring", "Security Considerations"):
        assert heading in left_out


@aws_deploy
def test_aws_deploy_names_the_placeholders_that_are_to_be_filled_in(path: Path) -> None:
    commands = {command.first: command.placeholders for task in read(path).tasks for command in task.commands}
    assert commands["aws sts get-caller-identity"] == ()
    assert commands["aws [service] describe-[resource]"][:2] == ("[service]", "[resource]")


def test_own_aws_deploy_reads_its_exit_criteria_as_plain_text() -> None:
    first = read(GOOD / "aws-deploy.md").task("phase_1")
    assert first.exit_criteria == ("Scope is written down", "Credentials work")
    assert list(first.boxes()) == []


def test_own_checklist_is_its_sections() -> None:
    plan = read(GOOD / "deployment-checklist.md")
    assert plan.shape == "checklist"
    assert [(task.key, task.id, len(task.items)) for task in plan.tasks] == [
        ("environment_setup", "", 3),
        ("testing", "", 1),
        ("t13_1", "13.1", 3),
        ("monitoring_alarms", "", 2),
        ("testing_5", "", 1),
        ("immediate_rollback", "", 1),
        ("production_environment", "", 3),
    ]
    assert {task.kind for task in plan.tasks} == {"section"}
    assert plan.task("testing_5").heading == ("Release checklist", "Afterwards")


def test_own_checklist_finds_the_commands_of_items_and_of_blocks_but_not_the_expected_output() -> None:
    plan = read(GOOD / "deployment-checklist.md")
    setup = plan.task("environment_setup")
    assert [[command.text for command in item.commands] for item in setup.items] == [
        [],
        ["npm install -g aws-cdk"],
        ["make install"],
    ]
    tables = plan.task("t13_1")
    assert [(command.text.split("\n"), command.placeholders) for command in tables.commands] == [
        (
            [
                "aws dynamodb list-tables --region us-east-1",
                "aws dynamodb describe-table --table-name <TABLE> --region us-east-1",
            ],
            ("<TABLE>",),
        ),
    ]


def test_own_checklist_never_ticks_a_no_go_list_and_says_so() -> None:
    plan = read(GOOD / "deployment-checklist.md")
    said = [(finding.code, finding.line) for finding in plan.findings if finding.code == "no-go"]
    assert said == [("no-go", 57), ("no-go", 58)]
    assert not {57, 58} & {box.line for task in plan.tasks for box in task.boxes()}


def test_own_checklist_reports_sign_off_lines_as_fields_to_fill_in() -> None:
    said = [finding.line for finding in read(GOOD / "deployment-checklist.md").findings if finding.code == "sign-off"]
    assert said == [64, 65]


def test_own_checklist_marks_a_section_that_is_done_only_when_something_fails() -> None:
    plan = read(GOOD / "deployment-checklist.md")
    assert [task.key for task in plan.tasks if task.optional] == ["immediate_rollback"]
    assert "the deployment fails" in next(f.message for f in plan.findings if f.code == "conditional-section")
    assert any("Execute Rollback" in finding.message for finding in plan.not_tasks)


def test_own_infra_list_has_checkpoints_optional_property_tests_and_requirements() -> None:
    plan = read(GOOD / "deployment-infra.md")
    assert keys(plan) == ["t1_1", "t1_2", "t2_1", "t2_2", "t2_3", "t2_4", "t3", "t4_1", "t5"]
    assert [task.key for task in plan.tasks if task.kind == "checkpoint"] == ["t3", "t5"]
    assert [task.key for task in plan.tasks if task.optional] == ["t2_2", "t2_4"]
    assert [parent.id for parent in plan.task("t2_3").parents] == ["2"]  # not held back by the optional 2.4
    assert plan.task("t1_1").requirements == ("Module independence",)
    assert plan.task("t4_1").requirements == ("All",)
    assert plan.task("t2_4").validates == ("6.1", "6.4")
    assert plan.task("t2_4").properties == ("Property 6: Secret Isolation",)
    assert plan.findings == ()


@pytest.mark.parametrize(
    "name", ["stage-06-tasks", "aws-deployment-workflow", "deployment-checklist", "deployment-infra-tasks"]
)
def test_a_seed_reads_without_a_warning(name: str) -> None:
    plan = read(SEEDS / f"{name}.md")
    assert [finding for finding in plan.findings if finding.severity != "note"] == []


def test_seed_checklist_is_seventeen_sections() -> None:
    plan = read(SEEDS / "deployment-checklist.md")
    assert plan.shape == "checklist"
    assert keys(plan) == [
        "environment_setup",
        "configuration",
        "testing",
        "cdk_bootstrap",
        "t13_1",
        "t13_2",
        "t13_3",
        "monitoring_alarms",
        "verification",
        "testing_10",
        "configuration_production_only",
        "documentation",
        "immediate_rollback",
        "post_rollback",
        "development_environment",
        "staging_environment",
        "production_environment",
    ]
    assert [task.key for task in plan.tasks if task.optional] == ["immediate_rollback", "post_rollback"]
    assert sum(len(task.items) for task in plan.tasks) == 116


def test_seed_infra_list_is_fifty_nine_leaves_with_four_checkpoints_and_ten_properties() -> None:
    plan = read(SEEDS / "deployment-infra-tasks.md")
    below = {1: 3, 2: 7, 4: 7, 5: 4, 7: 7, 8: 4, 10: 4, 11: 2, 12: 2, 13: 2, 14: 3, 15: 4, 16: 4, 17: 2}
    leaves = [f"{part}.{number}" for part in below for number in range(1, below[part] + 1)]
    states = sorted([*leaves, "3", "6", "9", "18"], key=lambda id_: [int(part) for part in id_.split(".")])
    assert plan.shape == "tasks"
    assert [task.id for task in plan.tasks] == states
    assert [task.id for task in plan.tasks if task.kind == "checkpoint"] == ["3", "6", "9", "18"]
    numbers = sorted(int(task.properties[0].split()[1].rstrip(":")) for task in plan.tasks if task.properties)
    assert numbers == list(range(1, 11))


def test_tree_document_gives_every_box_to_exactly_one_state() -> None:
    plan = read(GOOD / "tree.md")
    lines = [box.line for task in plan.tasks for box in task.boxes()]
    boxes = [number for number, line in enumerate((GOOD / "tree.md").read_text().split("\n"), 1) if " [ ]" in line]
    assert sorted(lines) == boxes
