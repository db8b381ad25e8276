"""How is somebody let in without a link? By a passkey that a repository here has, where the page is behind TLS.

Rules:
- What is signed names the page's origin and a challenge that was made here and is good once: an approval is none.
- Who signs in sees the repositories whose HEAD has that passkey, and acts as its holder.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from state.errors import PhasegateError
from state.passkey_signature import PasskeySignature
from workflow.service.passkeys import signed_in
from workflow.web.door import Session
from workflow.web.form import NoForm, form_of
from workflow.web.guard import Closed
from workflow.web.pages import closed, with_cookie
from workflow.web.passkeys import signature_in, text_of_sign_in
from workflow.web.site import site_of


async def sign_in(request: Request) -> Response:
    """Let whoever signed the challenge in. Raises NoForm for one that is none, and for too many."""
    site, form = site_of(request), await form_of(request)
    if not site.is_secure:
        return closed(request, "people sign in where the page has an --origin, by TLS; here, by its link")
    if not site.sign_ins.allows():
        raise NoForm(Closed(429, "too many forms within a minute"))
    if not site.door.took_challenge(form.get("challenge", "")):
        return closed(request, "this page was open for too long, or was used already")
    try:
        given = signature_in(form.get("credential", ""))
    except PhasegateError as error:
        return closed(request, error.message)
    text = text_of_sign_in(site.origin(request), form["challenge"])
    session = await run_in_threadpool(_session, request, text, given)
    if session is None:
        return closed(request, "no repository here has this passkey, committed and unrevoked, for this address")
    answer = RedirectResponse("/", 303)
    with_cookie(answer, site, site.door.let_in(session))
    return answer


def _session(request: Request, text: bytes, given: PasskeySignature) -> Session | None:
    """The session of who signed this; None for nobody. One passkey has one holder, in all repositories that count."""
    found = {name: signed_in(place, text, given) for name, place in site_of(request).repositories.items()}
    people = {person for person in found.values() if person}
    if len(people) != 1:
        return None
    names = frozenset(name for name, person in found.items() if person)
    return Session(person=people.pop(), passkey=given.id, repositories=names)
