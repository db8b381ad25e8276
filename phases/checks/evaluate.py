"""What does AWS answer to a check, and is it as expected? The only file of this package that calls AWS;
what is on this machine is `local/look_here.py`'s to see.

Rules:
- What is not there is judged, and "absent" passes where AWS says so: that the resource does not exist, or an answer in
  which there was something to look through (`absence.py`), or where the check beside it passes. An answer with nothing
  in it is not checked.
- What could not be looked at (denied, a region that is off, an operation that the sandbox lacks, an answer that goes
  on and on) is not checked, with the reason; it is never passed.
- What says nothing of the resource (no credentials, an expired token, no network, AWS's own fault) is raised as it is:
  the run pauses and goes on later.
- A verdict is about the real answer; what is shown and kept of it has its secrets hidden.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

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
    goes_on,
)
from phases.checks.absence import is_of_absence, nothing_to_look_at
from phases.checks.answer import TooManyPages, as_json, merge_pages, truncated
from phases.checks.definition import Declared, DeclaredCheck
from phases.checks.expectation import stands_in
from phases.checks.leads import BadExpression
from phases.checks.local.here import Here
from phases.checks.local.local_check import LocalCheck
from phases.checks.local.look_here import look_here
from phases.checks.masking import HIDDEN, masked, without_members
from phases.checks.read_once import ReadOnce
from phases.checks.read_operations import COUNTED
from phases.documents.regular_expression import Undecided
from phases.step import Check
from state.cheap_classes import dataclass
from state.evidence import Verdict
from state.json_values import Fields, Json

State = Literal["passed", "failed", "not checked"]
MaskText = Callable[[str], str]

NOBODY_HERE = "no files and commands can be looked at from here"
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one check.

    Attributes:
        seen: the expression's value as people would write it, secrets hidden; "" when there was none.
        reason: why it was not checked, or what AWS said of a call that it refused; else "".
        request: `service, operation, region, parameters` of a call of AWS's, else what was looked at here; secrets
            hidden.
        answer: what AWS answered, or what was seen here; secrets hidden, cut to size; None where there is nothing.
        value: what the expression gave, as it is: never shown, for lookups.
        silent: the member of the answer that a check which passed on absence had nothing to look at in, else "".
        looks: how often it was asked; `waited`: how long between the looks, in sum [s].
    """

    check: Declared
    state: State
    seen: str
    reason: str
    request: Fields
    answer: Json = None
    looks: int = 1
    waited: float = 0
    silent: str = ""
    value: Json = None

    @property
    def verdict(self) -> Verdict:
        """As a step reports it: a failure of a check that only notes is a note."""
        if self.state == "not checked":
            return "not-checked"
        if self.state == "passed":
            return self.check.passes_as
        return "not-checked" if self.waits_for else self.check.severity

    @property
    def waits_for(self) -> str:
        """Whom it waits for, where it is not as expected yet; else ""."""
        return self.check.waits_for if self.state == "failed" else ""

    @property
    def answers(self) -> tuple[str, ...]:
        return self.check.answers

    def as_check(self) -> Check:
        """The exit check that a step hands in."""
        waits = f"waits for {self.waits_for}" if self.waits_for else ""
        seen = "; ".join(part for part in (self.seen, self.reason, waits) if part)
        after = f" (after {self.waited:g} s)" if self.waited else ""
        named = (self.check.name, self.check.expected, seen + after, self.verdict, self.check.place, self.answers)
        return Check(*named, waits_for=self.waits_for)


