"""Rules for AWS: logs, alarms, topics, dashboards, stacks and what they print, the account."""

from __future__ import annotations

from phases.checks.suggest.proposal import ARN, DOMAIN, Name, Rule
from phases.checks.suggest.rules.entries import ACTING, HOLDS, IS_SET, MADE, THERE, aws, command, some_and_none

_ALARMS = {"alarm-prefix": Name("How do the names of the alarms begin?", option="--alarm-name-prefix", code=True)}
_TOPIC = {"topic-arn": Name("What is the ARN of the SNS topic?", option="--topic-arn", code=True, pattern=ARN)}
_STACK = {"stack": Name("What is the stack called?", option="--stack-name", code=True)}
_NEVER_SPELT = r"(?!)"  # the item has what it is about, never what it is called
_MAIL = "Subscriptions[?Protocol=='email']"

RULES = (
    Rule(
        "AWS CLI and credentials",
        r"AWS (?:CLI|command line(?: interface)?)(?: v2)?(?: is)?(?: installed(?: and|,))? (?:configured"
        r"|authenticated|set up)"
        r"(?: with (?:valid |appropriate |proper |correct )?credentials)?",
        command("aws sts get-caller-identity"),
        "it reaches an account, not: the right one",
        ("AWS CLI installed and configured", "AWS CLI configured with credentials"),
        ("AWS CLI installed", "AWS CLI knowledge"),
        context="any",
        firm=True,
    ),
    Rule(
        "credentials",
        r"(?:valid )?AWS (?:account )?(?:credentials?|access|account)(?: are| is)? (?:configured|valid|working"
        r"|set ?up|available"
        r"|verified)(?: locally)?",
        aws("sts", "get_caller_identity", "Account", "present"),
        "valid for an account, not: what they allow",
        ("AWS credentials configured", "AWS credentials valid"),
        ("AWS credentials rotated", "Database credentials configured"),
        context="any",
    ),
    Rule(
        "account",
        r"AWS account (?:id|number)(?: is)? (?:obtained|known|noted|correct|confirmed|available)",
        aws("sts", "get_caller_identity", "Account", {"equals": "{account}"}),
        "the credentials are this account's, not: that it is the right one",
        ("AWS account ID obtained",),
        ("AWS account created", "Account manager informed"),
        context="any",
        names={"account": Name("What is the AWS account's number?", code=True, pattern=r"\d{12}")},
    ),
    Rule(
        "region",
        r"(?:target |AWS |deployment |correct |default )+region(?: is)? (?:selected|chosen|set|configured|confirmed)",
        {"command": {"run": "aws configure get region", "changes": True}, "expect": {"equals": "{region}"}},
        "the one of the AWS CLI's profile, not: where everything is deployed, and not what AWS_REGION says",
        ("Target region selected (default: us-east-1)", "AWS region configured"),
        ("Region of interest selected", "Second region planned"),
        names={"region": Name("Which region?", option="--region", code=True, pattern=r"[a-z]{2}(?:-[a-z]+)+-\d")},
    ),
    Rule(
        "bootstrap",
        r"(?:AWS )?CDK(?: is)? bootstrapped(?: in .+)?|CDK bootstrap(?: is)? (?:complete|completed|done)"
        r"(?: successfully)?",
        aws(
            "cloudformation",
            "describe_stacks",
            "Stacks[0].Outputs[?OutputKey=='BootstrapVersion'].OutputValue",
            "present",
            StackName="CDKToolkit",
        ),
        "bootstrapped in the region that is asked, not: with which version",
        ("CDK bootstrapped in target account/region", "CDK bootstrapped"),
        ("Project bootstrapped", "CDK app written"),
        context="any",
    ),
    Rule(
        "stack",
        r"(?!docker|tech|full|software)(?:(?P<stack>[\w-]+) )?(?:CloudFormation )?stack(?: (?:is|has|status))?:?"
        r"(?: (?:been|is))?(?: successfully)?"
        r" (?:in )?(?:deployed|created|updated|(?:(?:CREATE_COMPLETE|UPDATE_COMPLETE)(?: or |/)?)+|complete)(?: state"
        r"| status"
        r"| successfully)?",
        aws(
            "cloudformation",
            "describe_stacks",
            "Stacks[0].StackStatus",
            {"one-of": ["CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"]},
            StackName="{stack}",
        ),
        "settled, not: with the newest template",
        ("CloudFormation stack deployed", "Network stack deployed successfully"),
        ("Tech stack chosen", "Stack of papers updated", "Docker stack deployed"),
        names={"stack": Name("What is the stack called?", option="--stack-name", group="stack", code=True)},
        around=r"(?i)cloudformation|\bcdk\b|\baws\b",
    ),
    Rule(
        "outputs saved",
        r"(?:CDK|stack|CloudFormation) outputs (?:captured|saved|exported|captured and saved)",
        aws(
            "cloudformation",
            "describe_stacks",
            "Stacks[0].Outputs[].OutputValue",
            {"in-file": "{outputs-file}"},
            StackName="{stack}",
        ),
        "the file has each value, not: that it is kept where people look",
        ("CDK outputs captured and saved",),
        ("CDK outputs reviewed", "Log output saved"),
        names={**_STACK, "outputs-file": Name("Which file has the outputs?")},
        firm=True,
    ),
    Rule(
        "endpoint saved",
        r"WebSocket(?: API)? endpoint(?: URL)? (?:saved|documented)(?: for client teams)?",
        aws("apigatewayv2", "get_apis", "Items[?Name=='{api}'].ApiEndpoint", {"in-file": "{endpoint-file}"}),
        "the file has the address, not: that somebody has it",
        ("WebSocket API endpoint URL saved", "WebSocket endpoint documented for client teams"),
        ("Endpoints documented", "API documented for client teams"),
        names={
            "api": Name("What is the API called?", code=True),
            "endpoint-file": Name("Which file has the endpoint?"),
        },
        firm=True,
    ),
    Rule(
        "alarms of functions",
        r"Lambda error alarms?(?: are)? configured(?: for all functions)?",
        aws(
            "cloudwatch",
            "describe_alarms",
            "to_string(length(MetricAlarms[?MetricName=='Errors' && ActionsEnabled && length(AlarmActions) > `0`]"
            ".Dimensions[]"
            " | [?Name=='FunctionName']))",
            {"equals": "{function-count}"},
            AlarmNamePrefix="{alarm-prefix}",
        ),
        "as many that act on errors as there are functions, not: that each is of another one",
        ("Lambda error alarms configured for all functions",),
        ("Lambda errors fixed", "Error alarms discussed"),
        names={**_ALARMS, "function-count": Name("How many Lambda functions are there?")},
    ),
    Rule(
        "state of an alarm",
        r"(?:(?:CloudWatch|CPU|memory|error|errors|latency|5xx) )*alarm(?: (?:is|shows?))?(?: in)?(?: the)? (?-i:OK)"
        r"(?: state)?",
        aws(
            "cloudwatch",
            "describe_alarms",
            "MetricAlarms[].StateValue",
            {"equals": ["OK"]},
            AlarmNames=["{alarm-name}"],
        ),
        "OK now, not: that it looks at the right thing",
        ("CPU alarm `orders-cpu` in OK state", "Alarm `orders-errors` is OK"),
        ("Alarm is ok with the team", "Smoke alarm in the office"),
        names={"alarm-name": Name("What is the alarm called?", code=True)},
        named=True,
    ),
    Rule(
        "actions of an alarm",
        r"(?:CloudWatch )?alarm(?: has)? (?:actions? (?:enabled|on)|notifications? (?:enabled|on))",
        aws(
            "cloudwatch",
            "describe_alarms",
            "MetricAlarms[].{on: ActionsEnabled, some: length(AlarmActions) > `0`}",
            {"equals": [{"on": True, "some": True}]},
            AlarmNames=["{alarm-name}"],
        ),
        "it acts, not: that somebody hears it",
        ("Alarm `orders-errors` actions enabled", "CloudWatch alarm has actions enabled"),
        ("Alarm actions agreed", "Alarm notifications muted"),
        names={"alarm-name": Name("What is the alarm called?", code=True)},
    ),
    Rule(
        "alarm on something",
        r"(?!.*(?: and |/| & ))(?:CloudWatch )?alarms? (?:on|for) "
        rf"(?P<alarm>[A-Za-z][\w/-]*(?: [\w/-]+){{0,3}}?)(?:{IS_SET})?",
        aws(
            "cloudwatch",
            "describe_alarms",
            ACTING,
            {"contains": "{alarm}"},
            AlarmNamePrefix="{alarm}",
        ),
        "there and acting, not: at the right threshold",
        ("Alarm on iterator age", "Alarm for payment depth configured"),
        (
            "Alarm for the office agreed with security and the whole team",
            "Alarms reviewed",
            "Alarm on iterator age and depth",
        ),
        names={"alarm": Name("What is the {} alarm called?", group="alarm", pattern=_NEVER_SPELT)},
        around=r"(?i)cloudwatch"
        r"|alarms? (?:on|for) (?:.*\b(?:age|errors?|depth|latency|cpu|memory|5xx|4xx|throttles?|lag)\b)",
    ),
    Rule(
        "alarm",
        rf"(?!all\b|.*\band\b.* alarms)(?P<alarm>[A-Z]?[\w/-]+(?: [\w/-]+){{0,4}}) alarms?{IS_SET}",
        aws(
            "cloudwatch",
            "describe_alarms",
            ACTING,
            {"contains": "{alarm}"},
            AlarmNamePrefix="{alarm}",
        ),
        "there and acting, not: at the right threshold",
        ("Session creation latency alarm configured", "Connection errors alarm configured"),
        (
            "Smoke alarm considered",
            "Alarm fatigue discussed",
            "Dashboard and queue alarms created",
            "All alarms configured",
        ),
        names={"alarm": Name("What is the {} alarm called?", group="alarm", code=True)},
    ),
    Rule(
        "topic",
        rf"(?:Amazon |AWS )?SNS (?:\w+ )?topics?(?: for \w+)?(?:{MADE}|{IS_SET})",
        aws("sns", "get_topic_attributes", "Attributes.TopicArn", "present", TopicArn="{topic-arn}"),
        "there, not: that somebody reads what it sends",
        ("SNS topic created", "SNS topic configured"),
        ("SNS topic discussed", "Topic of the talk set"),
        names=_TOPIC,
    ),
    Rule(
        "subscription",
        r"(?:SNS )?email subscriptions?(?: (?:is|are))? (?:created|configured|set up)|SNS (?:email )?(?:alerts?"
        r"|notifications?)(?: (?:is|are))? (?:created|configured|set up|enabled)(?: for [\w -]+)?",
        aws("sns", "list_subscriptions_by_topic", _MAIL, "present", TopicArn="{topic-arn}"),
        "there, not: confirmed",
        ("Email subscription created",),
        ("Newsletter subscription created", "Email subscriptions sold", "SNS alerts muted"),
        names=_TOPIC,
    ),
    Rule(
        "subscription confirmed",
        r"(?:SNS )?email subscriptions?(?: (?:is|are))? confirmed|Alarm notification recipients confirmed"
        r"|SNS subscriptions? confirmed",
        aws(
            "sns",
            "list_subscriptions_by_topic",
            some_and_none(_MAIL, "Subscriptions[?Protocol=='email' && SubscriptionArn=='PendingConfirmation']"),
            HOLDS,
            TopicArn="{topic-arn}",
        ),
        "each address confirmed, not: that they are the right people",
        ("Email subscription confirmed", "Alarm notification recipients confirmed"),
        ("Subscription confirmed by marketing", "Recipients confirmed"),
        names=_TOPIC,
        firm=True,
    ),
    Rule(
        "confirmed subscription of a topic",
        r"(?:SNS )?topic (?:has|with) (?:an? |at least one )?(?:confirmed|active) (?:subscri(?:ptions?|bers?))",
        aws(
            "sns",
            "list_subscriptions_by_topic",
            "Subscriptions[?starts_with(SubscriptionArn, 'arn:')].Endpoint",
            "present",
            TopicArn="{topic-arn}",
        ),
        "one is confirmed, not: that others are, and that somebody reads what it sends",
        ("SNS topic `alerts` has a confirmed subscription", "SNS topic with at least one confirmed subscriber"),
        ("Topic has many confirmed readers", "SNS topic has subscribers in mind"),
        names=_TOPIC,
    ),
    Rule(
        "dashboard",
        rf"(?:AWS )?CloudWatch dashboards?(?:{MADE}|{IS_SET})",
        aws("cloudwatch", "list_dashboards", "DashboardEntries[].DashboardName", {"contains": "{dashboard}"}),
        THERE,
        ("CloudWatch Dashboard created",),
        ("Monitoring dashboard URL shared", "Dashboard created in Grafana"),
        names={"dashboard": Name("What is the dashboard called?", option="--dashboard-name", code=True)},
    ),
    Rule(
        "failed events of a stack",
        r"CloudFormation events for errors",
        aws(
            "cloudformation",
            "describe_stack_events",
            some_and_none("StackEvents", "StackEvents[?ends_with(ResourceStatus, 'FAILED')]"),
            HOLDS,
            StackName="{stack}",
        ),
        "no event failed, not: that the stack does what it should",
        ("Check CloudFormation events for errors",),
        ("Calendar events for errors", "CloudFormation events archived"),
        names=_STACK,
    ),
    Rule(
        "errors of functions",
        r"Review Lambda function logs",
        aws(
            "cloudwatch",
            "get_metric_statistics",
            "length(Datapoints) > `0` && sum(Datapoints[].Sum) == `0`",
            HOLDS,
            Namespace="AWS/Lambda",
            MetricName="Errors",
            Statistics=["Sum"],
            Period=300,
            StartTime="{from}",
            EndTime="{until}",
        ),
        "the count of errors, not: that anybody has read a line of the logs",
        ("Review Lambda function logs",),
        ("Review logs", "Review Lambda function code"),
        names={
            "from": Name("From when on are errors counted? (2026-01-31T10:00:00Z)"),
            "until": Name("Until when are errors counted?"),
        },
        firm=True,
    ),
    Rule(
        "gone",
        r"resources are cleaned up",
        aws(
            "cloudformation",
            "list_stacks",
            some_and_none(
                "StackSummaries[?StackName=='{stack}']",
                "StackSummaries[?StackName=='{stack}' && StackStatus!='DELETE_COMPLETE']",
            ),
            HOLDS,
        ),
        "the stack is deleted, not: what it was told to retain",
        ("Verify resources are cleaned up",),
        ("Code is cleaned up", "Resources are planned"),
        names=_STACK,
        around=r"(?i)rollback",
    ),
    Rule(
        "domain of an API",
        r"custom domain(?: name)?(?: is)? (?:configured|created|set up)",
        aws("apigatewayv2", "get_domain_names", "Items[].DomainName", {"contains": "{domain}"}),
        "known to API Gateway, not: that DNS leads there",
        ("Custom domain configured (if applicable)", "Custom domain configured"),
        ("Domain knowledge configured", "Custom domain bought"),
        document=r"(?is)\A(?!.*(?:CloudFront|Amplify|Vercel|Netlify)).*(?:apigateway|API Gateway|WebSocket API)",
        names={"domain": Name("Which domain?", code=True, pattern=DOMAIN)},
    ),
    Rule(
        "records",
        r"(?:Route ?53 )?DNS records?(?: (?:is|are))? (?:updated|created|configured|set)(?: in Route ?53)?",
        aws(
            "route53",
            "list_resource_record_sets",
            "ResourceRecordSets[].Name",
            {"contains-each": "{record-names}"},
            HostedZoneId="{hosted-zone}",
        ),
        "each is there, not: where they lead, and not that resolvers know",
        ("DNS records updated (if applicable)", "Route 53 DNS records created"),
        ("DNS records planned", "Records updated"),
        names={
            "record-names": Name(
                "Which names have records, each with the dot at its end, with spaces between them?",
                many=True,
                pattern=_NEVER_SPELT,
            ),
            "hosted-zone": Name("What is the id of the hosted zone?", option="--hosted-zone-id"),
        },
    ),
)
