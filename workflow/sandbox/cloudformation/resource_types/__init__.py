"""Which resource types does the sandbox's CloudFormation have? One file each; this is the table."""

from workflow.sandbox.cloudformation.resource_types.api_gateway_api import API
from workflow.sandbox.cloudformation.resource_types.api_gateway_authorizer import AUTHORIZER
from workflow.sandbox.cloudformation.resource_types.api_gateway_deployment import DEPLOYMENT
from workflow.sandbox.cloudformation.resource_types.api_gateway_integration import INTEGRATION
from workflow.sandbox.cloudformation.resource_types.api_gateway_route import ROUTE
from workflow.sandbox.cloudformation.resource_types.api_gateway_stage import STAGE
from workflow.sandbox.cloudformation.resource_types.cloudwatch_alarm import ALARM
from workflow.sandbox.cloudformation.resource_types.cloudwatch_dashboard import DASHBOARD
from workflow.sandbox.cloudformation.resource_types.cognito_user_pool import USER_POOL
from workflow.sandbox.cloudformation.resource_types.cognito_user_pool_client import USER_POOL_CLIENT
from workflow.sandbox.cloudformation.resource_types.dynamodb_global_table import GLOBAL_TABLE
from workflow.sandbox.cloudformation.resource_types.dynamodb_table import TABLE
from workflow.sandbox.cloudformation.resource_types.iam_managed_policy import MANAGED_POLICY
from workflow.sandbox.cloudformation.resource_types.iam_policy import POLICY
from workflow.sandbox.cloudformation.resource_types.iam_role import ROLE
from workflow.sandbox.cloudformation.resource_types.lambda_function import FUNCTION
from workflow.sandbox.cloudformation.resource_types.lambda_permission import PERMISSION
from workflow.sandbox.cloudformation.resource_types.logs_log_group import LOG_GROUP
from workflow.sandbox.cloudformation.resource_types.model import ResourceType
from workflow.sandbox.cloudformation.resource_types.sns_subscription import SUBSCRIPTION
from workflow.sandbox.cloudformation.resource_types.sns_topic import TOPIC
from workflow.sandbox.cloudformation.resource_types.sns_topic_policy import TOPIC_POLICY

RESOURCE_TYPES: dict[str, ResourceType] = {
    resource_type.name: resource_type
    for resource_type in (
        TABLE,
        GLOBAL_TABLE,
        ALARM,
        DASHBOARD,
        TOPIC,
        SUBSCRIPTION,
        TOPIC_POLICY,
        ROLE,
        POLICY,
        MANAGED_POLICY,
        LOG_GROUP,
        FUNCTION,
        PERMISSION,
        API,
        ROUTE,
        INTEGRATION,
        AUTHORIZER,
        STAGE,
        DEPLOYMENT,
        USER_POOL,
        USER_POOL_CLIENT,
    )
}

__all__ = ["RESOURCE_TYPES", "ResourceType"]
