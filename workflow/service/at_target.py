"""Is this where the run is to act? Account and region that it was started for, against the credentials at hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from phases.account import caller_identity
from phases.aws import AwsPort
from state.errors import BadInput
from state.event_parts import RunTarget, is_account

FORM = "ACCOUNT/REGION"


def target_of(given: str | None, *, sandbox: bool) -> RunTarget | None:
    """What `--target` says; the sandbox for a run in it, None where nothing was said.

    Raises BadInput for another form, and beside `--sandbox`.
    """
    if given is None:
        return RunTarget("", "", True) if sandbox else None
    account, slash, region = given.partition("/")
    if sandbox:
        raise BadInput(
            "--target is an account of AWS, and --sandbox is none: give one of them",
            next_command="phasegate run --help",
        )
    if not (slash and is_account(account) and region.replace("-", "").isalnum() and region.isascii()):
        raise BadInput(
            f"--target {given[:80]!r}: expected {FORM}, an account of 12 digits and a region",
            next_command="aws sts get-caller-identity   # the account of the credentials here",
        )
    return RunTarget(account, region, False)


def require_at_target(target: RunTarget | None, aws: AwsPort, *, again: str) -> None:
    """Raise BadInput unless the credentials and the region here are those of the target; `again` is typed then.

    Raises as `AwsPort.call` where AWS cannot be asked.
    """
    if target is None or target.sandbox:
        return
    seen = f"{caller_identity(aws)['Account']}/{aws.region}"
    if seen != str(target):
        raise BadInput(
            f"the run acts in {target}, the credentials and the region here are of {seen}; nothing was done",
            next_command=f"export AWS_PROFILE=NAME AWS_REGION={target.region}   # of account {target.account}\n"
            f"      {again}",
        )


@contextmanager
def at_profile(name: str) -> Iterator[None]:
    """In the block, AWS and commands have this profile of the machine's configuration; "" changes nothing.

    It is as if the process had been started with that `AWS_PROFILE`: credentials in the environment come before it.
    """
    if not name:
        yield
        return
    before = os.environ.get("AWS_PROFILE")
    os.environ["AWS_PROFILE"] = name
    try:
        yield
    finally:
        if before is None:
            del os.environ["AWS_PROFILE"]
        else:
            os.environ["AWS_PROFILE"] = before
