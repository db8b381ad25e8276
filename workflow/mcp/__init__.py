"""The agents' server: what a coding agent can ask of runs by the Model Context Protocol, and nothing else.

Rules:
- A face like the command line: it calls `workflow.service` and `workflow.views`, and decides nothing.
- No tool, argument or answer here opens, rejects or widens a gate, or touches the policy: such verbs are not called.
- The SDK (`mcp`, an extra) is imported by `server.py` and `updates.py` alone; the tools are plain functions.
- On standard input and output a client is the process that started it; over HTTP (`http.py`), who has the token.
"""
