"""Which verbs are there? Each with its module here, its line in `--help`, so that listing them imports none of them."""

from __future__ import annotations

VERBS = {
    "demo": "Run a workflow from end to end in a new sample repository, on the sandbox.",
    "init": "Put a workflow's runbook and a policy into this repository, or a policy beside FILE.md.",
    "doctor": "Look whether a run would start here, and what it would meet.",
    "plan": "Show what would run: states, gates, artifacts, commit messages.",
    "questions": "Show what a run may ask, as an answers file to fill in.",
    "checks": "List what a checks file asks of AWS and looks at here; with --run, do it; with --suggest, propose one.",
    "run": "Start a run and take it as far as it goes.",
    "resume": "Go on with a run, wherever it stands.",
    "status": "Show where a run stands and what it waits for.",
    "log": "Show what happened in a run, event by event.",
    "runs": "List the runs of this repository, or of every repository below a directory.",
    "audit": "Verify a run, or every run, from git and the journal alone; a bare clone will do.",
    "approve": "Approve exactly the evidence with this digest.",
    "reject": "Send the task that waits back to work.",
    "share": "Push this run's branch and what waits in it to a remote, signed; from now on at each gate by itself.",
    "inbox": "List what waits for people at the remote: run, task, digest, until when, and whether you may decide.",
    "worker": "Go on with the runs at the remote that can move: take verdicts in, commit, work to the next gate.",
    "fleet": "Order one workflow at many targets, wave by wave, each wave approved by what its runs left.",
    "done": "Hand in the work of a task that is done by hand.",
    "mcp": "Serve coding agents by the Model Context Protocol: they work, people approve.",
    "serve": "Serve what waits for people as a page in a browser: look, approve, reject, note.",
    "note": "Add a remark to the working log.",
    "abort": "End a run for good; what was committed stays, what AWS has stays.",
    "rollback": "Stop a run and take back what it did, step by step, each approved.",
    "sandbox": "Start, stop or look at this workspace's AWS sandbox.",
    "completion": "Print what makes a shell complete verbs, options, runs and workflows.",
}
