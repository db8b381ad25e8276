"""What can anybody ask of phasegate? The desk: a function a verb over (directory, who, arguments) -> value.

Rules:
- A function returns a typed value (often one of `workflow.views`) or raises one of our errors. Nothing here prints,
  and nothing here asks the process who runs it: a face hands in who acts and the person's door, or reads both by
  `this_process`.
- What decides is here, so that no face can leave it out: which workspace, what looks like a policy, what `--yes` may.
- A face (`workflow/cli`; a web page, an agents' server) calls this room and `workflow.views`, never the engine, the
  runs or the doors.
"""
