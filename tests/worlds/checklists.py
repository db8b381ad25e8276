"""Checklists as people write them, and what is proposed for them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from phases.checks.suggest.proposal import Proposal, Suggestions
from phases.checks.suggest.propose import suggest
from tests.worlds.checking import MODELS
from workflow.runbook.checklist import read_items_of

TITLES = {
    "any": "Things",
    "operations": "Deployment checklist (PostgreSQL, GitHub, Prometheus, Docker Compose)",
    "aws": "AWS deployment with ECS, DynamoDB, S3, RDS, Git releases, CloudFormation, API Gateway and ACM",
    "kubernetes": "Kubernetes deployment checklist",
}


def suggested(text: str, path: str = "list.md") -> Suggestions:
    return suggest(read_items_of(text.encode(), path), MODELS)


def proposed(item: str, *, title: str = "Deployment checklist", heading: str = "Now") -> Proposal | None:
    """What is proposed for one item of a document with this title."""
    found = suggested(f"# {title}\n\n## {heading}\n\n- [ ] {item}\n")
    return found.proposals[0] if found.proposals else None


@cache
def suggested_for(path: Path) -> Suggestions:
    return suggest(read_items_of(path.read_bytes(), path.name), MODELS)


def check_words(proposal: Proposal) -> str:
    """What the check asks, shortly: `dynamodb describe_table`, `command make test`."""
    entry = json.loads(json.dumps(proposal.entry))
    if "service" in entry:
        return f"{entry['service']} {entry['operation']}"
    if "virtual-environment" in entry:
        return "virtual-environment"
    kind = next(name for name in ("tool", "command", "file") if name in entry)
    return f"{kind} {entry[kind].get('run') or entry[kind]['path']}"
