#!/bin/sh
# Lambda in moto: revisions, limits, and the version that an alias stands for.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'moto[awslambda]==5.2.5' boto3==1.44.5
"$work/venv/bin/python" - <<'END'
import os

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="eu-west-1")
import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

import io
import zipfile


def code(text):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("main.py", text)
    return packed.getvalue()


with mock_aws():
    trust = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'
    role = boto3.client("iam").create_role(RoleName="run", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    client = boto3.client("lambda")
    client.create_function(
        FunctionName="orders", Runtime="python3.12", Role=role, Handler="main.run", Code={"ZipFile": code("1")}
    )
    client.publish_version(FunctionName="orders")
    client.update_function_code(FunctionName="orders", ZipFile=code("2"))
    client.publish_version(FunctionName="orders")
    seen = client.update_function_configuration(FunctionName="orders", Timeout=5000, RevisionId="another")
    print(
        "with a RevisionId that is another: no error; Timeout",
        seen["Timeout"],
        "where AWS has 900 at most; answered with a RevisionId:",
        "RevisionId" in seen,
    )
    assert (seen["Timeout"], "RevisionId" in seen) == (5000, False)
    client.create_alias(
        FunctionName="orders", Name="live", FunctionVersion="1", RoutingConfig={"AdditionalVersionWeights": {"2": 1.5}}
    )
    print("a weight of 1.5 for version 2:", client.get_alias(FunctionName="orders", Name="live")["RoutingConfig"])
    client.delete_function(FunctionName="orders", Qualifier="1")
    alias = client.get_alias(FunctionName="orders", Name="live")["FunctionVersion"]
    left = [each["Version"] for each in client.list_versions_by_function(FunctionName="orders")["Versions"]]
    print("version 1 is deleted while `live` stands for it; `live` is", alias, "and the versions are", *left)
    assert (alias, left) == ("1", ["$LATEST", "2"])
    try:
        client.get_function_configuration(FunctionName="orders", Qualifier="live")
        raise SystemExit("asked by `live`, there is a function")
    except ClientError as error:
        print("asked by `live`:", error.response["Error"]["Code"])
END
