"""Rules for what a list of acts leaves: a backup, a build, a variable in a file, a service of AWS that is there."""

from __future__ import annotations

from phases.checks.suggest.proposal import ARN, Name, Rule
from phases.checks.suggest.rules.entries import (
    BACKUP,
    BACKUP_OF_THE_DAY,
    IS_SET,
    MADE,
    THERE,
    aws,
    command,
    each_available,
    has_value,
    is_set_to,
)

_VARIABLE = r"(?P<variable>(?-i:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+))"
_ENV = r"(?P<path>(?:[\w-]+/)*\.env(?:\.[\w-]+)*)"
_APP = r"(?:(?:the|production|release|application|app|project|frontend|backend|client|server|static|optimized) )*"

RULES = (
    Rule(
        "backup to take",
        r"(?:take |create |make )?(?:a )?(?:back ?up|dump)(?: of)? (?:the )?(?:current |existing |production |full "
        r"|live )*"
        r"(?:databases?|db|data(?!base))(?: (?:before|prior to) [\w -]+)?",
        BACKUP_OF_THE_DAY,
        "one of the last day is there, not: that it can be restored",
        ("Backup current database", "Back up production database before deployment", "Create a backup of the database"),
        ("Backup the plan", "Database backup plan written", "Backup database weekly"),
        context="operations",
        names=BACKUP,
    ),
    Rule(
        "something to build",
        rf"build {_APP}(?:bundle|build|version|assets|frontend|backend|application|app|project|client|site)(?: "
        rf"(?:for production|locally|successfully))*"
        rf"|(?:frontend|backend|application|app|project|production (?:bundle|build)|client)(?: (?:is"
        rf"|has been))? built(?: successfully| without errors)?(?: for production)?",
        command("sh -c {build-command}", changes=True),
        "it builds here and now, not: that it is what is deployed",
        ("Build production bundle", "Frontend built successfully", "Build the application"),
        ("Build trust", "Build the team", "House built"),
        context="operations",
        names={"build-command": Name("Which command builds it?")},
    ),
    Rule(
        "something to lint",
        r"run (?:the )?(?:code )?(?:lint(?:ing|er)?|linters?|type[- ]?check(?:s|ing|er)?|static analysis|eslint"
        r"|typescript check)(?: checks?)?",
        command("sh -c {lint-command}", changes=True),
        "it found nothing here and now, not: that its rules are the team's",
        ("Run linter", "Run type checking"),
        ("Run for office", "Linter chosen"),
        context="operations",
        names={"lint-command": Name("Which command lints or checks the types?")},
    ),
    Rule(
        "something to scan",
        r"run (?:a |the )?(?:npm audit|pip-audit|(?:security|vulnerability|dependency)(?: vulnerability)? (?:scans?"
        r"|audits?|checks?))"
        r"|(?:(?:vulnerability|dependency)(?: vulnerability)? (?:scan(?:ning)?|audit)|security scan(?:ning)?)(?: "
        r"(?:is|was|has been))? "
        r"(?:passes|passed|completed? with no (?:critical |high )*(?:issues|findings|vulnerabilities))",
        command("sh -c {scan-command}", changes=True),
        "what its database knows today, not: that there is nothing else",
        ("Run security scan", "Run npm audit", "Security scan completed with no critical issues"),
        ("Run from security", "Security audit scheduled", "Security audit passed"),
        context="operations",
        names={"scan-command": Name("Which command scans, and ends with 0 only when it finds nothing?")},
    ),
    Rule(
        "variable in this file",
        rf"{_VARIABLE}(?: (?:is|has been))? (?:set|saved|added|configured|present|defined|stored|written|updated)? ?"
        rf"(?:in|to) (?:the )?{_ENV}(?: file)?"
        rf"|(?:set|add|configure) {_VARIABLE.replace('variable', 'variable2')} (?:in|to) "
        rf"(?:the )?{_ENV.replace('path', 'path2')}(?: file)?",
        has_value("$path$path2", "$variable$variable2"),
        "it has some value there that is no placeholder, not: the right one",
        ("DATABASE_URL saved to `.env.production`", "Set JWT_SECRET in .env"),
        ("DATABASE_URL saved to the vault", "`.env` has no DATABASE_URL", "JWT_SECRET removed from `.env`"),
        context="operations",
    ),
    Rule(
        "variable to set",
        rf"(?:set|add|configure|define)(?: the)? (?:environment variable )?{_VARIABLE}(?: environment)?"
        rf"(?: variable)?",
        has_value("{env-file}", "$variable"),
        "it has some value there that is no placeholder, not: the right one",
        ("Set `POSTGRES_PASSWORD`", "Add `API_TOKEN` variable"),
        ("Set `POSTGRES_PASSWORD` in Render", "Set the table", "Rotate JWT_SECRET"),
        context="operations",
        names={"env-file": Name("Which file has the environment variables?")},
    ),
    Rule(
        "variable and its value",
        rf"(?:(?:set|configure|ensure|verify|use) )?(?!\S*"
        rf"(?:SECRET|PASSWORD|PASSWD|TOKEN|KEY|CREDENTIAL))(?:{_VARIABLE}) ?(?:=|(?:is )?set to) ?(?!"
        rf"(?:your|my|generated|example|changeme|xxx)\b)(?P<value>[\w./:@-]+)",
        is_set_to("{env-file}", "$variable", "$value"),
        "it is written there, not: that the service was started with it",
        ("Set `SHOP_NETWORK=testnet`", "`AWS_REGION` set to eu-west-1"),
        (
            "`AWS_REGION` set to the region of the team",
            "Set the SHOP_NETWORK free",
            "`JWT_SECRET=generated`",
            "`SHOP_BUCKET=your-bucket`",
        ),
        context="operations",
        names={"env-file": Name("Which file has the environment variables?")},
    ),
    Rule(
        "setting in brackets",
        r"(?!.*\b(?:not|removed?|unset|deleted?)\b).+ (?:set|configured|disabled|enabled|restricted|defined"
        r"|turned off|turned on)"
        r"|(?:set|configure|define) (?!.*\b(?:in|on|to)\b).+",
        has_value("{env-file}", "$variable"),
        "it has some value there that is no placeholder, not: the right one",
        ("Origins restricted (`ALLOWED_ORIGINS`)", "Set default limits (`DEFAULT_LIMIT`)"),
        ("Origins restricted (see the list)", "Variable removed (`OLD_LIMIT`)"),
        context="operations",
        remark=r"^(?P<variable>(?-i:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+))$",
        names={"env-file": Name("Which file has the environment variables?")},
    ),
    Rule(
        "value in brackets",
        r"(?!.*\b(?:not|removed?|unset|deleted?)\b).+ (?:set|configured|disabled|enabled|restricted|defined"
        r"|turned off|turned on|mode)",
        is_set_to("{env-file}", "$variable", "$value"),
        "it is written there, not: that the service was started with it",
        ("Debug mode disabled (`SHOP_DEBUG=false`)", "Production environment set (`SHOP_ENV=production`)"),
        ("Debug mode disabled", "Key configured (`SHOP_KEY=abc`)"),
        context="operations",
        remark=r"^(?!\S*(?:SECRET|PASSWORD|TOKEN|KEY))(?P<variable>(?-i:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+))=(?P<value>true|false"
        r"|production|\d+)$",
        names={"env-file": Name("Which file has the environment variables?")},
    ),
    Rule(
        "account of AWS",
        r"(?:active |valid )?AWS (?:free[- ]tier )?account(?: is)? (?:created|set ?up|active|ready|accessible)"
        r"(?: and (?:active|accessible|verified|ready))?(?: (?:with|and) (?:valid )?credentials(?: configured)?)?",
        aws("sts", "get_caller_identity", "Account", "present"),
        "the credentials reach one, not: that it is the right one",
        ("AWS account created", "AWS account set up and active"),
        ("AWS account manager informed", "Account created"),
        context="any",
    ),
    Rule(
        "region of the CLI",
        r"(?:AWS )?default (?:AWS )?region(?: is)? (?:set|configured)? ?(?:to|as)?:? ?(?P<region>[a-z]{2}"
        r"(?:-[a-z]+)+-\d)",
        {"command": {"run": "aws configure get region", "changes": True}, "expect": {"equals": "$region"}},
        "the CLI's own, not: what each command is given",
        ("Default region set to `eu-west-1`", "AWS default region configured as us-east-1"),
        ("Default region set", "Default region of the shop is us"),
        context="any",
    ),
    Rule(
        "key pair",
        rf"(?:EC2 )?(?:SSH )?key ?pair{MADE}|create (?:EC2 |SSH )?key ?pair",
        aws("ec2", "describe_key_pairs", "KeyPairs[].KeyName", {"contains": "{key-pair}"}),
        "EC2 knows it, not: that somebody has its private half",
        ("Key pair created", "EC2 key pair created"),
        ("Key pair of socks created", "Key pair created and saved safely"),
        names={"key-pair": Name("What is the key pair called?", option="--key-name", code=True)},
        around=r"EC2|[Ii]nstance|SSH|AWS",
    ),
    Rule(
        "alarm on CPU",
        r"alarm on CPU(?: (?:utilization|usage))? (?:>|above|over|>=) ?(?P<percent>\d+) ?%",
        aws(
            "cloudwatch",
            "describe_alarms",
            "MetricAlarms[?MetricName=='CPUUtilization' && Threshold==`$percent` && ActionsEnabled"
            " && length(AlarmActions) > `0`].AlarmName",
            "present",
            AlarmNamePrefix="{alarm-prefix}",
        ),
        "one at this threshold acts, not: on which machine",
        ("Alarm on CPU utilization > 80%", "Alarm on CPU above 70%"),
        ("Alarm on CPU agreed", "CPU utilization > 80%"),
        names={"alarm-prefix": Name("How do the names of the alarms begin?", option="--alarm-name-prefix", code=True)},
    ),
    Rule(
        "budget of so much",
        r"(?:AWS )?(?:monthly )?budgets?(?: (?:is|are))?"
        r"(?: (?:configured|created|set ?up|set))?(?: (?:of|at|to|for))? ?\$ ?(?P<amount>\d+)(?:/month| per month"
        r"| monthly)?",
        aws(
            "budgets",
            "describe_budgets",
            "Budgets[?to_number(BudgetLimit.Amount)==`$amount`].BudgetName",
            "present",
            AccountId="{account}",
        ),
        "a budget of this amount is there, not: that it tells somebody",
        ("Monthly budget $100", "AWS budget set at $50"),
        ("Budget of the party $100", "Budget alert $100"),
        names={"account": Name("What is the AWS account's number?", code=True, pattern=r"\d{12}")},
    ),
    Rule(
        "target group",
        rf"(?:(?:ALB|NLB|load balancer|Route ?53) )?target groups?{IS_SET}(?: (?:for|with) [\w -]+)?",
        aws(
            "elbv2",
            "describe_target_groups",
            "TargetGroups[0].TargetGroupArn",
            "present",
            TargetGroupArns=["{target-group-arn}"],
        ),
        "there, not: that its targets are healthy",
        ("Target group created", "ALB target group configured"),
        ("Target group of the campaign set", "Target group reviewed"),
        names={
            "target-group-arn": Name(
                "What is the ARN of the target group?", option="--target-group-arn", code=True, pattern=ARN
            )
        },
    ),
    Rule(
        "service brought up to date",
        r"(?:ECS |Fargate )(?:service )?(?:(?:is|has been) )?(?:updated|redeployed|deployment (?:completed?"
        r"|successful|stable|finished))(?: successfully)?"
        r"|(?:ECS )?service (?:updated|deployment (?:completed?|stable))(?: successfully)?",
        aws(
            "ecs",
            "describe_services",
            "services[0].deployments[?status=='PRIMARY'].{state: rolloutState, of: taskDefinition}",
            {"equals": [{"state": "COMPLETED", "of": "{task-definition-arn}"}]},
            cluster="{ecs-cluster}",
            services=["{ecs-service}"],
        ),
        "its newest deployment is of this revision and complete, not: with which image",
        ("ECS service updated", "ECS deployment completed successfully"),
        ("ECS service limits updated", "Service of the car updated", "Services updated"),
        names={
            "ecs-cluster": Name("What is the ECS cluster called?", option="--cluster"),
            "ecs-service": Name("What is the ECS service called?", option="--services", code=True),
            "task-definition-arn": Name("What is the ARN of the task definition that was deployed?"),
        },
        around=r"(?i)\becs\b|fargate",
    ),
    Rule(
        "zone of a domain",
        rf"(?:Route ?53 )hosted zone(?: for [\w.-]+)?{MADE}(?: (?:for|in) [\w .-]+)?|hosted zone{MADE} in Route ?53",
        aws("route53", "get_hosted_zone", "HostedZone.Name", "present", Id="{hosted-zone}"),
        "there, not: that the registrar points to it",
        ("Route 53 hosted zone for shop.org created", "Hosted zone created in Route 53"),
        ("Hosted zone documented", "Zone created in Route 53"),
        names={
            "hosted-zone": Name(
                "What is the id of the hosted zone?", option="--hosted-zone-id", code=True, pattern=r"Z[A-Z0-9]{6,}"
            )
        },
    ),
    Rule(
        "cache of Redis",
        rf"(?:ElastiCache )(?:Redis|Valkey)(?: (?:cluster|instance|node))?(?: \(.*\))?{MADE}",
        aws(
            "elasticache",
            "describe_cache_clusters",
            each_available("{cache}"),
            {"equals": True},
        ),
        THERE,
        ("ElastiCache Redis created", "ElastiCache Valkey node available"),
        ("Redis created", "ElastiCache Redis sized"),
        names={"cache": Name("What is the id of the cache (a cluster's, or a replication group's)?", code=True)},
    ),
)
