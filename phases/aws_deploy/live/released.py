"""Which version of a resource is released? Aliases, versions, revisions, stage deployments, objects.

A description of a function says how it is configured, not which version an alias leads to. Each kind that has versions
is read here; what was released before and after stands in the changes of configuration.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from phases.aws import AwsPort
from phases.aws_deploy.live.answers import entries

Released = dict[str, object]

MOST_OBJECTS = 500  # of a bucket, by name


def released(aws: AwsPort, service: str, kind: str, name: str) -> Released:
    """`{"aliases": {"live": "7"}, "versions": {...}}` and the like; {} for a kind that has no versions.

    Raises Incomplete for an answer that does not name them, else as `AwsPort.call`.
    """
    read = _READ.get((service, kind))
    return read(aws, name) if read else {}


def _function(aws: AwsPort, name: str) -> Released:
    """Source: https://docs.aws.amazon.com/lambda/latest/api/API_AliasConfiguration.html"""
    aliases = entries(aws, "lambda", "list_aliases", "Aliases", FunctionName=name)
    versions = entries(aws, "lambda", "list_versions_by_function", "Versions", FunctionName=name)
    return {
        "aliases": {
            each["Name"]: {
                "version": each["FunctionVersion"],
                "shifted": dict((each.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}),
            }
            for each in aliases
        },
        "versions": {each["Version"]: each["CodeSha256"] for each in versions},
    }


def _service(aws: AwsPort, name: str) -> Released:
    """An ECS service, `cluster/service`: its task definition with the revision.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html
    """
    cluster, _, service = name.rpartition("/")
    found = aws.call("ecs", "describe_services", cluster=cluster or "default", services=[service])["services"]
    return {"task definitions": {each["serviceName"]: each["taskDefinition"] for each in found}}


def _api(aws: AwsPort, name: str) -> Released:
    """Stage -> deployment, of an API by its ARN's `/apis/ID` or `/restapis/ID`.

    Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages.html,
    https://docs.aws.amazon.com/apigateway/latest/api/API_Stage.html
    """
    kind, _, rest = name.strip("/").partition("/")
    api = rest.partition("/")[0]
    if kind == "restapis":
        stages = aws.call("apigateway", "get_stages", restApiId=api)["item"]
        return {"stages": {each["stageName"]: each["deploymentId"] for each in stages}}
    if kind != "apis":
        return {}
    stages = entries(aws, "apigatewayv2", "get_stages", "Items", ApiId=api)
    return {"stages": {each["StageName"]: each.get("DeploymentId", "none yet") for each in stages}}


def _bucket(aws: AwsPort, name: str) -> Released:
    """Object -> version, of a bucket that keeps versions; the first MOST_OBJECTS by name, and it says so.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
    """
    versioning = aws.call("s3", "get_bucket_versioning", Bucket=name).get("Status", "never turned on")
    if versioning != "Enabled":
        return {"versioning": versioning}
    answer = aws.call("s3", "list_object_versions", Bucket=name, MaxKeys=MOST_OBJECTS)
    latest = {each["Key"]: each["VersionId"] for each in answer.get("Versions", ()) if each["IsLatest"]}
    more = {"more": f"only the first {MOST_OBJECTS} versions are listed"} if answer["IsTruncated"] else {}
    return {"versioning": versioning, "objects": latest, **more}


_READ: Mapping[tuple[str, str], Callable[[AwsPort, str], Released]] = {  # by service and kind of the ARN
    ("lambda", "function"): _function,
    ("ecs", "service"): _service,
    ("apigateway", ""): _api,
    ("s3", ""): _bucket,
}
