"""Who can open which gate and how, which passkeys are there, and how does one more come to be? The page of people.

Rules:
- A passkey is made for whoever is named beside the button, by whoever is signed in: for themselves, or, at the page of
  who started the server, for whom that person says. Who was invited enrols their own.
- It is a line in a file of the working tree: people commit it, and it counts as every key does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from state.errors import BadInput, PhasegateError
from workflow.service.doctor import gates
from workflow.service.passkeys import PasskeysHere, enrol, passkeys_here
from workflow.views.doctor import DoctorView
from workflow.web.door import Session
from workflow.web.form import NoForm, form_of
from workflow.web.guard import Closed
from workflow.web.passkeys import enrolled, enrolling
from workflow.web.site import Site, refused, shown, site_of

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PeopleOf:
    """What the page has of a repository.

    Attributes:
        me: in whose name the page acts there, "" where git does not know.
        gates: who can open which; None where that is not known, or is not for this session; `why`, then.
        asks: what a browser makes a passkey by, "" where none can be written down.
    """

    name: str
    me: str
    gates: DoctorView | None
    why: str
    passkeys: PasskeysHere
    asks: str


def people(request: Request, session: Session) -> Response:
    """Who can open which gate, and how."""
    site = site_of(request)
    rows = [_people_of(site, name, place, request, session) for name, place in site.sees(session).items()]
    return shown(request, "people", session, {"rows": rows, "is_secure": site.is_secure})


def _people_of(site: Site, name: str, workspace: Path, request: Request, session: Session) -> PeopleOf:
    who = site.who(workspace, session)
    try:
        seen = None if session.is_invited else gates(workspace, who)
        passkeys, why = passkeys_here(workspace), ""
    except PhasegateError as error:
        seen, passkeys, why = None, PasskeysHere(""), error.message
    known = [each.passkey for each in passkeys.enrolled]
    may = passkeys.file and not passkeys.problem and who.by.git
    asks = enrolling(site.origin(request), session.challenge, who.by.git, known) if may else ""
    return PeopleOf(name, who.by.git, seen, why, passkeys, asks)


async def act(request: Request, session: Session) -> Response:
    """Take a form of this page. Raises NoForm for one that is not of this session's pages, or comes too often."""
    site, form = site_of(request), await form_of(request)
    if not session.is_own(form.get("token", "")):
        raise NoForm(Closed(403, "the form has no token of this session: open the page again"))
    if not site.verdicts.allows():
        raise NoForm(Closed(429, "too many forms within a minute"))
    return await run_in_threadpool(_done, request, session, form)


def _done(request: Request, session: Session, form: Form) -> Response:
    site = site_of(request)
    _name, workspace = site.repository(request, session)
    try:
        with site.one_at_a_time:
            session.notice = ACTS[request.path_params["act"]](request, session, form)
    except PhasegateError as error:
        return refused(request, session, error, back="/people", where=str(workspace))
    return RedirectResponse("/people", 303)


def _enrol(request: Request, session: Session, form: Form) -> str:
    """Write a passkey down that the browser made."""
    site = site_of(request)
    name, workspace = site.repository(request, session)
    by = site.who(workspace, session).known().git
    person = by if session.person else _named(form, by)
    passkey = enrolled(form.get("credential", ""), site.origin(request), session.take_challenge(), person, by)
    here = enrol(workspace, passkey)
    return f"a passkey of {passkey.identity} is in {here.file} of {name}; it counts once that is committed"


def _invite(request: Request, session: Session, form: Form) -> str:
    """Make a link by which somebody else enrols a passkey of their own."""
    if session.person:
        raise BadInput("whoever started the server invites people", next_command="phasegate serve   # its link")
    site = site_of(request)
    name, _workspace = site.repository(request, session)
    person = _named(form, "")
    link = f"{site.address.base}/open/{site.door.invitation(person, name)}"
    return f"for {person}, good once, for a day, to enrol a passkey and nothing else: {link}"


def _named(form: Form, me: str) -> str:
    """Whom a form names (`Name <address>`); who is signed in, where it names nobody."""
    name, address = form.get("name", "").strip(), form.get("address", "").strip()
    if not name and not address:
        if me:
            return me
        raise BadInput("nobody is named: expected a name and an address", next_command="phasegate serve   # People")
    person = f"{name} <{address}>"
    if not name or "@" not in address or set("<> ") & set(address) or set("<>") & set(name) or not person.isprintable():
        raise BadInput(
            f"{person!r}: expected a name, and the address of a git identity such as ada@example.com",
            next_command="git config user.email   # as whom somebody commits",
        )
    return person


ACTS: Mapping[str, Callable[[Request, Session, Form], str]] = {"enrol": _enrol, "invite": _invite}
