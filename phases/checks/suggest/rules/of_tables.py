"""Rules for AWS: keys, indexes, streams and capacity of DynamoDB's tables; queues, topics and schedules."""

from __future__ import annotations

from phases.checks.suggest.proposal import ARN, Name, Rule
from phases.checks.suggest.rules.entries import IS_SET, MADE, aws
from state.json_values import Json

_TABLE = {"table": Name("Which DynamoDB table is {}?", option="--table-name", group="table", code=True)}
_ON = r"(?: (?:is|are))? (?:enabled|on|active|configured|set ?up)"
_DYNAMO = r"(?:DynamoDB (?:tables? )?(?:has |with )?)"
_KEY = r"(?P<key>(?!(?:key|is|and|set|designed|configured|agreed|chosen)\b)[A-Za-z_][\w.-]*)"
_TYPES = (("String", "S"), ("Number", "N"), ("Binary", "B"))
_QUEUE = {"queue-url": Name("What is the URL of the queue?", option="--queue-url", code=True, pattern=r"https://.+")}
_TOPIC = {"topic-arn": Name("What is the ARN of the SNS topic?", option="--topic-arn", code=True, pattern=ARN)}


def _of_table(
    name: str,
    head: str,
    expression: str,
    expect: Json,
    unproved: str,
    words: tuple[str, ...],
    remark: str = "",
) -> Rule:
    """A rule for what one table has; `words`: two examples, then counter-examples."""
    check = aws("dynamodb", "describe_table", expression, expect, TableName="{table}")
    return Rule(name, head, check, unproved, words[:2], words[2:], names=_TABLE, remark=remark)


def _key(kind: str, of_schema: str) -> tuple[Rule, ...]:
    """The key of a table, by its name; and where its type stands beside it, with that."""
    head = (
        rf"{_DYNAMO}(?:set up )?{kind} key(?: (?:is|attribute|named|of))?:? {_KEY}"
        r"(?: (?:configured|set|defined|set up|created))?"
    )
    expression = f"Table.KeySchema[?KeyType=='{of_schema}'].AttributeName | [0]"
    unproved = "the table's own key, not: an index's"
    return (
        *(
            _of_table(
                f"{kind} key that is a {shown}",
                head,
                f"Table.[KeySchema[?KeyType=='{of_schema}'].AttributeName | [0],"
                " AttributeDefinitions[?AttributeName=='$key'].AttributeType | [0]]",
                {"equals": ["$key", letter]},
                unproved,
                (
                    f"DynamoDB table {kind} key: `order_id` ({shown})",
                    f"DynamoDB {kind} key is `order_id` ({letter})",
                    f"DynamoDB {kind} key: `order_id`",
                    f"{kind.capitalize()} key: `order_id` ({shown})",
                ),
                remark=rf"^(?:{shown}|{letter})$",
            )
            for shown, letter in _TYPES
        ),
        _of_table(
            f"{kind} key",
            head,
            expression,
            {"equals": "$key"},
            unproved,
            (
                f"DynamoDB table {kind} key: `order_id`",
                f"DynamoDB {kind} key is `order_id`",
                f"DynamoDB {kind} key designed",
                f"{kind.capitalize()} key: `order_id`",
            ),
            remark=r"^$",
        ),
    )


