"""What may stage-06 ask? Every question of its steps, as it can be told before the run."""

from __future__ import annotations

from phases.asked import Asked
from phases.stage_06.live import drift
from phases.stage_06.live.other_settings import question
from phases.stage_06.stack.deployment_questions import (
    A_PROJECT,
    A_REGION,
    A_STACK,
    AN_ADDRESS,
    AN_ENVIRONMENT,
    alarm_address,
    environment,
)
from phases.stage_06.template.contract_source import WHICH

_NAME = "the name, typed exactly"
_DIGEST = "the first 7 characters of the digest that is shown"

QUESTIONS = (
    WHICH.asked(task="1.1", when="where two contracts are there and differ"),
    Asked(
        "region",
        "Which AWS region shall the tables be deployed to?",
        "3.1",
        expects=f"{A_REGION}; by default the configured one",
        is_region=True,
    ),
    Asked(
        "project",
        "Which project do the tables belong to?",
        "3.1",
        expects=f"{A_PROJECT}; by default the repository's name",
    ),
    environment().asked(task="3.1", expects=AN_ENVIRONMENT),
    alarm_address().asked(task="3.1", expects=AN_ADDRESS),
    Asked(
        "stack-name",
        "What shall the CloudFormation stack be called?",
        "3.1",
        expects=f"{A_STACK}; by default dynamodb-migration-stack- and the run's start",
    ),
    Asked(
        "template-bucket",
        "Which S3 bucket may hold the template while the change set is made?",
        "3.1",
        expects="a bucket in the same region that you may write to; the sandbox brings one",
        when="where the template is too large to be sent inline",
    ),
    Asked(
        "confirm-replace-*", "A table is removed or replaced.", expects=_NAME, when="where a change set would do that"
    ),
    Asked(
        "adopt-table-*",
        "A table of the contract is there already, outside the stack. Adopt it?",
        "3.1",
        default="no",
        expects=f"{_NAME}, or no",
        when="where a table of the contract stands outside the stack",
        suggest=False,
    ),
    Asked(
        "adopt-orphan-*",
        "A table was left behind, empty, by a failed stack. Adopt it?",
        "3.2",
        default="no",
        expects=f"{_NAME}, or no",
        when="where a failed stack left one",
    ),
    Asked("remove-orphan-*", "A table was left behind.", "3.2", expects=_NAME, when="where a failed stack left one"),
    Asked("retry-failed-stack", "The stack failed.", "3.2", expects=_NAME, when="where its creation failed"),
    Asked(
        "consent-*", "Execute what is shown?", "3.2", expects=_DIGEST, when="where a change set had to be made again"
    ),
    Asked("consent-import-*", "Import what is shown?", "3.2", expects=_DIGEST, when="where tables are adopted"),
    drift.question().asked(
        task="3.1",
        expects="the names of the checks, with commas between them, or none",
        when="where the account is not as it was deployed last",
    ),
    drift.question_back().asked(
        task="3.1",
        expects="the names of the checks, with commas between them, or none",
        when="where the account is not as it was deployed last, and not all of it is taken in",
    ),
    question().asked(
        task="4.1",
        expects="the names of the checks, with commas between them, or none",
        when="where a live table has a setting that neither contract nor template asks for",
    ),
    Asked(
        "rollback-left",
        "Resources stand in the account.",
        "R2",
        default="stays",
        choices=("stays", "removed"),
        when="in a rollback, where it left some",
        suggest=False,
    ),
)
