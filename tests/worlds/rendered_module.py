"""What answers do the tests of the module render it from? Those that the demo gives."""

from collections.abc import Mapping

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
