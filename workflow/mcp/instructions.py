"""What is an agent told of how to work here? The server's instructions, which are its prompt as well."""

from __future__ import annotations

INSTRUCTIONS = """\
phasegate takes a runbook through, one commit a task; a person approves each task before it is committed.

1. `start` a run (or `status`, where one is under way), then `task` shows what is to be done and why earlier attempts
   were rejected.
2. Do the task in the working tree. Do not tick boxes in the runbook, do not commit, do not touch phasegate.yaml.
3. `hand_in` the changed files (`no_files: true` where there are none), with an answer for each box, the numbers of the
   commands to run, and in `answers` what the task asks to be filled in. Each result has in `next` what can be done.
4. The result says `waiting-for-approval`: tell the person the command in `approve`. Call `wait`, then `drive`, which
   commits what was approved and goes on. No tool here approves, and no answer of yours does.
5. Rejected work comes back with its reason in `task`. After five attempts a person takes the task over.
"""
