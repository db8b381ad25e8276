"""Which rules are there, in the order in which they are tried? The first that takes an item is the surest."""

from __future__ import annotations

from phases.checks.suggest.proposal import Rule
from phases.checks.suggest.rules import (
    account,
    by_name,
    cluster,
    containers,
    functions,
    hosts,
    infrastructure,
    machine,
    network,
    objects,
    project,
    serverless,
    settings,
    sql,
    storage,
    watching,
)

RULES: tuple[Rule, ...] = (
    *machine.RULES,
    *by_name.RULES,
    *project.RULES,
    *sql.RULES,
    *network.RULES,
    *objects.RULES,
    *cluster.RULES,
    *serverless.RULES,
    *functions.RULES,
    *watching.RULES,
    *containers.RULES,
    *storage.RULES,
    *infrastructure.RULES,
    *account.RULES,
    *settings.RULES,
    *hosts.RULES,
)
