"""May a person be asked to open the page of a gate that waits? By their client, where it opens addresses; once a gate.

Rules:
- Whatever comes back says that the address was opened, or was not; a verdict is what the page takes. So it changes
  nothing, and nothing of it is kept: after a restart a gate is asked for once more at most.
- Clients of 2026-07-28 are asked by the answer to their call, which they repeat; older ones in the middle of it. One
  that did not say that it opens addresses (`elicitation.url`) is not asked: its SDK would fail.
- A form is never used: an agent can fill one in.

Source: MCP 2025-11-25 and 2026-07-28, "Elicitation", URL mode
"""

from __future__ import annotations

from typing import Any

import anyio
from mcp.server.mcpserver import Context
from mcp.shared.exceptions import MCPError
from mcp.types import ElicitRequest, ElicitRequestURLParams, InputRequiredResult
from mcp_types.version import is_version_at_least

from state.printable import printable_line
from workflow.mcp.answer import Answer

PATIENCE = 20.0  # [s] for an older client's answer, below the time after which clients give up
ANSWERS_CARRY_QUESTIONS = "2026-07-28"


class Opening:
    """What was asked for in this server."""

    def __init__(self) -> None:
        self._asked: set[str] = set()

    def may_ask(self, ctx: Context[Any, Any]) -> bool:
        """Whether this client opens addresses: only then is it worth to look which gate waits."""
        return _opens_addresses(ctx)

    async def asks(self, ctx: Context[Any, Any], found: Answer) -> InputRequiredResult | None:
        """Have the page of what waits opened; a result is to be answered instead of what was asked for."""
        page, gate = found.get("page"), f"{found.get('run')} {found.get('digest')}"
        if not isinstance(page, str) or gate in self._asked or not self.may_ask(ctx):
            return None
        self._asked.add(gate)
        asked = ElicitRequestURLParams(message=_words(found), url=page)
        if ctx.protocol_version and is_version_at_least(ctx.protocol_version, ANSWERS_CARRY_QUESTIONS):
            return InputRequiredResult(input_requests={"page": ElicitRequest(params=asked)})
        with anyio.move_on_after(PATIENCE):
            try:
                await ctx.elicit_url(asked.message, asked.url, gate)
            except MCPError:  # it said that it can, and cannot: the answer has the address as well
                pass
        return None


def _opens_addresses(ctx: Context[Any, Any]) -> bool:
    can = ctx.client_capabilities
    return can is not None and can.elicitation is not None and can.elicitation.url is not None


def _words(found: Answer) -> str:
    task = found.get("task")
    title = task.get("title") if isinstance(task, dict) else ""
    return printable_line(
        f"Run {found['run']} waits for a person: {title}. Open its page to look, and to decide there?"
    )
