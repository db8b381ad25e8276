"""How is an AWS::Lambda::Function made, changed and removed?

Code comes from S3, or stands in the template and becomes `index.py` or `index.js` of a zip, as CloudFormation does.
Nothing here runs it.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from workflow.sandbox.cloudformation.errors import ResourceFailed
from workflow.sandbox.cloudformation.resource_types.model import (
    Placement,
    Properties,
    ResourceType,
    tags_by_key,
    untagged,
)
from workflow.sandbox.cloudformation.resource_types.shapes import TAGS, ListOf, MapOf, Number, Record, Text

# What AWS makes functions with; those that it makes none with any more are refused, as CreateFunction does.
# Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html, by cfn-lint's table of it
RUNTIMES_OF = "2026-11-28"
RUNTIMES = (
    *("python3.8", "python3.9", "python3.10", "python3.11", "python3.12", "python3.13", "python3.14", "python3.15"),
    *("nodejs16.x", "nodejs18.x", "nodejs20.x", "nodejs22.x", "nodejs24.x", "nodejs26.x"),
    *("java8.al2", "java8.al2023", "java11", "java11.al2023", "java17", "java17.al2023", "java21", "java25"),
    *("dotnet6", "dotnet8", "dotnet10", "ruby3.2", "ruby3.3", "ruby3.4", "ruby4.0"),
    *("provided.al2", "provided.al2023"),
)
INLINE = {"python": "index.py", "nodejs": "index.js"}  # what the source in a template is called in its zip
LONGEST = 900  # [s] of Timeout; the schema has 5,400, which is for functions on managed instances
MOST_ENVIRONMENT = 4096  # [bytes] of all names and values together
SHAPE = Record(
    {
        "Architectures": ListOf(Text(("x86_64", "arm64")), max_items=1),
        "Code": Record(
            {
                "S3Bucket": Text(min_length=3, max_length=63),
                "S3Key": Text(min_length=1, max_length=1024),
                "S3ObjectVersion": Text(min_length=1, max_length=1024),
                "ZipFile": Text(),
            },
            beyond_sandbox=frozenset({"ImageUri", "S3ObjectStorageMode", "SourceKMSKeyArn"}),
        ),
        "Description": Text(max_length=256),
        "Environment": Record({"Variables": MapOf(Text(), "[a-zA-Z][a-zA-Z0-9_]+")}),
        "FunctionName": Text(min_length=1, pattern="^[a-zA-Z0-9_-]{1,64}$"),
        "Handler": Text(max_length=128, pattern=r"^[^\s]+$"),
        "Layers": ListOf(Text(min_length=1), max_items=5),
        "MemorySize": Number(128, maximum=32768),
        "PackageType": Text(("Image", "Zip")),
        "ReservedConcurrentExecutions": Number(0),
        "Role": Text(pattern=r"^arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+$"),
        "Runtime": Text(RUNTIMES),
        "Tags": TAGS,
        "Timeout": Number(1, maximum=LONGEST),
    },
    frozenset({"Code", "Role"}),
    frozenset(
        {
            "CapacityProviderConfig",
            "CodeSigningConfigArn",
            "DeadLetterConfig",
            "DurableConfig",
            "EphemeralStorage",
            "FileSystemConfigs",
            "FunctionScalingConfig",
            "ImageConfig",
            "KmsKeyArn",
            "LoggingConfig",
            "PublishToLatestPublished",
            "RecursiveLoop",
            "RuntimeManagementConfig",
            "SnapStart",
            "TenancyConfig",
            "TracingConfig",
            "VpcConfig",
        }
    ),
)
# What UpdateFunctionConfiguration changes, and what AWS has where the template says nothing.
CONFIGURATION: dict[str, Any] = {
    "Description": "",
    "Environment": {"Variables": {}},
    "Handler": None,
    "Layers": [],
    "MemorySize": 128,
    "Role": None,
    "Runtime": None,
    "Timeout": 3,
}


def _faults(properties: Properties) -> list[str]:
    code, runtime = properties["Code"], properties.get("Runtime", "")
    faults = []
    if properties.get("PackageType") == "Image":
        faults.append("#/PackageType: the phasegate sandbox does not implement Image")
    faults += [f"#: {key} is mandatory for functions created with deployment packages" for key in _missing(properties)]
    if ("ZipFile" in code) == bool({"S3Bucket", "S3Key"} & set(code)) or ("S3Bucket" in code) != ("S3Key" in code):
        faults.append("#/Code: exactly one of ZipFile, and S3Bucket with S3Key, must be given")
    if "ZipFile" in code and not runtime.startswith(tuple(INLINE)):
        faults.append(f"#/Code/ZipFile: is for Node.js and Python only, found: {runtime}")
    variables = properties.get("Environment", {}).get("Variables", {})
    size = sum(len(f"{name}{value}".encode()) for name, value in variables.items())
    if size > MOST_ENVIRONMENT:
        faults.append(f"#/Environment: environment variables exceed the {MOST_ENVIRONMENT} bytes limit: {size}")
    return faults


def _missing(properties: Properties) -> list[str]:
    return [key for key in ("Handler", "Runtime") if key not in properties]


def _code(properties: Properties) -> dict[str, Any]:
    code = properties["Code"]
    if "ZipFile" not in code:
        return dict(code)
    packed = io.BytesIO()
    (name,) = (name for kind, name in INLINE.items() if properties["Runtime"].startswith(kind))
    with zipfile.ZipFile(packed, "w") as archive:
        # a fixed time: the same source is the same zip
        archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), code["ZipFile"])
    return {"ZipFile": packed.getvalue()}


def create(place: Placement, name: str, properties: Properties) -> str:
    """The function's name."""
    optional = {key: properties[key] for key in (*CONFIGURATION, "Architectures") if key in properties}
    place.client("lambda").create_function(
        FunctionName=name, Code=_code(properties), Tags=tags_by_key(place, properties), **optional
    )
    _concurrency(place, name, {}, properties)
    return name


