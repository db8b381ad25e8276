"""How is the deployment kept running? Monitoring, backup, drift, update, removal and troubleshooting, with commands.

Every command names this deployment's region, stack and tables and runs as it stands; for tables that all take the same
command a shell loop over their names is written. What only the reader knows is a shell variable that stops the command
when it is not set. Times in commands are computed by the shell: a document must not carry the day it was written on.
"""

from __future__ import annotations

import shlex

from phases.documents.markdown import bullets, code, code_block, table
from phases.stage_06.live.live_deployment import LiveDeployment
from phases.stage_06.paths import CONTRACT, PARAMETERS, TEMPLATE
from phases.stage_06.template.outputs import ALARM_TOPIC_ARN, DASHBOARD_NAME

RESTORE_SUFFIX = "-restored"


def monitoring(deployment: LiveDeployment) -> str:
    """Alarms, their topic, the dashboard, and the metrics to look at."""
    at = f"--region {deployment.region}"
    topic = deployment.outputs.get(ALARM_TOPIC_ARN, "")
    dashboard = deployment.outputs.get(DASHBOARD_NAME, "")
    commands = [
        "# which alarms are ringing",
        f"aws cloudwatch describe-alarms {at} --alarm-name-prefix {deployment.stack_name}- --state-value ALARM \\",
        "  --query 'MetricAlarms[].[AlarmName, StateReason]' --output table",
    ]
    if topic:
        commands += [
            "# who is told; `PendingConfirmation` means that the link in the first mail was not followed",
            f"aws sns list-subscriptions-by-topic {at} --topic-arn {topic} \\",
            "  --query 'Subscriptions[].[Endpoint, SubscriptionArn]' --output table",
            "# tell one more address",
            ': "${ALARM_ADDRESS:?set it to an e-mail address}"',
            f'aws sns subscribe {at} --topic-arn {topic} --protocol email --notification-endpoint "$ALARM_ADDRESS"',
        ]
    commands += [
        "# is an alarm's way to you open? It rings once and goes back by itself",
        f"name=$(aws cloudwatch describe-alarms {at} --alarm-name-prefix {deployment.stack_name}- --max-items 1 \\",
        "  --query 'MetricAlarms[0].AlarmName' --output text | head -n 1)",
        f'aws cloudwatch set-alarm-state {at} --alarm-name "$name" --state-value ALARM --state-reason "test"',
    ]
    lines = [
        "Each table has alarms for throttled reads and writes (the table and its indexes) and for errors inside "
        "DynamoDB (reads and writes). One that rings for throttling usually means a hot partition: look at the keys "
        "before the capacity.",
        "Look weekly at `ConsumedReadCapacityUnits` and `ConsumedWriteCapacityUnits`: they are the bill. `UserErrors` "
        "has one series for the whole account and region, so it is on no table's alarm.",
    ]
    if dashboard:
        lines.append(f"Dashboard {code(dashboard)}: {dashboard_url(deployment, dashboard)}")
    return "\n\n".join((bullets(lines), code_block("\n".join(commands), "bash")))


def dashboard_url(deployment: LiveDeployment, dashboard: str) -> str:
    """The dashboard's page in the console of the deployment's partition."""
    domain = {
        "aws-cn": "console.amazonaws.cn",
        "aws-us-gov": "console.amazonaws-us-gov.com",
    }.get(deployment.partition, f"{deployment.region}.console.aws.amazon.com")
    return f"https://{domain}/cloudwatch/home?region={deployment.region}#dashboards/dashboard/{dashboard}"


def backup(deployment: LiveDeployment) -> str:
    """Backups, and getting a table back from them."""
    at, name = f"--region {deployment.region}", shlex.quote(deployment.tables[0].name)
    restored = shlex.quote(deployment.tables[0].name + RESTORE_SUFFIX)
    restore = f"""\
aws dynamodb restore-table-to-point-in-time {at} --source-table-name {name} \\
  --target-table-name {restored}"""
    reach = f"""\
{_each(deployment)}
  aws dynamodb describe-continuous-backups {at} --table-name "$table" \\
    --query 'ContinuousBackupsDescription.PointInTimeRecoveryDescription' --output json
done"""
    keep = f"""\
{_each(deployment)}
  aws dynamodb create-backup {at} --table-name "$table" --backup-name "$table-$(date -u +%Y%m%d-%H%M%S)"
done"""
    to_a_second = f"""\
: "${{RESTORE_TO:?set it to a time such as 2026-01-31T23:59:00Z}}"
{restore} --restore-date-time "$RESTORE_TO\""""
    complete = f"""\
aws dynamodb wait table-exists {at} --table-name {restored}
aws dynamodb update-continuous-backups {at} --table-name {restored} \\
  --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true
aws dynamodb update-table {at} --table-name {restored} --deletion-protection-enabled"""
    return "\n\n".join(
        (
            "Point-in-time recovery is on for every table: it can be restored, with its indexes, to any second of the "
            "last 35 days, up to about five minutes ago. How far back each table reaches now:",
            code_block(reach, "bash"),
            "A backup that stays until it is deleted, for example before a release:",
            code_block(keep, "bash"),
            f"Restoring makes a new table, here {code(deployment.tables[0].name + RESTORE_SUFFIX)}. To the latest "
            "point:",
            code_block(f"{restore} --use-latest-restorable-time", "bash"),
            "Or to a given second:",
            code_block(to_a_second, "bash"),
            "The new table has no point-in-time recovery, deletion protection, stream, TTL setting, tags, alarms or "
            "policies of its own. The first two:",
            code_block(complete, "bash"),
            "Applications move over by the table name in their environment (application-integration-guide.md). "
            "Practise it once before it is needed. Source: [point-in-time "
            "recovery](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
            "PointInTimeRecovery_Howitworks.html).",
        )
    )