RULES = (
    *_key("partition", "HASH"),
    *_key("sort", "RANGE"),
    _of_table(
        "both keys of a table",
        rf"{_DYNAMO}(?:primary |composite )?keys?(?: schema)?{IS_SET}",
        "Table.KeySchema[].[KeyType, AttributeName]",
        {"equals": [["HASH", "$hash"], ["RANGE", "$range"]]},
        "the table's own keys, not: an index's",
        (
            "DynamoDB primary key configured (PK/SK)",
            "DynamoDB composite key configured (tenantId/orderId)",
            "DynamoDB primary key configured",
            "Primary key (PK/SK) configured",
        ),
        remark=r"^(?P<hash>[A-Za-z_]\w*)(?:/| \+ |, )(?P<range>[A-Za-z_]\w*)$",
    ),
    _of_table(
        "index of a table by a name of its own",
        rf"{_DYNAMO}(?P<index>(?-i:GSI\d+|LSI\d+|[A-Za-z]\w*Index|[\w-]+[-_]index))(?: (?:GSI|LSI))?(?:{MADE})",
        "Table.[GlobalSecondaryIndexes[?IndexStatus=='ACTIVE'].IndexName, LocalSecondaryIndexes[].IndexName][]",
        {"contains": "$index"},
        "in service, not: its keys and projection",
        (
            "DynamoDB GSI1 created",
            "DynamoDB table EmailIndex created",
            "DynamoDB index created",
            "EmailIndex created",
            "DynamoDB GSI1 designed",
        ),
    ),
    _of_table(
        "stream of a table",
        rf"{_DYNAMO}streams?{_ON}",
        "Table.StreamSpecification.StreamEnabled",
        {"equals": True},
        "on, not: that something reads it",
        ("DynamoDB Streams enabled", "DynamoDB table stream enabled", "Streams enabled", "DynamoDB streams drawn"),
    ),
    _of_table(
        "encryption of a table with a key of KMS",
        rf"{_DYNAMO}(?:is |are )?(?:encrypt(?:ed|ion)(?: at rest)?(?:{_ON})? (?:with|using|via) (?:an? )?(?:AWS )?KMS"
        rf"(?: keys?)?|KMS encryption{_ON}|SSE-KMS{_ON})",
        "Table.SSEDescription.[Status, SSEType]",
        {"equals": ["ENABLED", "KMS"]},
        "with a key of KMS, not: with which",
        (
            "DynamoDB table encrypted with KMS",
            "DynamoDB KMS encryption enabled",
            "DynamoDB encrypted",
            "KMS encryption enabled",
        ),
    ),
    _of_table(
        "encryption of a table",
        rf"{_DYNAMO}(?:is )?(?:encrypted at rest|encryption(?: at[ -]rest)?{_ON}|server[- ]side encryption{_ON})",
        "Table.[TableStatus, SSEDescription.Status || 'ENABLED']",
        {"equals": ["ACTIVE", "ENABLED"]},
        "encrypted as every table is, with AWS's own key where it has none of KMS; not: with which",
        (
            "DynamoDB encryption at rest enabled",
            "Enable DynamoDB encryption at rest",
            "Encryption at rest enabled",
            "DynamoDB encryption discussed",
        ),
    ),
    _of_table(
        "deletion protection of a table",
        rf"{_DYNAMO}deletion protection{_ON}",
        "Table.DeletionProtectionEnabled",
        {"equals": True},
        "on for one table, not: for others",
        (
            "DynamoDB deletion protection enabled",
            "DynamoDB table deletion protection enabled",
            "Deletion protection enabled",
            "DynamoDB deletion discussed",
        ),
    ),
    Rule(
        "capacity of a table that scales",
        rf"{_DYNAMO}(?:capacity )?auto[- ]?scaling{_ON}",
        aws(
            "application-autoscaling",
            "describe_scalable_targets",
            "ScalableTargets[].ScalableDimension",
            "present",
            ServiceNamespace="dynamodb",
            ResourceIds=["table/{table}"],
        ),
        "some capacity of it scales, not: between which bounds; a table on demand has none",
        ("DynamoDB auto-scaling configured", "DynamoDB table auto scaling enabled"),
        ("Auto-scaling enabled", "DynamoDB auto-scaling discussed"),
        names=_TABLE,
    ),
    Rule(
        "encryption of a queue",
        rf"(?:Amazon |AWS )?SQS (?:queues? )?(?:server[- ]side )?(?:encryption(?: at rest)?{_ON}|(?:is )?encrypted"
        r"(?: at rest)?)",
        aws(
            "sqs",
            "get_queue_attributes",
            "[Attributes.SqsManagedSseEnabled, Attributes.KmsMasterKeyId] | [?@ && @!='false']",
            "present",
            QueueUrl="{queue-url}",
            AttributeNames=["SqsManagedSseEnabled", "KmsMasterKeyId"],
        ),
        "with a key of SQS or of KMS, not: with which",
        ("SQS encryption enabled", "SQS queue encrypted at rest"),
        ("Queue encrypted", "SQS encryption discussed", "SQS queues encrypted with KMS"),
        names=_QUEUE,
    ),
    Rule(
        "encryption of a topic",
        rf"(?:Amazon |AWS )?SNS (?:topics? )?(?:server[- ]side )?(?:encryption(?: at rest)?{_ON}|(?:is )?encrypted"
        r"(?: (?:at rest|with KMS))?)",
        aws("sns", "get_topic_attributes", "Attributes.KmsMasterKeyId", "present", TopicArn="{topic-arn}"),
        "with a key of KMS, not: with which",
        ("SNS encryption enabled", "SNS topic encrypted with KMS"),
        ("Topic encrypted", "SNS encryption discussed"),
        names=_TOPIC,
    ),
    Rule(
        "topic that alarms write to",
        rf"(?:Amazon |AWS )?SNS topic{IS_SET} for (?:CloudWatch )?alarms?(?: notifications?)?"
        rf"|(?:CloudWatch )?alarms? (?:notify|send to|linked to|connected to|publish to) (?:the |an )?SNS(?: topic)?",
        aws(
            "cloudwatch",
            "describe_alarms",
            "MetricAlarms[?ActionsEnabled && contains(AlarmActions, '{topic-arn}')].AlarmName",
            "present",
        ),
        "some alarm writes to it, not: each, and not that somebody reads it",
        ("SNS topic configured for alarm notifications", "CloudWatch alarm linked to SNS topic"),
        ("SNS topic discussed for alarms", "Alarm clock linked to the phone"),
        names=_TOPIC,
    ),
    Rule(
        "dead-letter queue of a kind",
        rf"(?:Amazon |AWS )?SQS (?:dead[- ]letter queues?|DLQ){IS_SET}|(?:Amazon |AWS )?SQS redrive policy{IS_SET}",
        aws(
            "sqs",
            "get_queue_attributes",
            "Attributes.RedrivePolicy",
            "present",
            QueueUrl="{queue-url}",
            AttributeNames=["RedrivePolicy"],
        ),
        "the queue has one, not: that somebody looks into it",
        ("SQS dead-letter queue configured", "SQS DLQ set up"),
        ("SQS dead-letter queue emptied", "Dead letters configured"),
        names=_QUEUE,
    ),
    Rule(
        "target of a schedule",
        r"(?:EventBridge Scheduler )?(?:Lambda|SQS|Step Functions|ECS)(?: function)? target" + IS_SET,
        aws("scheduler", "get_schedule", "Target.Arn", "present", Name="{schedule}"),
        "it has one, not: which, and not that it may be called",
        ("EventBridge Scheduler Lambda target configured", "EventBridge Scheduler SQS target set"),
        ("EventBridge Scheduler Lambda targets met", "Lambda target missed"),
        names={"schedule": Name("What is the schedule called?", code=True)},
        around=r"EventBridge Scheduler",
    ),
    Rule(
        "target of an event rule",
        r"(?:EventBridge rule )?(?:Lambda|SQS|Step Functions|ECS)(?: function)? target" + IS_SET,
        aws("events", "list_targets_by_rule", "Targets[].Arn", "present", Rule="{event-rule}"),
        "it has one, not: which, and not that it may be called",
        ("EventBridge rule Lambda target configured", "EventBridge rule SQS target set"),
        ("EventBridge rule Lambda targets met", "Lambda target missed"),
        names={"event-rule": Name("What is the EventBridge rule called?", option="--rule", code=True)},
        around=r"EventBridge(?! Scheduler)",
    ),
    Rule(
        "topics for alerts",
        rf"(?:Amazon |AWS )?SNS topics{IS_SET} for (?:the )?(?:alerts?|alarms?|notifications?|alerting)",
        aws("sns", "list_topics", "Topics[].TopicArn", {"contains-each": "{topic-arns}"}),
        "each of these is there, not: who writes to it, and who reads",
        ("SNS topics configured for alerts", "SNS topics created for notifications"),
        ("SNS topics discussed for alerts", "Topics configured for alerts"),
        names={
            "topic-arns": Name("What are the ARNs of the topics, with spaces between them?", many=True),
        },
    ),
    Rule(
        "schedule",
        rf"EventBridge (?:Scheduler|schedule)(?: schedule)?(?:{MADE}|{IS_SET})",
        aws("scheduler", "get_schedule", "State", {"equals": "ENABLED"}, Name="{schedule}"),
        "enabled, not: when it runs, and not what it calls",
        ("EventBridge Scheduler created", "EventBridge schedule enabled"),
        ("EventBridge Scheduler explained", "Schedule created", "EventBridge Scheduler created (monthly)"),
        names={"schedule": Name("What is the schedule called?", code=True)},
        remark=r"^$",
    ),
)
