"""Make the shop's stack as infrastructure.json says, or take it away: apply, rollback."""

import sys
import time
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

STACK = "shop-test"
cloudformation = boto3.client("cloudformation")


def status():
    try:
        return cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"]
    except ClientError as error:
        if "does not exist" in str(error):
            return "not there"
        raise


def settle():
    while (now := status()).endswith("IN_PROGRESS"):
        time.sleep(0.05)
    return now


def apply():
    kind = "CREATE" if status() in ("not there", "REVIEW_IN_PROGRESS") else "UPDATE"
    name = f"apply-{time.time_ns()}"
    cloudformation.create_change_set(
        StackName=STACK,
        ChangeSetName=name,
        ChangeSetType=kind,
        Capabilities=["CAPABILITY_NAMED_IAM"],
        TemplateBody=Path("deploy/infrastructure.json").read_text(),
    )
    while (made := cloudformation.describe_change_set(StackName=STACK, ChangeSetName=name))["Status"].startswith(
        "CREATE_"
    ) and made["Status"] != "CREATE_COMPLETE":
        time.sleep(0.05)
    if made["Status"] == "FAILED":
        reason = made.get("StatusReason", "")
        if "didn't contain changes" in reason:
            print(f"{STACK}: nothing to change")
            return
        sys.exit(f"{STACK}: {reason}")
    cloudformation.execute_change_set(StackName=STACK, ChangeSetName=name)
    ended = settle()
    print(f"{STACK}: {ended}")
    if ended not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        sys.exit(1)


def rollback():
    if status() == "not there":
        print(f"{STACK}: not there")
        return
    cloudformation.delete_stack(StackName=STACK)
    ended = settle()
    print(f"{STACK}: {ended}")
    if ended not in ("DELETE_COMPLETE", "not there"):
        sys.exit(1)


{"apply": apply, "rollback": rollback}[sys.argv[1]]()
