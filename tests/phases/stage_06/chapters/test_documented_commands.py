"""Do the documents' AWS commands exist? Every one is looked up in botocore: service, operation, parameters, values."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from phases.documents.markdown import code_blocks
from phases.stage_06 import paths
from phases.stage_06.task_4_2_access import configure_access
from phases.stage_06.task_5_1_summary import write_summary
from phases.stage_06.task_5_3_integration import write_integration_guide
from tests.worlds.aws_commands import aws_commands, fault
from tests.worlds.deployed_world import REGION
from tests.worlds.step_world import StepWorld


@pytest.fixture(scope="module")
def documents(deployed: StepWorld) -> list[str]:
    world = deployed.fork()
    world.run(configure_access)
    world.run(write_summary)
    world.run(write_integration_guide)
    return [world.read(path).decode() for path in (paths.ACCESS, paths.SUMMARY, paths.INTEGRATION_GUIDE)]


@pytest.mark.slow
def test_every_command_is_one_that_the_command_line_has(documents: list[str]) -> None:
    commands = [words for text in documents for words in aws_commands(text)]

    assert len(commands) > 40
    assert {words[1] for words in commands} == {"sts", "ec2", "dynamodb", "cloudformation", "cloudwatch", "sns", "iam"}
    assert [f"{' '.join(words[:4])}: {said}" for words in commands if (said := fault(words))] == []


def test_every_regional_command_names_the_region_of_the_deployment(documents: list[str]) -> None:
    commands = [words for text in documents for words in aws_commands(text) if words[1] not in ("iam", "sts")]

    assert [words for words in commands if _pair(words, "--region") != ["--region", REGION]] == []


def _pair(words: list[str], option: str) -> list[str]:
    at = words.index(option) if option in words else len(words)
    return words[at : at + 2]


@pytest.mark.parametrize(
    "wrong",
    [
        "aws dynamodb describe-tables --table-name T",
        "aws dynamodb describe-table --table T",
        "aws dynamodb describe-table",
        "aws dynamodb wait table-is-there --table-name T",
        "aws cloudwatch set-alarm-state --alarm-name A --state-value RED --state-reason r",
    ],
)
def test_a_wrong_command_would_be_seen(wrong: str) -> None:
    assert fault(shlex.split(wrong))


def test_every_shell_block_is_shell(documents: list[str]) -> None:
    for text in documents:
        for number, block in enumerate(code_blocks(text, "bash")):
            checked = subprocess.run(["bash", "-n"], input=block, text=True, capture_output=True)
            assert checked.returncode == 0, f"block {number}: {checked.stderr}"
