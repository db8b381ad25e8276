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
from workflow.service import verdict as desk
from workflow.service.approve_policy import approve_policy_by_passkey
from workflow.service.served import page_address as address
from workflow.service.this_process import nobody
from workflow.service.who import Who
from workflow.web.door import Session
from workflow.web.form import NoForm, form_of
from workflow.web.guard import Closed
from workflow.web.passkeys import signature_in
from workflow.web.site import Site, refused, site_of

Form = Mapping[str, str]
FULL = 64  # hex digits of a digest: a page has room for all of them, and nobody types them
BOX, WHY = "box-", "why-"  # how the fields of a box are named, before its number


def approve(directory: Path, who: Who, run_id: str, form: Form) -> str:
    """Approve exactly the evidence with the form's digest; what is said of it."""
    page = _in_a_terminal(run_id)
    _require_ticked(form, page)
    digest = _digest(form, page)
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


def _require_ticked(form: Form, next_command: str) -> None:
    if form.get("confirmed") != "yes":
        raise BadInput(
            "the box that says what is approved is not ticked: nothing was approved", next_command=next_command
        )


def _digest(form: Form, next_command: str) -> str:
    digest = form.get("digest", "")
    if len(digest) != FULL:
        raise BadInput(
            f"the form's digest has {len(digest)} characters, expected the {FULL} that stood on the page: nothing was "
            "approved",
            next_command=next_command,
        )
    return digest


def words(directory: Path, who: Who, run_id: str, form: Form) -> str:
    """Say words on boxes, before a passkey signs what waits with them."""
    digest = _digest(form, _in_a_terminal(run_id))
    desk.say_of_boxes(directory, who, nobody(), run_id, digest, *_words(form))
    return "the boxes are answered; what waits has another digest now"


def _words(form: Form) -> tuple[list[str], list[str]]:
    """The boxes that hold, and those that are waived with why, as the command line has them."""
    said = {name.removeprefix(BOX): word for name, word in form.items() if name.startswith(BOX)}
    attest = [number for number, word in said.items() if word == "attest"]
    return attest, [f"{number}:{form.get(WHY + number, '')}" for number, word in said.items() if word == "waive"]


def policy(directory: Path, who: Who, run_id: str, form: Form) -> str:
    """Say as a signer that a weaker policy counts for the run."""
    _require_ticked(form, f"phasegate approve {quote(run_id)} --policy   # the same page, in a terminal")
    given = approve_policy_by_passkey(
        directory, who, nobody(), run_id, form.get("digest", ""), signature_in(form.get("credential", ""))
    )
    return f"the policy at HEAD counts from now on for {', '.join(given.counts)}"


def reject(directory: Path, who: Who, run_id: str, form: Form) -> str:
    """Send the task that waits back to work, with a reason."""
    given = desk.reject(directory, who, nobody(), run_id, form.get("reason", ""))
    return f"{given.state} is rejected"


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


async def verdict(request: Request, session: Session) -> Response:
    """Take what a form says. Raises NoForm for one that is not of this session's pages, or comes too often."""
    site, form = site_of(request), await form_of(request)
    if not session.is_own(form.get("token", "")):
        raise NoForm(Closed(403, "the form has no token of this session: open the page again"))
    if not site.verdicts.allows():
        raise NoForm(Closed(429, "too many forms within a minute"))
    return await run_in_threadpool(_taken, site, request, session, form)


def _taken(site: Site, request: Request, session: Session, form: Form) -> Response:
    name, workspace, run_id = site.run(request, session)
    act, back = request.path_params["act"], address(name, run_id)
    try:
        with site.one_at_a_time:
            session.notice = VERDICTS[act](workspace, site.who(workspace, session), run_id, form)
    except PhasegateError as error:
        return refused(request, session, error, back=back, where=str(workspace))
    return RedirectResponse(f"{back}/gate" if act == "words" else back, 303)
