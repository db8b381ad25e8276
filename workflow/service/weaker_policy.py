"""Is the committed policy weaker than the one that judges a run's open gates? For `status`; nothing is written.

Light: one git process, unless phasegate.yaml or a file that it may name is another in HEAD than in the run's base.
"""

from __future__ import annotations

import re
from pathlib import Path

from state.event_types import Event
from state.run_state import RunState
from workflow.doors.git.head import may_differ
from workflow.policy.look_alikes import FILE

_NAMED = rb"(?:allowed_signers|revoked_keys|passkeys)[\"']?\s*:\s*[\"']?([^\s\"'#,}]+)"


def is_weaker_at_head(workspace: Path, run: RunState, events: list[Event]) -> bool:
    """Whether a gate that the run has not left would open more easily by the committed policy, unapproved."""
    if run.is_of_0_1 or run.outcome or not _may_have_changed(workspace, run.start.base):
        return False
    from workflow.doors.git.repository import GitDoor
    from workflow.doors.ssh_signature import SshSignatures
    from workflow.engine.counting_policy import CountingPolicy, own_operators
    from workflow.policy.effective_policy import PolicyInForce

    git = GitDoor(workspace)
    committed = PolicyInForce(workspace, git, run.start.runbook)
    counting = CountingPolicy(committed, git, run, events, SshSignatures(workspace))
    open_ones = (task for task in run.sequence if not run.is_done(task.key))
    return any(counting.standing(task, own=own_operators(run.task(task.key))).weaker for task in open_ones)


def _may_have_changed(workspace: Path, base: str) -> bool:
    """Whether the policy, or a file that it seems to name, is another in HEAD than in a base that is here."""
    paths = [FILE]
    if (workspace / FILE).is_file():
        with (workspace / FILE).open("rb") as policy:
            paths += [found.decode("utf-8", "replace") for found in re.findall(_NAMED, policy.read(1 << 18))]
    return may_differ(workspace, base, list(dict.fromkeys(paths)))
