"""Rules for AWS: whose account and which region, stacks, policies, certificates, charges, logs and metrics."""

from __future__ import annotations

from phases.checks.suggest.proposal import ARN, Name, Rule
from phases.checks.suggest.rules.entries import IS_SET, MADE, aws, called

_ON = r"(?: (?:is|are))? (?:enabled|on|active|configured|set ?up)"
_ACCOUNT = aws("sts", "get_caller_identity", "Account", "present")
_REGION = {"region": Name("Which region?", option="--region", code=True, pattern=r"[a-z]{2}(?:-[a-z]+)+-\d")}
_ROLE = {"role": Name("What is the role called?", option="--role-name", code=True)}
_CERTIFICATE = {
    "certificate-arn": Name("What is the ARN of the certificate?", option="--certificate-arn", code=True, pattern=ARN)
}
# a document that has its certificates from ACM alone
_OF_ACM = (
    r"(?is)\A(?!.*(?:cert-manager|let'?s ?encrypt|certbot|letsencrypt)).*(?:\bACM\b|(?-i:AWS) Certificate Manager"
    r"|aws acm )"
)
_BY_STACKS = r"(?is)\A(?!.*\b(?:terraform|pulumi|opentofu)\b).*\b(?:CDK|CloudFormation|AWS SAM|sam deploy)\b"


