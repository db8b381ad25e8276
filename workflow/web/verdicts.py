"""What does a person say on a page? `approve`, `reject`, `note`: the desk's own functions, as the verbs call them.

Rules:
- What is approved is the digest that stood on the page, in full, and only with the box beside it ticked: Enter alone
  approves nothing.
- Nobody is at a terminal here, whatever this process was started from, and no key of this machine signs: a passkey
  may, whose holder's approval it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from shlex import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from state.errors import BadInput, PhasegateError
from workflow.service import reject as desk_reject
from workflow.service import verdict as desk
from workflow.service.approve_policy import approve_policy_by_passkey
from workflow.service.served import page_address as address
from workflow.service.this_process import nobody
from workflow.service.who import Who
from workflow.web.door import Session
from workflow.web.form import BOX, WHY, NoForm, form_of
from workflow.web.guard import Closed
from workflow.web.passkeys import asking, signature_in
from workflow.web.site import Site, refused, shown, site_of

Form = Mapping[str, str]
FULL = 64  # hex digits of a digest: a page has room for all of them, and nobody types them
TO_SIGN = "sign-rejection"  # the way to a page where a passkey signs a rejection: nothing is recorded there


def approve(directory: Path, who: Who, run_id: str, form: Form) -> str:
    """Approve exactly the evidence with the form's digest; what is said of it."""
    page = _in_a_terminal(run_id)
    require_ticked(form, page)
    digest = full_digest(form, page)
    attest, waive = _words(form)
    given = desk.approve(
        directory,
        who,
        nobody(),
        run_id,
        digest,
        comment=form.get("comment", "").strip(),
        attest=attest,
        waive=waive,
        ask=False,
        via="web",
        passkey=signature_in(form["credential"]) if form.get("credential") else None,
    )
    if given.admits:
        return f"{given.state} is approved"
    return f"{given.state} is approved by you, more approvals are needed: {given.missing}"


def _in_a_terminal(run_id: str) -> str:
    return f"phasegate status {quote(run_id)} --review   # the same page, in a terminal"


def require_ticked(form: Form, next_command: str) -> None:
    if form.get("confirmed") != "yes":
        raise BadInput(
            "the box that says what is approved is not ticked: nothing was approved", next_command=next_command
        )


def full_digest(form: Form, next_command: str) -> str:
    digest = form.get("digest", "")
    if len(digest) != FULL:
        raise BadInput(
            f"the form's digest has {len(digest)} characters, expected the {FULL} that stood on the page: nothing was "
            "decided",
            next_command=next_command,
        )
    return digest


def words(directory: Path, who: Who, run_id: str, form: Form) -> str:
    """Say words on boxes, before a passkey signs what waits with them."""
    digest = full_digest(form, _in_a_terminal(run_id))
    desk.say_of_boxes(directory, who, nobody(), run_id, digest, *_words(form))
    return "the boxes are answered; what waits has another digest now"


def _words(form: Form) -> tuple[list[str], list[str]]:
    """The boxes that hold, and those that are waived with why, as the command line has them."""
    said = {name.removeprefix(BOX): word for name, word in form.items() if name.startswith(BOX)}
    attest = [number for number, word in said.items() if word == "attest"]
    return attest, [f"{number}:{form.get(WHY + number, '')}" for number, word in said.items() if word == "waive"]


def policy(directory: Path, who: Who, run_id: str, form: Form) -> str:
    """Say as a signer that a weaker policy counts for the run."""
    require_ticked(form, f"phasegate approve {quote(run_id)} --policy   # the same page, in a terminal")
    given = approve_policy_by_passkey(
        directory, who, nobody(), run_id, form.get("digest", ""), signature_in(form.get("credential", ""))
    )
    return f"the policy at HEAD counts from now on for {', '.join(given.counts)}"


def reject(directory: Path, who: Who, run_id: str, form: Form) -> str:
    """Send the task that waits back to work, with a reason; signed, where a passkey signed it."""
    reason = form.get("reason", "")
    if not form.get("credential"):
        return f"{desk_reject.reject(directory, who, nobody(), run_id, reason).state} is rejected"
    signed, digest = signature_in(form["credential"]), full_digest(form, _in_a_terminal(run_id))
    given = desk_reject.reject_by_passkey(directory, who, nobody(), run_id, digest, reason, signed)
    return f"{given.state} is rejected, signed with a passkey"


def note(directory: Path, who: Who, run_id: str, form: Form) -> str:
    """Leave a remark in the working log."""
    desk.note(directory, who, nobody(), run_id, form.get("text", ""))
    return "noted"


VERDICTS: Mapping[str, Callable[[Path, Who, str, Form], str]] = {
    "approve": approve,
    "words": words,
    "policy": policy,
    "reject": reject,
    "note": note,
}


ACTS = (*VERDICTS, TO_SIGN)


async def form_of_session(request: Request, session: Session) -> Form:
    """The form's fields. Raises NoForm for one that is not of this session's pages, or comes too often."""
    form = await form_of(request)
    if not session.is_own(form.get("token", "")):
        raise NoForm(Closed(403, "the form has no token of this session: open the page again"))
    if not site_of(request).verdicts.allows():
        raise NoForm(Closed(429, "too many forms within a minute"))
    return form


async def verdict(request: Request, session: Session) -> Response:
    """Take what a form says. Raises NoForm as `form_of_session`."""
    form = await form_of_session(request, session)
    return await run_in_threadpool(_taken, site_of(request), request, session, form)


def _taken(site: Site, request: Request, session: Session, form: Form) -> Response:
    name, workspace, run_id = site.run(request, session)
    act, back = request.path_params["act"], address(name, run_id)
    if act == TO_SIGN:
        return _to_sign(request, session, form)
    try:
        with site.one_at_a_time:
            session.notice = VERDICTS[act](workspace, site.who(workspace, session), run_id, form)
    except PhasegateError as error:
        return refused(request, session, error, back=back, where=str(workspace))
    return RedirectResponse(f"{back}/gate" if act == "words" else back, 303)


def _to_sign(request: Request, session: Session, form: Form) -> Response:
    """The page on which a passkey signs a rejection, whose reason it shows as it will be recorded."""
    site = site_of(request)
    name, workspace, run_id = site.run(request, session)
    back = address(name, run_id)
    try:
        digest = full_digest(form, _in_a_terminal(run_id))
        asked = desk_reject.rejection(workspace, run_id, digest, form.get("reason", ""))
    except PhasegateError as error:
        return refused(request, session, error, back=f"{back}/gate", where=str(workspace))
    return rejection_page(request, session, asked, back, f"{back}/gate", {"repository": name, "run": run_id})


def rejection_page(
    request: Request,
    session: Session,
    asked: desk_reject.RejectionToSign,
    base: str,
    gate: str,
    values: Mapping[str, object],
) -> Response:
    """What a passkey is asked to sign to reject it; `base`: where the gate's forms go, `gate`: its page."""
    origin = site_of(request).origin(request)
    passkeys = asked.passkeys_at(origin)
    asks = asking(origin, asked.challenge, [each.id for each in passkeys], user_verified=asked.user_verified)
    said = {"base": base, "gate": gate, "asked": asked, "passkeys": passkeys, "asks": asks}
    return shown(request, "rejection", session, {**said, **values})