def evaluate(
    check: Declared,
    aws: AwsPort | None,
    *,
    here: Here | None = None,
    wait: Callable[[float], None],
    progress: Callable[[str], None] = lambda _text: None,
    mask_text: MaskText = lambda text: text,
    takes_silence: bool = False,
) -> Outcome:
    """Ask AWS until the answer is as expected, at most for `check.within` seconds of waiting.

    Args:
        check: with its placeholders filled.
        aws: None where the check asks nothing of AWS.
        here: this machine, for local checks and `in-file`; without it they are not checked.
        wait: lets time pass [s]; `StepContext.wait` in a step.
        mask_text: hides secrets that are known by their form.
        takes_silence: an answer with nothing in it passes for "absent", as it did for runs that began under 0.1.

    Raises NoCredentials, ExpiredToken, NoRegion, Throttled, Unreachable, and AwsError for a fault of AWS's own.
    """
    waited, looks = 0.0, 0
    while True:
        looks += 1
        outcome = _look(check, aws, here, mask_text)
        if aws is not None and not takes_silence:
            outcome = _with_companion(outcome, aws, here, mask_text)
        outcome = replace(outcome, looks=looks, waited=waited)
        if outcome.state != "failed" or waited >= check.within:
            return outcome
        pause = min(check.every, check.within - waited)
        progress(f"  {check.name}: {outcome.seen or outcome.reason}; next look in {pause:g} s")
        wait(pause)
        waited += pause
        if isinstance(aws, ReadOnce):
            aws.afresh()


def _with_companion(outcome: Outcome, aws: AwsPort, here: Here | None, mask_text: MaskText) -> Outcome:
    """A pass on absence without anything to look at counts where the check beside it passes; else it is not checked."""
    if not outcome.silent:
        return outcome
    beside = outcome.check.beside if isinstance(outcome.check, DeclaredCheck) else None
    if beside is None:
        why = f"{outcome.silent} is empty: nothing was looked at; name a check that passes beside it (beside: ID)"
        return replace(outcome, state="not checked", reason=why)
    companion = _once(beside, aws, here, mask_text)
    if companion.state != "passed" or companion.silent:
        why = f"{outcome.silent} is empty, and {beside.id} beside it did not pass: {companion.seen or companion.reason}"
        return replace(outcome, state="not checked", reason=why)
    return replace(outcome, seen=f"{outcome.seen}, beside {beside.id}: {companion.seen}")


def _look(check: Declared, aws: AwsPort | None, here: Here | None, mask_text: MaskText) -> Outcome:
    if isinstance(check, DeclaredCheck):
        if aws is None:
            raise TypeError(f"the check {check.id} asks AWS, and evaluate was given none")
        return _once(check, aws, here, mask_text)
    if not isinstance(check, LocalCheck):
        raise TypeError(f"nobody knows how to look at {check.call}")
    request = check.to_json()
    if here is None:
        return Outcome(check, "not checked", "", NOBODY_HERE, request)
    seen = look_here(check, here)
    answer = truncated(masked(seen.answer, None), mask_text)
    return Outcome(check, seen.state, mask_text(seen.seen), mask_text(seen.reason), request, answer)


def _once(check: DeclaredCheck, aws: AwsPort, here: Here | None, mask_text: MaskText) -> Outcome:
    operation, look = check.operation, _Look(check, aws, here, mask_text)
    try:
        answer = merge_pages(look.asked.pages(operation.service, operation.name, **check.parameters), operation.pages)
    except NotImplementedError:
        if not aws.sandbox:
            raise
        return look.not_checked(_SANDBOX_LACKS)
    except TooManyPages as error:
        return look.not_checked(str(error))
    except (ExpiredToken, NoRegion, Throttled, Unreachable):
        raise
    except AwsError as error:
        outcome = look.refused(error)
        if outcome is None:
            raise
        return outcome
    further = "" if operation.pages else goes_on(answer)
    if further:
        return look.not_checked(f"the answer goes on ({further}) and boto3 cannot follow it: narrow the parameters")
    return look.judged(answer)


