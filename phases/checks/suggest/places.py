"""What is an item about that does not say so itself? The one thing that what stands right above it names.

"Versioning: enabled" below "3. S3 bucket for uploads" is "S3 bucket versioning enabled". The nearest place counts that
names a thing at all; one that names two of them says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from phases.checks.suggest.checklist import Checklist, ListedItem, Words
from phases.checks.suggest.clause import plain_text
from phases.checks.suggest.context import fits

# what a place names -> what the item says with it
THINGS: tuple[tuple[str, str], ...] = (
    (r"security groups?", "security group {}"),
    (r"(?-i:RDS|Aurora)", "RDS {}"),
    (r"(?-i:S3)(?: buckets?)?|buckets?", "S3 bucket {}"),
    (r"CloudFront", "CloudFront {}"),
    (r"auto[- ]?scaling groups?|(?-i:ASG)", "auto scaling group {}"),
    (r"launch templates?", "launch template {}"),
    (r"(?-i:EC2)", "EC2 {}"),
    (r"(?-i:Lambda)(?: functions?)?", "Lambda {}"),
    (r"(?-i:ALB|NLB)|load balancers?", "load balancer {}"),
    (r"DynamoDB(?: tables?)?", "DynamoDB table {}"),
    (r"ElastiCache", "ElastiCache {}"),
    (r"Cognito|user pools?", "Cognito user pool {}"),
    (r"API Gateway", "API Gateway {}"),
    (r"(?-i:ECS)|Fargate", "ECS {}"),
    (r"(?-i:EKS)", "EKS {}"),
    (r"(?-i:ECR)", "ECR {}"),
    (r"(?-i:VPC)", "VPC {}"),
    (r"(?-i:SNS)", "SNS {}"),
    (r"(?-i:SQS)", "SQS {}"),
    (r"(?-i:IAM) users?", "IAM user {}"),
    (r"(?-i:IAM)(?! users?\b)", "IAM {}"),
    (r"alarms?", "alarm on {}"),
    (r"Route ?53|hosted zones?", "Route 53 {}"),
    (r"Secrets Manager", "Secrets Manager {}"),
    (r"EventBridge Scheduler", "EventBridge Scheduler {}"),
    (r"EventBridge(?! Scheduler)", "EventBridge {}"),
    (r"Step Functions?(?: state machines?)?", "Step Functions {}"),
    (r"(?-i:Amplify)", "Amplify {}"),
    (r"(?-i:ACM)", "ACM {}"),
    (r"CloudFormation", "CloudFormation {}"),
    (r"CloudWatch", "CloudWatch {}"),
    (r"CloudTrail", "CloudTrail {}"),
    (r"(?-i:KMS)", "KMS {}"),
    (r"(?-i:WAF)", "WAF {}"),
    (r"(?:ECS )?task definition (?:environment )?variables", "{} set in the task definition"),
    (r"GitHub (?:actions |repository |repo )*secrets?", "{} secret set in the GitHub repository"),
    (r"Vercel", "{} set in Vercel"),
    (r"(?<!definition )environment variables?|env(?:ironment)? vars?|\.env(?:\.[\w-]+)?", "{} set"),
)
# places whose "environment variables" are set by a program that phasegate does not ask
_ELSEWHERE = re.compile(
    r"\b(?:render|railway|netlify|heroku|fly\.io|supabase|cloudflare|amplify|firebase|azure|gcp|google|digital ?ocean"
    r"|lambda|ecs|beanstalk|secrets manager|parameter store|host(?:ed|ing)?|dashboard|optional|vercel|github"
    r"|console)\b",
    re.IGNORECASE,
)
_IN_CODE = re.compile(r"(?i)\b(?:constants?|enums?|class(?:es)?|service layer|models?|schema|types?)\b")
# hosts that keep variables, wherever the document names one
_HOST = re.compile(
    r"\b(?:Vercel|Netlify|Render(?:\.com)?|Railway|Heroku|Fly\.io|Amplify"
    r"|Cloudflare (?:Pages|Workers)|App Runner|Cloud Run"
    r"|Elastic Beanstalk|Secrets Manager|Parameter Store|task definition)\b"
)
_ON_VERCEL = re.compile(r"\bVercel\b(?! deployment)", re.IGNORECASE)
_OPTIONAL = re.compile(
    r"\b(?:optional|skip|later|nice to have|alternative|update|modif|review|delete|remov|deprecat|unused|obsolete"
    r"|not?|never|clean)",
    re.IGNORECASE,
)
_AFTER_THE_HEAD = re.compile(
    r" (?:for|with|using|from|to|in|on|via|by|and then)\b| [-\u2013\u2014\u2192] |[:(]", re.IGNORECASE
)
_NUMBERED = re.compile(
    r"^\W*(?:(?:phase|step|part|section|task|option|stage)\s+\w{1,3}|\d+(?:\.\d+)*)\s*[:.)\u2013\u2014-]\s*",
    re.IGNORECASE,
)
_JOINED = re.compile(r"\s*(?:&|\+|/|,|\band\b|\bor\b)\s*", re.IGNORECASE)
_FOUND = [(re.compile(rf"(?<![\w.-])(?:{pattern})(?![\w-])", re.IGNORECASE), form) for pattern, form in THINGS]
# what an item itself names: then it is not about what stands above it
_ITS_OWN = re.compile(
    r"\b(?:RDS|Aurora|S3|CloudFront|EC2|Lambda|ALB|NLB|DynamoDB|ElastiCache|Cognito|API Gateway|ECS|EKS|ECR|VPC|SNS"
    r"|SQS|CloudWatch"
    r"|CloudTrail|KMS|WAF|Route ?53)\b|\b(?i:security groups?|load balancer|subscriptions?|topics?|dashboards?)\b"
)
_NAME = re.compile(
    r"(?:(?:Set|Add|Configure|Update|Fill in) )?`?((?:[A-Z][A-Z0-9]*_)+[A-Z0-9_]*[A-Z0-9])`?(?P<rest>$|\s*[:=(].*"
    r"|\s+[-\u2013\u2014].*|\s+(?:is |has been )?(?:set|configured|added|defined)\b.*)"
)
_NOT_SET = re.compile(
    r"\b(?:optional|set to|don't|do not|not|never|only|will be|later|after|remove[d]?|delete|unused|deprecated"
    r"|if|when|or)\b",
    re.IGNORECASE,
)
_GENERIC = re.compile(
    r"(?i)(?:set|setup|set-?up|configuration|configure|configured|creation|create|created|launch|step|phase"
    r"|instances?|database"
    r"|infrastructure|resources?|services?|verification|verify|check|properties|settings|new|optional|security|amazon"
    r"|group|groups|bucket|buckets|function|functions|table|tables|distribution|aws|storage|network|networking|with"
    r"|for|ports?"
    r"|rules?|required|is|are|ready|running|allow|inbound|and|the|an?|in|to|of|on|postgresql|mysql|\d+)"
)


# a value that it is to have
_GIVEN = re.compile(r"[=:] ?`?([\w./:-]+)`?\.?")


class Place(NamedTuple):
    """What an item is about by where it stands.

    Attributes:
        form: what the item says with it, the item's own words for `{}`.
        words: where it stands.
        which: words of the place that tell its thing from others of the kind: "uploads".
    """

    form: str
    words: Words
    which: tuple[str, ...]


def place_of(item: ListedItem, document: Checklist) -> Place | None:
    """The one thing that the nearest place names; None for none, and for several."""
    listed = _names_in_list(item)
    if not listed and _ITS_OWN.search(plain_text(item.text)) and not (_opens_a_port(item) or _of_an_alarm(item)):
        return None
    innermost = (*item.headings, *item.parents)[-1] if item.headings or item.parents else None
    for words in item.above:
        text, head, found = _things_in(words.text, listed=listed)
        if not found:
            if words is innermost and (beside := _beside(head, item, document)):
                return beside
            continue
        (*before, (start, _end, form)) = found
        if before and _JOINED.fullmatch(head[before[-1][1] : start]) and before[-1][2] != form:
            return None
        if not form.startswith("{}"):
            return Place(form, words, _which(text, form))
        if any(_OPTIONAL.search(plain_text(each.text)) for each in (*item.headings[-1:], *item.parents)):
            return None
        if form == "{} set" and _ON_VERCEL.search(f"{document.title} {_above(item)}"):
            form = "{} set in Vercel"
        if form == "{} set" and not environment_file(item, document) and ".env" not in document.text:
            return None
        return None if form == "{} set" and keeps_variables_elsewhere(item, document) else Place(form, words, ())
    return None


@lru_cache(256)  # one heading stands above many items
def _things_in(above: str, *, listed: bool) -> tuple[str, str, tuple[tuple[int, int, str], ...]]:
    """What a place says, the head of it, and the things that are named there in order: start, end, form.

    `listed`: the item is a name of a list, which the whole of the place may be about.
    """
    text = _NUMBERED.sub("", plain_text(above).replace("`", ""))
    head = _AFTER_THE_HEAD.split(text, maxsplit=1)[0]
    found = (
        (each.start(), each.end(), form)
        for pattern, form in _FOUND
        if not listed or form.startswith("{}")
        for each in pattern.finditer(text if listed else head)
    )
    return text, head, tuple(sorted(found))


# headings that say of which kind the thing is, where the items below them say which one
_KINDS = (
    (re.compile(r"(?i)\b(?:database|db)\b"), "RDS {}"),
    (re.compile(r"(?i)\b(?:bucket|storage)s?\b"), "S3 bucket {}"),
)


def _beside(heading: str, item: ListedItem, document: Checklist) -> Place | None:
    """The one thing that the items before this one name in its section, where it is of the heading's kind."""
    for kind, form in _KINDS:
        if not kind.search(heading):
            continue
        for each in document.items:
            if each.headings == item.headings and each.line < item.line:
                named = {
                    of for pattern, of in _FOUND if not of.startswith("{}") and pattern.search(plain_text(each.text))
                }
                if named == {form}:
                    return Place(form, each.words, ())
    return None


