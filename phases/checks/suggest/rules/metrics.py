"""Rules for alarms of CloudWatch on a metric that the item names: which these are is asked, and each looks at it.

"Lambda errors" below "Set up CloudWatch alarms for:" is an alarm on it, and so is "SQS queue depth alarm created".
"""

from __future__ import annotations

from typing import NamedTuple

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.entries import IS_SET, aws

_METRICS = "[MetricName, Metrics[].MetricStat.Metric.MetricName][]"
_SPACES = "[Namespace, Metrics[].MetricStat.Metric.Namespace][]"


class _Metric(NamedTuple):
    """A metric of AWS.

    Attributes:
        name: how questions call it.
        words: how items call it.
        namespace, metrics: of CloudWatch; an alarm looks at one of these metrics.
        shown, others: an example of each; counter-examples.
    """

    name: str
    words: str
    namespace: str
    metrics: tuple[str, ...]
    shown: str
    others: tuple[str, str]


_RATE = r"(?: (?:rates?|counts?|count|spikes?))?"
_HIGH = r"(?:(?:high|elevated|increased|excessive|low) )?"
_USE = r"(?: (?:usage|utili[sz]ation|use|load))?"
_GATEWAY = r"(?:API Gateway|API|REST API)"
_BALANCER = r"(?:ALB|load balancer|Application Load Balancer|ELB)"
_TABLE = (
    _Metric("Lambda errors", rf"Lambda (?:function )?(?:errors?|failures?){_RATE}", "AWS/Lambda", ("Errors",),
            "Lambda errors", ("Lambda errors and timeouts", "Errors of the team")),
    _Metric("Lambda throttles", rf"Lambda (?:function )?throttl(?:es|ing|ed)(?: invocations)?{_RATE}", "AWS/Lambda",
            ("Throttles",), "Lambda throttling", ("Throttling", "Lambda throttling discussed")),
    _Metric("the duration of Lambda", rf"{_HIGH}Lambda (?:function )?(?:durations?|execution time|latency)",
            "AWS/Lambda", ("Duration",), "Lambda duration", ("Duration of the talk", "Lambda timeouts")),
    _Metric("concurrent executions of Lambda", r"Lambda (?:concurren(?:cy|t executions?))", "AWS/Lambda",
            ("ConcurrentExecutions",), "Lambda concurrent executions", ("Concurrency", "Lambda concurrency tested")),
    _Metric("throttled requests to DynamoDB",
            rf"DynamoDB (?:table )?(?:throttl(?:es|ing|ed)(?: (?:requests|events))?|throttling errors?){_RATE}",
            "AWS/DynamoDB", ("ThrottledRequests", "ReadThrottleEvents", "WriteThrottleEvents"),
            "DynamoDB throttling", ("Throttling of the car", "DynamoDB throttling and errors")),
    _Metric("errors of DynamoDB", rf"DynamoDB (?:system |user )?errors?{_RATE}", "AWS/DynamoDB",
            ("SystemErrors", "UserErrors"), "DynamoDB errors", ("Errors of the table", "DynamoDB errors fixed")),
    _Metric("5xx errors of API Gateway", rf"{_HIGH}{_GATEWAY} 5[xX]{{2}}(?: errors?)?{_RATE}", "AWS/ApiGateway",
            ("5XXError", "5xx"), "API Gateway 5xx errors", ("5xx people", "API Gateway 4xx/5xx errors")),
    _Metric("4xx errors of API Gateway", rf"{_HIGH}{_GATEWAY} 4[xX]{{2}}(?: errors?)?{_RATE}", "AWS/ApiGateway",
            ("4XXError", "4xx"), "API Gateway 4xx errors", ("4xx things", "API Gateway 4xx and 5xx errors")),
    _Metric("the latency of API Gateway", rf"{_HIGH}API Gateway latency", "AWS/ApiGateway",
            ("Latency", "IntegrationLatency"), "API Gateway latency", ("Latency", "API Gateway latency tuned")),
    _Metric("messages in the dead-letter queue",
            r"(?:SQS )?(?:dead[- ]letter queue|DLQ)(?: (?:messages?|depth|size|count|not empty))*", "AWS/SQS",
            ("ApproximateNumberOfMessagesVisible",), "SQS dead letter queue messages",
            ("DLQ drained", "Dead letters of the office")),
    _Metric("the depth of the queue",
            rf"{_HIGH}SQS (?:queue )?(?:depth|size|backlog|length|messages(?: visible)?)", "AWS/SQS",
            ("ApproximateNumberOfMessagesVisible",), "SQS queue depth", ("Queue depth", "SQS queue drained")),
    _Metric("the age of messages in the queue",
            r"SQS (?:queue )?(?:oldest message age|message age|age of (?:the )?oldest message)", "AWS/SQS",
            ("ApproximateAgeOfOldestMessage",), "SQS message age", ("Message age", "SQS age explained")),
    _Metric("the CPU of EC2", rf"{_HIGH}(?:EC2 )(?:instance )?CPU{_USE}|{_HIGH}CPU{_USE} (?:on|of|for) EC2"
            r"(?: instances?)?", "AWS/EC2", ("CPUUtilization",), "High CPU usage on EC2",
            ("High CPU usage", "EC2 CPU credits")),
    _Metric("status checks of EC2", r"EC2 (?:instance )?status checks?(?: (?:failed|failures?|fails))?", "AWS/EC2",
            ("StatusCheckFailed", "StatusCheckFailed_Instance", "StatusCheckFailed_System"),
            "EC2 status check failures", ("Status check", "EC2 status checks passed")),
    _Metric("the CPU of RDS", rf"{_HIGH}(?:RDS|Aurora) (?:instance )?CPU{_USE}|{_HIGH}CPU{_USE} (?:on|of|for) RDS",
            "AWS/RDS", ("CPUUtilization",), "RDS CPU utilization", ("RDS CPU bought", "Database CPU of old")),
    _Metric("the storage of RDS",
            rf"{_HIGH}RDS (?:free |low |disk )?(?:storage|disk)(?: space)?{_USE}|low RDS storage", "AWS/RDS",
            ("FreeStorageSpace", "FreeLocalStorage"), "RDS storage usage", ("Storage usage", "RDS storage bought")),
    _Metric("connections of RDS", rf"{_HIGH}RDS (?:database )?connections?{_RATE}", "AWS/RDS",
            ("DatabaseConnections",), "RDS connections", ("Connections", "RDS connections closed")),
    _Metric("the memory of RDS", rf"{_HIGH}RDS (?:freeable |free )?memory{_USE}", "AWS/RDS", ("FreeableMemory",),
            "RDS memory usage", ("Memory usage", "RDS memory bought")),
    _Metric("the CPU of ECS", rf"{_HIGH}ECS (?:service |task )?CPU{_USE}|{_HIGH}CPU{_USE} (?:on|of|for) ECS",
            "AWS/ECS", ("CPUUtilization",), "ECS CPU utilization", ("ECS CPU reserved", "CPU of the laptop")),
    _Metric("the memory of ECS",
            rf"{_HIGH}ECS (?:service |task )?memory{_USE}|{_HIGH}memory{_USE} (?:on|of|for) ECS", "AWS/ECS",
            ("MemoryUtilization",), "ECS memory usage", ("ECS memory reserved", "Memory of the laptop")),
    _Metric("5xx errors of the load balancer", rf"{_HIGH}{_BALANCER} (?:(?:target )?5[xX]{{2}})(?: errors?)?{_RATE}",
            "AWS/ApplicationELB", ("HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"), "ALB 5xx errors",
            ("5xx of all", "ALB 5xx and 4xx errors")),
    _Metric("unhealthy targets of the load balancer",
            rf"(?:{_BALANCER} )?unhealthy (?:{_BALANCER} )?(?:targets?|hosts?|target count|host count){_RATE}"
            rf"|{_BALANCER} unhealthy hosts?", "AWS/ApplicationELB", ("UnHealthyHostCount", "HealthyHostCount"),
            "ALB unhealthy hosts", ("Unhealthy people", "Hosts of the evening")),
    _Metric("the response time of the load balancer",
            rf"{_HIGH}{_BALANCER} (?:target )?(?:response time|latency)", "AWS/ApplicationELB",
            ("TargetResponseTime",), "ALB response time", ("Response time", "ALB response headers")),
    _Metric("failed executions of Step Functions",
            r"(?:Step Functions?|state machine) (?:execution )?(?:failures?|failed executions?|executions? failed"
            r"|errors?)", "AWS/States", ("ExecutionsFailed",), "Step Functions execution failures",
            ("Failures", "Step Functions failures explained")),
    _Metric("the CPU of ElastiCache", rf"{_HIGH}(?:ElastiCache|Redis) CPU{_USE}", "AWS/ElastiCache",
            ("CPUUtilization", "EngineCPUUtilization"), "ElastiCache CPU utilization",
            ("CPU of the cache bought", "ElastiCache CPU chosen")),
    _Metric("the memory of ElastiCache", rf"{_HIGH}(?:ElastiCache|Redis) memory{_USE}", "AWS/ElastiCache",
            ("DatabaseMemoryUsagePercentage", "FreeableMemory", "BytesUsedForCache"), "ElastiCache memory usage",
            ("Memory of the cache bought", "ElastiCache memory chosen")),
    _Metric("evictions of ElastiCache", r"(?:ElastiCache|Redis) (?:cache )?evictions?", "AWS/ElastiCache",
            ("Evictions",), "ElastiCache evictions", ("Evictions of tenants", "ElastiCache evicted")),
    _Metric("the size of the bucket", r"S3 (?:bucket )?(?:size|storage)", "AWS/S3", ("BucketSizeBytes",),
            "S3 bucket size", ("Size of the bucket", "S3 bucket sized")),
    _Metric("errors of CloudFront", rf"CloudFront (?:5xx |4xx )?errors?{_RATE}", "AWS/CloudFront",
            ("5xxErrorRate", "4xxErrorRate", "TotalErrorRate"), "CloudFront error rate",
            ("Errors of the front", "CloudFront errors and latency")),
)  # fmt: skip


