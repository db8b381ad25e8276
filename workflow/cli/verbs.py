"""Which verbs are there? Each with its module here, its line in `--help`, so that listing them imports none of them."""

from __future__ import annotations

VERBS = {
    "demo": "Run a workflow from end to end in a new sample repository, on the sandbox.",
    "init": "Put a workflow's runbook and a policy into this repository.",
    "plan": "Show what would run: states, gates, artifacts, commit messages.",
    "checks": "List what a checks file asks of AWS; with --run, ask it.",
    "run": "Start a run and take it as far as it goes.",
    "resume": "Go on with a run, wherever it stands.",
    "status": "Show where a run stands and what it waits for.",
    "log": "Show what happened in a run, event by event.",
    "audit": "Verify a run, or every run, from git and the journal alone; a bare clone will do.",
    "approve": "Approve exactly the evidence with this digest.",
    "reject": "Send the task that waits back to work.",
    "done": "Hand in the work of a task that is done by hand.",
    "note": "Add a remark to the working log.",
    "abort": "End a run for good; what was committed stays, what AWS has stays.",
    "rollback": "Stop a run and take back what it did, step by step, each approved.",
    "sandbox": "Start, stop or look at this workspace's AWS sandbox.",
}
