"""What is on the pages? Each reads, by the functions that every face calls, and changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from state.errors import PhasegateError
from workflow.service.approve_policy import policy_change
from workflow.service.audit import audit as audited
from workflow.service.gate import gate as gate_of
from workflow.service.passkeys import challenge_of
from workflow.service.run_seen import run_seen
from workflow.service.served import page_address as address
from workflow.service.this_process import nobody
from workflow.views.policy_change import policy_page
from workflow.web.door import Session
from workflow.web.paper import HERE, in_a_terminal, page
from workflow.web.passkeys import asking, text_of_sign_in
from workflow.web.site import Site, refused, shown, site_of

STATIC = {
    "style.css": "text/css",
    "live.js": "text/javascript",
    "passkey.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
SHOWN_WITHIN = 0.4  # [s] for reading; what was not read by then is counted
NOBODY = {"token": "", "notice": "", "path": "", "person": "", "is_invited": False}  # on pages without a session


def opened(request: Request) -> Response:
    """The link that lets a browser in. What it gets is a page, not another address: after a link from elsewhere a
    browser does not bring a strict cookie along.
    """
    site = site_of(request)
    cookie = site.door.open(request.path_params["token"]) if request.method == "GET" else ""
    if not cookie:
        return closed(request, "this link was used already, or is too old")
    session = site.door.session(cookie)
    first = "/people" if session is not None and session.is_invited else "/"
    answer = HTMLResponse(page("opened", {**NOBODY, "first": first}))
    with_cookie(answer, site, cookie)
    answer.headers["refresh"] = f"0; url={first}"
    return answer


def with_cookie(answer: Response, site: Site, cookie: str) -> None:
    """Let the browser bring this cookie along from now on."""
    answer.set_cookie(site.cookie, cookie, path="/", httponly=True, samesite="strict", secure=site.is_secure)


def closed(request: Request, why: str) -> Response:
    """For whoever has no session; behind TLS they may sign in."""
    site = site_of(request)
    asks = ""
    if site.is_secure:
        token, origin = site.door.challenge(), site.origin(request)
        asks = asking(origin, challenge_of(text_of_sign_in(origin, token)), ())
        return HTMLResponse(page("closed", {**NOBODY, "why": why, "asks": asks, "challenge": token}), 401)
    return HTMLResponse(page("closed", {**NOBODY, "why": why, "asks": asks, "challenge": ""}), 401)


def static(request: Request) -> Response:
    """Style, script and icon."""
    name = request.path_params["name"]
    if name not in STATIC:
        return PlainTextResponse("phasegate: no such file\n", 404)
    return Response((HERE / "static" / name).read_bytes(), media_type=STATIC[name])


def inbox(request: Request, session: Session) -> Response:
    """What waits, of all repositories."""
    site = site_of(request)
    seen, there, mark = site.sees(session), site.remotes.seen(), site.remotes.mark()
    found = site.inbox.look(SHOWN_WITHIN).of(seen)
    values = {
        "inbox": found,
        "remotes": {name: each for name, each in there.items() if name in seen},
        "now": datetime.now(UTC),
        "live": f"/live?since={found.mark}{mark}",
    }
    return shown(request, "inbox", session, values)


def run(request: Request, session: Session) -> Response:
    """One run: where it stands, and what happened."""
    site = site_of(request)
    name, workspace, run_id = site.run(request, session)
    mark = site.inbox.mark_of(name, run_id)
    try:
        seen = run_seen(workspace, run_id)
    except PhasegateError as error:
        return refused(request, session, error, back="/", where=str(workspace))
    live = f"{address(name, run_id)}/live?since={mark}"
    commands = in_a_terminal(seen.status.following)
    place = {"repository": name, "where": str(workspace), "run": run_id}
    return shown(request, "run", session, {**place, "seen": seen, "commands": commands, "live": live})


def gate(request: Request, session: Session) -> Response:
    """What waits for a verdict, complete; the run, where nothing waits."""
    site = site_of(request)
    name, workspace, run_id = site.run(request, session)
    mark = site.inbox.mark_of(name, run_id)
    try:
        if run_seen(workspace, run_id).status.waiting_for is None:
            return RedirectResponse(address(name, run_id), 303)
        who = site.who(workspace, session)
        found = gate_of(workspace, run_id, who.by.git)
    except PhasegateError as error:
        return refused(request, session, error, back=address(name, run_id), where=str(workspace))
    origin = site.origin(request)
    passkeys = found.passkeys_at(origin)
    verify = found.review.policy.user_verified
    values = {
        "repository": name,
        "where": str(workspace),
        "run": run_id,
        "base": address(name, run_id),
        "there": False,
        "gate": found,
        "me": who.by.git,
        "unknown": who.unknown.message if who.unknown else "",
        "passkeys": passkeys,
        "rejects": found.rejects_at(origin),
        "asks": asking(origin, found.challenge, [each.id for each in passkeys], user_verified=verify),
        "live": f"{address(name, run_id)}/live?since={mark}",
    }
    return shown(request, "gate", session, values)


def policy(request: Request, session: Session) -> Response:
    """What became weaker in the policy under a run, complete, and a passkey by which a signer says that it counts."""
    site = site_of(request)
    name, workspace, run_id = site.run(request, session)
    try:
        with site.one_at_a_time:
            change = policy_change(workspace, site.who(workspace, session), nobody(), run_id)
    except PhasegateError as error:
        return refused(request, session, error, back=address(name, run_id), where=str(workspace))
    origin = site.origin(request)
    passkeys = [each for each in change.passkeys if origin in each.origins]
    values = {
        "repository": name,
        "where": str(workspace),
        "run": run_id,
        "change": change,
        "text": policy_page(change),
        "passkeys": passkeys,
        "asks": asking(origin, challenge_of(change.text_to_sign), [each.id for each in passkeys]),
    }
    return shown(request, "policy", session, values)


def audit(request: Request, session: Session) -> Response:
    """Is the run what it says it is?"""
    site = site_of(request)
    name, workspace, run_id = site.run(request, session)
    try:
        found = audited(workspace, run_id)
    except PhasegateError as error:
        return refused(request, session, error, back=address(name, run_id), where=str(workspace))
    return shown(request, "audit", session, {"repository": name, "run": run_id, "audits": found})
