"""The page: what waits for people in some repositories, in a browser on this machine, and their verdicts.

Rules:
- A face like the command line: it calls `workflow.service` and `workflow.views`, and decides nothing. A verdict goes
  through the same function as the verb of its name.
- Closed: `guard` looks at every request before anything else, `door` says who is let in, `form` what a form may hold.
- Everything that is printed passes `paper`, which makes it printable and quotes it; templates have no way around it.
- Starlette, uvicorn and Jinja2 (the extra `web`) are imported here alone.
"""