def _above(item: ListedItem) -> str:
    return " ".join(plain_text(each.text) for each in (*item.parents, *item.headings[1:]))


def keeps_variables_elsewhere(item: ListedItem, document: Checklist) -> bool:
    """Whether a host keeps the variables that an item is about, as what stands above it says, or Kubernetes does."""
    if _IN_CODE.search(_above(item)):
        return True
    of_cluster = ".env" not in document.text and fits("kubernetes", document, item)
    if of_cluster or _ELSEWHERE.search(_above(item)):
        return True
    in_a_file = environment_file(item, document) or ".env" in item.text
    return not in_a_file and _HOST.search(document.text) is not None


def _opens_a_port(item: ListedItem) -> bool:
    """Whether it stands right below a security group and names a port."""
    above = item.parents[-1:] or item.headings[-1:]
    return bool(above) and "security group" in above[0].text.lower() and re.search(r"\d{2,5}", item.text) is not None


def _of_an_alarm(item: ListedItem) -> bool:
    """Whether it stands right below alarms: what it names is what one of them looks at."""
    above = item.parents[-1:] or item.headings[-1:]
    if not above or re.search(r"(?i)\b(?:SNS|topics?|subscriptions?|dashboards?|logs?)\b", item.text):
        return False
    return re.search(r"\balarms?\b", above[0].text, re.IGNORECASE) is not None


