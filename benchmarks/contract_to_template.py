"""How long does a contract of 500 tables take to become a template? Milliseconds, and the ratio to json.dumps.

    python benchmarks/contract_to_template.py [TABLES] [--quick]

Goal: at most 1 s without lint for 500 tables, memory flat. 500 tables are more than one stack holds; the number
is for the scale, `refuse_beyond_limits` is not asked. Medians of five rounds; memory is the peak of one round, and
the YAML is read back once, which takes as long as all else.
"""

from __future__ import annotations

import argparse
import json
import time
import tracemalloc
from collections.abc import Callable
from statistics import median
from typing import Any

from phases.contract.reader import read_contract
from phases.stage_06.template.template import build_template, load_template, render


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


def milliseconds(work: Callable[[], Any], rounds: int = 5) -> float:
    """Median of the rounds [ms]."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1000)
    return median(taken)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("tables", type=int, nargs="?", default=500)
    parser.add_argument("--quick", action="store_true", help="a tiny size: only whether it runs")
    given = parser.parse_args()
    tables = 5 if given.quick else given.tables
    data = contract_of(tables)
    contract = read_contract(data, path="contract")
    template = build_template(contract)
    text = render(contract)
    whole = milliseconds(lambda: render(read_contract(data, path="contract")))
    bare = milliseconds(lambda: json.dumps(template))
    tracemalloc.start()
    render(read_contract(data, path="contract"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"{tables} tables, contract {len(data):,} bytes, template {len(text):,} bytes")
    costs = {
        "read the contract": milliseconds(lambda: read_contract(data, path="contract")),
        "build the template": milliseconds(lambda: build_template(contract)),
        "contract to YAML, whole": whole,
        "read the YAML back": milliseconds(lambda: load_template(text), rounds=1),
    }
    for name, cost in costs.items():
        print(f"  {name:<24} {cost:8.1f} ms  {cost / bare:6.1f} x json.dumps of the template ({bare:.1f} ms)")
    print(f"  peak memory              {peak / len(text):8.1f} bytes a byte of template")


if __name__ == "__main__":
    main()
