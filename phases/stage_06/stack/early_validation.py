"""What has CloudFormation found out about a change set before anything is made? Early validation, and hooks.

Rules:
- A change set that they end has no more than their names (StatusReason): DescribeEvents has resource, place, reason.
- What only warns (service quotas) ends nothing, and is told nowhere else: a note for each, that the approver reads.
- Nothing found is a pass only beside the event that says that the change set's creation SUCCEEDED. No event, or an
  account that may not ask (`cloudformation:DescribeEvents`), is not checked, and never hides why a change set failed.
- Asked by ARN: by its name alone AWS finds no change set.

Sources: DescribeEvents and OperationEvent in the CloudFormation API reference (since November 2025);
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/validate-stack-deployments.html;
https://github.com/aws-cloudformation/cloudformation-cli/issues/1116 (by ARN). Not tried against a real account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from phases.aws import Answer, AwsError, AwsPort
from phases.documents.markdown import code, table
from phases.stage_06.stack.change_set import ChangeSet
from phases.step import Check
from state.errors import Problem
from state.evidence import Verdict

NAME = "early validation"
_FINDINGS = ("VALIDATION_ERROR", "HOOK_INVOCATION_ERROR")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found.

    Attributes:
        what: the validation, or the type of the hook.
        resource: its logical id; "" where it is about none.
        where: the path in the template; "" where none is said.
        ends: whether it ends the change set; else it warns.
        skipped: the validation did not take place.
    """

    what: str
    resource: str
    where: str
    reason: str
    ends: bool
    skipped: bool = False

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Finding:
        """From an OperationEvent. A mode that is not said is taken for the graver one."""
        is_hook = event["EventType"] == "HOOK_INVOCATION_ERROR"
        mode = event.get("HookFailureMode" if is_hook else "ValidationFailureMode")
        return cls(
            str(event.get("HookType" if is_hook else "ValidationName") or "a validation without a name"),
            str(event.get("LogicalResourceId") or ""),
            str(event.get("ValidationPath") or ""),
            str(event.get("HookStatusReason" if is_hook else "ValidationStatusReason") or "no reason given"),
            mode != "WARN",
            event.get("ValidationStatus") == "SKIPPED",
        )

    @property
    def place(self) -> str:
        return self.where or self.resource or "the change set"


@dataclass(frozen=True, slots=True)
class Found:
    """What AWS says about the creation of one change set.

    Attributes:
        outcome: SUCCEEDED, FAILED or IN_PROGRESS; "" where no event says.
        unknown: why nothing is known; "" where something is.
    """

    findings: tuple[Finding, ...] = ()
    outcome: str = ""
    unknown: str = ""


def early_validation(aws: AwsPort, change_set: str) -> Found:
    """What was found about the change set of this ARN. Raises nothing: what cannot be asked is `unknown`."""
    try:
        pages = list(aws.pages("cloudformation", "describe_events", ChangeSetName=change_set))
        events = [event for page in pages for event in page["OperationEvents"]]
    except AwsError as error:
        return Found(unknown=f"cloudformation:DescribeEvents did not say: {error.message}")
    found = tuple(Finding.of(event) for event in events if event.get("EventType") in _FINDINGS)
    return Found(found, _outcome(events), "" if events else "AWS has no event about this change set")


def _outcome(events: Sequence[Answer]) -> str:
    """How the creation went by the newest of the events: that it ended counts more than that it is under way."""
    of_creation = [event for event in events if event.get("OperationType") == "CREATE_CHANGESET"]
    outcomes = [str(event["OperationStatus"]) for event in of_creation if event.get("OperationStatus")]
    settled = [outcome for outcome in outcomes if outcome != "IN_PROGRESS"]
    return (settled or outcomes or [""])[0]


def problems_found(found: Found) -> list[Problem]:
    """For a refusal: what ended the change set first, then what warns, then why nothing is known."""
    ordered = sorted(found.findings, key=lambda each: not each.ends)
    told = [Problem(each.place, f"{each.what}{'' if each.ends else ' (a warning)'}: {each.reason}") for each in ordered]
    return told + ([Problem("", found.unknown)] if found.unknown else [])


def validation_checks(made: ChangeSet, found: Found) -> list[Check]:
    """A note for each warning; else whether the change set is known to be free of findings."""
    if made.empty:  # by AWS's own word: there is nothing that could be found
        return [Check(NAME, "SUCCEEDED, nothing found", "nothing to change", "pass", made.arn)]
    if not found.findings:
        sure = found.outcome == "SUCCEEDED"
        seen = found.unknown or ("nothing found" if sure else f"the creation is {found.outcome or 'not told of'}")
        return [Check(NAME, "SUCCEEDED, nothing found", seen, "pass" if sure else "not-checked", made.arn)]
    return [
        Check(f"{NAME}: {each.what} {each.place}", "nothing found", each.reason, _verdict(each), made.arn)
        for each in found.findings
    ]


def _verdict(finding: Finding) -> Verdict:
    if finding.skipped:
        return "not-checked"
    return "fail" if finding.ends else "note"


def findings_table(found: Found) -> str:
    """The findings, for the page; "" where there is none."""
    if not found.findings:
        return ""
    rows = [
        (each.what, code(each.place), "skipped" if each.skipped else "ends it" if each.ends else "warns", each.reason)
        for each in found.findings
    ]
    return table(("Validation", "Where", "", "Reason"), rows)
