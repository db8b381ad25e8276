"""Which rules are there, in the order in which they are tried? The first that takes an item is the surest."""

from __future__ import annotations

from phases.checks.suggest.proposal import Rule
from phases.checks.suggest.rules import (
    account,
    cluster,
    infrastructure,
    machine,
    network,
    project,
    serverless,
    watching,
)

RULES: tuple[Rule, ...] = (
    *machine.RULES,
    *project.RULES,
    *network.RULES,
    *cluster.RULES,
    *serverless.RULES,
    *watching.RULES,
    *infrastructure.RULES,
    *account.RULES,
)
