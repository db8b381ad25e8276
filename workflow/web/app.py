"""Which addresses are there, and what is looked at before a page is made? The whole application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from state.errors import PhasegateError
from state.printable import printable_line
from workflow.service.changed_while_read import as_refusal
from workflow.web import enrolment, live, pages, sign_in, there
from workflow.web.door import Session
from workflow.web.form import NoForm
from workflow.web.guard import FAULT, Guard
from workflow.web.paper import page
from workflow.web.site import NotThere, Site, site_of
from workflow.web.verdicts import ACTS, verdict

Looks = Callable[[Request, Session], Response]
Acts = Callable[[Request, Session], Awaitable[Response]]
RUN = "/r/{repository}/{run}"
THERE = "/there/{repository}/{run}"


def application(
    site: Site, *, hosts: Collection[str], origins: Collection[str], faults: Callable[[Exception], None]
) -> ASGIApp:
    """The page, guarded; `faults` is told of what goes wrong in it."""
    made = Starlette(
        routes=[
            Route("/open/{token}", pages.opened),
            Route("/static/{name}", pages.static),
            Route("/", _let_in(pages.inbox)),
            Route("/sign-in", sign_in.sign_in, methods=["POST"]),
            Route("/people", _let_in(enrolment.people, invited=True)),
            Route("/r/{repository}/{act}", _acting(enrolment.act, enrolment.ACTS, invited=True), methods=["POST"]),
            Route("/live", _let_in(live.all_runs)),
            Route(RUN, _let_in(pages.run)),
            Route(f"{RUN}/gate", _let_in(pages.gate)),
            Route(f"{RUN}/policy", _let_in(pages.policy)),
            Route(f"{RUN}/audit", _let_in(pages.audit)),
            Route(f"{RUN}/live", _let_in(live.one_run)),
            Route(f"{RUN}/{{act}}", _acting(verdict, ACTS), methods=["POST"]),
            Route(THERE, _let_in(there.gate)),
            Route(f"{THERE}/{{act}}", _acting(there.verdict, there.ACTS), methods=["POST"]),
        ],
        exception_handlers={
            PhasegateError: _refused,
            OSError: _system_says_no,
            NotThere: _not_there,
            NoForm: _no_form,
            404: _not_there,
            Exception: _fault,
        },
    )
    made.state.site = site
    return Guard(made, hosts=hosts, origins=origins, faults=faults)


def _let_in(look: Looks, *, invited: bool = False) -> Callable[[Request], Awaitable[Response]]:
    """The page for whoever has a session; it is made in a thread. `invited`: for who may enrol alone, too."""

    async def looked(request: Request) -> Response:
        session = site_of(request).session(request)
        if session is None or (session.is_invited and not invited):
            return _no_session(request, session)
        return await run_in_threadpool(look, request, session)

    return looked


def _acting(act: Acts, known: Collection[str], *, invited: bool = False) -> Callable[[Request], Awaitable[Response]]:
    async def acted(request: Request) -> Response:
        session = site_of(request).session(request)
        if session is None or (session.is_invited and not invited):
            return _no_session(request, session)
        if request.path_params["act"] not in known:
            raise NotThere
        return await act(request, session)

    return acted


def _no_session(request: Request, session: Session | None) -> Response:
    if session is not None:
        return pages.closed(request, "this link lets in to enrol a passkey, and to nothing else")
    return pages.closed(request, "this browser has no session here")


def _problem(status: int, *lines: str, heading: str = "That was refused") -> Response:
    """A page for whoever is told no before there is another one."""
    return HTMLResponse(page("problem", {**pages.NOBODY, "heading": heading, "lines": lines}), status)


def _not_there(_request: Request, _error: Exception) -> Response:
    return _problem(404, "no page has this address", heading="There is no such page")


def _refused(_request: Request, error: Exception) -> Response:
    """What keeps a page from being made at all, such as a link in the place of the runs."""
    assert isinstance(error, PhasegateError)
    return _problem(409, *error.lines())


def _system_says_no(request: Request, error: Exception) -> Response:
    """A file that became something else while a page was made of it; anything else is a fault."""
    assert isinstance(error, OSError)
    if refusal := as_refusal(error):
        return _refused(request, refusal)
    raise error


def _fault(_request: Request, _error: Exception) -> Response:
    """Told here; that it is one of ours, the guard is told behind it."""
    return _problem(500, FAULT, heading="A fault")


def _no_form(_request: Request, error: Exception) -> Response:
    assert isinstance(error, NoForm)
    return _problem(error.closed.status, printable_line(error.closed.why))
