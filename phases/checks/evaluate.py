"""What does AWS answer to a check, and is it as expected? The only file of this package that calls AWS.

Rules:
- What is not there is a fact and is judged: "absent" passes.
- What could not be looked at (denied, a region that is off, an operation that the sandbox lacks, an answer that goes
  on and on) is not checked, with the reason; it is never passed.
- What says nothing of the resource (no credentials, an expired token, no network, AWS's own fault) is raised as it is:
  the run pauses and goes on later.
- A verdict is about the real answer; what is shown and kept of it has its secrets hidden.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from phases.aws import (
    AwsError,
    AwsPort,
    Denied,
    ExpiredToken,
    NoCredentials,
    NoRegion,
    NotFound,
    Throttled,
    Unreachable,
)
from phases.checks.answer import TooManyPages, as_json, merge_pages, truncated
from phases.checks.definition import DeclaredCheck
from phases.checks.expression import BadExpression
from phases.checks.masking import HIDDEN, masked
from phases.documents.regular_expression import Undecided
from phases.step import Check
from state.evidence import Verdict

State = Literal["passed", "failed", "not checked"]
MaskText = Callable[[str], str]

_SANDBOX_LACKS = "the sandbox does not implement this operation"
SHOWN = 200  # characters of what was seen
# What a region that the account has not turned on answers: its endpoints do not know the caller.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html
_REGION_OFF = (
    "OptInRequired",
    "InvalidRegion",
    "SubscriptionRequiredException",
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "AuthFailure",
)
_AWS_AT_FAULT = re.compile(r"^(Internal\w*|ServiceUnavailable\w*|ServiceException|5\d\d)$")
# What a page of an answer says of the next one, where boto3 cannot follow it.
_MORE = re.compile(r"(?i)^(next_?(page)?_?(token|marker)|pagination_?token)$")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one check.

    Attributes:
        seen: the expression's value as people would write it, secrets hidden; "" when there was none.
        reason: why it was not checked, or what AWS said of a call that it refused; else "".
        request: `service, operation, region, parameters`, secrets hidden.
        answer: what AWS answered, secrets hidden, cut to size; None when it did not.
        looks: how often it was asked; `waited`: how long between the looks, in sum [s].
    """

    check: DeclaredCheck
    state: State
    seen: str
    reason: str
    request: Mapping[str, object]
    answer: Any = None
    looks: int = 1
    waited: float = 0

    @property
    def verdict(self) -> Verdict:
        """As a step reports it: a failure of a check that only notes is a note."""
        if self.state == "not checked":
            return "not-checked"
        return "pass" if self.state == "passed" else self.check.severity

    @property
    def answers(self) -> tuple[str, ...]:
        return self.check.answers

    def as_check(self) -> Check:
        """The exit check that a step hands in."""
        seen = "; ".join(part for part in (self.seen, self.reason) if part)
        after = f" (after {self.waited:g} s)" if self.waited else ""
        return Check(self.check.name, self.check.expected, seen + after, self.verdict, self.check.place, self.answers)


def evaluate(
    check: DeclaredCheck,
    aws: AwsPort,
    *,
    wait: Callable[[float], None],
    progress: Callable[[str], None] = lambda _text: None,
    mask_text: MaskText = lambda text: text,
) -> Outcome:
    """Ask AWS until the answer is as expected, at most for `check.within` seconds of waiting.

    Args:
        check: with its placeholders filled.
        wait: lets time pass [s]; `StepContext.wait` in a step.
        mask_text: hides secrets that are known by their form.

    Raises NoCredentials, ExpiredToken, NoRegion, Throttled, Unreachable, and AwsError for a fault of AWS's own.
    """
    waited, looks = 0.0, 0
    while True:
        looks += 1
        outcome = replace(_once(check, aws, mask_text), looks=looks, waited=waited)
        if outcome.state != "failed" or waited >= check.within:
            return outcome
        pause = min(check.every, check.within - waited)
        progress(f"  {check.name}: {outcome.seen or outcome.reason}; next look in {pause:g} s")
        wait(pause)
        waited += pause


def _once(check: DeclaredCheck, aws: AwsPort, mask_text: MaskText) -> Outcome:
    home = aws.region
    elsewhere = bool(check.region) and check.region != home
    port = aws.at(check.region) if elsewhere else aws
    operation = check.operation
    request = {
        "service": operation.service,
        "operation": operation.name,
        "region": check.region or home,
        "parameters": truncated(masked(as_json(check.parameters), operation.parameters), mask_text),
    }

    def not_checked(reason: str) -> Outcome:
        return Outcome(check, "not checked", "", mask_text(reason), request)

    try:
        answer = merge_pages(port.pages(operation.service, operation.name, **check.parameters), operation.pages)
    except NotImplementedError:
        if not aws.sandbox:
            raise
        return not_checked(_SANDBOX_LACKS)
    except TooManyPages as error:
        return not_checked(str(error))
    except (ExpiredToken, NoRegion, Throttled, Unreachable):
        raise
    except AwsError as error:
        if aws.sandbox and _is_gap(error, operation.method):
            return not_checked(_SANDBOX_LACKS)
        if isinstance(error, NotFound):
            return _judged(check, None, request, f"not there ({error.code})", mask_text)
        if isinstance(error, Denied):
            return not_checked(f"access denied: {error.reason or error.message}")
        if error.code in _REGION_OFF and (elsewhere or not isinstance(error, NoCredentials)):
            return not_checked(f"the service is off in {check.region or home}: {error.code}: {error.reason}")
        if isinstance(error, NoCredentials) or not error.code or _AWS_AT_FAULT.match(error.code):
            raise
        return Outcome(
            check, "failed", "", mask_text(f"AWS refuses the request: {error.code}: {error.reason}"), request
        )
    further = [name for name, value in answer.items() if value and _MORE.match(name)] if not operation.pages else []
    if further:
        return not_checked(f"the answer goes on ({further[0]}) and boto3 cannot follow it: narrow the parameters")
    return _judged(check, answer, request, "", mask_text)


def _judged(
    check: DeclaredCheck, answer: Any, request: Mapping[str, Any], not_there: str, mask_text: MaskText
) -> Outcome:
    shown = masked(answer, check.operation.answer)
    try:
        value = check.expression.search(answer) if answer is not None else None
    except BadExpression as error:
        return Outcome(check, "failed", "", mask_text(str(error)), request, truncated(shown, mask_text))
    try:
        state: State = "passed" if check.expect.holds(value) else "failed"
    except Undecided as error:
        return Outcome(check, "not checked", "", mask_text(str(error)), request, truncated(shown, mask_text))
    return Outcome(
        check, state, not_there or _said(check, value, shown, mask_text), "", request, truncated(shown, mask_text)
    )


def _said(check: DeclaredCheck, value: object, shown: object, mask_text: MaskText) -> str:
    """The value as people would write it; one that the hidden answer does not give is not shown."""
    if value is None:
        return "nothing"
    if not isinstance(value, bool):
        try:
            if check.expression.search(shown) != value:
                return HIDDEN
        except BadExpression:
            return HIDDEN
    text = json.dumps(truncated(value, mask_text), ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text):,} characters)"


def _is_gap(error: AwsError, method: str) -> bool:
    """Whether the sandbox's server, not a service in it, gave that answer: moto answers 404 or 500 by itself."""
    no_code = error.code == "404" and method != "HEAD"  # a HEAD has no body for a code
    return no_code or error.code in ("", "500", "501", "NotImplemented")