def _concurrency(place: Placement, name: str, old: Properties, new: Properties) -> None:
    wanted = new.get("ReservedConcurrentExecutions")
    if wanted == old.get("ReservedConcurrentExecutions"):
        return
    if wanted is None:
        place.client("lambda").delete_function_concurrency(FunctionName=name)
    else:
        place.client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=wanted)


def update(place: Placement, name: str, old: Properties, new: Properties) -> None:
    """Change code, configuration, concurrency and tags in place."""
    client = place.client("lambda")
    if old.get("Architectures") != new.get("Architectures"):
        raise ResourceFailed("the phasegate sandbox does not implement another architecture of a function")
    if old["Code"] != new["Code"]:
        client.update_function_code(FunctionName=name, **_code(new))
    changed = {key: new.get(key, default) for key, default in CONFIGURATION.items() if old.get(key) != new.get(key)}
    if changed:
        client.update_function_configuration(FunctionName=name, **changed)
    _concurrency(place, name, old, new)
    arn = client.get_function_configuration(FunctionName=name)["FunctionArn"]
    if untagged(old, new):
        client.untag_resource(Resource=arn, TagKeys=untagged(old, new))
    if tags_by_key(place, new):
        client.tag_resource(Resource=arn, Tags=tags_by_key(place, new))


def read(place: Placement, name: str) -> Mapping[str, str] | None:
    """Arn."""
    try:
        found = place.client("lambda").get_function_configuration(FunctionName=name)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise
    return {"Arn": found["FunctionArn"]}


def delete(place: Placement, name: str) -> None:
    """Remove the function; one that is gone is fine."""
    if read(place, name) is not None:
        place.client("lambda").delete_function(FunctionName=name)


FUNCTION = ResourceType(
    name="AWS::Lambda::Function",
    shape=SHAPE,
    create=create,
    read=read,
    update=update,
    delete=delete,
    custom_name="FunctionName",
    replaced_by=frozenset({"FunctionName", "PackageType"}),
    attributes=frozenset({"Arn"}),
    faults=_faults,
    max_name=64,
    identifier="FunctionName",
)