def drift(deployment: LiveDeployment) -> str:
    """Does the stack still stand as it was deployed?"""
    at = f"--region {deployment.region}"
    commands = f"""\
id=$(aws cloudformation detect-stack-drift {at} --stack-name {deployment.stack_name} \\
  --query StackDriftDetectionId --output text)
aws cloudformation describe-stack-drift-detection-status {at} --stack-drift-detection-id "$id" \\
  --query '[DetectionStatus, StackDriftStatus, DriftedStackResourceCount]' --output text
# once DetectionStatus is DETECTION_COMPLETE: what differs, expected against actual
aws cloudformation describe-stack-resource-drifts {at} --stack-name {deployment.stack_name} \\
  --stack-resource-drift-status-filters MODIFIED DELETED \\
  --query 'StackResourceDrifts[].[LogicalResourceId, StackResourceDriftStatus, PropertyDifferences]' --output json"""
    return "\n\n".join(
        (
            "Run this monthly and before every update: CloudFormation does not see a setting that was changed by hand "
            "until it is asked. Mend drift by bringing the setting back, or by taking it into the contract or the "
            "template and deploying that.",
            code_block(commands, "bash"),
        )
    )


def updating(deployment: LiveDeployment) -> str:
    """How a change gets in."""
    at = f"--region {deployment.region}"
    body, parameters = (shlex.quote(f"file://{deployment.place(path)}") for path in (TEMPLATE, PARAMETERS))
    commands = f"""\
phasegate run stage-06          # with the changed contract; answer `stack-name` with {deployment.stack_name}
# or by hand: a change set to look at, and to execute or delete afterwards
aws cloudformation create-change-set {at} --stack-name {deployment.stack_name} --change-set-name by-hand \\
  --template-body {body} --parameters {parameters}
aws cloudformation wait change-set-create-complete {at} --stack-name {deployment.stack_name} --change-set-name by-hand
aws cloudformation describe-change-set {at} --stack-name {deployment.stack_name} --change-set-name by-hand \\
  --query 'Changes[].ResourceChange.[Action, Replacement, ResourceType, LogicalResourceId]' --output table"""
    return "\n\n".join(
        (
            "The contract is the source: change it, not the tables.",
            bullets(
                (
                    "A changed key or table name **replaces** the table: a new and empty one is made, the old one is "
                    "kept (`UpdateReplacePolicy: Retain`) but leaves the stack, and its data must be moved by you.",
                    "An update can add or remove one index of a table; more need one update each. A new index is "
                    "filled from the table, which takes minutes to hours and costs writes.",
                    "A changed projection means a new index under a new name, then the removal of the old one.",
                    "Over 51,200 bytes a template is no longer taken by `--template-body`: put it into S3 and use "
                    "`--template-url`.",
                    "`True` or `Conditional` under Replacement of a table: do not execute before you know why.",
                )
            ),
            code_block(commands, "bash"),
        )
    )


def removal(deployment: LiveDeployment) -> str:
    """Taking everything down although it is protected: in this order, nothing is lost before the last step."""
    at = f"--region {deployment.region}"
    importers = f"""\
for export in $(aws cloudformation list-exports {at} --output text \\
    --query "Exports[?ExportingStackId=='{deployment.stack_id}'].Name"); do
  aws cloudformation list-imports {at} --export-name "$export" --query Imports --output text 2>/dev/null \\
    && echo "imports $export"
done"""
    keep = f"""\
{_each(deployment)}
  aws dynamodb create-backup {at} --table-name "$table" --backup-name "$table-before-removal"
done"""
    stack = f"""\
aws cloudformation delete-stack {at} --stack-name {deployment.stack_name}
aws cloudformation wait stack-delete-complete {at} --stack-name {deployment.stack_name}"""
    tables = f"""\
{_each(deployment)}
  aws dynamodb update-table {at} --table-name "$table" --no-deletion-protection-enabled
  aws dynamodb wait table-exists {at} --table-name "$table"
  aws dynamodb delete-table {at} --table-name "$table"
  aws dynamodb wait table-not-exists {at} --table-name "$table"
done"""
    return "\n\n".join(
        (
            "Deleting the stack does **not** delete the tables: `DeletionPolicy: Retain` keeps them, and deletion "
            "protection refuses to delete them even by hand. Both are on purpose, so removal takes four steps.",
            "1. See whether another stack imports this one's outputs (nothing printed: none does); remove those first.",
            code_block(importers, "bash"),
            "2. Make a last backup of every table, which outlives it.",
            code_block(keep, "bash"),
            "3. Delete the stack: alarms, dashboard and topic go, the tables stay, serve and cost. A new stack of the "
            "same contract would now fail with `already exists` unless the tables are imported into it.",
            code_block(stack, "bash"),
            "4. Delete the tables. **Their data goes with them.**",
            code_block(tables, "bash"),
            "DynamoDB keeps a system backup of a deleted table that had point-in-time recovery for 35 days "
            f"({code(f'aws dynamodb list-backups {at} --backup-type SYSTEM')}): the last resort.",
        )
    )