RULES = (
    Rule(
        "access to an account",
        r"AWS account access(?: exists| running)?|access to (?:an? |the )?AWS account|(?:an? )?(?:active )?AWS account"
        r" created (?:and|&) (?:configured|active|set up|verified)"
        r"|AWS credentials configured (?:and|&) (?:valid|working|verified)",
        _ACCOUNT,
        "the credentials are valid for an account, not: for the right one, and not what they allow",
        ("AWS account access", "AWS credentials configured and valid"),
        ("AWS account access reviewed", "Account access", "AWS account access (the shop's)"),
        remark=r"^$",
    ),
    Rule(
        "account of this number",
        r"AWS account(?: access)?",
        aws("sts", "get_caller_identity", "Account", {"equals": "$account"}),
        "the credentials are this account's, not: what they allow",
        ("AWS account (ID: 123456789012)", "AWS account access (123456789012)"),
        ("AWS account (our own)", "Account (ID: 123456789012)", "AWS account (ID: 12)"),
        remark=r"^(?:(?:account )?ID:? )?(?P<account>\d{12})$",
    ),
    Rule(
        "number of the account",
        r"(?:AWS )?account (?:ID|number) (?:exists|verified|confirmed)",
        aws("sts", "get_caller_identity", "Account", {"equals": "{account}"}),
        "the credentials are this account's, not: that it is the right one",
        ("Verify AWS account ID", "AWS account number verified"),
        ("AWS account ID documented", "Account ID of the shop verified"),
        around=r"\bAWS\b|aws sts",
        names={"account": Name("What is the AWS account's number?", code=True, pattern=r"\d{12}")},
    ),
    Rule(
        "region of the command line",
        r"(?:(?:target|AWS|deployment|correct|default) )*region"
        r"(?: (?:is|was))? (?:selected|chosen|configured|set|exists)(?: (?:to|in the AWS CLI))?",
        {"command": {"run": "aws configure get region", "changes": True}, "expect": {"equals": "{region}"}},
        "the one of the AWS CLI's profile, not: where everything is deployed, and not what AWS_REGION says",
        ("Region selected", "Region configured"),
        ("Region of interest selected", "Region documented"),
        names=_REGION,
    ),
    Rule(
        "region of the command line by its name",
        r"(?:(?:target|AWS|deployment|correct|default) )*region:? (?:is |set to )?(?P<named>[a-z]{2}(?:-[a-z]+)+-\d)"
        r"(?: (?:is )?(?:selected|chosen|configured|set))?",
        {"command": {"run": "aws configure get region", "changes": True}, "expect": {"equals": "$named"}},
        "the one of the AWS CLI's profile, not: where everything is deployed, and not what AWS_REGION says",
        ("Region: us-east-1 selected", "AWS region: eu-west-1"),
        ("Region us-east-1 considered", "Second region: us-east-1"),
    ),
    Rule(
        "bootstrap that is complete",
        r"(?:CDK |AWS CDK |CDK environment )?bootstrap(?:ping)?(?: (?:is|was))? (?:complete|completed|done)"
        r"|CDKToolkit stack(?: (?:is|was))?(?: (?:created|exists|deployed|present))(?: in (?:AWS )?CloudFormation)?",
        aws(
            "cloudformation",
            "describe_stacks",
            "Stacks[0].Outputs[?OutputKey=='BootstrapVersion'].OutputValue",
            "present",
            StackName="CDKToolkit",
        ),
        "bootstrapped in the region that is asked, not: with which version",
        ("CDKToolkit stack created in CloudFormation", "CDK bootstrapping completed"),
        ("Bootstrap theme chosen", "CDK bootstrap explained"),
        around=r"\bCDK\b|CDKToolkit",
    ),
    Rule(
        "stacks of the infrastructure",
        r"(?:(?:the|AWS|all) )*(?:infrastructure|CDK app|CDK project)(?: (?:is|was|has been))? deployed(?: to AWS"
        r"| with (?:AWS )?(?:CDK|CloudFormation|SAM))?",
        aws(
            "cloudformation",
            "describe_stacks",
            "Stacks[?contains(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE'], StackStatus)].StackName",
            {"contains-each": "{stacks}"},
        ),
        "each of these stacks is settled, not: with the newest template",
        ("AWS infrastructure deployed", "Infrastructure deployed with CDK"),
        ("AWS infrastructure designed", "Infrastructure team deployed"),
        names={"stacks": Name("Which stacks, with spaces between them?", many=True)},
        document=_BY_STACKS,
    ),
    Rule(
        "state of a stack",
        r"(?:CloudFormation )?stack status(?: is| shows)?:? (?:CREATE_COMPLETE|UPDATE_COMPLETE)"
        r"(?:(?: or |/)(?:CREATE_COMPLETE|UPDATE_COMPLETE))?",
        aws(
            "cloudformation",
            "describe_stacks",
            "Stacks[0].StackStatus",
            {"one-of": ["CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"]},
            StackName="{stack}",
        ),
        "settled, not: with the newest template",
        ("Stack status shows CREATE_COMPLETE", "CloudFormation stack status shows UPDATE_COMPLETE"),
        ("Stack status: ROLLBACK_COMPLETE", "Stack status explained"),
        names={"stack": Name("What is the stack called?", option="--stack-name", code=True)},
    ),
    Rule(
        "stack that is gone",
        r"(?:CloudFormation|CDK) stack(?: (?:is|was|has been))? (?:deleted|destroyed|removed|gone)",
        aws(
            "cloudformation",
            "list_stacks",
            "length(StackSummaries[?StackName=='{stack}']) > `0` && length(StackSummaries[?StackName=='{stack}'"
            " && StackStatus!='DELETE_COMPLETE']) == `0`",
            {"equals": True},
        ),
        "the stack is deleted, not: what it was told to retain; one that is gone for 90 days is not listed",
        ("CloudFormation stack deleted", "CDK stack has been destroyed"),
        ("CloudFormation stack deletion planned", "Stack of papers removed"),
        names={"stack": Name("What is the stack called?", option="--stack-name", code=True)},
    ),
    Rule(
        "trust of a role",
        r"IAM (?:roles? )?trust(?:ed)? (?:relationship|policy|entity|entities)(?: (?:is|allows|with|for|set to))?:?"
        r" (?P<principal>[a-z0-9-]+\.amazonaws\.com)",
        aws(
            "iam",
            "get_role",
            "Role.AssumeRolePolicyDocument.Statement[?Effect=='Allow'].Principal.Service | []",
            {"contains": "$principal"},
            RoleName="{role}",
        ),
        "this service may take the role, not: that others may not",
        ("IAM role trust relationship: lambda.amazonaws.com", "IAM trust policy allows ecs-tasks.amazonaws.com"),
        ("Trust relationship: lambda.amazonaws.com", "IAM trust built"),
        names=_ROLE,
    ),
    Rule(
        "managed policy of a role",
        r"IAM (?:roles? )?(?P<policy>(?-i:Amazon[A-Z]|AWS[A-Z]|CloudWatch[A-Z])\w{5,})"
        r"(?: (?:managed )?(?:policy|policies))?"
        r"(?: (?:is )?attached)?",
        aws(
            "iam",
            "list_attached_role_policies",
            "AttachedPolicies[].PolicyName",
            {"contains": "$policy"},
            RoleName="{role}",
        ),
        "attached, not: what else the role may do",
        ("IAM role `AmazonS3ReadOnlyAccess`", "IAM role AmazonSSMManagedInstanceCore policy attached"),
        ("IAM role `shop`", "AmazonS3ReadOnlyAccess", "IAM role `AmazonS3FullAccess` (or custom policy)"),
        names=_ROLE,
        remark=r"^$",
    ),
    Rule(
        "role of IAM for some access",
        rf"IAM (?P<role>(?!service\b)[\w-]+ [\w-]+(?: [\w-]+)?) role{MADE}",
        aws("iam", "get_role", "Role.Arn", "present", RoleName="{role}"),
        "there, not: what it may do",
        ("IAM queue access role created", "IAM report writer role exists"),
        ("IAM queue access role reviewed", "Queue access role created"),
        names={"role": Name("What is the role called?", option="--role-name", group="role", code=True)},
    ),
    Rule(
        "policy of the account's own",
        rf"(?:IAM |custom IAM )(?:[\w-]+ )?polic(?:y)(?:{MADE})",
        aws("iam", "list_policies", "Policies[].PolicyName", {"contains": "{policy-name}"}, Scope="Local"),
        "there, not: what it allows, and not who has it",
        ("IAM policy created", "Custom IAM policy created"),
        ("IAM policy reviewed", "Policy created"),
        names={"policy-name": Name("What is the IAM policy called?", option="--policy-name", code=True)},
    ),
    Rule(
        "certificate of ACM",
        r"(?:(?:SSL|TLS|SSL/TLS) )?(?:ACM )?certificate(?: (?:is|has been))? (?:status:? issued|issued|validated"
        r"|issued and validated)|(?:ACM |certificate )?DNS validation(?: (?:is|was))? (?:complete|completed|successful"
        r"|done)",
        aws(
            "acm",
            "describe_certificate",
            "Certificate.Status",
            {"equals": "ISSUED"},
            CertificateArn="{certificate-arn}",
        ),
        "issued, not: that it is the one in use",
        ("ACM DNS validation completed", "Certificate DNS validation successful"),
        ("Certificate of the training issued to all", "DNS validation explained"),
        names=_CERTIFICATE,
        document=_OF_ACM,
    ),
    Rule(
        "names on a certificate",
        r"(?:(?:SSL|TLS|SSL/TLS|ACM) )*certificate (?:covers|includes|is for|valid for)"
        r" (?:your |the |our |all )?(?:\w+ )?"
        r"domains?(?: names?)?",
        aws(
            "acm",
            "describe_certificate",
            "Certificate.SubjectAlternativeNames",
            {"contains-each": "{certificate-names}"},
            CertificateArn="{certificate-arn}",
        ),
        "it has each of these names, not: that it is issued",
        ("ACM certificate covers your domain name", "Certificate covers the domain"),
        ("Certificate covers the wall", "Domain covered by the press"),
        names={
            **_CERTIFICATE,
            "certificate-names": Name(
                "Which names has the certificate to have (shop.org, *.shop.org), with spaces between them?"
            ),
        },
        document=_OF_ACM,
    ),
    Rule(
        "things that AWS Backup protects",
        rf"AWS Backup{_ON} for (?:the |all )?(?:critical |important |stateful )?(?:resources|data|databases|tables"
        r"|volumes)",
        aws("backup", "list_protected_resources", "Results[].ResourceArn", {"contains-each": "{protected-arns}"}),
        "each of these was backed up at some time, not: lately, and not that a restore works",
        ("Set up AWS Backup for critical resources", "AWS Backup configured for the databases"),
        ("AWS Backup explained", "Backup set up for the resources"),
        names={"protected-arns": Name("What are the ARNs of what is backed up, with spaces between them?")},
    ),
    Rule(
        "plan of AWS Backup",
        rf"AWS Backup(?: plans?)?(?:{MADE}|{IS_SET})",
        aws("backup", "list_backup_plans", "BackupPlansList[].BackupPlanName", {"contains": "{backup-plan}"}),
        "there, not: what it protects",
        ("AWS Backup plan created", "AWS Backup configured"),
        ("AWS Backup explained", "Backup plan created"),
        names={"backup-plan": Name("What is the backup plan called?")},
    ),
    Rule(
        "shield",
        rf"(?:AWS )?Shield Advanced(?: subscription)?{_ON}",
        {**aws("shield", "describe_subscription", "Subscription.SubscriptionArn", "present"), "region": "us-east-1"},
        "subscribed, not: what it protects",
        ("AWS Shield Advanced enabled", "Shield Advanced subscription active"),
        ("AWS Shield explained", "AWS Shield Advanced considered", "Shield enabled"),
    ),
    Rule(
        "log group there",
        rf"(?:CloudWatch )(?:logs? )?log group{IS_SET}",
        aws("logs", "describe_log_groups", "logGroups[].logGroupName", {"contains": "{log-group}"}),
        "there, not: what stands in it",
        ("CloudWatch log group created", "CloudWatch log group exists"),
        ("Log group therapy created", "CloudWatch log group reviewed"),
        names={"log-group": Name("What is the log group called?", option="--log-group-name", code=True)},
    ),
    Rule(
        "log groups that are encrypted",
        r"CloudWatch log(?:s|(?: groups?))(?: (?:is|are))? encrypted(?: at rest)? (?:with|using|by)"
        rf" (?:an? )?(?:AWS )?KMS(?: keys?)?|CloudWatch log(?:s)? (?:group )?KMS encryption{_ON}",
        aws(
            "logs",
            "describe_log_groups",
            "logGroups[?kmsKeyId].logGroupName",
            {"contains-each": "{encrypted-log-groups}"},
        ),
        "each of these has a key of KMS, not: others (AWS encrypts those with its own)",
        ("CloudWatch logs encrypted with KMS", "CloudWatch log group KMS encryption enabled"),
        ("CloudWatch logs encrypted", "CloudWatch logs read"),
        names={"encrypted-log-groups": called("log groups that have a key of KMS")},
    ),
    Rule(
        "queries that are kept",
        r"(?:CloudWatch )?logs? insights (?:saved )?quer(?:y|ies)(?: (?:are|is))? (?:saved|created|defined)",
        aws("logs", "describe_query_definitions", "queryDefinitions[].name", {"contains-each": "{log-queries}"}),
        "each of these is kept, not: what it finds",
        ("Log insights queries saved", "CloudWatch Logs Insights queries saved"),
        ("Log queries explained", "Insights saved"),
        names={"log-queries": called("saved queries of Logs Insights")},
    ),
    Rule(
        "metrics of the application's own",
        r"(?:CloudWatch )?custom (?:CloudWatch )?metrics(?: (?:is|are|being))*"
        r" (?:emitted|published|sent|visible|appearing|flowing|collected)(?: (?:to|in) CloudWatch)?",
        aws(
            "cloudwatch",
            "list_metrics",
            "Metrics[].MetricName",
            "present",
            Namespace="{metric-namespace}",
            RecentlyActive="PT3H",
        ),
        "some came in the last three hours, not: which, and not their values",
        ("Custom CloudWatch metrics being emitted", "Custom CloudWatch metrics published"),
        ("Custom metrics designed", "Metrics emitted"),
        names={"metric-namespace": Name("Which namespace of CloudWatch has the metrics? (AWS/... is none)")},
        document=r"CloudWatch",
    ),
    *(
        Rule(
            f"metrics of {service}",
            rf"{service} (?:[\w-]+ )?(?:metrics?|{words})(?: (?:is|are|being))*"
            r" (?:visible|showing|shown|flowing|appearing|available|collected|reported|published)(?: in CloudWatch)?",
            aws(
                "cloudwatch",
                "list_metrics",
                "Metrics[].MetricName",
                {"contains": metric},
                Namespace=f"AWS/{space}",
                Dimensions=[{"Name": dimension, "Value": f"{{{name}}}"}],
                RecentlyActive="PT3H",
            ),
            "some came in the last three hours, not: their values",
            (f"{service} metrics showing", f"{service} metrics visible in CloudWatch"),
            (f"{service} metrics agreed", "Metrics visible"),
            names={name: about},
        )
        for service, words, metric, space, dimension, name, about in (
            (
                "EC2",
                "CPU utilization",
                "CPUUtilization",
                "EC2",
                "InstanceId",
                "instance-id",
                Name("What is the id of the instance?", option="--instance-ids", code=True, pattern=r"i-[0-9a-f]+"),
            ),
            (
                "RDS",
                "CPU utilization",
                "CPUUtilization",
                "RDS",
                "DBInstanceIdentifier",
                "database",
                Name("What is the identifier of the RDS instance?", option="--db-instance-identifier", code=True),
            ),
        )
    ),
)
