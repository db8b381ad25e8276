"""Two paths never have one name, a path keeps the name that it had, and no rule of the policy is missed by that."""

from __future__ import annotations

import json
import os
from pathlib import Path
from unittest import mock

import pytest

from state.files import sha256
from tests.worlds.command_world import CommandWorld
from workflow.audit import audit_workspace
from workflow.runs.load_plan import load_plan

TWO = "# Two\n\n- [ ] 1. First\n- [ ] 2. Second\n"


def put(world: CommandWorld, *paths: str) -> None:
    for path in paths:
        (world.root / path).parent.mkdir(parents=True, exist_ok=True)
        (world.root / path).write_text(TWO)
    world.git("add", "-A")
    world.git("commit", "-q", "-m", "Runbooks")


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    return CommandWorld(tmp_path)


def four(path: str) -> str:
    return sha256(path.encode())[:4]


@pytest.mark.slow
def test_two_paths_of_one_slug_run_beside_each_other(world: CommandWorld) -> None:
    first, second = "user-auth/tasks.md", "user/auth-tasks.md"
    put(world, first, second)
    names = []
    for path in (first, second):
        assert world("run", path).code == 3
        names.append(load_plan(world.root, path, None).workflow.name)
    assert names == ["user-auth-tasks", f"user-auth-tasks-{four(second)}"]
    for name in names:
        (run,) = [each.name for each in (world.root / ".phasegate").glob(f"{name}-2*") if each.is_dir()]
        with mock.patch.dict(os.environ, {"GIT_AUTHOR_NAME": "Robot", "GIT_AUTHOR_EMAIL": "robot@example.com"}):
            assert world("done", run, "--no-files").code == 0
        digest = json.loads(world("status", run, "--json").out)["waiting_for"]["digest"]
        assert world("approve", run, "--digest", digest).code == 0
        assert world("resume", run, "--until", "1").code == 0
    assert world.subjects()[-2:] == [f"{name} task 1: First" for name in names]
    found = audit_workspace(world.root, None)
    assert [(each.findings, each.done) for each in found] == [([], 1), ([], 1)]


def test_a_path_keeps_its_name_when_another_one_comes_or_its_run_is_over(world: CommandWorld) -> None:
    first, second = "a-b/c.md", "a/b-c.md"
    put(world, first)
    assert world("run", first).code == 3
    put(world, second)
    assert load_plan(world.root, first, None).workflow.name == "a-b-c"
    (run,) = [each.name for each in (world.root / ".phasegate").glob("a-b-c-*") if each.is_dir()]
    assert world("abort", run, "--reason", "enough").code == 0
    assert load_plan(world.root, first, None).workflow.name == "a-b-c"
    assert load_plan(world.root, second, None).workflow.name == f"a-b-c-{four(second)}"


@pytest.mark.parametrize(
    ("path", "beside", "plain"),
    [
        ("stage/06.md", "", "stage-06"),  # a workflow's own name
        ("aws/deploy.md", "", "aws-deploy"),
        ("a/b.md", "a-b.md", "a-b"),  # at the root the name is the file's
        ("(--)/(--).md", "", ""),
        ("d" * 200 + "/tasks.md", "", "d" * 120),
    ],
)
def test_a_name_that_is_taken_or_is_none_gets_four_digits(
    world: CommandWorld, path: str, beside: str, plain: str
) -> None:
    put(world, path, *([beside] if beside else []))
    name = f"{plain}-{four(path)}".lstrip("-")
    found = load_plan(world.root, path, None)
    assert (found.workflow.name, found.workflow.log) == (name, f"artifacts/{name}/working_log.md")
    assert found.workflow.steps == ()
    assert world("run", path).code == 3
    assert world("status").code == 0


def test_a_rule_for_the_name_that_another_path_has_is_not_missed(world: CommandWorld) -> None:
    first, second = "a-b/c.md", "a/b-c.md"
    put(world, first, second)
    assert world("run", first).code == 3
    rules = "gates:\n  - {gate: '*', workflow: a-b-c, approvers: 2}\n"
    (world.root / "phasegate.yaml").write_text(rules)
    world.git("add", "phasegate.yaml")
    world.git("commit", "-q", "-m", "Policy")
    name = f"a-b-c-{four(second)}"
    refused = world("run", second)
    assert refused.code == 2 and f"{second} is called {name}" in refused.error
    (world.root / "phasegate.yaml").write_text(f"{rules}  - {{gate: '*', workflow: {name}, approvers: 2}}\n")
    world.git("commit", "-q", "-am", "Policy for both")
    assert world("run", second).code == 3


def test_a_path_whose_name_the_system_would_not_look_for_gets_a_short_one(world: CommandWorld) -> None:
    path = "/".join(["a-directory-with-a-name" * 4] * 3) + "/tasks.md"
    put(world, path)
    name = load_plan(world.root, path, None).workflow.name
    assert name.endswith(four(path))
    assert len(name) < 200
