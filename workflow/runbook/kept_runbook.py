"""How is the runbook of a run read once it has begun? By the grammar, in the shape and under the name of its start."""

from __future__ import annotations

from state.event_types import RunStarted
from state.model import Plan
from workflow.runbook.grammar import grammar_of
from workflow.runbook.reader import read_runbook


def read_kept(data: bytes, started: RunStarted) -> Plan:
    """The plan in `data`, the run's copy of its runbook or an edit of it; `started` is its `run-started`.

    Raises BadInput as `read_runbook`, JournalDamaged as `grammar_of`.
    """
    return read_runbook(
        data,
        name=started.workflow,
        path=started.runbook,
        shape=started.shape,
        grammar=grammar_of(started),
    )
