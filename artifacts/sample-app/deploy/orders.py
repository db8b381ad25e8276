"""The function as zip, version and alias: build, deploy, smoke-test, rollback.

The sandbox cannot run a function: the smoke test looks at what was deployed, and runs the same code here, with the
deployed function's own environment.
"""

import base64
import hashlib
import io
import json
import os
import sys
import time
import zipfile
from pathlib import Path

import boto3
from botocore.exceptions import ClientError
from settings import ENVIRONMENT, settings

NAME = f"shop-{ENVIRONMENT}-orders"
LIVE = "live"
TAKEN_BACK = "taken back"
TAGS = {"project": "shop", "environment": ENVIRONMENT}
functions = boto3.client("lambda")


def package():
    """The zip's bytes: the same for the same source."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(zipfile.ZipInfo("orders.py"), Path("app/orders.py").read_bytes())
    return data.getvalue()


def build():
    Path("build").mkdir(exist_ok=True)
    Path("build/orders.zip").write_bytes(package())
    print(f"build/orders.zip: {len(package())} bytes")


def live():
    """The version that is live, "" when there is none."""
    try:
        return functions.get_alias(FunctionName=NAME, Name=LIVE)["FunctionVersion"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return ""
        raise


def deploy():
    before, variables = live(), {"Variables": settings()}
    role = boto3.client("iam").get_role(RoleName=NAME)["Role"]["Arn"]
    if not before:
        functions.create_function(
            FunctionName=NAME,
            Runtime="python3.12",
            Handler="orders.handler",
            Role=role,
            Timeout=10,
            Code={"ZipFile": package()},
            Environment=variables,
            Tags=TAGS,
        )
    else:
        functions.update_function_configuration(FunctionName=NAME, Environment=variables)
        functions.update_function_code(FunctionName=NAME, ZipFile=package())
    version = functions.publish_version(FunctionName=NAME)["Version"]
    change = functions.update_alias if before else functions.create_alias
    change(FunctionName=NAME, Name=LIVE, FunctionVersion=version, Description=f"before: {before}")
    print(f"{NAME}: version {version} is live, before it {before or 'none'}")


def smoke_test():
    seen = functions.get_function_configuration(FunctionName=NAME)
    wanted = base64.b64encode(hashlib.sha256(package()).digest()).decode()
    if seen["CodeSha256"] != wanted:
        sys.exit(f"{NAME} runs other code: expected {wanted}, seen {seen['CodeSha256']}")
    os.environ |= seen["Environment"]["Variables"]
    sys.path.insert(0, "app")
    from orders import handler

    placed = handler({"item": "paint"})
    if placed["statusCode"] != 201:
        sys.exit(f"an order was not taken: {placed}")
    order = json.loads(placed["body"])["id"]
    if handler({"order": order})["statusCode"] != 200:
        sys.exit(f"{order} cannot be read back")
    boto3.resource("dynamodb").Table(os.environ["TABLE"]).delete_item(Key={"id": order})
    say(f"INFO smoke test took order {order}")
    count(Orders=1, Errors=0)
    print(f"{NAME} took an order and gave it back")


def say(line):
    """A line in the function's log, as the function itself would write it."""
    logs, group = boto3.client("logs"), f"/aws/lambda/{NAME}"
    stream = f"smoke-test-{time.time_ns()}"
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    event = {"timestamp": int(time.time() * 1000), "message": line}
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])


def count(**figures):
    """The shop's own figures: one order more, say."""
    dimensions = [{"Name": "Environment", "Value": ENVIRONMENT}]
    data = [{"MetricName": name, "Value": value, "Dimensions": dimensions} for name, value in figures.items()]
    boto3.client("cloudwatch").put_metric_data(Namespace="Shop", MetricData=data)


def rollback():
    now = live()
    if not now:
        print(f"{NAME}: nothing is live")
        return
    before = functions.get_alias(FunctionName=NAME, Name=LIVE)["Description"].removeprefix("before: ")
    if before == TAKEN_BACK:
        print(f"{NAME}: version {now} was taken back to already")
        return
    if before:
        functions.update_alias(
            FunctionName=NAME, Name=LIVE, FunctionVersion=before, Description=f"before: {TAKEN_BACK}"
        )
        print(f"{NAME}: version {before} is live again")
        return
    functions.delete_function(FunctionName=NAME)
    print(f"{NAME}: removed, there was none before")


{"build": build, "deploy": deploy, "smoke-test": smoke_test, "rollback": rollback}[sys.argv[1]]()
