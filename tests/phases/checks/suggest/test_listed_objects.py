"""An item that only names a table, a database or an object of a cluster that the place above it lists."""

from __future__ import annotations

import pytest

from phases.checks.suggest.proposal import Proposal
from phases.documents.regular_expression import matches
from tests.worlds.checklists import TITLES, suggested


def below(place: str, item: str, *, title: str = "Database migration") -> Proposal | None:
    found = suggested(f"# {title}\n\n## Steps\n\n### {place}\n\n- [ ] {item}\n").proposals
    return found[0] if found else None


@pytest.mark.parametrize(
    ("place", "item", "asked"),
    [
        ("Core tables (3 tables)", "`orders` - what customers bought", "tables-command"),
        ("All tables exist", "order_items", "tables-command"),
        ("Tables created", "`users` (accounts)", "tables-command"),
        ("Initialize databases", "shop_db created", "databases-command"),
    ],
)
def test_a_name_of_a_list_is_looked_for_by_one_command(place: str, item: str, asked: str) -> None:
    found = below(place, item)
    assert found is not None
    assert list(found.asks) == [asked]
    assert found.entry["command"] == {"run": f"sh -c {{{asked}}}", "changes": True}


def test_a_name_counts_where_it_stands_alone_on_its_line() -> None:
    found = below("Tables", "`jobs`")
    assert found is not None and isinstance(found.entry["expect"], dict)
    pattern = str(found.entry["expect"]["matches"])
    assert [matches(pattern, each) for each in ("failed_jobs\njobs\n", "public.jobs", "failed_jobs\njobs_old", "")] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("place", "item"),
    [
        ("Tables to drop", "`orders`"),
        ("Row counts of tables", "`orders`"),
        ("DynamoDB tables", "`orders`"),
        ("Tables with RLS", "`orders`"),
        ("Tables", "`orders` - index on customer"),
        ("Tables", "`orders` - RLS enabled"),
        ("Tables", "orders"),
        ("Tables", "`orders.sql`"),
        ("Tables and databases", "`orders`"),
    ],
)
def test_a_place_that_says_more_or_another_thing_lists_nothing(place: str, item: str) -> None:
    found = below(place, item)
    assert found is None or "tables-command" not in found.asks


def test_an_object_of_a_cluster_is_looked_for_in_its_namespace() -> None:
    found = below("ConfigMaps", "`shop-env`", title=TITLES["kubernetes"])
    assert found is not None
    assert found.entry["command"] == {"run": "kubectl get configmaps -n {namespace} -o json"}
    assert found.entry["expect"] == {"contains": "shop-env"}
