"""How long does a contract of 500 tables take to become a template, and how does cfn-lint's time grow?

500 tables are more than one stack holds; the number is for the scale, `refuse_beyond_limits` is not asked. Medians; the
YAML is read back once, and the linter runs once at each size: 200 tables are three times what one stack holds.

Goal: written at 10 x json.dumps, read back at 15 x; cfn-lint grows with the tables, and memory with the template.
"""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from functools import partial

from processor_time import processor_time
from rows import Row, median, show

from phases.contract.reader import read_contract
from phases.stage_06.template.lint import lint_checks
from phases.stage_06.template.template import build_template, load_template, render

TABLES, REGION = 500, "eu-west-1"


def contract_of(tables: int) -> bytes:
    """A contract with that many tables, two indexes and ten attributes each."""
    names = ["PK", "SK", "GSI1PK", "GSI1SK", "GSI2PK", *(f"attribute_{number}" for number in range(5))]
    listed = [
        {
            "table": f"Table{number:04}",
            "type": "single-entity",
            "source_table": f"source_{number}",
            "pk": "PK",
            "sk": "SK",
            "gsis": [
                {"index_name": "GSI1", "pk": "GSI1PK", "sk": "GSI1SK", "projection": "ALL"},
                {
                    "index_name": "GSI2",
                    "pk": "GSI2PK",
                    "projection": "INCLUDE",
                    "projected_attributes": ["attribute_1"],
                },
            ],
            "attributes": [
                {"name": name, "type": "S", "source_table": "source", "source_column": name.lower()} for name in names
            ],
            "satisfies": ["AP1"],
            "estimated_item_size_bytes": 1024,
        }
        for number in range(tables)
    ]
    return json.dumps({"tables": listed}).encode()


def rows(quick: bool) -> Iterator[Row]:
    tables = 5 if quick else TABLES
    data = contract_of(tables)
    contract = read_contract(data, path="contract")
    template, text = build_template(contract), render(contract)
    bare = median(lambda: json.dumps(template))
    costs = {
        "read the contract": (median(lambda: read_contract(data, path="contract"), 3), 0.0),
        "write the template": (median(lambda: render(contract), 3), 10.0),
        "read the template back": (median(lambda: load_template(text), 1), 15.0),
    }
    for name, (cost, goal) in costs.items():
        yield Row(f"{tables} tables, {name}", bare, cost, "json.dumps of the template", goal)
    tracemalloc.start()
    render(read_contract(data, path="contract"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    yield Row(f"{tables} tables, memory at the peak", len(text) / 1e6, peak / 1e6, "the template's bytes", unit="MB")
    few, many = (2, 4) if quick else (50, 200)
    templates = {number: render(read_contract(contract_of(number), path="contract")) for number in (few, many)}
    lint_checks(render(read_contract(contract_of(1), path="contract")), region=REGION)  # a warm-up
    acts = {str(number): partial(lint_checks, text, region=REGION) for number, text in templates.items()}
    cost = {int(name): time for name, time in processor_time(acts, 0).items()}
    yield Row(f"cfn-lint, {many} tables", cost[few] * many / few, cost[many], f"as many times {few} tables", 1.1)


if __name__ == "__main__":
    show(rows)
