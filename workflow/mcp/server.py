"""How do the tools reach an agent? Registered with the SDK, on standard input and output or, by `http`, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import anyio
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    CallToolResult,
    GetPromptResult,
    InputRequiredResult,
    TextContent,
    Tool,
    ToolAnnotations,
)
from pydantic import ValidationError

from state.errors import PhasegateError
from state.printable import printable_line
from workflow.mcp.answer import Answer, refused
from workflow.mcp.arguments import no_such_tool, of_another_kind, refusal, unsound
from workflow.mcp.instructions import INSTRUCTIONS
from workflow.mcp.opening import Opening
from workflow.mcp.patience import Readers, hung_up, is_done
from workflow.mcp.tools import PATIENCE, Ordered, Tools
from workflow.mcp.unread import Answering
from workflow.mcp.updates import Updates
from workflow.mcp.waits import Waits
from workflow.service.stands import runbook_text, working_log
from workflow.service.status import review
from workflow.service.workspace import workspace_of

Request = Context[Any, Any]
READS = ToolAnnotations(read_only_hint=True)
WORKS = ToolAnnotations(read_only_hint=False, destructive_hint=False)
MOST_SESSIONS = 1000  # over HTTP, of the protocols that have them; one ends half an hour after its last request


def serve(directory: Path) -> None:
    """Serve until standard input ends. Raises WorkspaceRefused where there is no repository."""
    updates = Updates(workspace_of(directory))
    anyio.run(_on_stdio, server(directory, updates), updates)


async def _on_stdio(made: MCPServer[Any], updates: Updates) -> None:
    async with anyio.create_task_group() as both:
        both.start_soon(updates.tell)
        await made.run_stdio_async()
        both.cancel_scope.cancel()


def http_application(
    made: MCPServer[Any], path: str, hosts: Sequence[str], longest: int
) -> Callable[..., Awaitable[None]]:
    """The server as an ASGI application, at this path; `hosts`: values of Host that are ours, `longest`: of a body."""
    origins = [f"http://{host}" for host in hosts]
    checks = TransportSecuritySettings(allowed_hosts=list(hosts), allowed_origins=origins)
    return made.streamable_http_app(
        streamable_http_path=path, transport_security=checks, max_sessions=MOST_SESSIONS, max_request_body_size=longest
    )


class _Strict(MCPServer[Any]):
    """A server whose tools take their own arguments and no others (`workflow.mcp.arguments`), and which answers on
    standard input what is no message (`workflow.mcp.unread`).
    """

    async def run_stdio_async(self) -> None:
        """As the SDK's own, but for what it drops."""
        served = self._lowlevel_server
        async with stdio_server() as (read, write):
            await served.run(Answering(read, write), write, served.create_initialization_options())

    async def list_tools(self) -> list[Tool]:
        """The tools; their schemas say that there are no further arguments."""
        tools = await super().list_tools()
        for tool in tools:
            tool.input_schema["additionalProperties"] = False
        return tools

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Request | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call the tool, or answer what is wrong with its arguments. Raises as the SDK's own, but for those."""
        tools = {tool.name: tool.input_schema for tool in await self.list_tools()}
        if name not in tools:
            return _as_result(no_such_tool(name, list(tools)))
        known, required = tools[name].get("properties", {}), tools[name].get("required", [])
        if problems := unsound(arguments, list(known)):
            return _as_result(refusal(name, arguments, known, required, problems))
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            if not isinstance(error.__cause__, ValidationError):
                raise
            problems = of_another_kind([dict(each) for each in error.__cause__.errors()])
            return _as_result(refusal(name, arguments, known, required, problems))

    async def get_prompt(
        self, name: str, arguments: dict[str, Any] | None = None, context: Request | None = None
    ) -> GetPromptResult | InputRequiredResult:
        """The prompt. Raises MCPError (-32602) for one that is not there, and for arguments that are not its own."""
        prompts = {each.name: each.arguments or [] for each in await self.list_prompts()}
        if name not in prompts:
            raise _no_params(f"there is no prompt {name!r}: expected {', '.join(prompts)}")
        known, given = {each.name: bool(each.required) for each in prompts[name]}, arguments or {}
        if missing := [each for each, needed in known.items() if needed and not str(given.get(each, "")).strip()]:
            raise _no_params(f"the prompt {name} needs {', '.join(missing)}: expected the path of a runbook, seen none")
        if more := sorted(given.keys() - known.keys()):
            raise _no_params(f"the prompt {name} has no argument {', '.join(more)}: expected {', '.join(known)}")
        return await super().get_prompt(name, arguments, context)


