"""What is a document about? AWS, Kubernetes, or operations at all: words count for less where it is about neither."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from phases.checks.suggest.checklist import Checklist, ListedItem, Words
from phases.checks.suggest.environments import REGION
from phases.checks.suggest.proposal import Context

_AWS = re.compile(r"\bAWS\b|\bamazon\b|\baws (?:[a-z0-9-]+) [a-z]+-[a-z-]+", re.IGNORECASE)
# names that are nobody else's
_SERVICES = re.compile(
    r"\b(DynamoDB|CloudFormation|CloudWatch|Cognito|CloudFront|CloudTrail|GuardDuty|Fargate|ElastiCache"
    r"|Elastic Beanstalk"
    r"|EventBridge|Route ?53|Secrets Manager|API Gateway|Lambda|S3|EC2|ECS|ECR|EKS|RDS|SNS|SQS|IAM|KMS|ACM|CDK|VPC"
    r"|ALB|EFS"
    r"|Kinesis|Step Functions|Aurora|Redshift|WAF)\b"
)
_KUBERNETES = re.compile(
    r"\bkubernetes\b|\bk8s\b|\bkubectl\b|\bhelm\b|\bEKS\b|\bGKE\b|\bAKS\b|\bpods?\b", re.IGNORECASE
)
_OPERATIONS = re.compile(
    r"deploy|releas|migrat|operation|launch|cut[- ]?over|go[- ]?live|production|rollout|infrastructure|provision"
    r"|pre-?flight|upgrade|publish|staging|setup|set[- ]up|install|prerequisite|getting started|environment|run ?book"
    r"|kubernetes|k8s|cluster|docker|devops|\bsre\b|aws|server|hosting|monitoring|backup|\bops\b|pipeline|ci/cd",
    re.IGNORECASE,
)
_TO_PROGRAM = re.compile(
    r"\b(?:tasks?|implementation plan|to-?do|backlog|roadmap|sprint|user stor|feature)\b", re.IGNORECASE
)


def services_in(text: str) -> frozenset[str]:
    """The AWS services that a text names."""
    return frozenset(each.replace(" ", "") for each in _SERVICES.findall(text))


@lru_cache(64)
def _names_aws(document: Checklist) -> bool:
    return len(services_in(document.text)) >= 4 or bool(REGION.search(document.text))


@lru_cache(64)
def _names_kubernetes(document: Checklist) -> bool:
    return bool(_KUBERNETES.search(document.title)) or len(_KUBERNETES.findall(document.text)) >= 3


@lru_cache(64)
def is_operational(document: Checklist) -> bool:
    """Whether title or path say that something is deployed, released, migrated or run."""
    said = f"{document.title} {document.path.rsplit('/', 1)[-1]}"
    return bool(_OPERATIONS.search(said)) and not _TO_PROGRAM.search(document.title)


def around(document: Checklist, item: ListedItem) -> list[Words]:
    """The item and what stands above it, nearest first."""
    title = Words(document.title, "title", 1)
    return [item.words, *item.above, title]


def fits(context: Context, document: Checklist, item: ListedItem) -> bool:
    """Whether the document, here, is about that."""
    return _IS_ABOUT[context](document, [words.text for words in around(document, item)])


def _operations(document: Checklist, near: Sequence[str]) -> bool:
    return is_operational(document) or any(_OPERATIONS.search(each) for each in near[1:])


def _kubernetes(document: Checklist, _near: Sequence[str]) -> bool:
    return _names_kubernetes(document)


def _aws(document: Checklist, near: Sequence[str]) -> bool:
    return any(_AWS.search(each) or _SERVICES.search(each) for each in near) or _names_aws(document)


# by the document and the words around an item, its own first
_IS_ABOUT: Mapping[Context, Callable[[Checklist, Sequence[str]], bool]] = {
    "any": lambda _document, _near: True,
    "operations": _operations,
    "kubernetes": _kubernetes,
    "aws": _aws,
}
