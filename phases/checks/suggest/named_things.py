"""Does an item say of one thing, which it calls by its name, that it is there? "SQS queue created: Shop-Jobs-dev".

Rules:
- Kind and name stand in the item, or the kind's word does and the place right above says whose it is ("Create `shop-a`
  function" below "Lambda functions").
- The name is in backticks, or of a form that no word has. A blank in it (`shop-{account-id}`) is asked for.
- An act that makes a thing leaves it: the thing is looked at, and the act is never run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from phases.checks.suggest.checklist import Checklist, ListedItem, Words, is_example
from phases.checks.suggest.clause import plain_text
from phases.checks.suggest.commands import with_blanks
from phases.checks.suggest.context import fits
from phases.checks.suggest.listed_names import A_WORD
from phases.checks.suggest.proposal import Entry, filled_in
from phases.checks.suggest.rules.entries import aws

Named = tuple[Entry, Mapping[str, str], str, tuple[Words, ...]]
_THERE = "there, not: as somebody wants it"
_BY_NAME = "there by its name, not: its value, which is never read"
# the kind's own word, what says whose it is (in the item, or right above it), the check, and what it does not prove
_KINDS: tuple[tuple[re.Pattern[str], re.Pattern[str], Entry, str], ...] = tuple(
    (re.compile(word, re.IGNORECASE), re.compile(whose), check, unproved)
    for word, whose, check, unproved in (
        (r"tables?", r"\bDynamoDB\b", aws("dynamodb", "list_tables", "TableNames", {"contains": "$name"}), _THERE),
        (r"buckets?", r"\bS3\b", aws("s3", "list_buckets", "Buckets[].Name", {"contains": "$name"}), _THERE),
        (
            r"functions?",
            r"\bLambda\b",
            aws("lambda", "list_functions", "Functions[].FunctionName", {"contains": "$name"}),
            "there, not: what it does",
        ),
        (
            r"queues?",
            r"\bSQS\b",
            aws("sqs", "list_queues", "QueueUrls[?ends_with(@, '/$name')]", "present"),
            _THERE,
        ),
        (
            r"topics?",
            r"\bSNS\b",
            aws("sns", "list_topics", "Topics[?ends_with(TopicArn, ':$name')].TopicArn", "present"),
            _THERE,
        ),
        (
            r"roles?",
            r"\bIAM\b",
            aws("iam", "list_roles", "Roles[].RoleName", {"contains": "$name"}),
            "there, not: what it may do",
        ),
        (
            r"repositor(?:y|ies)",
            r"\bECR\b",
            aws("ecr", "describe_repositories", "repositories[].repositoryName", {"contains": "$name"}),
            "there, not: that it has an image",
        ),
        (
            r"secrets?",
            r"\bSecrets Manager\b",
            aws("secretsmanager", "list_secrets", "SecretList[].Name", {"contains": "$name"}),
            _BY_NAME,
        ),
        (
            r"(?:REST )?APIs?",
            r"\bREST API\b",
            aws("apigateway", "get_rest_apis", "items[].name", {"contains": "$name"}),
            "there, not: deployed to a stage",
        ),
        (
            r"(?:HTTP )?APIs?",
            r"\bHTTP API\b",
            aws("apigatewayv2", "get_apis", "Items[?ProtocolType=='HTTP'].Name", {"contains": "$name"}),
            "there, not: deployed to a stage",
        ),
        (
            r"user pools?",
            r"\bCognito\b",
            aws("cognito-idp", "list_user_pools", "UserPools[].Name", {"contains": "$name"}, MaxResults=60),
            "there, not: what it is set to",
        ),
        (
            r"target groups?",
            r"\b(?:ALB|NLB|[Ll]oad [Bb]alanc\w+|[Tt]arget [Gg]roups?)\b",
            aws("elbv2", "describe_target_groups", "TargetGroups[].TargetGroupName", {"contains": "$name"}),
            "there, not: that its targets are healthy",
        ),
        (
            r"(?:auto[- ]?scaling groups?|ASG)",
            r"(?i)\bauto[- ]?scaling\b|\bASG\b",
            aws(
                "autoscaling",
                "describe_auto_scaling_groups",
                "AutoScalingGroups[].AutoScalingGroupName",
                {"contains": "$name"},
            ),
            "there, not: that its instances are healthy",
        ),
        (
            r"launch templates?",
            r"(?i)\blaunch template\b",
            aws("ec2", "describe_launch_templates", "LaunchTemplates[].LaunchTemplateName", {"contains": "$name"}),
            "there, not: what its newest version starts",
        ),
        (
            r"state machines?",
            r"\bStep Functions\b",
            aws("stepfunctions", "list_state_machines", "stateMachines[].name", {"contains": "$name"}),
            "there, not: that it runs",
        ),
        (
            r"schedules?",
            r"\bEventBridge\b",
            aws("scheduler", "list_schedules", "Schedules[?State=='ENABLED'].Name", {"contains": "$name"}),
            "enabled, not: that its target does what it should",
        ),
        (
            r"rules?",
            r"\bEventBridge\b",
            aws("events", "list_rules", "Rules[?State=='ENABLED'].Name", {"contains": "$name"}),
            "enabled, not: that its target does what it should",
        ),
        (
            r"log groups?",
            r"\b(?:CloudWatch|[Ll]og [Gg]roups?)\b",
            aws(
                "logs",
                "describe_log_groups",
                "logGroups[].logGroupName",
                {"contains": "$name"},
                logGroupNamePrefix="$name",
            ),
            "there, not: what stands in it",
        ),
        (
            r"dashboards?",
            r"\bCloudWatch\b",
            aws("cloudwatch", "list_dashboards", "DashboardEntries[].DashboardName", {"contains": "$name"}),
            _THERE,
        ),
    )
)
_KIND = (
    r"(?P<kind>(?:(?:DynamoDB|S3|Lambda|SQS|SNS|IAM|ECR|Secrets Manager|API Gateway|Cognito|CloudWatch|EventBridge"
    r"|Step Functions|ALB|NLB|AWS|EC2) )*(?P<word>(?:REST |HTTP )?API|user pool|target group|auto[- ]?scaling group|ASG"
    r"|launch template|state machine|log group|table|bucket|function|queue|topic|role|repository|secret|schedule|rule"
    r"|dashboard))"
)
_SPELLED = (
    r"(?:`(?P<code>[A-Za-z0-9/][\w./{}<>$-]*)`"
    r"|(?P<bare>[A-Za-z0-9]+(?:[-_/](?:[A-Za-z0-9]+|\{[\w-]+\}|<[\w-]+>))+))"
)
_DONE = r"(?:created|deployed|exists|provisioned|set up|added)"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?:the )?{_KIND} (?:is |was |has been )?{_DONE}(?: successfully)?: {_SPELLED}",
        rf"(?:create[d]?|deploy(?:ed)?|set up|provision(?:ed)?|add(?:ed)?)(?: an?| the)?(?: new)? {_KIND}"
        rf"(?::| named| called| \(named\))? {_SPELLED}",
        rf"(?:create[d]?|deploy(?:ed)?|set up|provision(?:ed)?|add(?:ed)?)(?: an?| the)?(?: new)? {_SPELLED} {_KIND}",
        rf"(?:verify |confirm |check )?(?:the )?{_KIND} {_SPELLED} (?:is |was |has been )?{_DONE}",
        rf"(?:verify |confirm |check )?(?:the )?{_SPELLED} {_KIND} (?:is |was |has been )?{_DONE}",
    )
)
_PARTS_OF_A_PATTERN = re.compile(r"\{[\w-]+\}|<[\w-]+>")


def named_thing(item: ListedItem, document: Checklist) -> Named | None:
    """The check that the thing is there which the item calls by its name; None where it says another thing, or more."""
    if item.own or item.below or not fits("aws", document, item):
        return None
    text = " ".join(plain_text(item.text).split()).rstrip(" .")
    found = next((match for form in _FORMS if (match := form.fullmatch(text))), None)
    if found is None:
        return None
    name = found["code"] or found["bare"]
    if found["bare"] and A_WORD.fullmatch(name):
        return None
    if is_example(_PARTS_OF_A_PATTERN.sub("", name)) or not re.search(r"[A-Za-z]", name):
        return None
    for place in (None, *(item.parents or item.headings[1:])[-1:]):
        said = found["kind"] if place is None else plain_text(place.text)
        for word, whose, check, unproved in _KINDS:
            if not word.fullmatch(found["word"]) or not whose.search(said):
                continue
            asks: dict[str, str] = {}
            entry = filled_in(check, {"name": with_blanks(name, asks)})
            return entry, asks, unproved, (item.words, place) if place else (item.words,)
    return None
