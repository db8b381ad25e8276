"""`mcp`: the server by which coding agents take runs through; it opens no gate."""

from __future__ import annotations

import click

from state.errors import INTERRUPTED, BadInput
from state.extras import install_extra
from workflow.cli.next_line import Standing
from workflow.cli.say import say


@click.command()
@click.option("--http", is_flag=True, help="Over HTTP on this machine's own address, with a token, instead.")
@click.option("--port", metavar="N", type=int, default=8472, show_default=True, help="Of --http.")
@click.option("--print-config", is_flag=True, help="Print the entry for a client's configuration file, as JSON.")
@click.pass_obj
def mcp(at: Standing, http: bool, port: int, print_config: bool) -> int:
    """Serve coding agents by the Model Context Protocol: they work, people approve. On standard input and output."""
    if print_config:
        say(_entry(at, http=http, port=port))
        return 0
    try:
        from workflow.mcp.http import serve_http
        from workflow.mcp.server import serve
    except ImportError as error:
        raise BadInput(
            f"the agents' server needs the Python SDK of MCP: {error}",
            next_command=install_extra("mcp"),
        ) from error
    if not http:
        serve(at.path)
        return 0
    try:
        serve_http(at.path, port, say)
    except KeyboardInterrupt:  # the way to end it; what it recorded is recorded
        pass
    return INTERRUPTED


def _entry(at: Standing, *, http: bool, port: int) -> str:
    from workflow.mcp.client_entry import client_entry, client_entry_http

    if not http:
        return client_entry(at.path)
    from workflow.mcp.client_entry import address_of
    from workflow.service.agents_secret import secret_of

    return client_entry_http(address_of(port), secret_of(at.path))
