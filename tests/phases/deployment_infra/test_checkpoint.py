"""What does a checkpoint make of the module's tests and of tools? Red closes the gate, absent is not checked."""

from __future__ import annotations

import shlex
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from phases.deployment_infra import tools
from phases.deployment_infra.answers import values_of
from phases.deployment_infra.render import render
from phases.deployment_infra.tasks import STEPS
from phases.deployment_infra.tools import TOOLS, Tool, run_tool
from phases.step import Check
from tests.worlds.rendered_module import EXAMPLE
from tests.worlds.step_world import StepWorld
from workflow.doors.masking import mask

pytestmark = pytest.mark.slow
SCHEMA_TOOLS = "tests/infrastructure/schema"
CHECKPOINT = next(step for step in STEPS if step.task_id == "3")


def without_files(root: Path, monkeypatch: pytest.MonkeyPatch) -> StepWorld:
    """A run whose tasks before the checkpoint wrote nothing that is looked at."""
    monkeypatch.setattr("phases.deployment_infra.checkpoint.FILES", {})
    world = StepWorld(root, run_id="deployment-infra-20260102-030405")
    world.give_data("1.1", {"answers": dict(EXAMPLE), "before": {}})
    return world


def said(root: Path, command: str, program: str = "sh") -> Check:
    return run_tool(StepWorld(root).ctx(), Tool("lint", program, "echo lint 1.0", command))


def test_a_tool_that_is_not_there_is_not_checked(tmp_path: Path) -> None:
    check = said(tmp_path, "true", program="no-such-tool-anywhere")
    assert (check.verdict, check.seen) == ("not-checked", "not run: no-such-tool-anywhere not found")


@pytest.mark.parametrize(
    ("command", "verdict", "words"),
    [
        ("true", "pass", "no problem, by lint 1.0"),
        ("echo ci.yml:3: wrong; exit 1", "fail", "ci.yml:3: wrong"),
        ("exit 2", "fail", "exit code 2"),
    ],
)
def test_a_tool_is_judged_by_its_exit_code(tmp_path: Path, command: str, verdict: str, words: str) -> None:
    check = said(tmp_path, command)
    assert check.verdict == verdict and words in check.seen


# As each tool says it. Sources: a run of each on a file with one mistake.
SAID = [
    ("yamllint", "monitoring/a.yml:2:1: [error] syntax error: expected (syntax)", "monitoring/a.yml:2"),
    ("actionlint", ".github/workflows/ci.yml:9:7: unexpected key [syntax-check]", ".github/workflows/ci.yml:9"),
    ("zizmor", "error[unpinned-uses]\n   --> .github/workflows/ci.yml:19:9\n", ".github/workflows/ci.yml:19"),
    ("detect-secrets", "Secret Type: Secret Keyword\nLocation:    terraform/a.tf:18\n", "terraform/a.tf:18"),
    ("shellcheck", "scripts/a.sh:3:6: note: Double quote to prevent [SC2086]", "scripts/a.sh:3"),
    ("hadolint", "ci/Dockerfile:1 DL3006 warning: Always tag", "ci/Dockerfile:1"),
    ("terraform validate", "Error: Unsupported argument\n\n  on main.tf line 7, in resource:", "main.tf:7"),
    ("terraform fmt", "--- old/terraform/a.tf\n+++ new/terraform/a.tf\n@@ -3,4 +3,4 @@", "terraform/a.tf:3"),
    (
        "checkov",
        """{"results": {"failed_checks": [{"repo_file_path": "/terraform/a.tf", "file_line_range": [17, 36]}]},
        "summary": {"parsing_errors": 0, "resource_count": 1}}""",
        "terraform/a.tf:17",
    ),
]


@pytest.mark.parametrize(("name", "output", "place"), SAID, ids=[name for name, _, _ in SAID])
def test_a_refusal_names_file_and_line(tmp_path: Path, name: str, output: str, place: str) -> None:
    tool = next(tool for tool in TOOLS if tool.name == name)
    command = f"echo {shlex.quote(output)}; exit 1"
    check = run_tool(StepWorld(tmp_path).ctx(), replace(tool, program="sh", version="echo 1.0", command=command))
    assert (check.verdict, check.where) == ("fail", place)
    told = f"{check.where}: {check.name}: expected {check.expected}, seen {check.seen}"
    assert mask(told) == told


def test_every_tool_whose_refusals_have_places_is_held_to_name_them() -> None:
    assert {tool.name for tool in TOOLS} - {name for name, _, _ in SAID} == {"promtool"}  # which names the rule alone


def test_a_refusal_without_a_place_names_the_command(tmp_path: Path) -> None:
    assert said(tmp_path, "exit 2").where == "exit 2"


@pytest.mark.parametrize(
    ("name", "command", "verdict", "words"),
    [
        ("checkov", """echo '[{"summary": {"parsing_errors": 0, "resource_count": 4}}]'""", "pass", "no problem"),
        (
            "checkov",
            """echo '{"summary": {"parsing_errors": 0, "resource_count": 4}}'; exit 1""",
            "fail",
            "exit code 1",
        ),
        (
            "checkov",
            """echo '{"summary": {"parsing_errors": 2, "resource_count": 4}}'""",
            "not-checked",
            "parse 2 file",
        ),
        ("checkov", """echo '{"parsing_errors": 0, "resource_count": 0}'""", "not-checked", "found no resource"),
        (
            "checkov",
            """echo '{"resource_count": 9}'; echo '[{"summary": {"parsing_errors": 1}}]'""",
            "not-checked",
            "parse 1",
        ),
        ("checkov", "echo Traceback; exit 1", "not-checked", "without an answer"),
        ("checkov", "true", "not-checked", "without an answer"),
        ("zizmor", "exit 3", "not-checked", "found no workflow"),
        ("zizmor", "echo unpinned-uses; exit 14", "fail", "unpinned-uses"),
    ],
)
def test_a_tool_that_looked_at_nothing_is_not_checked_whatever_its_exit_code(
    tmp_path: Path, name: str, command: str, verdict: str, words: str
) -> None:
    tool = next(tool for tool in TOOLS if tool.name == name)
    check = run_tool(StepWorld(tmp_path).ctx(), replace(tool, program="sh", version="echo 1.0", command=command))
    assert check.verdict == verdict and words in check.seen, check.seen