def troubleshooting(deployment: LiveDeployment) -> str:
    """Symptom, cause, what to type."""
    at, first = f"--region {deployment.region}", shlex.quote(deployment.tables[0].name)
    rows = (
        (
            "Stack ends in `ROLLBACK_COMPLETE`",
            "A resource could not be made; the first `CREATE_FAILED` event has the reason, later ones only follow it",
            f"aws cloudformation describe-stack-events {at} --stack-name {deployment.stack_name} "
            "--query \"StackEvents[?ends_with(ResourceStatus, 'FAILED')].[LogicalResourceId, ResourceStatusReason]\"",
        ),
        (
            "`already exists` for a table",
            "A table of that name is there, perhaps retained from an earlier stack",
            f"aws dynamodb describe-table {at} --table-name {first} --query 'Table.[TableArn, ItemCount]'",
        ),
        (
            "`UPDATE_ROLLBACK_FAILED`",
            "An update failed and so did taking it back; mend what the events name, then let it go on",
            f"aws cloudformation continue-update-rollback {at} --stack-name {deployment.stack_name}",
        ),
        (
            "`AccessDeniedException`",
            "The message names caller, action and resource: the role lacks the statement, or calls without TLS",
            "aws sts get-caller-identity",
        ),
        (
            "`ResourceNotFoundException` in the application",
            "Wrong region or account, or a table name that is not this contract's",
            f"aws dynamodb list-tables {at}",
        ),
        (
            "`ValidationException: ... key element does not match the schema`",
            "A key attribute is missing or typed otherwise than the contract says (a number sent as a string)",
            f"aws dynamodb describe-table {at} --table-name {first} --query 'Table.[KeySchema, AttributeDefinitions]'",
        ),
        (
            "`ThrottlingException` or `ProvisionedThroughputExceededException` on a table that is mostly idle",
            "One partition key takes more than 1,000 writes or 3,000 reads a second, or the load grew beyond twice its "
            "former peak within 30 minutes",
            f"aws dynamodb update-contributor-insights {at} --table-name {first} --contributor-insights-action ENABLE",
        ),
        (
            "A query on an index misses an item just written",
            "Indexes follow the table; or the item lacks one of the index's key attributes and is not in it at all",
            "-",
        ),
        (
            "Timeouts from a private subnet",
            "No route to DynamoDB: see the VPC endpoint in access-and-security.md",
            f"aws ec2 describe-vpc-endpoints {at} "
            f"--filters Name=service-name,Values=com.amazonaws.{deployment.region}.dynamodb",
        ),
        (
            "The alarm mail never came",
            "The subscription was not confirmed, or no address was given",
            f"aws cloudwatch describe-alarm-history {at} --history-item-type Action --max-items 5",
        ),
    )
    return table(
        ("Symptom", "Cause", "Look"),
        [(symptom, cause, code(look) if look != "-" else look) for symptom, cause, look in rows],
    )


def calendar() -> str:
    """What to do how often."""
    return table(
        ("When", "What", "Where"),
        (
            (
                "at once",
                "confirm the alarm address by the link in the first mail; ring one alarm as a test",
                "Monitoring",
            ),
            ("weekly", "consumed capacity and throttling on the dashboard", "Monitoring"),
            ("monthly", "drift of the stack; cost by the tags `Project` and `Environment`", "Drift"),
            ("quarterly", "restore one table and read from it; review who holds which role", "Backup and restore"),
            ("before a change", "a backup; the change set's Replacement column", "Updating"),
        ),
    )


def sources(deployment: LiveDeployment) -> str:
    """Where the settings come from, for whoever changes them."""
    contract, template, parameters = (code(deployment.place(path)) for path in (CONTRACT, TEMPLATE, PARAMETERS))
    return f"Tables, keys and indexes come from {contract}; settings from {template} and {parameters}."


def _each(deployment: LiveDeployment) -> str:
    return f"for table in {' '.join(shlex.quote(deployed.name) for deployed in deployment.tables)}; do"
