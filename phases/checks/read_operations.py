"""Which operations may a check call? Those that only read, and read settings rather than data or secrets.

Rules:
- What is not accepted here is refused: a new operation of AWS's is no risk before somebody has looked at it, unless
  AWS itself called it `List...` or `Describe...`.
- `describe_*` and `list_*` are accepted for every service, but for REFUSED. Their names are a promise that AWS keeps:
  of the 5,230 in botocore 1.44.5, 4,622 stand in the Service Authorization Reference, none with an effect on a
  resource (nine are filed under Tagging, Permissions management or Write and are documented as reads), and all are
  HTTP GET, HEAD or POST.
- `get_*` and the rest promise nothing: they hand out objects, passwords, sessions, presigned URLs. Each one accepted
  stands in ACCEPTED, has the access level Read or List there (itself, or the permission that it is filed under:
  `apigateway:GET`, `s3:GetEncryptionConfiguration`), and answers settings, states or counts.
- An operation that needs a bearer token as a parameter, or that streams, is refused: the request is kept as evidence.

Sources:
    https://docs.aws.amazon.com/service-authorization/latest/reference/ (access levels Read and List)
    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/SecurityAudit.html (what AWS lets an auditor read)
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from fnmatch import fnmatchcase

from phases.checks.api_model import ApiOperation

BY_NAME = ("describe_*", "list_*")
READING_METHODS = frozenset({"GET", "HEAD", "POST"})  # POST: the query and JSON protocols use nothing else

# service -> operations, or patterns for them
ACCEPTED: dict[str, tuple[str, ...]] = {
    "accessanalyzer": ("get_analyzer", "get_archive_rule", "get_finding", "get_finding_v2"),
    "apigateway": (
        "get_account",
        "get_authorizer",
        "get_authorizers",
        "get_base_path_mapping",
        "get_base_path_mappings",
        "get_deployment",
        "get_deployments",
        "get_domain_name",
        "get_domain_names",
        "get_gateway_response",
        "get_gateway_responses",
        "get_integration",
        "get_integration_response",
        "get_method",
        "get_method_response",
        "get_request_validator",
        "get_request_validators",
        "get_resource",
        "get_resources",
        "get_rest_api",
        "get_rest_apis",
        "get_stage",
        "get_stages",
        "get_usage_plan",
        "get_usage_plans",
        "get_vpc_link",
        "get_vpc_links",
    ),
    "apigatewayv2": (
        "get_api",
        "get_api_mapping",
        "get_api_mappings",
        "get_apis",
        "get_authorizer",
        "get_authorizers",
        "get_deployment",
        "get_deployments",
        "get_domain_name",
        "get_domain_names",
        "get_integration",
        "get_integration_response",
        "get_integration_responses",
        "get_integrations",
        "get_route",
        "get_route_response",
        "get_route_responses",
        "get_routes",
        "get_stage",
        "get_stages",
        "get_tags",
        "get_vpc_link",
        "get_vpc_links",
    ),
    "appconfig": ("get_application", "get_configuration_profile", "get_deployment", "get_environment"),
    "appsync": ("get_graphql_api",),
    "athena": ("get_data_catalog", "get_work_group"),
    "backup": (
        "get_backup_plan",
        "get_backup_selection",
        "get_backup_vault_access_policy",
        "get_backup_vault_notifications",
    ),
    "bedrock": (
        "get_guardrail",
        "get_inference_profile",
        "get_model_invocation_logging_configuration",
        "get_provisioned_model_throughput",
    ),
    "ce": (  # AWS charges each of these requests
        "get_anomalies",
        "get_anomaly_monitors",
        "get_anomaly_subscriptions",
        "get_cost_and_usage",
        "get_cost_forecast",
    ),
    "cloudformation": ("get_stack_policy", "get_template", "get_template_summary"),
    "cloudfront": (
        "get_cache_policy",
        "get_distribution",
        "get_distribution_config",
        "get_monitoring_subscription",
        "get_origin_access_control",
        "get_origin_request_policy",
        "get_response_headers_policy",
    ),
    "cloudtrail": ("get_event_selectors", "get_insight_selectors", "get_trail", "get_trail_status"),
    "cloudwatch": ("get_dashboard", "get_metric_data", "get_metric_statistics", "get_metric_stream"),
    "codebuild": ("batch_get_projects",),
    "codedeploy": ("get_application", "get_deployment", "get_deployment_config", "get_deployment_group"),
    "codepipeline": ("get_pipeline", "get_pipeline_execution", "get_pipeline_state"),
    "cognito-identity": ("get_identity_pool_roles",),
    "cognito-idp": ("get_user_pool_mfa_config",),
    "config": ("get_compliance_details_by_config_rule", "get_compliance_summary_by_config_rule"),
    "dynamodb": ("get_resource_policy",),
    "ec2": (
        "get_ebs_default_kms_key_id",
        "get_ebs_encryption_by_default",
        "get_image_block_public_access_state",
        "get_instance_metadata_defaults",
        "get_managed_prefix_list_entries",
        "get_serial_console_access_status",
        "get_snapshot_block_public_access_state",
    ),
    "ecr": (
        "get_lifecycle_policy",
        "get_registry_policy",
        "get_registry_scanning_configuration",
        "get_repository_policy",
    ),
    "glue": (
        "get_crawler",
        "get_crawlers",
        "get_data_catalog_encryption_settings",
        "get_database",
        "get_databases",
        "get_job",
        "get_job_run",
        "get_job_runs",
        "get_jobs",
        "get_resource_policy",
        "get_security_configuration",
        "get_security_configurations",
        "get_table",
        "get_tables",
        "get_trigger",
        "get_triggers",
        "get_workflow",
    ),
    "guardduty": ("get_detector",),
    "iam": (
        "get_account_authorization_details",
        "get_account_password_policy",
        "get_account_summary",
        "get_group",
        "get_group_policy",
        "get_instance_profile",
        "get_policy",
        "get_policy_version",
        "get_role",
        "get_role_policy",
        "get_user",
        "get_user_policy",
        "simulate_principal_policy",
    ),
    "kms": ("get_key_policy", "get_key_rotation_status"),
    "lambda": (
        "get_account_settings",
        "get_alias",
        "get_code_signing_config",
        "get_event_source_mapping",
        "get_function_code_signing_config",
        "get_function_concurrency",
        "get_function_configuration",
        "get_function_event_invoke_config",
        "get_function_recursion_config",
        "get_function_url_config",
        "get_layer_version_policy",
        "get_policy",
        "get_provisioned_concurrency_config",
        "get_runtime_management_config",
    ),
    "logs": ("filter_log_events", "get_data_protection_policy"),
    "resourcegroupstaggingapi": ("get_compliance_summary", "get_resources", "get_tag_keys", "get_tag_values"),
    "route53": ("get_change", "get_dnssec", "get_health_check", "get_health_check_status", "get_hosted_zone"),
    "s3": (
        "get_bucket_accelerate_configuration",
        "get_bucket_acl",
        "get_bucket_cors",
        "get_bucket_encryption",
        "get_bucket_lifecycle_configuration",
        "get_bucket_location",
        "get_bucket_logging",
        "get_bucket_notification_configuration",
        "get_bucket_ownership_controls",
        "get_bucket_policy",
        "get_bucket_policy_status",
        "get_bucket_replication",
        "get_bucket_request_payment",
        "get_bucket_tagging",
        "get_bucket_versioning",
        "get_bucket_website",
        "get_object_lock_configuration",
        "get_public_access_block",
        "head_bucket",
        "head_object",
    ),
    "s3control": ("get_public_access_block",),
    "scheduler": ("get_schedule", "get_schedule_group"),
    "secretsmanager": ("get_resource_policy",),
    "securityhub": ("get_enabled_standards",),
    "service-quotas": ("get_aws_default_service_quota", "get_service_quota"),
    "servicediscovery": ("get_namespace", "get_service"),
    "sesv2": ("get_account", "get_configuration_set", "get_email_identity"),
    "sns": ("get_data_protection_policy", "get_subscription_attributes", "get_topic_attributes"),
    "sqs": ("get_queue_attributes", "get_queue_url"),
    "sts": ("get_caller_identity",),
    "synthetics": ("get_canary", "get_canary_runs"),
    "wafv2": (
        "get_ip_set",
        "get_logging_configuration",
        "get_rule_group",
        "get_web_acl",
        "get_web_acl_for_resource",
    ),
    "xray": ("get_encryption_config", "get_groups", "get_sampling_rules"),
}

# accepted, though its answer is data: a check may count it (`length(...)`, a comparison), these members are hidden
COUNTED: dict[tuple[str, str], frozenset[str]] = {("logs", "filter_log_events"): frozenset({"message"})}

# (service, pattern, why): looked at and refused, so that the refusal can say why. ACCEPTED counts before it, here the
# first that fits.
REFUSED: tuple[tuple[str, str, str], ...] = (
    # read by name, and yet a secret, a session, or data
    ("cognito-idp", "list_user_pool_client_secrets", "its answer is the client secrets"),
    ("storagegateway", "describe_chap_credentials", "its answer is the CHAP secrets"),
    ("ssm", "list_command_invocations", "its answer is what the commands printed"),
    ("cognito-sync", "list_records", "its answer is users' data"),
    ("redshift-data", "*", "it opens a session in the database and wakes a paused one"),
    ("glue", "*_entit*", "it signs in to the other end of a connection"),
    ("glue", "get_connection*", "its answer holds the connections' passwords"),
    ("sso", "*", "it needs an access token as a parameter"),
    ("cognito-idp", "list_devices", "it needs a user's access token as a parameter"),
    ("cognito-idp", "list_user_sessions", "it needs a user's access token as a parameter"),
    ("cognito-idp", "list_web_authn_credentials", "it needs a user's access token as a parameter"),
    ("workdocs", "describe_root_folders", "it needs a user's token as a parameter"),
    ("interconnect", "describe_connection_proposal", "it needs an activation key as a parameter"),
    # what people may expect to be there
    ("secretsmanager", "*get_secret_value", "its answer is the secret; describe_secret says when it was rotated"),
    ("ssm", "get_parameter*", "its answer is the value, decrypted on demand; describe_parameters has the settings"),
    ("lambda", "get_function", "its answer holds a presigned URL to the code; use get_function_configuration"),
    ("lambda", "get_layer_version*", "its answer holds a presigned URL to the code"),
    ("s3", "get_object*", "its answer is the object; head_object has its settings"),
    ("s3", "select_object_content", "its answer is the object's content"),
    ("dynamodb", "get_item", "items are data; a probe of the tables belongs into a step"),
    ("dynamodb", "batch_get_item", "items are data"),
    ("dynamodb", "query", "items are data"),
    ("dynamodb", "scan", "items are data, and a scan of all pages can cost much"),
    ("dynamodb", "*execute*", "PartiQL writes as well as it reads"),
    ("logs", "get_log_events", "log lines are data; filter_log_events counts them"),
    ("sqs", "receive_message", "it hides the messages from their consumer"),
    ("kinesis", "get_records", "records are data"),
    ("sts", "assume_role*", "its answer is credentials"),
    ("sts", "get_*_token", "its answer is credentials"),
    ("cognito-identity", "get_credentials_for_identity", "its answer is credentials"),
    ("cognito-identity", "get_open_id_token*", "its answer is credentials"),
    ("ecr", "get_authorization_token", "its answer is credentials"),
    ("ecr-public", "get_authorization_token", "its answer is credentials"),
    ("redshift*", "get_*credentials*", "its answer is credentials"),
    ("iam", "get_credential_report", "its answer is a file about every user"),
    ("apigateway", "get_api_key*", "its answer can hold the keys' values"),
    ("ec2", "get_password_data", "its answer is the administrator's password"),
    ("ec2", "get_console_*", "its answer is what the machine printed or showed"),
    ("ec2", "get_launch_template_data", "its answer holds the user data in clear"),
    ("lambda", "invoke*", "it runs code"),
    ("kms", "decrypt", "its answer is the plain text"),
    ("kms", "generate_*", "its answer is key material"),
)


def refusal(operation: ApiOperation, others: Iterable[str]) -> str:
    """Why a check may not call this operation, "" when it may.

    Args:
        others: all operations of the service, to name near ones that are accepted.
    """
    service, name = operation.service, operation.name
    if name in ACCEPTED.get(service, ()):
        return ""
    if why := _refused_for(service, name):
        return f"a check may not call {service} {name}: {why}"
    if operation.method not in READING_METHODS:
        return f"a check may not call {service} {name}: its HTTP method is {operation.method}"
    if operation.streams:
        return f"a check may not call {service} {name}: it streams its answer"
    if _by_name(name):
        return ""
    near = difflib.get_close_matches(
        name, [each for each in others if _by_name(each) or each in ACCEPTED.get(service, ())], 3, 0.5
    )
    return (
        f"a check may not call {service} {name}: it is none of the operations that only read settings"
        f"{_instead(near)} (describe_*, list_* and what phases/checks/read_operations.py accepts)"
    )


def _refused_for(service: str, name: str) -> str:
    """The reason of the first entry of REFUSED that fits, "" when there is none."""
    fitting = (why for of, pattern, why in REFUSED if fnmatchcase(service, of) and fnmatchcase(name, pattern))
    return next(fitting, "")


def _by_name(name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in BY_NAME)


def _instead(near: Iterable[str]) -> str:
    return f"; did you mean {', '.join(near)}?" if near else ""
