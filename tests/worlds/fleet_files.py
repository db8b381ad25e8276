"""A fleet file that is right, and what is told of one that is not."""

from __future__ import annotations

import pytest

from phases.fleet.reader import FleetDocument
from state.errors import BadInput

GOOD = """fleet: customers-2026-12
workflow: stage-06
targets:
  canary: {account: 111111111111, region: eu-west-1, directory: targets/canary, profile: canary}
  eu: {account: "222222222222", region: eu-west-1, directory: targets/eu, answers: {stage: prod, version: 3.10}}
  us: {account: "222222222222", region: us-east-1, directory: targets/us}
  here: {sandbox: true}
waves:
  - {name: canary, targets: [canary], bake: 30m}
  - {name: regions, targets: [eu, us, here], at_most: 2, stop_after_failures: 2}
limits: {runs: 20, per_account: 1}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(BadInput) as refused:
        FleetDocument(text.encode(), "fleet.yaml", is_secret=lambda each: "hunter2" in each)
    assert "so nothing is ordered" in refused.value.message and "hunter2" not in str(refused.value.problems)
    return [str(problem) for problem in refused.value.problems]
