"""Rules for AWS Lambda: what a function runs in, is reached by and may use, and which functions share a setting."""

from __future__ import annotations

from phases.checks.suggest.proposal import Entry, Name, Rule
from phases.checks.suggest.rules.entries import FUNCTION, HOLDS, IS_SET, LAMBDA, MADE, aws
from state.json_values import Json

_ON = r"(?: (?:is|are))? (?:enabled|on|active|configured|set ?up|in place|set)"
_LANGUAGES = (
    ("Node.js", r"node(?:\.?js)?", r"(?P<version>\d\d)(?:\.x)?", "nodejs$version.x", "20.x"),
    ("Python", "python", r"(?P<version>3\.\d{1,2})(?:\.x)?", "python$version", "3.12"),
    ("Java", "java", r"(?P<version>\d{1,2})", "java$version", "21"),
    (".NET", r"\.?net(?: core)?", r"(?P<version>\d{1,2})", "dotnet$version", "8"),
    ("Ruby", "ruby", r"(?P<version>3\.\d)", "ruby$version", "3.3"),
)
_CALLERS = (
    ("API Gateway", r"(?:(?:Amazon |AWS )?API ?Gateway)", "apigateway.amazonaws.com"),
    ("EventBridge", r"(?:(?:Amazon |AWS )?EventBridge(?: rules?)?|CloudWatch Events)", "events.amazonaws.com"),
    ("EventBridge Scheduler", r"(?:(?:Amazon |AWS )?EventBridge Scheduler)", "scheduler.amazonaws.com"),
    ("S3", r"(?:(?:Amazon |AWS )?S3)", "s3.amazonaws.com"),
    ("SNS", r"(?:(?:Amazon |AWS )?SNS)", "sns.amazonaws.com"),
    ("Cognito", r"(?:(?:Amazon |AWS )?Cognito)", "cognito-idp.amazonaws.com"),
)


def _of_function(
    name: str, head: str, expression: str, expect: Json, unproved: str, words: tuple[str, ...], remark: str = ""
) -> Rule:
    """A rule for what one function is set to; `words`: two examples, then counter-examples."""
    check: Entry = aws("lambda", "get_function_configuration", expression, expect, FunctionName="{function}")
    return Rule(name, head, check, unproved, words[:2], words[2:], names=FUNCTION, remark=remark)


def _runtime(shown: str, words: str, version: str, runtime: str, example: str) -> Rule:
    return _of_function(
        f"runtime {shown} of a function",
        rf"{LAMBDA}(?: uses)? runtime(?: (?:is|set to|uses))?:? {words} {version}",
        "Runtime",
        {"equals": runtime},
        "this runtime, not: that the code runs in it",
        (
            f"Lambda runtime: {shown} {example}",
            f"Lambda function runtime is {shown} {example}",
            f"Lambda runtime upgraded to {shown}",
            f"Runtime: {shown} {example}",
        ),
    )


def _caller(shown: str, words: str, principal: str) -> Rule:
    return Rule(
        f"permission to invoke for {shown}",
        rf"(?:{LAMBDA} )(?:invoke |invocation )?permissions?(?: are| is)?(?: (?:granted|given|added|configured|set))?"
        rf" (?:to|for) {words}(?: added| granted| configured)?"
        rf"|(?!API){words} (?:has|have) permissions? to invoke (?:the )?{LAMBDA}",
        aws(
            "lambda",
            "get_policy",
            "parse_json(Policy).Statement[?Effect=='Allow'].Principal.Service",
            {"contains": principal},
            FunctionName="{function}",
        ),
        "one function may be invoked, not: by which of its resources",
        (f"Lambda permission granted to {shown}", f"Lambda invoke permission for {shown} added"),
        (f"Lambda permission of {shown} reviewed", f"{shown} permissions reviewed"),
        names=FUNCTION,
    )


