"""Rules for AWS: instances, gateways, keys, events, and the services that watch an account."""

from __future__ import annotations

from phases.checks.suggest.proposal import ARN, Name, Rule
from phases.checks.suggest.rules.entries import HOLDS, IS_SET, MADE, THERE, aws, some_and_none

_VPC = {"vpc": Name("What is the id of the VPC?", option="--vpc-id")}
_KEY = {
    "key-id": Name(
        "What is the id of the KMS key?",
        option="--key-id",
        code=True,
        pattern=r"alias/[\w/-]+|[0-9a-f]{8}-[0-9a-f-]{27}|arn:.+",
    )
}

RULES = (
    Rule(
        "instance",
        r"EC2 instances?(?: (?:is|are|has been))? (?:running|launched|up|created|provisioned|up and running)"
        r"(?: with [\w +-]+)?",
        aws(
            "ec2",
            "describe_instances",
            some_and_none("Reservations[].Instances[]", "Reservations[].Instances[] | [?State.Name!='running']"),
            HOLDS,
            InstanceIds=["{instance-id}"],
        ),
        "running, not: what runs on it",
        ("EC2 instance running", "EC2 instance launched"),
        ("EC2 instance type chosen", "Instance of the problem running"),
        names={
            "instance-id": Name(
                "What is the id of the instance?", option="--instance-ids", code=True, pattern=r"i-[0-9a-f]+"
            )
        },
    ),
    Rule(
        "NAT gateway",
        rf"NAT gateways?{MADE}",
        aws(
            "ec2",
            "describe_nat_gateways",
            some_and_none("NatGateways", "NatGateways[?State!='available']"),
            HOLDS,
            Filter=[{"Name": "vpc-id", "Values": ["{vpc}"]}],
        ),
        "available, not: that routes lead to it",
        ("NAT gateway created",),
        ("NAT gateway costs agreed", "Gateway created"),
        names=_VPC,
    ),
    Rule(
        "internet gateway",
        r"Internet gateway(?: is)? (?:created|attached|created and attached|configured)(?: to (?:the )?VPC)?",
        aws(
            "ec2",
            "describe_internet_gateways",
            "InternetGateways[].Attachments[].VpcId",
            {"contains": "{vpc}"},
        ),
        "attached, not: that routes lead to it",
        ("Internet gateway attached", "Internet Gateway created and attached to VPC"),
        ("Internet gateway removed", "Internet access tested"),
        names=_VPC,
    ),
    Rule(
        "VPC endpoint",
        rf"VPC endpoint(?:{MADE}|{IS_SET})",
        aws(
            "ec2",
            "describe_vpc_endpoints",
            "length(VpcEndpoints)",
            {"at-least": 1},
            Filters=[{"Name": "vpc-id", "Values": ["{vpc}"]}],
        ),
        "there is one, not: for which service",
        ("VPC endpoint configured", "VPC endpoint created"),
        ("VPC endpoints discussed", "Endpoints created", "VPC endpoints for S3 and ECR created"),
        names=_VPC,
    ),
    *(
        Rule(
            f"VPC endpoint for {name}",
            rf"VPC (?:gateway |interface )?endpoints? for {name}(?:{MADE}|{IS_SET})",
            aws(
                "ec2",
                "describe_vpc_endpoints",
                "length(VpcEndpoints)",
                {"at-least": 1},
                Filters=[
                    {"Name": "vpc-id", "Values": ["{vpc}"]},
                    {"Name": "service-name", "Values": [f"com.amazonaws.*.{service}"]},
                ],
            ),
            "there is one, not: that routes and policies let traffic through it",
            (f"VPC endpoint for {name} created",),
            (f"VPC endpoint for {name} discussed", f"VPC endpoints for {name} and SQS created"),
            names=_VPC,
        )
        for name, service in (("S3", "s3"), ("DynamoDB", "dynamodb"))
    ),
    Rule(
        "launch template",
        r"launch template(?: is)? (?:created|exists|configured)(?: with [\w ]+)?",
        aws(
            "ec2",
            "describe_launch_templates",
            "LaunchTemplates[].LaunchTemplateName",
            {"contains": "{launch-template}"},
        ),
        THERE,
        ("Launch template created", "Launch template created with user data script"),
        ("Launch planned", "Template of the mail created"),
        names={
            "launch-template": Name("What is the launch template called?", option="--launch-template-name", code=True)
        },
    ),
    Rule(
        "hosted zone",
        rf"(?:AWS )?Route ?53 hosted zone{MADE}",
        aws("route53", "get_hosted_zone", "HostedZone.Name", "present", Id="{hosted-zone}"),
        "there, not: that the registrar points to it",
        ("Route 53 hosted zone created",),
        ("Hosted zone documented", "Zone created"),
        names={
            "hosted-zone": Name(
                "What is the id of the hosted zone?", option="--hosted-zone-id", code=True, pattern=r"Z[A-Z0-9]{6,}"
            )
        },
    ),
    Rule(
        "key rotation",
        r"(?:AWS )?KMS key rotation(?: is)? (?:enabled|on|configured)",
        aws("kms", "get_key_rotation_status", "KeyRotationEnabled", {"equals": True}, KeyId="{key-id}"),
        "on for one key, not: for others",
        ("KMS key rotation enabled",),
        ("Key rotation agreed", "Keys of the office rotated"),
        names=_KEY,
    ),
    Rule(
        "key",
        rf"(?:AWS )?KMS (?:encryption )?keys?{MADE}",
        aws("kms", "describe_key", "KeyMetadata.KeyState", {"equals": "Enabled"}, KeyId="{key-id}"),
        "enabled, not: what it encrypts",
        ("KMS key created",),
        ("KMS keys reviewed", "Key created"),
        names=_KEY,
    ),
    Rule(
        "event rule",
        rf"(?:Amazon |AWS )?EventBridge (?:\w+ )?rules?(?:{MADE}|{IS_SET})(?: and (?:active|enabled))?",
        aws("events", "describe_rule", "State", {"equals": "ENABLED"}, Name="{event-rule}"),
        "enabled, not: that its target does what it should",
        ("EventBridge rule created", "EventBridge rule configured"),
        ("EventBridge discussed", "House rules created"),
        names={"event-rule": Name("What is the EventBridge rule called?", option="--rule", code=True)},
    ),
    Rule(
        "state machine",
        rf"(?:(?:AWS )?Step Functions? )?state machines?{MADE}",
        aws(
            "stepfunctions",
            "describe_state_machine",
            "status",
            {"equals": "ACTIVE"},
            stateMachineArn="{state-machine-arn}",
        ),
        "active, not: that it ends well",
        ("Step Functions state machine deployed",),
        ("State machine drawn", "Step functions considered"),
        names={
            "state-machine-arn": Name(
                "What is the ARN of the state machine?", option="--state-machine-arn", code=True, pattern=ARN
            )
        },
        around=r"Step Function",
    ),
    Rule(
        "stream",
        rf"(?:Amazon |AWS )?Kinesis (?:data )?streams?{MADE}",
        aws(
            "kinesis",
            "describe_stream_summary",
            "StreamDescriptionSummary.StreamStatus",
            {"equals": "ACTIVE"},
            StreamName="{stream}",
        ),
        "active, not: that something reads it",
        ("Kinesis stream created",),
        ("Stream of thoughts recorded", "Kinesis chosen"),
        names={"stream": Name("What is the stream called?", option="--stream-name", code=True)},
    ),
    Rule(
        "file system",
        rf"(?:Amazon |AWS )?EFS (?:file ?system|volume)?{MADE}",
        aws(
            "efs",
            "describe_file_systems",
            "FileSystems[0].LifeCycleState",
            {"equals": "available"},
            FileSystemId="{file-system}",
        ),
        "available, not: that it is mounted",
        ("EFS file system created",),
        ("File system full", "EFS considered"),
        names={
            "file-system": Name(
                "What is the id of the file system?", option="--file-system-id", code=True, pattern=r"fs-[0-9a-f]+"
            )
        },
    ),
    Rule(
        "AWS Config",
        r"AWS Config(?: recorder)?(?: is)? (?:enabled|on|recording)",
        aws(
            "config",
            "describe_configuration_recorder_status",
            some_and_none("ConfigurationRecordersStatus", "ConfigurationRecordersStatus[?!recording]"),
            HOLDS,
        ),
        "recording in one region, not: with which rules",
        ("AWS Config enabled",),
        ("AWS configuration enabled by hand", "Config reviewed"),
    ),
    Rule(
        "Security Hub",
        r"(?:AWS )?Security Hub(?: is)? (?:enabled|on|active|configured|set ?up)",
        aws("securityhub", "describe_hub", "HubArn", "present"),
        "enabled in one region, not: that somebody reads its findings",
        ("Security Hub enabled",),
        ("Security Hub findings reviewed", "Hub enabled"),
    ),
    Rule(
        "web API",
        rf"(?:Amazon |AWS )?API Gateway(?: (?:REST )?API)?{MADE}",
        aws("apigateway", "get_rest_apis", "items[].name", {"contains": "{api}"}),
        "a REST API is there, not: deployed to a stage; an HTTP API is asked of apigatewayv2",
        ("API Gateway created", "API Gateway deployed"),
        ("API Gateway limits agreed", "Gateway created", "API Gateway HTTP API created"),
        names={"api": Name("What is the API called?", option="--rest-api-name", code=True)},
        document=r"(?is)\A(?!.*(?:\bHTTP API|HttpApi|apigatewayv2|v2 API))",
    ),
    Rule(
        "HTTP API",
        rf"(?:Amazon |AWS )?API Gateway(?: \(?v2\)?)? HTTP API{MADE}",
        aws("apigatewayv2", "get_apis", "Items[?ProtocolType=='HTTP'].Name", {"contains": "{api}"}),
        "there, not: deployed to a stage",
        ("API Gateway HTTP API created", "API Gateway HTTP API exists"),
        ("HTTP API designed", "API Gateway HTTP API reviewed"),
        names={"api": Name("What is the API called?", code=True)},
    ),
    Rule(
        "shards of a stream",
        r"(?:Amazon |AWS )?Kinesis (?:data )?stream(?: (?:is|has|active|and))*(?: with)? (?P<shards>\d+) (?:open"
        r" )?shards",
        aws(
            "kinesis",
            "describe_stream_summary",
            "StreamDescriptionSummary.{s: StreamStatus, n: OpenShardCount}",
            {"equals": {"s": "ACTIVE", "n": "#shards"}},
            StreamName="{stream}",
        ),
        "active with so many, not: that something reads it",
        ("Kinesis stream `events` active with 4 shards", "Kinesis stream has 2 shards"),
        ("Kinesis shards agreed", "Stream has 2 banks"),
        names={"stream": Name("What is the stream called?", option="--stream-name", code=True)},
    ),
    Rule(
        "the right account",
        r"(?:logged in to|signed in to|using|connected to|credentials (?:are )?for|in) (?:the )?"
        r"(?:right|correct|production|target|expected)? ?(?:AWS )?account",
        aws("sts", "get_caller_identity", "Account", {"equals": "$number"}),
        "the credentials are this account's, not: what they allow",
        ("Logged in to the right account (123456789012)", "Using the correct AWS account (123456789012)"),
        ("Logged in to the right account", "Money in the right account (12345)"),
        remark=r"(?P<number>(?<!\d)\d{12}(?!\d))",
    ),
)
