#!/bin/sh
# SAM: which change of a function makes a new version of it, for the alias to move to by a canary?
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check aws-sam-translator==1.115.0
AWS_DEFAULT_REGION=eu-west-1 "$work/venv/bin/python" - <<'PYTHON'
from types import SimpleNamespace

from samtranslator.translator.transform import transform

PLAIN = {"Runtime": "python3.12", "Handler": "shop.handle", "CodeUri": "s3://code/1", "AutoPublishAlias": "live"}
PLAIN["DeploymentPreference"] = {"Type": "Canary10Percent5Minutes"}


def version(**changed):
    """The logical id of the version that the alias is to point to."""
    function = {"Type": "AWS::Serverless::Function", "Properties": PLAIN | changed}
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Shop": function}}
    made = transform(template, {}, SimpleNamespace(load=dict))
    return next(name for name, each in made["Resources"].items() if each["Type"] == "AWS::Lambda::Version")


before = version()
changes = {
    "CodeUri": "s3://code/2",
    "Environment": {"Variables": {"TABLE": "orders-2"}},
    "MemorySize": 512,
    "Timeout": 30,
    "Runtime": "python3.13",
    "Handler": "shop.handle_2",
    "Layers": ["arn:aws:lambda:eu-west-1:123456789012:layer:shared:2"],
    "Role": "arn:aws:iam::123456789012:role/shop-2",
    "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
}
made = [name for name, value in changes.items() if version(**{name: value}) != before]
print("a new version:", *made)
print("none, so that the alias and its canary stay where they are:", *(name for name in changes if name not in made))
assert made == ["CodeUri", "Environment", "MemorySize"], made
everything = {"AutoPublishAliasAllProperties": True}
assert version(**everything, Timeout=30) != version(**everything)
print("with AutoPublishAliasAllProperties: Timeout makes one, too")
PYTHON