def _acting(metric: _Metric) -> str:
    """The names of alarms that act and look at one of its metrics, by themselves or in an expression."""
    one = " || ".join(f"contains({_METRICS}, '{each}')" for each in metric.metrics)
    return (
        f"MetricAlarms[?ActionsEnabled && length(AlarmActions) > `0` && contains({_SPACES}, '{metric.namespace}')"
        f" && ({one})].AlarmName"
    )


def _name(metric: _Metric) -> dict[str, Name]:
    slug = metric.name.lower().removeprefix("the ").replace(" ", "-")
    return {f"alarms-on-{slug}": Name(f"What are the alarms on {metric.name} called, with spaces between them?")}


def _rule(metric: _Metric) -> Rule:
    ((name, about),) = _name(metric).items()
    return Rule(
        f"alarms on {metric.name}",
        rf"(?:CloudWatch )?alarms? (?:on|for) (?:{metric.words})(?:{IS_SET})?"
        rf"|(?:CloudWatch )?(?:{metric.words}) alarms?{IS_SET}"
        rf"|(?:CloudWatch )?alarms?{IS_SET} (?:on|for) (?:{metric.words})",
        aws("cloudwatch", "describe_alarms", _acting(metric), {"contains-each": f"{{{name}}}"}),
        "each of these looks at it and has an action, not: at the right threshold, and not of each thing of the kind",
        (f"CloudWatch alarm for {metric.shown}", f"{metric.shown} alarm configured"),
        tuple(f"Alarm for {each}" for each in metric.others),
        names={name: about},
    )


