"""Does the caller belong to the account that the work is meant for?"""

from __future__ import annotations

from phases.aws import AwsPort
from phases.step import StepContext
from state.errors import StepFailed


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
