#!/bin/sh
# Run Command and parameters of Systems Manager in moto: what became of a command, and which values are taken.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'moto[ssm]==5.2.5' boto3==1.44.5
"$work/venv/bin/python" - <<'END'
import os

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="eu-west-1")
import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

with mock_aws():
    client = boto3.client("ssm")
    for commands in (["false"], ["no-such-program --delete"], ["exit 3"]):
        sent = client.send_command(
            InstanceIds=["i-0123456789abcdef0"], DocumentName="AWS-RunShellScript", Parameters={"commands": commands}
        )["Command"]
        came = client.get_command_invocation(CommandId=sent["CommandId"], InstanceId="i-0123456789abcdef0")
        seen = (sent["Status"], came["Status"], came["ResponseCode"], came["StandardOutputContent"])
        print(f"{commands} on an instance that is not there:", *map(repr, seen))
        assert seen == ("Success", "Success", 0, ""), seen
    client.put_parameter(Name="/shop/stage", Value="nowhere", Type="String", AllowedPattern="^(dev|prod)$")
    kept = client.get_parameter(Name="/shop/stage")["Parameter"]["Value"]
    print("with AllowedPattern ^(dev|prod)$ the value is:", kept)
    assert kept == "nowhere"
END
