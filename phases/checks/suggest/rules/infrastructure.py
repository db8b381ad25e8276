"""Rules for AWS: networks, roles, secrets, queues, and what guards an account."""

from __future__ import annotations

from phases.checks.suggest.proposal import ARN, Name, Rule
from phases.checks.suggest.rules.entries import HOLDS, IS_SET, MADE, THERE, aws, some_and_none


def _subnets(name: str, which: str, expression: str, proved: str, words: str) -> Rule:
    return Rule(
        name,
        rf"(?:VPC )?{which}subnets?(?:{MADE}|{IS_SET})(?: (?:in|across) (?:the )?(?:VPC|availability zones|AZs))?",
        aws(
            "ec2",
            "describe_subnets",
            expression,
            HOLDS,
            Filters=[{"Name": "vpc-id", "Values": ["{vpc}"]}],
        ),
        f"{proved}, not: how many, and where their routes lead",
        (f"{words} created", f"{words} configured"),
        (f"{words} removed", f"{words} of the town created"),
        names={"vpc": Name("What is the id of the VPC?", option="--vpc-id")},
    )


_SECURITY_GROUP = {
    "security-group": Name(
        "What is the id of the security group?", option="--group-ids", code=True, pattern=r"sg-[0-9a-f]+"
    )
}

_CERTIFICATE = {
    "certificate-arn": Name("What is the ARN of the certificate?", option="--certificate-arn", code=True, pattern=ARN)
}

