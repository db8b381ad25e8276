"""What does moto get wrong that the sandbox must get right? The few things that checks read back.

What it does not have at all of a table is `moto_table_settings.py`, which keys it takes wrongly `moto_table_keys.py`;
APIs, pools and subscriptions have a file each.

moto 5.2.5, each without a word:
- drops `TableClass`, and `SSESpecification` in UpdateTable;
- appends a table's tag that is there already instead of replacing it, and its paging then never ends;
- refuses to turn a table's stream on again once it has been on;
- writes an invalidation's status COMPLETED; CloudFront's is "Completed", and the AWS CLI waits ten minutes for that;
- updates a function to code that is not in the bucket, and answers 500 where there is no such bucket;
- knows AWS's own managed policies only when all 1,582 are loaded (1 s, and 24 MB in every snapshot): here the
  one that is asked for is loaded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from workflow.sandbox import moto_api_gateway, moto_cognito, moto_subscriptions, moto_table_keys, moto_table_settings
from workflow.sandbox.faults import Faults

AWS_MANAGED = "arn:aws:iam::aws:policy/"


@contextmanager
def installed(faults: Faults) -> Iterator[None]:
    """Within this context moto's methods concerned are wrapped; afterwards they are as they were.

    Args:
        faults: whose mail is not read.
    """
    from moto.awslambda.models import LambdaFunction
    from moto.cloudfront.models import Invalidation
    from moto.dynamodb.models import DynamoDBBackend
    from moto.dynamodb.models.table import Table
    from moto.dynamodb.responses import DynamoHandler
    from moto.iam.models import IAMBackend

    with (
        moto_table_settings.installed(),
        moto_table_keys.installed(),
        moto_api_gateway.installed(),
        moto_cognito.installed(),
        moto_subscriptions.installed(faults),
        patch.object(DynamoHandler, "create_table", _remembering(DynamoHandler.create_table)),
        patch.object(DynamoHandler, "update_table", _remembering(DynamoHandler.update_table)),
        patch.object(DynamoDBBackend, "update_table_streams", _restartable(DynamoDBBackend.update_table_streams)),
        patch.object(DynamoDBBackend, "tag_resource", _replacing(DynamoDBBackend.tag_resource)),
        patch.object(Table, "describe", _with_class(Table.describe)),
        patch.object(LambdaFunction, "_set_function_code", _with_its_code(LambdaFunction._set_function_code)),
        patch.object(Invalidation, "__init__", _completed(Invalidation.__init__)),
        patch.object(IAMBackend, "attach_role_policy", _knowing(IAMBackend.attach_role_policy)),
        patch.object(IAMBackend, "get_policy", _knowing(IAMBackend.get_policy)),
    ):
        yield


def _remembering(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """CreateTable and UpdateTable that keep the table's class and its encryption."""

    def method(handler: Any) -> Any:
        body = handler.body
        answer = original(handler)
        table = handler.dynamodb_backend.get_table(body["TableName"])
        if "TableClass" in body:
            table.phasegate_table_class = body["TableClass"]
        if "SSESpecification" in body:
            default = table._get_default_encryption_key(table.account_id, table.region_name)
            table.sse_specification = {"KMSMasterKeyId": default, **body["SSESpecification"]}
        return answer

    return method


def _with_class(original: Callable[[Any, str], Any]) -> Callable[..., Any]:
    """DescribeTable that shows the table's class."""

    def method(table: Any, base_key: str = "TableDescription") -> Any:
        described = original(table, base_key)
        table_class = getattr(table, "phasegate_table_class", None)
        if table_class is not None:
            described[base_key]["TableClassSummary"] = {"TableClass": table_class}
        return described

    return method


def _restartable(original: Callable[[Any, Any, Any], None]) -> Callable[[Any, Any, Any], None]:
    """UpdateTable that can turn on a stream that is off: moto takes the label of an earlier one for "on"."""

    def method(backend: Any, table: Any, specification: Any) -> None:
        if not (table.stream_specification or {}).get("StreamEnabled"):
            table.latest_stream_label = None
        original(backend, table, specification)

    return method


def _replacing(original: Callable[[Any, str, Any], None]) -> Callable[[Any, str, Any], None]:
    """TagResource that gives a tag its new value."""

    def method(backend: Any, arn: str, tags: Any) -> None:
        backend.untag_resource(arn, list(tags))
        original(backend, arn, tags)

    return method


def _with_its_code(original: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """A function's code that is where it is said to be."""

    def method(function: Any, spec: Any) -> None:
        from moto.awslambda.exceptions import LambdaClientError
        from moto.s3.exceptions import MissingBucket
        from moto.s3.models import s3_backends

        if "S3Bucket" in spec and "S3Key" in spec:
            missing = "NoSuchKey. S3 Error Message: The specified key does not exist."
            try:
                backend = s3_backends[function.account_id][function.partition]
                there = backend.get_object(spec["S3Bucket"], spec["S3Key"]) is not None
            except MissingBucket:
                there, missing = False, "NoSuchBucket. S3 Error Message: The specified bucket does not exist"
            if not there:
                message = f"Error occurred while GetObject. S3 Error Code: {missing}"
                raise LambdaClientError("InvalidParameterValueException", message)
        original(function, spec)

    return method


def _completed(original: Callable[..., None]) -> Callable[..., None]:
    """An invalidation that is over, as CloudFront spells it: botocore's waiter `InvalidationCompleted`."""

    def method(invalidation: Any, *arguments: Any) -> None:
        original(invalidation, *arguments)
        invalidation.status = "Completed"

    return method


def _knowing(original: Callable[..., Any]) -> Callable[..., Any]:
    """An IAM method that takes the ARN of any of AWS's managed policies."""

    def method(backend: Any, policy_arn: str, *arguments: Any) -> Any:
        if policy_arn.startswith(AWS_MANAGED) and policy_arn not in backend.managed_policies:
            from moto.iam.aws_managed_policies import aws_managed_policies_data
            from moto.iam.models import AWSManagedPolicy

            name = policy_arn.rsplit("/", 1)[1]
            data = json.loads(aws_managed_policies_data).get(name)
            if data is not None:
                policy = AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, data)
                backend.managed_policies[policy.arn] = policy
        return original(backend, policy_arn, *arguments)

    return method
