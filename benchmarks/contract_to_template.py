"""How long does a contract of 500 tables take to become a template? Milliseconds, and the ratio to json.dumps.

    python benchmarks/contract_to_template.py [TABLES]

Goal: at most 1 s without lint for 500 tables, memory flat. 500 tables are more than one stack holds; the number
is for the scale, `refuse_beyond_limits` is not asked. Medians of five rounds; memory is the peak of one round.
"""

from __future__ import annotations

import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from statistics import median
from typing import Any

from phases.contract_reader import read_contract
from phases.stage_06.template import build_template, load_template, render


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


def milliseconds(work: Callable[[], Any]) -> float:
    """Median of five rounds [ms]."""
    rounds = []
    for _ in range(5):
        start = time.perf_counter()
        work()
        rounds.append((time.perf_counter() - start) * 1000)
    return median(rounds)


def main() -> None:
    tables = int(sys.argv[1]) if len(sys.argv) > 1 else 500
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
    print(f"  read the contract        {milliseconds(lambda: read_contract(data, path='contract')):8.1f} ms")
    print(f"  build the template       {milliseconds(lambda: build_template(contract)):8.1f} ms")
    print(f"  contract to YAML, whole  {whole:8.1f} ms   {whole / bare:5.1f} x json.dumps of the same ({bare:.1f} ms)")
    print(f"  read the YAML back       {milliseconds(lambda: load_template(text)):8.1f} ms")
    print(f"  peak memory              {peak / len(text):8.1f} bytes a byte of template")


if __name__ == "__main__":
    main()
