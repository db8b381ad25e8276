"""Does the caller belong to the account that the work is meant for?"""

from __future__ import annotations

import re
from typing import TypedDict

from phases.aws import AwsPort, Incomplete
from phases.step import StepContext
from state.errors import StepFailed


class CallerIdentity(TypedDict):
    """Who makes the calls: account and ARN, by AWS's own names."""

    Account: str
    Arn: str


def caller_identity(aws: AwsPort) -> CallerIdentity:
    """Who we are for AWS; the call costs nothing and needs no permission.

    Raises an AwsError as `call`; Incomplete, too, when no account and no identity are named.
    """
    answer = aws.call("sts", "get_caller_identity")
    account, arn = str(answer["Account"]), str(answer["Arn"])
    if not re.fullmatch(r"\d{12}", account) or account not in arn.split(":"):
        raise Incomplete(
            f"AWS names no identity: expected an account of 12 digits and an ARN with it, seen {account!r} and {arn!r}",
            service="sts",
            operation="get_caller_identity",
            next_command="aws sts get-caller-identity",
        )
    return {"Account": account, "Arn": arn}


def require_account(ctx: StepContext, aws: AwsPort, account: str, *, by: str) -> None:
    """Raise StepFailed when the caller is in another account than the one that was meant.

    Args:
        by: what said so: "plan", "approval".
    """
    seen = aws.call("sts", "get_caller_identity")["Account"]
    if seen != account:
        raise StepFailed(
            f"the {by} is for account {account}, the credentials are for {seen}",
            next_command=f"export AWS_PROFILE=NAME   # of account {account}\n      phasegate resume {ctx.run_id}",
        )
