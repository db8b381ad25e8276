"""What does one server serve? Some repositories, for one person, at one address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

from starlette.requests import Request
from starlette.responses import HTMLResponse

from state.errors import PhasegateError
from state.find_runs import find_runs
from workflow.service.inbox import Inbox
from workflow.service.passkeys import counts_still
from workflow.service.remotes_seen import RemotesSeen
from workflow.service.this_process import who_runs_this
from workflow.service.who import Who
from workflow.web.address import Address
from workflow.web.door import Door, Rate, Session
from workflow.web.paper import in_a_terminal, page

VERDICTS_A_MINUTE = 60
SIGN_INS_A_MINUTE = 30
MOST_STREAMS = 32  # pages that are kept up to date at the same time


class NotThere(Exception):
    """No page has this address."""


@dataclass(slots=True)
class Site:
    """The server's state.

    Attributes:
        repositories: by the names that they have here.
        address: where it is opened.
        cookie: the name of the session's cookie; those of two servers on one host differ.
        one_at_a_time: held by who records something: what a process has in hand is told by one place.
        at_remotes: held by who reads at a remote, or decides there.
    """

    repositories: Mapping[str, Path]
    address: Address
    cookie: str
    door: Door = field(default_factory=Door)
    verdicts: Rate = field(default_factory=lambda: Rate(VERDICTS_A_MINUTE, 60.0))
    sign_ins: Rate = field(default_factory=lambda: Rate(SIGN_INS_A_MINUTE, 60.0))
    one_at_a_time: Lock = field(default_factory=Lock)
    at_remotes: Lock = field(default_factory=Lock)
    inbox: Inbox = field(init=False)
    remotes: RemotesSeen = field(init=False)
    streams: int = 0

    def __post_init__(self) -> None:
        self.inbox = Inbox(self.repositories)
        self.remotes = RemotesSeen(self.repositories)

    def mark(self) -> str:
        """Another text as soon as the inbox is another."""
        return self.inbox.mark() + self.remotes.mark()

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach it by TLS only."""
        return self.address.base.startswith("https:")

    def session(self, request: Request) -> Session | None:
        """Whose request it is."""
        return self.door.session(request.cookies.get(self.cookie, ""))

    def sees(self, session: Session) -> dict[str, Path]:
        """The repositories that are there for this session.

        One that was signed in to by a passkey sees those whose HEAD has that: who is taken out is out.
        """
        seen = {name: place for name, place in self.repositories.items() if session.may_see(name)}
        if not session.passkey:
            return seen
        return {name: place for name, place in seen.items() if counts_still(place, session.passkey)}

    def repository(self, request: Request, session: Session) -> tuple[str, Path]:
        """The name and place of the repository that an address names. Raises NotThere for any that is not here."""
        name = request.path_params["repository"]
        if name not in (seen := self.sees(session)):
            raise NotThere
        return name, seen[name]

    def run(self, request: Request, session: Session) -> tuple[str, Path, str]:
        """The repository's name, its place, and the run that an address names.

        Raises NotThere for any that is not here: a name is looked up, never taken for a path.
        """
        name, workspace = self.repository(request, session)
        run_id = request.path_params["run"]
        if run_id not in find_runs(workspace):
            raise NotThere
        return name, workspace, run_id

    def who(self, workspace: Path, session: Session) -> Who:
        """In whose name a page acts: who signed in, else the git identity of who started the server, as of here."""
        started = who_runs_this(workspace)
        return Who(replace(started.by, git=session.person)) if session.person else started

    def origin(self, request: Request) -> str:
        """Of the page that was asked for."""
        return self.address.origin_at(request.headers["host"])


def site_of(request: Request) -> Site:
    """The site that a request came to."""
    found = request.app.state.site
    assert isinstance(found, Site)
    return found


def shown(
    request: Request, name: str, session: Session, values: Mapping[str, object], *, status: int = 200
) -> HTMLResponse:
    """A page for this session."""
    common = {
        "token": session.token,
        "notice": session.take_notice(),
        "path": request.url.path,
        "person": session.person,
        "is_invited": session.is_invited,
    }
    return HTMLResponse(page(name, {**common, **values}), status)


def refused(request: Request, session: Session, error: PhasegateError, *, back: str, where: str = "") -> HTMLResponse:
    """What phasegate refused, as it says it in a terminal; `where` a command is typed."""
    commands = in_a_terminal([line.strip() for line in error.next_command.split("\n") if line.strip()])
    values = {"lines": error.lines(), "commands": commands, "back": back, "where": where}
    return shown(request, "refused", session, values, status=409)
