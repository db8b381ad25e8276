"""Does an item only name one of what the place right above it lists? "`acme-logs`" below "S3 buckets created".

Rules:
- The nearest place counts alone: the parent, or the innermost heading where there is none. It names one kind of thing,
  and says of it no more than that it is there.
- The item is a name: in backticks, or of a form that no word has (`acme-logs`, `dynamodb:Query`). What stands behind it
  in brackets or after a dash says what it is for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from phases.checks.suggest.checklist import Checklist, ListedItem, Words
from phases.checks.suggest.clause import plain_text
from phases.checks.suggest.context import fits
from phases.checks.suggest.proposal import Entry, filled_in
from phases.checks.suggest.rules.entries import aws

Listed = tuple[Entry, Mapping[str, str], str, tuple[Words, ...]]
_THERE = "there, not: as somebody wants it"
_BY_NAME = "there by its name, not: its value, which is never read"
# what a place names -> the check of one of them, and what it does not prove
_KINDS: tuple[tuple[re.Pattern[str], Entry, str], ...] = tuple(
    (re.compile(pattern), check, unproved)
    for pattern, check, unproved in (
        (r"\b[Bb]uckets\b", aws("s3", "list_buckets", "Buckets[].Name", {"contains": "$name"}), _THERE),
        (
            r"\bDynamoDB (?:[Tt]ables\b|\ud14c\uc774\ube14)",
            aws("dynamodb", "list_tables", "TableNames", {"contains": "$name"}),
            _THERE,
        ),
        (
            r"\bECR\b.*\b(?:[Rr]epositor(?:ies|ios)|[Rr]epos)\b|\b[Rr]eposit(?:ories|órios) ECR\b",
            aws("ecr", "describe_repositories", "repositories[].repositoryName", {"contains": "$name"}),
            "there, not: that it has an image",
        ),
        (
            r"\bSecrets Manager\b.*\b[Ss]ecrets\b|\b[Ss]ecrets\b.*\bSecrets Manager\b",
            aws("secretsmanager", "list_secrets", "SecretList[].Name", {"contains": "$name"}),
            _BY_NAME,
        ),
        (
            r"\b(?:SSM|Parameter Store)\b",
            aws("ssm", "describe_parameters", "Parameters[].Name", {"contains": "$name"}),
            _BY_NAME,
        ),
        (
            r"\bSQS (?:[Qq]ueues\b|\ud050)",
            aws("sqs", "list_queues", "QueueUrls[?ends_with(@, '/$name')]", "present"),
            _THERE,
        ),
        (
            r"\bSNS [Tt]opics\b",
            aws("sns", "list_topics", "Topics[?ends_with(TopicArn, ':$name')].TopicArn", "present"),
            _THERE,
        ),
        (
            r"\bLambda [Ff]unctions\b",
            aws("lambda", "list_functions", "Functions[].FunctionName", {"contains": "$name"}),
            "there, not: what it does",
        ),
        (
            r"\b[Ll]og [Gg]roups\b",
            aws(
                "logs",
                "describe_log_groups",
                "logGroups[].logGroupName",
                {"contains": "$name"},
                logGroupNamePrefix="$name",
            ),
            "there, not: what stands in it",
        ),
    )
)
_MAY = aws(
    "iam",
    "simulate_principal_policy",
    "EvaluationResults[].EvalDecision",
    {"equals": ["allowed"]},
    PolicySourceArn="{principal-arn}",
    ActionNames=["$name"],
)
_WHO = "What is the ARN of the role or user?"
_PERMISSIONS = re.compile(r"(?i)\bpermissions?\b|\bIAM\b|\bpolic(?:y|ies)\b")
# of a list whose things are to go, may be there, or are said more of
_SAYS_MORE = re.compile(
    r"(?i)\b(?:delet\w*|remov\w*|clean\w*|old|unused|deprecat\w*|optional|migrat\w*|renam\w*|legacy|denied|deny|not?|never"
    r"|without|revok\w*|destroy\w*|with|encrypt\w*|version\w*|lifecycle|replicat\w*|public|private|access\w*|polic(?:y|ies)"
    r"|retention|rotat\w*|restor\w*|backed|test\w*|verif\w* (?:data|content)|empty|upload\w*|metrics?|alarms?|triggers?"
    r"|streams?|index\w*|PITR|TTL|logs|costs?|limits?|quotas?|gone|key|keys)\b"
)
_NAME = r"[A-Za-z0-9/][\w./-]*"
# a form that no word has: `shop-jobs`, `Shop-Orders-dev`, `ShopOrders-dev`
_BARE = (
    r"(?:[a-z0-9]+(?:[-_/][a-z0-9]+)+|[A-Za-z0-9]+(?:[-_/][A-Za-z0-9]+){2,}"
    r"|[A-Z][a-z0-9]+[A-Z][A-Za-z0-9]*(?:[-_/][A-Za-z0-9]+)+)"
)
_ITEM = re.compile(
    rf"(?:`(?P<code>{_NAME})`|(?P<bare>{_BARE}))(?: (?:created|exists?|\uc0dd\uc131))?"
    r"(?P<for>(?: \([^()]*\)| [-\u2013\u2014] [^`]+|: [^`]+)?)"
)
_ACTION = re.compile(r"`?(?P<name>[a-z][a-z0-9-]+:[A-Z][A-Za-z]+)`?(?P<for>(?: \([^()]*\)| [-\u2013\u2014] [^`]+)?)")
_CLAIM = re.compile(
    r"(?i)\d|\b(?:with|must|only|encrypt\w*|version\w*|public|private|enabled|disabled|no|not|if|optional|and|returns?"
    r"|restricted|deny|denied|set|table|column|path|prefix|folder)\b|[=<>]"
)
_NO_NAME = re.compile(  # a file, a folder, a variable
    r".*\.(?:ya?ml|json|tf|tfvars|sh|py|[jt]sx?|md|zip|txt|env|html?|css|png|jpe?g|svg|ico|csv|xml|log|gz|tar|jar|war|pem"
    r"|crt|sql|toml|ini|conf|parquet)|.*/|[A-Z0-9_]+"
)


# words with a hyphen that say how something is
A_WORD = re.compile(
    r"(?i)(?:pay-per-\w+|on-demand|point-in-time\S*|multi-\w+|single-\w+|end-to-end|auto-\w+|server-side|client-side"
    r"|read-\w+|write-\w+|cross-\w+|real-time|up-to-date|dead-letter|least-privilege|\w+-ready|\w+-term|high-\w+|low-\w+"
    r"|pre-\w+|post-\w+|non-\w+|self-\w+|re-\w+|un\w+-\w+|set-up|back-up|sign-\w+|opt-\w+|\w+-based|\w+-to-\w+"
    r"|fine-\w+|long-\w+|short-\w+|time-to-live|[a-z]+/[a-z]+)"
)


def listed_name(item: ListedItem, document: Checklist) -> Listed | None:
    """The check that what the item names is there, or allowed; None where the place does not say which kind it is."""
    if not fits("aws", document, item) or item.own or item.below:
        return None
    place = (item.parents or item.headings[1:])[-1:]
    if not place:
        return None
    said = plain_text(place[0].text).replace("`", "")
    text = " ".join(plain_text(item.text).split()).rstrip(" .")
    rests_on = (item.words, place[0])
    if action := _ACTION.fullmatch(text):
        refused = re.search(r"(?i)\b(?:not?|never|den(?:y|ied)|remove\w*|revoke\w*|without)\b", said)
        if refused or not _PERMISSIONS.search(said) or _CLAIM.search(action["for"]):
            return None
        unproved = "IAM would allow it on some resource, not: on each, and not what a resource's own policy says"
        return filled_in(_MAY, {"name": action["name"]}), {"principal-arn": _WHO}, unproved, rests_on
    found = _ITEM.fullmatch(text)
    kinds = [(check, unproved) for pattern, check, unproved in _KINDS if pattern.search(said)]
    if found is None or len(kinds) != 1 or _SAYS_MORE.search(re.sub(r"(?i)\blog groups\b", "", said)):
        return None
    name = found["code"] or found["bare"]
    if _CLAIM.search(found["for"]) or _NO_NAME.fullmatch(name) or (found["bare"] and A_WORD.fullmatch(name)):
        return None
    ((check, unproved),) = kinds
    return filled_in(check, {"name": name}), {}, unproved, rests_on
