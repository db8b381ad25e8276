"""What waits at a remote, on a page? Looked at and decided by the same functions as `--remote` on the command line.

Rules:
- A verdict there is a passkey's or it is none: no key of this machine signs for a page.
- Remotes are asked one after the other: who looks at many gates at once waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from state.errors import PhasegateError
from workflow.service.remote_verdict import Pushed, decide, gate_there, rejection_there
from workflow.service.served import there_address
from workflow.service.this_process import nobody
from workflow.service.who import Who
from workflow.web.door import Session
from workflow.web.passkeys import asking, signature_in
from workflow.web.site import Site, refused, shown, site_of
from workflow.web.verdicts import TO_SIGN, Form, form_of_session, full_digest, rejection_page, require_ticked


def gate(request: Request, session: Session) -> Response:
    """What waits for a verdict at the remote, complete."""
    site = site_of(request)
    name, workspace = site.repository(request, session)
    run_id, who, origin = request.path_params["run"], site.who(workspace, session), site.origin(request)
    try:
        with site.at_remotes:
            found = gate_there(workspace, who, nobody(), run_id)
    except PhasegateError as error:
        return refused(request, session, error, back="/", where=str(workspace))
    passkeys = found.passkeys_at(origin)
    verify = found.review.policy.user_verified
    values = {
        "repository": name,
        "where": str(workspace),
        "run": run_id,
        "base": there_address(name, run_id),
        "there": True,
        "gate": found,
        "me": who.by.git,
        "unknown": who.unknown.message if who.unknown else "",
        "passkeys": passkeys,
        "rejects": found.rejects_at(origin),
        "asks": asking(origin, found.challenge, [each.id for each in passkeys], user_verified=verify),
        "live": "",
    }
    return shown(request, "gate", session, values)


def _approve(directory: Path, who: Who, run_id: str, form: Form) -> Pushed:
    require_ticked(form, _in_a_terminal(run_id))
    digest, comment = full_digest(form, _in_a_terminal(run_id)), form.get("comment", "").strip()
    signed = signature_in(form.get("credential", ""))
    return decide(directory, who, nobody(), run_id, digest, "approve", comment, ask=False, passkey=signed)


def _reject(directory: Path, who: Who, run_id: str, form: Form) -> Pushed:
    digest, reason = full_digest(form, _in_a_terminal(run_id)), form.get("reason", "")
    signed = signature_in(form.get("credential", ""))
    return decide(directory, who, nobody(), run_id, digest, "reject", reason, ask=False, passkey=signed)


def _in_a_terminal(run_id: str) -> str:
    return f"phasegate status {quote(run_id)} --remote --review   # the same page, in a terminal"


VERDICTS: Mapping[str, Callable[[Path, Who, str, Form], Pushed]] = {"approve": _approve, "reject": _reject}
ACTS = (*VERDICTS, TO_SIGN)


async def verdict(request: Request, session: Session) -> Response:
    """Take what a form says. Raises NoForm for one that is not of this session's pages, or comes too often."""
    form = await form_of_session(request, session)
    return await run_in_threadpool(_taken, site_of(request), request, session, form)


def _taken(site: Site, request: Request, session: Session, form: Form) -> Response:
    name, workspace = site.repository(request, session)
    run_id, who = request.path_params["run"], site.who(workspace, session)
    base, act = there_address(name, run_id), request.path_params["act"]
    try:
        with site.at_remotes:
            if act == TO_SIGN:
                digest = full_digest(form, _in_a_terminal(run_id))
                asked = rejection_there(workspace, who, nobody(), run_id, digest, form.get("reason", ""))
                return rejection_page(request, session, asked, base, base, {"repository": name, "run": run_id})
            given = VERDICTS[act](workspace, who, run_id, form)
    except PhasegateError as error:
        return refused(request, session, error, back=base, where=str(workspace))
    said = "approved" if act == "approve" else "rejected"
    session.notice = (
        f"{given.task} is {said}, signed and pushed to remote {given.remote}; whoever holds the run takes it in"
    )
    site.remotes.asks_soon()
    return RedirectResponse("/", 303)