def _no_params(why: str) -> MCPError:
    return MCPError(code=INVALID_PARAMS, message=printable_line(why))


def _as_result(answer: Answer) -> CallToolResult:
    text = json.dumps(answer, ensure_ascii=False)
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=dict(answer))


def server(directory: Path, updates: Updates) -> MCPServer[Any]:
    """The server over this directory, with tools, resources and the prompt; `updates` tells of resources."""
    made = _Strict("phasegate", version=_version(), instructions=INSTRUCTIONS, log_level="ERROR", subscriptions=updates)
    tools, readers = Tools(directory), Readers()
    _reading(made, tools, readers, Waits(directory, tools.task, readers))
    _working(made, tools, readers)
    _resources(made, directory, tools, readers)
    return made


def _version() -> str:
    try:
        return metadata.version("phasegate")
    except metadata.PackageNotFoundError:
        return "unknown"


async def _waited_for(ctx: Request, ordered: Ordered | Answer, readers: Readers) -> dict[str, Any]:
    """What becomes of work that was ordered, looked at for a while; it goes on without whoever gives up."""
    if not isinstance(ordered, Ordered):
        return dict(ordered)
    await is_done(ordered.work, PATIENCE, hung_up(ctx.request_context.request))
    return dict(await readers.read(ordered.told))


def _who(ctx: Request) -> tuple[str, str]:
    """What the client says of itself: name and version."""
    params = ctx.session.client_params
    return (params.client_info.name, params.client_info.version) if params is not None else ("unknown", "")


def _reading(made: MCPServer[Any], tools: Tools, readers: Readers, waits: Waits) -> None:
    opening = Opening()

    @made.tool(annotations=READS)
    async def plan(target: str) -> dict[str, Any]:
        """Show what would run of a workflow or a runbook (FILE.md): states, gates, commit messages."""
        return dict(await readers.read(partial(tools.plan, target)))

    @made.tool(annotations=READS)
    async def questions(target: str) -> dict[str, Any]:
        """Show what a run of a workflow or a runbook may ask."""
        return dict(await readers.read(partial(tools.questions, target)))

    @made.tool(annotations=READS)
    async def status(run: str | None = None) -> dict[str, Any]:
        """Show where a run stands, task by task. Without `run`: the unfinished one, where there is one."""
        return dict(await readers.read(partial(tools.status, run)))

    @made.tool(annotations=READS)
    async def task(run: str | None = None) -> dict[str, Any]:
        """Show the task at hand: text, commands, boxes, exit criteria, and why earlier attempts were rejected."""
        return dict(await readers.read(partial(tools.task, run)))

    @made.tool(annotations=READS)
    async def review(run: str | None = None) -> dict[str, Any]:
        """Show the page that a person is asked to approve. Read-only: nothing here approves."""
        return dict(await readers.read(partial(tools.review, run)))

    @made.tool(annotations=READS)
    async def log(run: str | None = None) -> dict[str, Any]:
        """Show what happened in a run, an event a line; the latest 200."""
        return dict(await readers.read(partial(tools.log, run)))

    @made.tool(annotations=READS)
    async def audit(run: str | None = None) -> dict[str, Any]:
        """Verify a run, or every run, from git and the journal."""
        return dict(await readers.read(partial(tools.audit, run)))

    @made.tool(annotations=READS)
    async def wait(ctx: Request, run: str | None = None, seconds: float = 25.0) -> dict[str, Any] | InputRequiredResult:
        """Wait until a person has decided what waits for approval, at most `seconds` (50): call it again after that.

        Where your client opens addresses, its person is asked once to open the gate's page; that decides nothing.
        """
        if opening.may_ask(ctx):
            asked = await opening.asks(ctx, await waits.now(run))
            if asked is not None:
                return asked
        return dict(await waits.wait(run, seconds, hung_up(ctx.request_context.request)))