class _Look:
    """One look at what a check is about: who is asked, and the outcomes that this can have.

    Attributes:
        asked: AWS in the check's region.
        request: as it is kept, secrets hidden.
    """

    def __init__(self, check: DeclaredCheck, aws: AwsPort, here: Here | None, mask_text: MaskText) -> None:
        home, operation = aws.region, check.operation
        self._here = here
        self._check = check
        self._mask_text = mask_text
        self._region = check.region or home
        self._elsewhere = self._region != home
        self._sandbox = aws.sandbox
        self.asked = aws.at(check.region) if self._elsewhere else aws
        self.request: Fields = {
            "service": operation.service,
            "operation": operation.name,
            "region": self._region,
            "parameters": truncated(masked(as_json(check.parameters), operation.parameters), mask_text),
        }

    def not_checked(self, reason: str, answer: Json = None) -> Outcome:
        return Outcome(self._check, "not checked", "", self._mask_text(reason), self.request, answer)

    def failed(self, reason: str, answer: Json = None) -> Outcome:
        return Outcome(self._check, "failed", "", self._mask_text(reason), self.request, answer)

    def judged(self, answer: Json, not_there: str = "") -> Outcome:
        """Whether the answer is as expected; None for an answer is one that is not there."""
        check, operation = self._check, self._check.operation
        data = COUNTED.get((operation.service, operation.name), frozenset())
        shown = without_members(masked(answer, operation.answer), data)
        kept = truncated(shown, self._mask_text)
        try:
            value = check.expression.search(answer) if answer is not None else None
        except BadExpression as error:
            return self.failed(str(error), kept)
        if check.expect.kind == "in-file":
            return self._judged_in_file(str(check.expect.value), value, shown, kept)
        try:
            state: State = "passed" if check.expect.holds(value) else "failed"
        except Undecided as error:
            return self.not_checked(str(error), kept)
        silent = self._silent(answer) if state == "passed" else ""
        seen = not_there or _said(check, value, shown, self._mask_text)
        return Outcome(check, state, seen, "", self.request, kept, silent=silent, value=as_json(value))

    def _silent(self, answer: Json) -> str:
        """The empty member of the answer that a pass on absence rests on; "" where there was something to look at."""
        silent = nothing_to_look_at(self._check, answer) if answer is not None else ""
        return silent if silent and is_of_absence(self._check, answer) else ""

    def _judged_in_file(self, path: str, value: object, shown: object, kept: Json) -> Outcome:
        """Whether what AWS answered stands in a file of the workspace."""
        if self._here is None:
            return self.not_checked(NOBODY_HERE, kept)
        data = self._here.read(path)
        if data is None:
            return self.failed(f"{path} is not there", kept)
        state: State = "passed" if stands_in(value, data.decode("utf-8", "replace")) else "failed"
        said = _said(self._check, value, shown, self._mask_text)
        reason = "" if state == "passed" else f"that does not stand in {path}"
        return Outcome(self._check, state, said, reason, self.request, kept)

    def refused(self, error: AwsError) -> Outcome | None:
        """What AWS's error says of the check; None when it says nothing of the resource."""
        if self._sandbox and _is_gap(error, self._check.operation.method):
            return self.not_checked(_SANDBOX_LACKS)
        if isinstance(error, NotFound):
            return self.judged(None, f"not there ({error.code})")
        if isinstance(error, Denied):
            return self.not_checked(f"access denied: {error.reason or error.message}")
        if self._region_is_off(error):
            return self.not_checked(f"the service is off in {self._region}: {error.code}: {error.reason}")
        if isinstance(error, NoCredentials) or not error.code or _AWS_AT_FAULT.match(error.code):
            return None
        return self.failed(f"AWS refuses the request: {error.code}: {error.reason}")

    def _region_is_off(self, error: AwsError) -> bool:
        """At home the same answer is about the credentials."""
        return error.code in _REGION_OFF and (self._elsewhere or not isinstance(error, NoCredentials))


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
    text = json.dumps(truncated(as_json(value), mask_text), ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text):,} characters)"


def _is_gap(error: AwsError, method: str) -> bool:
    """Whether the sandbox's server, not a service in it, gave that answer: moto answers 404 or 500 by itself."""
    no_code = error.code == "404" and method != "HEAD"  # a HEAD has no body for a code
    return no_code or error.code in ("", "500", "501", "NotImplemented")
