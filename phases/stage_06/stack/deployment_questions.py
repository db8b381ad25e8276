"""What is asked before a deployment? Region, project, environment, alarm address, stack name; what is acceptable."""

from __future__ import annotations

import re
from collections.abc import Callable

from phases.aws import NoRegion
from phases.step import Question, StepContext
from phases.tried_answers import problem_with_address, problem_with_region

NO_ADDRESS = "none"

# what is acceptable, in words
A_REGION = "a region such as eu-west-1"
A_PROJECT = "a letter or digit, then up to 127 letters, digits, blanks and _./=+@-"
AN_ENVIRONMENT = "a lower-case letter, then up to 31 of a-z, 0-9 and -"
AN_ADDRESS = f"an e-mail address, or {NO_ADDRESS}"
A_STACK = "a letter, then up to 127 letters, digits and hyphens"

_ENVIRONMENT = re.compile(r"[a-z][a-z0-9-]{0,31}")
# Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html (StackName)
_STACK = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")


def region(ctx: StepContext) -> Question:
    """Which region; the configured one is offered where there is one."""
    try:
        configured: str | None = ctx.aws.region
    except NoRegion:
        configured = None
    return Question(
        "region",
        "Which AWS region shall the tables be deployed to?",
        default=configured,
        problem_with=lambda said: problem_with_region(said, ctx.aws.models.regions()),
        stays=True,
    )


def project(ctx: StepContext) -> Question:
    """Which project the tables belong to; it is on every tag. The repository's name is offered."""
    from phases.stage_06.template.template import PROJECT_PATTERN  # here: listing the questions does not need it

    return Question(
        "project",
        "Which project do the tables belong to? It is the tag by which costs are told apart.",
        default=_as_tag(ctx.git.repository()),
        problem_with=_must_match(re.compile(PROJECT_PATTERN), A_PROJECT),
        stays=True,
    )


def _as_tag(name: str) -> str:
    """A name with what no tag takes made `_`; "" is "repository"."""
    return re.sub(r"[^A-Za-z0-9_./=+@-]", "_", name)[:128].lstrip("_./=+@-") or "repository"


def environment() -> Question:
    """Which environment the tables belong to; it is on every tag."""
    return Question(
        "environment",
        "Which environment is this (dev, test, staging, prod, ...)?",
        default="dev",
        problem_with=_must_match(_ENVIRONMENT, AN_ENVIRONMENT),
        stays=True,
    )


def alarm_address() -> Question:
    """Who gets the alarms; nobody must be said, it is not taken from an empty answer."""
    return Question(
        "alarm-address",
        f"Which e-mail address shall get the alarms ({NO_ADDRESS}: nobody, they only show on the dashboard)?",
        default=NO_ADDRESS,
        problem_with=lambda said: (
            f"expected {AN_ADDRESS}" if said != NO_ADDRESS and problem_with_address(said) else None
        ),
        stays=True,
    )


def stack_name(ctx: StepContext) -> Question:
    """What the stack is called. The default carries the run's start, once: a resumed run finds its stack."""
    return Question(
        "stack-name",
        "What shall the CloudFormation stack be called? The name of a stack that phasegate made updates it.",
        default=f"dynamodb-migration-stack-{ctx.started_at:%Y%m%d-%H%M%S}",
        problem_with=_must_match(_STACK, A_STACK),
        stays=True,
    )


def _must_match(pattern: re.Pattern[str], expected: str) -> Callable[[str], str | None]:
    return lambda said: None if pattern.fullmatch(said) else f"expected {expected}"