_SECONDS_OF_LAMBDA = next(each for each in _TABLE if each.name == "the duration of Lambda")

RULES = (
    Rule(
        "so many alarms on something",
        rf"(?:alarms? on )?(?!all\b|alarms?\b|.*\band\b)(?P<alarm>[A-Z]?[\w/-]+(?: [\w/-]+){{0,4}}) alarms{IS_SET}",
        aws(
            "cloudwatch",
            "describe_alarms",
            "length(MetricAlarms[?ActionsEnabled && length(AlarmActions) > `0`])",
            {"at-least": "#count"},
            AlarmNamePrefix="{alarms-prefix}",
        ),
        "so many with such names have an action, not: what each looks at",
        ("Queue health alarms created (3 alarms)", "Payment latency alarms configured (2 alarms)"),
        ("Queue health alarms created", "Smoke alarms considered (3 alarms)", "Queue alarms created (3 days)"),
        names={"alarms-prefix": Name("How do the names of the {} alarms begin?", group="alarm")},
        remark=r"^(?P<count>\d+) alarms?$",
    ),
    *map(_rule, _TABLE),
    Rule(
        "alarms on a duration of Lambda in seconds",
        rf"(?:CloudWatch )?alarms? (?:on|for) (?:{_SECONDS_OF_LAMBDA.words})"
        r" (?:>=?|above|over|exceeds|exceeding) ?(?P<seconds>\d{1,3}) ?s(?:ec(?:onds?)?)?",
        aws(
            "cloudwatch",
            "describe_alarms",
            _acting(_SECONDS_OF_LAMBDA).replace("[?", "[?Threshold == `$seconds000` && ", 1),
            {"contains-each": "{alarms-on-duration-of-lambda}"},
        ),
        "each of these looks at it, above this limit, and has an action, not: of which function",
        ("Alarm on Lambda duration > 25s", "CloudWatch alarm for Lambda duration above 10 seconds"),
        ("Alarm for Lambda duration > 25 minutes", "Lambda duration > 25s"),
        names=_name(_SECONDS_OF_LAMBDA),
    ),
    *(
        Rule(
            f"alarms on {shown}",
            rf"(?:alarms? on )?(?:CloudWatch )?{words} alarms{IS_SET}|(?:CloudWatch )?alarms{IS_SET} for {words}",
            aws(
                "cloudwatch",
                "describe_alarms",
                "MetricAlarms[?ActionsEnabled && length(AlarmActions) > `0`"
                f" && contains({_SPACES}, '{namespace}')].AlarmName",
                {"contains-each": f"{{alarms-on-{shown.lower().replace(' ', '-')}}}"},
            ),
            f"each of these looks at some metric of {shown} and has an action, not: at which, and at which threshold",
            (f"{shown} alarms configured", f"CloudWatch alarms created for {shown}"),
            (f"{shown} alarms reviewed", f"{shown} alarms configured (5 alarms)", f"{shown} errors alarmed people"),
            names={
                f"alarms-on-{shown.lower().replace(' ', '-')}": Name(
                    f"What are the alarms on {shown} called, with spaces between them?"
                )
            },
            remark=r"^$",
        )
        for shown, words, namespace in (
            ("API Gateway", "API Gateway", "AWS/ApiGateway"),
            ("Step Functions", "Step Functions?", "AWS/States"),
            ("Lambda", "Lambda", "AWS/Lambda"),
            ("DynamoDB", "DynamoDB", "AWS/DynamoDB"),
            ("RDS", "RDS", "AWS/RDS"),
            ("EC2", "EC2", "AWS/EC2"),
            ("ECS", "ECS", "AWS/ECS"),
            ("SQS", "SQS", "AWS/SQS"),
            ("ALB", _BALANCER, "AWS/ApplicationELB"),
        )
    ),
    Rule(
        "alarms that are OK",
        r"(?!CloudWatch alarms)(?:(?!all\b|no\b|each\b|every\b)[\w-]+ ){1,3}alarms"
        r" (?:are |is )?in (?:the )?(?-i:OK) state",
        aws(
            "cloudwatch",
            "describe_alarms",
            "MetricAlarms[?StateValue=='OK'].AlarmName",
            {"contains-each": "{ok-alarms}"},
        ),
        "each of these is OK now, not: that it looks at the right thing",
        ("CloudWatch payment alarms in OK state", "CloudWatch queue alarms are in OK state"),
        ("Payment alarms are loud", "Alarms of the team in good state"),
        names={"ok-alarms": Name("Which alarms have to be OK, with spaces between them?")},
        document=r"CloudWatch",
    ),
    Rule(
        "alarm on charges",
        rf"(?:AWS |CloudWatch )?billing alarms?{IS_SET}",
        {
            **aws(
                "cloudwatch",
                "describe_alarms",
                "MetricAlarms[?ActionsEnabled && length(AlarmActions) > `0` && MetricName=='EstimatedCharges']"
                ".AlarmName",
                "present",
            ),
            "region": "us-east-1",
        },
        "one is there and has an action, not: at the right amount",
        ("Billing alarm configured", "AWS billing alarms set up"),
        ("Billing alerts configured", "Billing alarm at $50 discussed"),
    ),
)