@pytest.mark.parametrize(
    ("init", "verdict", "words"),
    [
        ("echo 'Error: Failed to query available provider packages'; exit 1", "not-checked", "not run: no provider"),
        ("echo 'Error: Invalid block definition'; exit 1", "fail", "Invalid block definition"),
        ("true", "pass", "1 root(s) valid, 0 run(s) of terraform test pass, against hashicorp/aws"),
    ],
)
def test_terraform_without_a_provider_is_not_checked_and_any_other_refusal_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, init: str, verdict: str, words: str
) -> None:
    stand_in = tmp_path / "bin" / "terraform"
    stand_in.parent.mkdir()
    stand_in.write_text(f'#!/bin/sh\ncase "$*" in *" init "*) {init} ;; esac\n')
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", str(stand_in.parent), prepend=":")
    monkeypatch.delenv("PROVIDER_SCHEMA", raising=False)
    work = tmp_path / "work"
    for path in ("terraform/bootstrap", "monitoring", SCHEMA_TOOLS):
        (work / path).mkdir(parents=True)
    for name in ("validate.py", "provider_schema.py"):
        (work / SCHEMA_TOOLS / name).write_bytes(render(f"{SCHEMA_TOOLS}/{name}", values_of(EXAMPLE)))
    validate = next(tool for tool in TOOLS if tool.name == "terraform validate")
    check = run_tool(StepWorld(work).ctx(), validate)
    assert check.verdict == verdict and words in check.seen, check.seen
    left = sorted(path.name for path in work.rglob("*") if ".git" not in path.parts and not path.is_dir())
    assert left == ["provider_schema.py", "validate.py"]


@pytest.mark.skipif(shutil.which("make") is None, reason="make not found")
@pytest.mark.parametrize(("recipe", "verdict"), [("@echo 3 passed", "pass"), ("@echo 1 failed; exit 1", "fail")])
def test_the_modules_own_tests_open_and_close_the_gate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recipe: str, verdict: str
) -> None:
    monkeypatch.setattr("phases.deployment_infra.checkpoint.TOOLS", ())
    (tmp_path / "Makefile").write_text(f"test:\n\t{recipe}\n")
    work = without_files(tmp_path, monkeypatch).run(CHECKPOINT)
    (check,) = work.checks
    assert check.verdict == verdict, check.seen
    assert [section.title for section in work.review] == ["make test"]


@pytest.mark.skipif(shutil.which("make") is None, reason="make not found")
def test_tests_that_are_red_are_named_with_what_they_say_and_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("phases.deployment_infra.checkpoint.TOOLS", ())
    (tmp_path / "test_one.py").write_text(
        "import pytest\n\n\ndef test_a():\n    assert 1 == 2, 'terraform/x.tf: recovery'\n\n\n"
        "@pytest.fixture\ndef broken():\n    raise ValueError('no answers')\n\n\ndef test_b(broken): pass\n"
    )
    (tmp_path / "pytest.ini").write_bytes(render("tests/infrastructure/pytest.ini", values_of(EXAMPLE)))
    (tmp_path / "Makefile").write_text(f"test:\n\t@{sys.executable} -m pytest -c pytest.ini --rootdir . test_one.py\n")
    (check,) = without_files(tmp_path, monkeypatch).run(CHECKPOINT).checks
    assert check.verdict == "fail"
    assert check.seen == (
        "exit code 2: ERROR at setup of test_b: ValueError: no answers; "
        "test_a: AssertionError: terraform/x.tf: recovery"
    )
    assert check.where == "test_one.py:10, test_one.py:5"


@pytest.mark.skipif(shutil.which("make") is None, reason="make not found")
def test_a_test_of_the_module_that_was_not_run_is_not_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phases.deployment_infra.checkpoint.TOOLS", ())
    (tmp_path / "test_one.py").write_text(
        "import pytest\n\n"
        "def test_a(): pass\n\n"
        "def test_b(): pytest.skip('not run: no server')\n\n"
        "@pytest.mark.skip(reason='not run: no [other] server: none')\ndef test_c(): pass\n"
    )
    (tmp_path / "pytest.ini").write_bytes(render("tests/infrastructure/pytest.ini", values_of(EXAMPLE)))
    (tmp_path / "Makefile").write_text(f"test:\n\t@{sys.executable} -m pytest -c pytest.ini --rootdir . test_one.py\n")
    work = without_files(tmp_path, monkeypatch).run(CHECKPOINT)
    assert [(check.name, check.verdict) for check in work.checks] == [
        ("make test", "pass"),
        ("make test: test_one.py", "not-checked"),
        ("make test: test_one.py", "not-checked"),
    ]
    assert [check.seen for check in work.checks[1:]] == ["not run: no server", "not run: no [other] server: none"]


def test_without_make_the_tests_are_not_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools.shutil, "which", lambda _program: None)
    work = without_files(tmp_path, monkeypatch).run(CHECKPOINT)
    assert {check.verdict for check in work.checks} == {"not-checked"}
