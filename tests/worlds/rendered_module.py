"""What answers do the tests of the module render it from, and where do its files go? Those that the demo gives."""

import sys
from collections.abc import Mapping
from pathlib import Path

from phases.deployment_infra.answers import values_of
from phases.deployment_infra.render import render_all

EXAMPLE: Mapping[str, str] = {
    "project": "shop",
    "region": "af-south-1",
    "domain": "shop.example.com",
    "repository": "example/shop",
    "contact": "operations@example.com",
    "reviewers": "platform",
    "peak-load": "400",
    "load-per-task": "75",
    "tasks-minimum": "3",
    "tasks-maximum": "12",
    "database-class": "db.m6g.large",
    "cache-node": "cache.m6g.large",
    "network-dev": "10.10.0.0/16",
    "network-staging": "10.20.0.0/16",
    "network-prod": "10.30.0.0/16",
    "network-preview": "10.40.0.0/16",
    "monthly-budget": "2000",
    "residency": "south-africa",
    "disaster-recovery": "in-region",
    "edge": "static-files",
}
# What else may be answered: every other choice, and the ends of what is taken.
OTHERS: Mapping[str, str] = {
    **EXAMPLE,
    "project": "till",
    "contact": "o'brien+ops@a-b.example",
    "disaster-recovery": "other-region",
    "recovery-region": "eu-west-1",
    "edge": "off",
}
SMALLEST: Mapping[str, str] = {
    **EXAMPLE,
    "project": "a-b",
    "domain": "a.bc",
    "repository": "a/b",
    "reviewers": "a",
    "peak-load": "1",
    "load-per-task": "1",
    "tasks-minimum": "2",
    "tasks-maximum": "2",
    "database-class": "db.t4g.micro",
    "cache-node": "cache.t4g.micro",
    "network-dev": "10.0.0.0/20",
    "network-staging": "10.0.16.0/20",
    "network-prod": "172.31.0.0/20",
    "network-preview": "192.168.0.0/20",
    "monthly-budget": "100",
}
LARGEST: Mapping[str, str] = {
    **OTHERS,
    "project": "a23456789-123456789",
    "domain": ".".join((*["a" * 40] * 4, "example")),
    "repository": f"{'a' * 39}/{'b' * 100}",
    "peak-load": "1000000",
    "load-per-task": "1000",
    "tasks-minimum": "1000",
    "tasks-maximum": "5000",
    "database-class": "db.r6g.16xlarge",
    "cache-node": "cache.r6g.16xlarge",
    "recovery-region": "ap-southeast-7",
    "monthly-budget": "10000000",
}


def write_module(place: Path, answers: Mapping[str, str] = EXAMPLE) -> Path:
    """Every file of the finished module, below a directory; what is there already is not written again."""
    for path, content in render_all(values_of(answers)).items():
        file = place / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists() or file.read_bytes() != content:
            file.write_bytes(content)
    return place


if __name__ == "__main__":  # python -m tests.worlds.rendered_module DIRECTORY
    write_module(Path(sys.argv[1]))