def _working(made: MCPServer[Any], tools: Tools, readers: Readers) -> None:
    @made.tool(annotations=WORKS)
    async def start(
        ctx: Request, target: str, sandbox: bool = False, answers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """Start a run of a workflow or a runbook (FILE.md) and take it to its first task by hand or gate."""
        ordered = tools.start(_who(ctx), target, sandbox=sandbox, answers=answers or {})
        return await _waited_for(ctx, ordered, readers)

    @made.tool(annotations=WORKS)
    async def drive(ctx: Request, run: str | None = None) -> dict[str, Any]:
        """Take a run to its next gate or task by hand. The same call again shows how far it is."""
        return await _waited_for(ctx, tools.drive(_who(ctx), run, {}), readers)

    @made.tool(annotations=WORKS)
    async def answer(ctx: Request, answers: dict[str, str], run: str | None = None) -> dict[str, Any]:
        """Answer what the task at hand asks, by the questions' names, and go on. Typed confirmations are a person's.

        What a task by hand asks is answered in hand_in, which asks for it; not_used says which answers did nothing.
        """
        return await _waited_for(ctx, tools.drive(_who(ctx), run, answers), readers)

    @made.tool(annotations=WORKS)
    async def hand_in(
        ctx: Request,
        run: str | None = None,
        paths: list[str] | None = None,
        boxes: list[str] | None = None,
        attest: list[str] | None = None,
        commands: list[str] | None = None,
        skip: str = "",
        no_files: bool = False,
        answers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """Hand in the work at the task at hand; a person approves it then.

        paths: changed files that belong to it; else no_files: true, where none of what changed does. boxes: a list
        with an answer each, ["1=yes", "2=no", "3=n/a:REASON"]. attest: numbers of exit criteria that hold, as texts in
        a list, ["1"], or ["all"]. commands: numbers of the task's commands to run, ["1"], or ["all"]; no other is run.
        answers: to what its commands and fields are filled in with, by the questions' names. skip: why an optional
        task is left out. Your words are recorded as an agent's: a person says them again.
        """
        ordered = tools.hand_in(
            _who(ctx),
            run,
            paths=paths or (),
            boxes=boxes or (),
            attest=attest or (),
            runs=commands or (),
            skip=skip,
            no_files=no_files,
            answers=answers or {},
        )
        return await _waited_for(ctx, ordered, readers)

    @made.tool(annotations=WORKS)
    async def take_back(ctx: Request, run: str | None = None) -> dict[str, Any]:
        """Take back what you handed in, until it is approved."""
        return await _waited_for(ctx, tools.take_back(_who(ctx), run), readers)

    @made.tool(annotations=WORKS)
    async def note(ctx: Request, text: str, run: str | None = None) -> dict[str, Any]:
        """Leave a remark for people in the working log."""
        return await _waited_for(ctx, tools.note(_who(ctx), run, text), readers)


async def _read(readers: Readers, look: Callable[[], str]) -> str:
    """The text. Raises ResourceError with what was refused, and what can be done then: its text reaches the client."""
    try:
        return await readers.read(look)
    except PhasegateError as error:
        raise ResourceError(json.dumps(refused(error), ensure_ascii=False)) from error


def _resources(made: MCPServer[Any], directory: Path, tools: Tools, readers: Readers) -> None:
    @made.resource("runs://all", mime_type="application/json")
    async def runs() -> dict[str, Any]:
        """The runs of this repository."""
        return dict(await readers.read(tools.runs))

    @made.resource("run://{run}/runbook", mime_type="text/markdown")
    async def runbook(run: str) -> str:
        """The runbook of a run, as it lies in the working tree."""
        return await _read(readers, lambda: runbook_text(directory, run))

    @made.resource("run://{run}/log", mime_type="text/markdown")
    async def working_log_of(run: str) -> str:
        """The working log of a run."""
        return await _read(readers, lambda: working_log(directory, run))

    @made.resource("run://{run}/page", mime_type="text/markdown")
    async def page(run: str) -> str:
        """The page that waits for a person's approval."""
        return await _read(readers, lambda: review(directory, run))

    @made.prompt()
    async def work_through_a_runbook(target: str) -> str:
        """How to take a runbook through, gate by gate."""
        return f"Take {target} through with phasegate.\n\n{INSTRUCTIONS}"