def _names_in_list(item: ListedItem) -> bool:
    """Whether the item is one of a list of variables: its name, and what it is for."""
    return _NAME.fullmatch(_unmarked(item.text)) is not None


def _unmarked(text: str) -> str:
    return re.sub(r"^\W*(?=[`A-Z])", "", plain_text(text))


def _which(text: str, form: str) -> tuple[str, ...]:
    own = {each.lower() for each in form.replace("{}", "").split()}
    words = re.findall(r"[A-Za-z][\w-]*", text)
    return tuple(each.lower() for each in words if not _GENERIC.fullmatch(each) and each.lower() not in own)


def environment_file(item: ListedItem, document: Checklist) -> str:
    """The one environment file that the item names, or what stands above it or beside it before does; "" for none."""
    before = [each for each in document.items if each.headings == item.headings and each.line < item.line]
    if len(own := _environment_files(item.code)) == 1:
        return own.pop()
    said = [each.text for each in (*item.headings, *item.parents)] + [each.text for each in before]
    above = [code for each in said for code in re.findall(r"`([^`]+)`", each)]
    above += [each.text for each in (*item.headings, *item.parents)]
    found = _environment_files(above)
    return found.pop() if len(found) == 1 else ""


def _environment_files(texts: Iterable[str]) -> set[str]:
    found = {each for text in texts for each in text.split() if re.fullmatch(r"(?:[\w-]+/)*\.env(?:\.[\w-]+)*", each)}
    return {each for each in found if not re.search(r"example|sample|template", each)}


def said_with(place: Place, heads: list[str], text: str) -> Iterator[str]:
    """What an item says with its place: by each of its wordings, or, in a list of names, by the name that begins it."""
    if not place.form.startswith("{}"):
        yield from (place.form.replace("{}", each) for each in heads)
        return
    listed = _NAME.fullmatch(_unmarked(text))
    if listed is None or _NOT_SET.search(listed["rest"]) or re.search(r"\u2192|->|=>", listed["rest"]):
        return
    given = _GIVEN.fullmatch(listed["rest"].strip())
    if given is None:
        yield place.form.replace("{}", listed[1])
    elif place.form == "{} set":
        yield f"{listed[1]}={given[1]}"  # no rule takes a secret's
