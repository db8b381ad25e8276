"""What is asked before a deployment? Region, environment, alarm address and stack name, with what is acceptable."""

from __future__ import annotations

import re
from collections.abc import Callable

from phases.aws import NoRegion
from phases.step import Question, StepContext

NO_ADDRESS = "none"

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_ENVIRONMENT = re.compile(r"[a-z][a-z0-9-]{0,31}")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
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
        problem_with=_must_match(_REGION, "a region such as eu-west-1"),
    )


def environment() -> Question:
    """Which environment the tables belong to; it is on every tag."""
    return Question(
        "environment",
        "Which environment is this (dev, test, staging, prod, ...)?",
        default="dev",
        problem_with=_must_match(_ENVIRONMENT, "a lower-case letter, then up to 31 of a-z, 0-9 and -"),
    )


def alarm_address() -> Question:
    """Who gets the alarms; nobody must be said, it is not taken from an empty answer."""
    expected = _must_match(_ADDRESS, f"an e-mail address, or {NO_ADDRESS}")
    return Question(
        "alarm-address",
        f"Which e-mail address shall get the alarms ({NO_ADDRESS}: nobody, they only show on the dashboard)?",
        default=NO_ADDRESS,
        problem_with=lambda said: None if said == NO_ADDRESS else expected(said),
    )


def stack_name(ctx: StepContext) -> Question:
    """What the stack is called. The default carries the run's start, once: a resumed run finds its stack."""
    return Question(
        "stack-name",
        "What shall the CloudFormation stack be called? The name of a stack that phasegate made updates it.",
        default=f"dynamodb-migration-stack-{ctx.started_at:%Y%m%d-%H%M%S}",
        problem_with=_must_match(_STACK, "a letter, then up to 127 letters, digits and hyphens"),
    )


def _must_match(pattern: re.Pattern[str], expected: str) -> Callable[[str], str | None]:
    return lambda said: None if pattern.fullmatch(said) else f"expected {expected}"