RULES = (
    Rule(
        "security group",
        r"(?:AWS )?(?:(?!all|food|home)[\w-]+ )?security group(?: (?:is|has been))? (?:configured|set ?up|applied)",
        aws(
            "ec2",
            "describe_security_groups",
            "SecurityGroups[0].IpPermissions",
            "present",
            GroupIds=["{security-group}"],
        ),
        "there and with some rule, not: that only the right ones are let in",
        ("Security group configured", "Security group set up"),
        ("Security group meeting held", "Security configured"),
        names=_SECURITY_GROUP,
    ),
    Rule(
        "security group there",
        rf"(?:AWS )?(?:(?!all|food|home)[\w-]+ )?security group(?:{MADE}|{IS_SET})",
        aws(
            "ec2",
            "describe_security_groups",
            "SecurityGroups[0].GroupId",
            "present",
            GroupIds=["{security-group}"],
        ),
        "there, not: whom it lets in",
        ("Security group created", "RDS security group exists"),
        ("Security group meeting held", "Security created"),
        names=_SECURITY_GROUP,
    ),
    Rule(
        "VPC",
        rf"(?:AWS )?VPC(?: is)?(?:{MADE}|{IS_SET})",
        aws("ec2", "describe_vpcs", "Vpcs[0].State", {"equals": "available"}, VpcIds=["{vpc}"]),
        "available, not: its subnets and routes",
        ("VPC created", "VPC configured"),
        ("VPN created", "VPC peering discussed"),
        names={"vpc": Name("What is the id of the VPC?", option="--vpc-id", code=True, pattern=r"vpc-[0-9a-f]+")},
    ),
    _subnets("subnets", "", some_and_none("Subnets", "Subnets[?State!='available']"), "there are some", "VPC subnets"),
    _subnets(
        "public subnets",
        r"public ",
        "length(Subnets[?MapPublicIpOnLaunch]) > `0`",
        "some give public addresses",
        "Public subnets",
    ),
    _subnets(
        "private subnets",
        r"private ",
        "length(Subnets[?!MapPublicIpOnLaunch]) > `0`",
        "some give no public addresses",
        "Private subnets",
    ),
    _subnets(
        "public and private subnets",
        r"public ?(?:and|/|&) ?private ",
        "length(Subnets[?MapPublicIpOnLaunch]) > `0` && length(Subnets[?!MapPublicIpOnLaunch]) > `0`",
        "some give public addresses, and some do not",
        "Public and private subnets",
    ),
    Rule(
        "role",
        rf"(?:AWS )?IAM (?:\w+ )?roles?(?:{MADE}|{IS_SET})(?: for [\w +-]+)?",
        aws("iam", "get_role", "Role.Arn", "present", RoleName="{role}"),
        "there, not: what it may do",
        ("IAM role created", "IAM execution role exists"),
        ("IAM roles follow least privilege", "Role of the lead created"),
        names={"role": Name("What is the role called?", option="--role-name", code=True)},
    ),
    Rule(
        "secret",
        r"(?:all )?(?:[\w-]+ ){0,3}(?:secrets?|credentials?|passwords?|keys?)(?: (?:is|are))?(?: (?:stored|created"
        r"|exists?|saved|kept|added"
        r"|configured|set ?up))? (?:in )(?:the )?(?:AWS )?Secrets Manager",
        aws("secretsmanager", "describe_secret", "Name", "present", SecretId="{secret}"),
        "there by its name, not: its value, which is never read",
        ("Secret stored in AWS Secrets Manager", "Database credentials stored in Secrets Manager"),
        ("Secrets stored in Vault", "Secrets rotated"),
        names={"secret": Name("What is the secret called?", option="--secret-id", code=True)},
    ),
    Rule(
        "certificate",
        r"(?:(?:SSL|TLS|SSL/TLS) )?(?:ACM )?(?:certificates?|certs?)(?: (?:is|are|has been))?"
        r" (?:status(?: is| =)? issued|issued|validated"
        r"|requested and validated|valid)"
        r"(?: (?:in|by|via|with) (?:AWS )?(?:ACM|Certificate Manager))?",
        aws(
            "acm",
            "describe_certificate",
            "Certificate.Status",
            {"equals": "ISSUED"},
            CertificateArn="{certificate-arn}",
        ),
        "issued, not: that it is the one in use",
        ("ACM certificate issued", "SSL certificate validated in ACM"),
        ("Certificate of the training issued", "SSL certificate bought"),
        names=_CERTIFICATE,
        around=r"\bACM\b|Certificate Manager",
    ),
    Rule(
        "certificate that was requested",
        r"(?:(?:SSL|TLS|SSL/TLS) )?(?:ACM )?(?:SSL |TLS |SSL/TLS )?(?:certificate|cert)(?: (?:is|was|has been))?"
        r" (?:requested|created)(?: (?:in|by|via|with|from) (?:AWS )?(?:ACM|Certificate Manager))?",
        aws(
            "acm",
            "describe_certificate",
            "Certificate.Status",
            {"one-of": ["PENDING_VALIDATION", "ISSUED"]},
            CertificateArn="{certificate-arn}",
        ),
        "asked for and not refused, not: issued",
        ("ACM certificate requested", "ACM certificate created"),
        ("Certificate of the training created", "ACM certificate ordered"),
        names=_CERTIFICATE,
        around=r"\bACM\b|Certificate Manager",
    ),
    Rule(
        "CloudTrail",
        r"(?:AWS )?CloudTrail(?: logging)?(?: is)? (?:enabled|on|active|configured|set ?up|created)"
        r"(?: in all regions| for [\w -]+)?",
        aws("cloudtrail", "get_trail_status", "IsLogging", {"equals": True}, Name="{trail}"),
        "it logs now, not: in which regions, and not that somebody reads it",
        ("CloudTrail enabled", "CloudTrail logging enabled"),
        ("CloudTrail reviewed", "Trail of the audit enabled"),
        names={"trail": Name("What is the trail called?", option="--trail-name", code=True)},
    ),
    Rule(
        "GuardDuty",
        r"(?:AWS |Amazon )?GuardDuty(?: is)? (?:enabled|on|active|configured|set ?up)",
        aws("guardduty", "get_detector", "Status", {"equals": "ENABLED"}, DetectorId="{detector}"),
        "enabled in one region, not: that somebody reads what it finds",
        ("GuardDuty enabled",),
        ("GuardDuty findings reviewed", "Guard duty assigned"),
        names={"detector": Name("What is the id of the GuardDuty detector?", option="--detector-id")},
    ),
    Rule(
        "budget",
        r"(?:AWS )?(?:monthly |cost )?budgets?(?: (?:is|are))? (?:configured|created|set ?up|set)",
        aws("budgets", "describe_budgets", "Budgets[].BudgetName", {"contains": "{budget}"}, AccountId="{account}"),
        "there, not: its limit and whom it tells",
        ("AWS budget configured", "Monthly budget created"),
        ("Budget approved", "Marketing budget planned"),
        names={"budget": Name("What is the budget called?"), "account": Name("What is the AWS account's number?")},
        document=r"\bAWS\b|CloudWatch",
    ),
    Rule(
        "alerts of a budget",
        r"(?:AWS )?(?:monthly |cost )?budgets? (?:alarms?|alerts?|notifications?)(?: (?:is|are))?"
        r" (?:configured|created|set ?up|set|enabled)",
        aws(
            "budgets",
            "describe_budget_notifications_for_account",
            "BudgetNotificationsForAccount[].Notifications[].Threshold",
            "present",
            AccountId="{account}",
        ),
        "some budget tells somebody, not: at the right amount; an alarm of CloudWatch is none",
        ("AWS budget alerts configured", "Budget alerts configured"),
        ("Billing alerts configured", "Cost alerts set up", "Marketing budget planned"),
        names={"account": Name("What is the AWS account's number?")},
        document=r"\bAWS\b|CloudWatch",
    ),
    Rule(
        "distribution",
        rf"(?:Amazon |AWS )?CloudFront (?:distribution|CDN){MADE}"
        r"|CloudFront (?:distribution )?status(?: is|:)? Deployed",
        aws("cloudfront", "get_distribution", "Distribution.Status", {"equals": "Deployed"}, Id="{distribution}"),
        "deployed, not: that it serves the newest files",
        ("CloudFront distribution created", 'CloudFront status: "Deployed"'),
        ("CloudFront cache invalidated", "Distribution list created"),
        names={
            "distribution": Name(
                "What is the id of the distribution?", option="--distribution-id", code=True, pattern=r"E[A-Z0-9]{8,}"
            )
        },
    ),
    Rule(
        "queue",
        rf"(?:Amazon |AWS )?SQS (?:\w+ )?queues?(?:{MADE}|{IS_SET})",
        aws(
            "sqs",
            "get_queue_attributes",
            "Attributes.QueueArn",
            "present",
            QueueUrl="{queue-url}",
            AttributeNames=["QueueArn"],
        ),
        THERE,
        ("SQS queue created",),
        ("Queue drained", "SQS chosen"),
        names={
            "queue-url": Name("What is the URL of the queue?", option="--queue-url", code=True, pattern=r"https://.+")
        },
    ),
    Rule(
        "firewall",
        r"(?:AWS )?WAF(?: web ACLs?)?(?: (?:is|are))? (?:enabled|configured|active)",
        aws("wafv2", "list_web_acls", "WebACLs[].Name", {"contains": "{web-acl}"}, Scope="{waf-scope}"),
        "there, not: what it stands before, and what it blocks",
        ("AWS WAF enabled", "WAF configured"),
        ("WAF rules reviewed", "Firewall enabled"),
        names={"web-acl": Name("What is the web ACL called?", code=True), "waf-scope": Name("REGIONAL or CLOUDFRONT?")},
    ),
    Rule(
        "firewall before something",
        r"(?:AWS )?WAF(?: web ACLs?)?(?: (?:is|are))?(?: rules?)? (?:enabled|configured|set ?up"
        r"|attached|associated|active) (?:to|with|on|for) (?:the )?(?:ALB|API Gateway|API"
        r"|load balancer|Application Load Balancer)",
        aws("wafv2", "get_web_acl_for_resource", "WebACL.Name", "present", ResourceArn="{protected-arn}"),
        "one stands before it, not: what it blocks",
        ("WAF attached to the API", "AWS WAF is associated with the ALB"),
        ("WAF attached to the proposal", "WAF rules for the API reviewed"),
        names={"protected-arn": Name("What is the ARN of what the firewall stands before?", code=True, pattern=ARN)},
    ),
    Rule(
        "flow logs",
        rf"VPC flow logs{IS_SET}",
        aws(
            "ec2",
            "describe_flow_logs",
            some_and_none("FlowLogs", "FlowLogs[?FlowLogStatus!='ACTIVE']"),
            HOLDS,
            Filter=[{"Name": "resource-id", "Values": ["{vpc}"]}],
        ),
        "active, not: that somebody looks at them",
        ("VPC Flow Logs enabled",),
        ("VPC flow logs analysed", "Logs flowing"),
        names={"vpc": Name("What is the id of the VPC?", option="--vpc-id")},
    ),
    Rule(
        "parameter",
        r"SSM parameters?(?: (?:is|are))? (?:created|exists?|present|set|there|available)(?: in AWS)?|(?:[\w ]+ )?"
        r"(?:secrets?|parameters?|configuration|config)"
        r"(?: (?:is|are))? (?:generated and )?(?:stored"
        r"|created|set|saved) in"
        r" (?:the )?(?:AWS )?(?:Systems Manager |SSM )?Parameter Store",
        aws("ssm", "describe_parameters", "Parameters[].Name", {"contains": "{parameter}"}),
        "there by its name, not: its value, which is never read",
        ("JWT secrets generated and stored in SSM Parameter Store", "Parameter `/shop/url` set in Parameter Store"),
        ("Parameters agreed", "Secrets stored in Vault"),
        names={"parameter": Name("What is the parameter called?", option="--name", code=True, pattern=r"/?\w[\w./-]*")},
    ),
    Rule(
        "policy of a role",
        r"(?:(?:IAM|execution|task|service|instance|Lambda) )*role (?:has|with) (?:the )?(?:managed )?(?:policy )?"
        r"(?P<policy>[\w-]{4,})(?: policy)? attached",
        aws(
            "iam",
            "list_attached_role_policies",
            "AttachedPolicies[].PolicyName",
            {"contains": "$policy"},
            RoleName="{role}",
        ),
        "attached, not: what else the role may do",
        ("Task execution role `orders` has `AmazonECSTaskExecutionRolePolicy` attached",),
        ("Role of the lead has strings attached to it", "Role has `x` detached"),
        names={"role": Name("What is the role called?", option="--role-name", code=True)},
    ),
    Rule(
        "dead-letter queue",
        r"(?:(?:Amazon |AWS )?SQS )?queue (?:has|with) (?:a )?(?:dead[- ]letter queue|DLQ|redrive policy)"
        r"(?: configured| attached)?",
        aws(
            "sqs",
            "get_queue_attributes",
            "Attributes.RedrivePolicy",
            "present",
            QueueUrl="{queue-url}",
            AttributeNames=["RedrivePolicy"],
        ),
        "it has one, not: that somebody looks into it",
        ("SQS queue `mail` has a dead-letter queue", "Queue has a DLQ configured"),
        ("Dead-letter queue emptied", "Queue with a long wait"),
        names={
            "queue-url": Name("What is the URL of the queue?", option="--queue-url", code=True, pattern=r"https://.+")
        },
    ),
    Rule(
        "empty queue",
        r"(?:(?:SQS|dead[- ]letter) )*(?:queue|DLQ)(?: (?:is|are))? empty|no messages in (?:the )?"
        r"(?:(?:SQS|dead[- ]letter) )*(?:queue|DLQ)",
        aws(
            "sqs",
            "get_queue_attributes",
            "Attributes.ApproximateNumberOfMessages",
            {"equals": "0"},
            QueueUrl="{queue-url}",
            AttributeNames=["ApproximateNumberOfMessages"],
        ),
        "about none waits now, not: none in flight",
        ("DLQ `ingest-dlq` is empty", "No messages in the dead-letter queue"),
        ("Queue at the till is empty of people", "DLQ emptied"),
        names={
            "queue-url": Name("What is the URL of the queue?", option="--queue-url", code=True, pattern=r"https://.+")
        },
    ),
)