RULES = (
    *(_runtime(*each) for each in _LANGUAGES),
    *(_caller(*each) for each in _CALLERS),
    _of_function(
        "so many variables of a function",
        rf"{LAMBDA} environment variables?{IS_SET}",
        "length(keys(Environment.Variables))",
        {"at-least": "#count"},
        "so many are set, not: to the right values",
        (
            "Lambda environment variables set (4)",
            "Lambda function environment variables configured (3 variables)",
            "Lambda environment variables set (see below)",
            "Environment variables set (4)",
        ),
        remark=r"^(?P<count>\d{1,2})(?: (?:variables|total))?$",
    ),
    _of_function(
        "dead letters of a function",
        rf"{LAMBDA} (?:dead[- ]letter queue|DLQ)(?:{IS_SET}|{MADE})",
        "DeadLetterConfig.TargetArn",
        "present",
        "it has one, not: that somebody looks into it",
        (
            "Lambda DLQ configured",
            "Lambda dead letter queue configured",
            "Lambda DLQ emptied",
            "Dead letter queue configured",
        ),
    ),
    _of_function(
        "layer of a function",
        rf"(?:{LAMBDA} )(?:has )?layers? attached|layers? attached to (?:the )?{LAMBDA}",
        "Layers[].Arn",
        "present",
        "it has some, not: which, and not in which version",
        ("Lambda layer attached", "Layer attached to Lambda function", "Lambda layer built", "Layers of cake attached"),
    ),
    Rule(
        "layer",
        rf"(?:AWS )?Lambda layer{MADE}|(?:AWS )?Lambda layer (?:is )?published",
        aws("lambda", "list_layers", "Layers[].LayerName", {"contains": "{layer}"}),
        "there, not: what is in it, and not who uses it",
        ("Lambda layer deployed", "Lambda Layer created"),
        ("Lambda layer sized", "Layer created"),
        names={"layer": Name("What is the Lambda layer called?", option="--layer-name", code=True)},
    ),
    Rule(
        "some concurrency is reserved",
        rf"(?:{LAMBDA} )(?:function )?(?:reserved concurrency|concurrency limits?){_ON}",
        aws("lambda", "get_function_concurrency", "ReservedConcurrentExecutions", "present", FunctionName="{function}"),
        "some is reserved for one function, not: how much, and not that it is enough",
        ("Lambda reserved concurrency configured", "Configure Lambda concurrency limits"),
        ("Lambda concurrency discussed", "Concurrency limits set", "Lambda provisioned concurrency configured"),
        names=FUNCTION,
    ),
    Rule(
        "provisioned concurrency",
        rf"(?:{LAMBDA} )(?:function )?provisioned concurrency{_ON}",
        aws(
            "lambda",
            "list_provisioned_concurrency_configs",
            "ProvisionedConcurrencyConfigs[?Status=='READY'].FunctionArn",
            "present",
            FunctionName="{function}",
        ),
        "some is ready for one function, not: how much",
        ("Lambda provisioned concurrency enabled", "Lambda provisioned concurrency configured"),
        ("Lambda provisioned concurrency discussed", "Provisioned concurrency enabled"),
        names=FUNCTION,
    ),
    Rule(
        "functions in a VPC",
        rf"Lambda functions? (?:is |are |runs? |running |deployed |placed )*(?:inside |with)?(?:in )?(?:the |a )?VPC"
        rf"(?: access)?|VPC(?: access)?{IS_SET} for (?:the )?Lambda(?: functions?)?"
        rf"|Lambda (?:functions? )?VPC (?:configuration|access|config){IS_SET}",
        aws(
            "lambda",
            "list_functions",
            "Functions[?VpcConfig.VpcId].FunctionName",
            {"contains-each": "{functions-in-vpc}"},
        ),
        "each of these is in some VPC, not: in which subnets, and not what it reaches",
        ("Lambda functions in VPC", "Configure VPC for Lambda functions"),
        ("Lambda functions reach the VPC", "VPC configured", "Lambda functions in VPC reviewed"),
        names={"functions-in-vpc": Name("Which functions are in the VPC, with spaces between them?", many=True)},
    ),
    Rule(
        "functions that are traced",
        r"X-Ray(?: tracing)?(?: (?:is|are))? (?:enabled|active|on|configured) (?:on|for) (?:all |the |each )*"
        r"Lambda functions|Lambda functions (?:have|with) (?:X-Ray|active) tracing(?: (?:enabled|on))?"
        r"|Lambda (?:functions )?X-Ray(?: tracing)? (?:enabled|active|on|configured)",
        aws(
            "lambda",
            "list_functions",
            "Functions[?TracingConfig.Mode=='Active'].FunctionName",
            {"contains-each": "{traced-functions}"},
        ),
        "each of these is traced, not: that somebody reads the traces",
        ("X-Ray tracing enabled for all Lambda functions", "Lambda X-Ray tracing enabled"),
        ("X-Ray traces read", "X-Ray tracing enabled", "Lambda functions have tests"),
        names={"traced-functions": Name("Which functions are traced, with spaces between them?", many=True)},
    ),
    Rule(
        "function that ran without errors",
        r"(?P<function>\w+(?:[-_]\w+)*) Lambda(?: function)? (?:executes|executed|runs|ran|is invoked|invoked)"
        r" (?:successfully|without errors)",
        aws(
            "cloudwatch",
            "get_metric_data",
            "[sum(MetricDataResults[?Id=='calls'].Values[]) > `0`,"
            " sum(MetricDataResults[?Id=='errors'].Values[]) == `0`]",
            {"equals": [True, True]},
            MetricDataQueries=[
                {
                    "Id": name,
                    "MetricStat": {
                        "Metric": {
                            "Namespace": "AWS/Lambda",
                            "MetricName": metric,
                            "Dimensions": [{"Name": "FunctionName", "Value": "{function}"}],
                        },
                        "Period": 300,
                        "Stat": "Sum",
                    },
                }
                for name, metric in (("calls", "Invocations"), ("errors", "Errors"))
            ],
            StartTime="{from}",
            EndTime="{until}",
        ),
        "it was called in this time, and no call ended with an error, not: that it did what it should",
        ("Cleanup Lambda executes successfully", "`shop-cleanup` Lambda function runs without errors"),
        ("Cleanup Lambda executes", "Cleanup runs successfully", "Cleanup Lambda deployed successfully"),
        names={
            **FUNCTION,
            "from": Name("From when on are errors counted? (2026-01-31T10:00:00Z)"),
            "until": Name("Until when are errors counted?"),
        },
    ),
    Rule(
        "no throttled functions",
        r"(?:no|zero) Lambda (?:function )?throttl(?:ing|es|ed invocations)(?: (?:occurring|observed|seen|events))?",
        aws(
            "cloudwatch",
            "get_metric_statistics",
            "length(Datapoints) > `0` && sum(Datapoints[].Sum) == `0`",
            HOLDS,
            Namespace="AWS/Lambda",
            MetricName="Throttles",
            Statistics=["Sum"],
            Period=300,
            StartTime="{from}",
            EndTime="{until}",
        ),
        "functions were called in this time, and none was throttled, in one region; not: at another time",
        ("No Lambda throttling", "No Lambda throttling occurring"),
        ("No Lambda errors", "No throttling of the car", "Lambda throttling alarm configured"),
        names={
            "from": Name("From when on are errors counted? (2026-01-31T10:00:00Z)"),
            "until": Name("Until when are errors counted?"),
        },
    ),
)
