"""`serve`: what waits for people, in a browser on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from state.errors import INTERRUPTED, BadInput
from state.extras import install_extra
from workflow.cli.next_line import Standing
from workflow.cli.say import say
from workflow.starting import waits_for


@click.command()
@click.argument("directories", metavar="[DIR ...]", nargs=-1, type=click.Path(path_type=Path))
@click.option("--port", metavar="N", type=int, default=8471, show_default=True, help="Of this machine's own address.")
@click.option("--origin", metavar="URL", help="Where a TLS proxy of yours serves it: https://gates.example.com.")
@click.option("--no-browser", is_flag=True, help="Print the link, and open nothing.")
@click.pass_obj
def serve(at: Standing, directories: tuple[Path, ...], port: int, origin: str | None, no_browser: bool) -> int:
    """Serve what waits for people as a page in a browser: look, approve, reject, note.

    Of this repository, or of the repositories of each DIR.
    """
    waits_for("loading the page and its server")
    try:
        from workflow.web.server import serve as serve_page
    except ImportError as error:
        raise BadInput(
            f"the page needs Starlette, uvicorn and Jinja2: {error}", next_command=install_extra("web")
        ) from error
    places = [at.path / each for each in directories] or [at.path]
    try:
        serve_page(places, port, origin, browser=not no_browser, say=say, warn=lambda text: say(text, err=True))
    except KeyboardInterrupt:  # the way to end it; what it recorded is recorded
        pass
    return INTERRUPTED
