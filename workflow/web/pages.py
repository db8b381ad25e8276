"""What is on the pages? Each reads, by the functions that every face calls, and changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from state.errors import PhasegateError
from workflow.service.audit import audit as audited
from workflow.service.doctor import gates
from workflow.service.gate import gate as gate_of
from workflow.service.run_seen import run_seen
from workflow.views.doctor import DoctorView
from workflow.web.door import Session
from workflow.web.paper import HERE, address, page
from workflow.web.site import Site, refused, shown, site_of

STATIC = {"style.css": "text/css", "live.js": "text/javascript", "icon.svg": "image/svg+xml"}


def opened(request: Request) -> Response:
    """The link that lets a browser in. What it gets is a page, not another address: after a link from elsewhere a
    browser does not bring a strict cookie along.
    """
    site = site_of(request)
    cookie = site.door.open(request.path_params["token"]) if request.method == "GET" else ""
    if not cookie:
        return closed("this link was used already, or is too old")
    answer = HTMLResponse(page("opened", {"token": "", "notice": "", "path": ""}))
    answer.set_cookie(site.cookie, cookie, path="/", httponly=True, samesite="strict", secure=site.is_secure)
    answer.headers["refresh"] = "0; url=/"
    return answer


def closed(why: str) -> Response:
    """For whoever has no session."""
    return HTMLResponse(page("closed", {"token": "", "notice": "", "path": "", "why": why}), 401)


def static(request: Request) -> Response:
    """Style, script and icon."""
    name = request.path_params["name"]
    if name not in STATIC:
        return PlainTextResponse("phasegate: no such file\n", 404)
    return Response((HERE / "static" / name).read_bytes(), media_type=STATIC[name])


def inbox(request: Request, session: Session) -> Response:
    """What waits, of all repositories."""
    site = site_of(request)
    found = site.inbox.look()
    live = f"/live?since={found.mark}"
    return shown(request, "inbox", session, {"inbox": found, "now": datetime.now(UTC), "live": live})


def run(request: Request, session: Session) -> Response:
    """One run: where it stands, and what happened."""
    site = site_of(request)
    name, workspace, run_id = site.run(request)
    mark = site.inbox.mark_of(name, run_id)
    try:
        seen = run_seen(workspace, run_id)
    except PhasegateError as error:
        return refused(request, session, error, back="/", where=str(workspace))
    live = f"{address(name, run_id)}/live?since={mark}"
    values = {"repository": name, "where": str(workspace), "run": run_id, "seen": seen, "live": live}
    return shown(request, "run", session, values)


def gate(request: Request, session: Session) -> Response:
    """What waits for a verdict, complete; the run, where nothing waits."""
    site = site_of(request)
    name, workspace, run_id = site.run(request)
    mark = site.inbox.mark_of(name, run_id)
    try:
        if run_seen(workspace, run_id).status.waiting_for is None:
            return RedirectResponse(address(name, run_id), 303)
        found = gate_of(workspace, run_id)
    except PhasegateError as error:
        return refused(request, session, error, back=address(name, run_id), where=str(workspace))
    who = site.who(workspace)
    values = {
        "repository": name,
        "where": str(workspace),
        "run": run_id,
        "gate": found,
        "me": who.by.git,
        "unknown": who.unknown.message if who.unknown else "",
        "live": f"{address(name, run_id)}/live?since={mark}",
    }
    return shown(request, "gate", session, values)


def audit(request: Request, session: Session) -> Response:
    """Is the run what it says it is?"""
    site = site_of(request)
    name, workspace, run_id = site.run(request)
    try:
        found = audited(workspace, run_id)
    except PhasegateError as error:
        return refused(request, session, error, back=address(name, run_id), where=str(workspace))
    return shown(request, "audit", session, {"repository": name, "run": run_id, "audits": found})


def people(request: Request, session: Session) -> Response:
    """Who can open which gate, and how."""
    site = site_of(request)
    return shown(request, "people", session, {"rows": [_people_of(site, name) for name in site.repositories]})


def _people_of(site: Site, name: str) -> tuple[str, str, DoctorView | None, str]:
    """The repository, who acts there, its gates, and why they are not known."""
    workspace = site.repositories[name]
    who = site.who(workspace)
    try:
        return name, who.by.git, gates(workspace, who), ""
    except PhasegateError as error:
        return name, who.by.git, None, error.message
