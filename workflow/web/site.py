"""What does one server serve? Some repositories, for one person, at one address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from starlette.requests import Request
from starlette.responses import HTMLResponse

from state.errors import PhasegateError
from state.find_runs import find_runs
from workflow.service.inbox import Inbox
from workflow.service.this_process import who_runs_this
from workflow.service.who import Who
from workflow.web.door import Door, Rate, Session
from workflow.web.paper import page

VERDICTS_A_MINUTE = 60
MOST_STREAMS = 32  # pages that are kept up to date at the same time


class NotThere(Exception):
    """No page has this address."""


@dataclass(slots=True)
class Site:
    """The server's state.

    Attributes:
        repositories: by the names that they have here.
        base: the address at which it is opened, without a slash at its end.
        cookie: the name of the session's cookie; those of two servers on one host differ.
        one_at_a_time: held by who records something: what a process has in hand is told by one place.
    """

    repositories: Mapping[str, Path]
    base: str
    cookie: str
    door: Door = field(default_factory=Door)
    verdicts: Rate = field(default_factory=lambda: Rate(VERDICTS_A_MINUTE, 60.0))
    one_at_a_time: Lock = field(default_factory=Lock)
    inbox: Inbox = field(init=False)
    streams: int = 0

    def __post_init__(self) -> None:
        self.inbox = Inbox(self.repositories)

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach it by TLS only."""
        return self.base.startswith("https:")

    def session(self, request: Request) -> Session | None:
        """Whose request it is."""
        return self.door.session(request.cookies.get(self.cookie, ""))

    def run(self, request: Request) -> tuple[str, Path, str]:
        """The repository's name, its place, and the run that an address names.

        Raises NotThere for any that is not here: a name is looked up, never taken for a path.
        """
        name, run_id = request.path_params["repository"], request.path_params["run"]
        if name not in self.repositories or run_id not in find_runs(self.repositories[name]):
            raise NotThere
        return name, self.repositories[name], run_id

    def who(self, workspace: Path) -> Who:
        """In whose name a page acts: the git identity of who started the server, as of this repository."""
        return who_runs_this(workspace)


def site_of(request: Request) -> Site:
    """The site that a request came to."""
    found = request.app.state.site
    assert isinstance(found, Site)
    return found


def shown(
    request: Request, name: str, session: Session, values: Mapping[str, object], *, status: int = 200
) -> HTMLResponse:
    """A page for this session."""
    common = {"token": session.token, "notice": session.take_notice(), "path": request.url.path}
    return HTMLResponse(page(name, {**common, **values}), status)


def refused(request: Request, session: Session, error: PhasegateError, *, back: str, where: str = "") -> HTMLResponse:
    """What phasegate refused, as it says it in a terminal; `where` a command is typed."""
    commands = [line.strip() for line in error.next_command.split("\n") if line.strip()]
    values = {"lines": error.lines(), "commands": commands, "back": back, "where": where}
    return shown(request, "refused", session, values, status=409)
