"""`mcp`: the server by which coding agents take runs through; it opens no gate."""

from __future__ import annotations

import click

from state.errors import BadInput
from workflow.cli.next_line import Standing
from workflow.cli.say import say


@click.command()
@click.option("--print-config", is_flag=True, help="Print the entry for a client's configuration file, as JSON.")
@click.pass_obj
def mcp(at: Standing, print_config: bool) -> None:
    """Serve coding agents by the Model Context Protocol: they work, people approve. On standard input and output."""
    if print_config:
        from workflow.mcp.client_entry import client_entry

        say(client_entry(at.path))
        return
    try:
        from workflow.mcp.server import serve
    except ImportError as error:
        raise BadInput(
            f"the agents' server needs the Python SDK of MCP: {error}",
            next_command="pip install 'phasegate[mcp]'",
        ) from error
    serve(at.path)
