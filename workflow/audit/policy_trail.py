"""Did a gate of the run become easier to open while it was under way, without an approval of that?

Rules:
- A run's gates are judged by the policy and keys that its base commit holds, and by what was approved for it since.
  What makes a gate stricter later (a key revoked, more approvers, a shorter time) holds at once, and from then on is
  what later changes are compared with.
- What makes a gate easier to open (a key more, fewer people, a weaker setting) and nobody approved is a finding, at the
  commit that did it, also before the first gate and when a later commit takes it back.
- Only gates that the run had not left by then count, and a change that is about none of them says nothing.
- Runs of 0.1 are judged by the rules of 0.1, which let a changed policy hold from the next gate on: a limit there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from state.run_state import RunState
from workflow.audit.counted_policies import CountedPolicies
from workflow.audit.facts import Commit
from workflow.audit.findings import Finding, Report, Unprovable
from workflow.policy.policy_history import Standing


def follow_policy(policies: CountedPolicies, run: RunState, commit_of: Mapping[str, Commit], report: Report) -> None:
    """Say each commit since the run's base that made a gate of it easier to open, where nobody approved that.

    `commit_of`: the run's own, by task.
    """
    wider: dict[str, dict[str, str]] = {}  # commit -> task -> reasons
    for task in run.all_tasks:
        state = run.task(task.key)
        if state.adopted:
            continue
        left = commit_of.get(task.key)
        until = policies.place.get(left.sha) if left else None
        for commit, reasons in _unapproved(policies.standings(task, until=until)):
            wider.setdefault(commit, {})[task.key] = ", ".join(reasons)
    for commit in sorted(wider, key=lambda sha: policies.place[sha]):
        for key, reasons in _together(wider[commit]).items():
            if run.is_of_0_1:
                report(Unprovable("policy-changed", f"whether it was meant that {reasons} since {commit[:10]}", key))
            else:
                message = f"since this commit {reasons}; the run began under another policy, and nobody approved it"
                report(Finding("policy-widened", message, key, commit))


def _unapproved(standings: Sequence[Standing]) -> Iterator[tuple[str, Sequence[str]]]:
    """Commit and reasons, for each change to something weaker that was not approved before it ended."""
    open_ones: dict[Sequence[str], str] = {}  # reasons -> the commit with which they began
    for standing in standings:
        if standing.approved:
            open_ones = {}
        elif standing.weaker:
            open_ones.setdefault(standing.weaker, standing.commit)
        else:  # taken back: what was there in between stays on record
            yield from ((commit, reasons) for reasons, commit in open_ones.items())
            open_ones = {}
    yield from ((commit, reasons) for reasons, commit in open_ones.items())


def _together(wider: Mapping[str, str]) -> dict[str, str]:
    """The first gate of each that became easier in one way, so that one change is said once: key -> reasons."""
    first: dict[str, str] = {}
    for key, text in wider.items():
        if text not in first.values():
            first[key] = text
    return first
