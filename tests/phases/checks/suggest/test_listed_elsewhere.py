"""SQL tables, and things at Google Cloud, that a list names are looked at by their names."""

from __future__ import annotations

import pytest

from phases.checks.suggest.proposal import run_of
from tests.worlds.checklists import suggested


def run_for(title: str, heading: str, item: str, parent: str = "") -> str:
    """What is run for the last item below a heading, or a parent; "" for nothing."""
    lines = [f"- [ ] {parent}", f"  - [ ] {item}"] if parent else [f"- [ ] {item}"]
    found = suggested(f"# {title}\n\n## {heading}\n\n" + "\n".join(lines))
    return next((run_of(each.entry) for each in found.proposals if each.kind == "name of a list"), "")


@pytest.mark.parametrize(
    ("title", "heading", "parent", "item", "words"),
    [
        ("PostgreSQL migration", "Tables created", "", "`orders` - what was bought", "{tables-command}"),
        ("MySQL migration", "Core tables (3)", "", "`order_lines`", "{tables-command}"),
        ("BigQuery deployment", "Check", "Verify all 3 tables exist:", "order_lines", "{bigquery-dataset}.order_lines"),
        (
            "Google Cloud deployment",
            "Secrets in Secret Manager",
            "Add mail credentials:",
            "`mail-user`",
            "list mail-user",
        ),
        ("GCP deployment", "Secret Manager", "", "Add mail key: `mail-key`", "gcloud secrets versions list mail-key"),
        ("Deployment", "Deploy Cloud Functions", "Verify each function:", "order-sync", "gcloud functions list"),
        ("Deployment", "Cloud Scheduler", "All scheduler jobs created", "order-sync", "gcloud scheduler jobs list"),
    ],
)
def test_what_a_list_names_is_looked_at(title: str, heading: str, parent: str, item: str, words: str) -> None:
    assert words in run_for(title, heading, item, parent)


@pytest.mark.parametrize(
    ("title", "heading", "parent", "item"),
    [
        ("Deployment", "Tables created", "", "`orders` - what was bought"),
        ("PostgreSQL migration", "Tables to drop", "", "`orders`"),
        ("PostgreSQL migration", "Tables with row level security", "", "`orders`"),
        ("PostgreSQL migration", "Route tables", "", "`orders` - with 3 columns"),
        ("PostgreSQL migration", "Tables", "", "Orders are there"),
        ("GCP deployment", "Secret Manager", "Add keys (optional):", "`mail-key`"),
        ("Deployment", "Secrets Manager", "", "`mail-key`"),
        ("Deployment", "Delete Cloud Functions", "", "order-sync"),
    ],
)
def test_what_is_not_clear_is_left(title: str, heading: str, parent: str, item: str) -> None:
    assert run_for(title, heading, item, parent) == ""
