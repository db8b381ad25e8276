"""What does a person say to a run that is paused, or that waits at its question? `approve`, `note`, `abort`.

Rules:
- An approval is signed before the run is held: a passphrase or a touch takes its time, and nobody else need wait.
- What is said on a page (`via="web"`) is never signed here: a key of this machine is not the hand of whoever reads it.
  A passkey's signature comes with it, and is its holder's approval, whoever else's page that is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import Literal, NamedTuple

from gates.decision import Admitted
from gates.decision import Waiting as StillMissing
from gates.words import SHORT, is_named, to_name
from state.cheap_classes import dataclass
from state.errors import BadInput, PhasegateError, Waiting
from state.find_runs import run_directory
from state.fold import fold
from state.passkey_signature import PasskeySignature
from state.position import Outcome
from state.question_stands import is_asked
from state.run_state import RunState
from state.task_state import SHOWN, TaskStatus
from workflow.engine.agents import require_presence
from workflow.engine.engine import Engine
from workflow.engine.gatekeeper import policy_of, text_to_sign
from workflow.ports import Person
from workflow.runs.find_run import choose, events_of
from workflow.service.doors import commands_of
from workflow.service.given_words import require_no_stand_in, require_short, require_words
from workflow.service.open_run import PATIENCE, held_run, recover
from workflow.service.shared_file import names_runners
from workflow.service.who import Who
from workflow.service.workspace import governed_workspace_of, workspace_of
from workflow.trailers import ATTRIBUTES, END
from workflow.trailers import RUN as RUN_TRAILER

FLEET = "fleet"  # the workflow of a run that orders others
Said = Literal["command", "web"]  # how a verdict came from outside of the run, as the journal has it


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was recorded.

    Attributes:
        state: the task, as people know it, or what the run has come to.
        admits: whether the gate is open now.
        missing: what it still waits for, or "".
        is_asked: whether the question stood at a terminal, whose process goes on by itself.
    """

    run: str
    state: str
    admits: bool = False
    missing: str = ""
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """An abort.

    Attributes:
        commit: SHA of the one that records it, or "" where git or a hook refused it.
        left_outside: what the run did outside, and that is not taken back: the task, and the effect with how it ended.
        commit_command: by which a person commits the record, as phasegate would have.
        was_begun: not for an order that nobody had begun, and that is taken back.
    """

    run: str
    commit: str
    left_outside: Sequence[tuple[str, str]]
    commit_command: str
    was_begun: bool = True


def approve(
    directory: Path,
    who: Who,
    person: Person,
    run_id: str | None,
    digest: str,
    *,
    sign: bool = False,
    key: Path | None = None,
    comment: str = "",
    attest: Sequence[str] = (),
    waive: Sequence[str] = (),
    ask: bool = True,
    via: Said = "command",
    passkey: PasskeySignature | None = None,
) -> Verdict:
    """Approve exactly the evidence with this digest, signed where that is asked for here or by the policy.

    With `passkey`, which signs `text_to_sign`, it is the approval of that passkey's holder.

    `attest` (`N`) and `waive` (`N:REASON`) are words on boxes of it: they are recorded first, and what is approved is
    the same evidence with them. Without `ask` no passphrase is asked for: a key that needs one does not sign.

    Raises BadInput when nothing or something else waits, when its evidence changed, and when the gate refuses it;
    Waiting where passkeys alone open it, and none comes along.
    """
    workspace = governed_workspace_of(directory)
    chosen = choose(workspace, run_id)
    again = f"phasegate approve {chosen} --digest {quote(digest)}"
    require_no_stand_in("the comment", comment, f"{again} --comment TEXT")
    require_short("the comment", [comment], f"{again} --comment TEXT")
    if via == "web":
        _require_format_2(workspace, chosen, digest)
    if attest or waive:
        digest = _with_words(workspace, chosen, who, person, digest, attest, waive, via)
    stood = is_asked(run_directory(workspace, chosen))
    signed = ""
    if via != "web":
        recorded = fold(events_of(workspace, chosen))
        if via == "command":
            _require_no_passkey(recorded, chosen, words=bool(attest or waive))
        asked = sign or key is not None
        signed = _signature(workspace, recorded, person, digest, asked=asked, key=key, ask=ask)
    with held_run(workspace, chosen, who, person, key=key, patience=PATIENCE) as engine:
        engine.resolve_commit()
        by = replace(engine.doors.me, git=engine.holder(passkey)) if passkey else engine.doors.me
        decision = engine.approve(digest, via, by=by, signature=passkey or signed, comment=comment)
        missing = decision.what if isinstance(decision, StillMissing) else ""
        return Verdict(engine.run.run_id, state_in_words(engine), isinstance(decision, Admitted), missing, stood)


def state_in_words(engine: Engine) -> str:
    """The task that the run stands at, as people know it; else the state of the machine."""
    state = engine.machine.state
    return next((task.in_words for task in (*engine.plan.tasks, *engine.plan.rollback) if task.key == state), state)


def _require_format_2(workspace: Path, run_id: str, digest: str) -> None:
    run = fold(events_of(workspace, run_id))
    if run.is_of_0_1:
        signed = run.current_task is not None and policy_of(run.current_task).signed
        raise BadInput(
            f"run {run_id} is of format 1, which cannot record an approval on a page; it goes on as it began",
            next_command=f"phasegate approve {run_id} --digest {to_name(digest, signed=signed)}",
        )


def _require_no_passkey(run: RunState, run_id: str, *, words: bool) -> None:
    """Raise Waiting where what waits opens by passkeys alone, which sign in a browser; `words`: some were recorded."""
    current = run.current_task
    policy = current.worked.policy if current is not None and current.worked else None
    if current is None or current.status != TaskStatus.IN_REVIEW or policy is None or not policy.passkeys_alone:
        return
    assert current.request is not None
    from workflow.views.boxes import SERVE  # here: most gates open without

    raise Waiting(
        f"{'the boxes are answered; ' if words else ''}the gate of run {run_id} opens by a passkey's signature of "
        f"{current.request.digest[:SHORT]}, and no key here makes one (passkeys in phasegate.yaml, no allowed_signers)",
        next_command=f"{SERVE}   # with a passkey, in a browser",
    )


def say_of_boxes(
    directory: Path, who: Who, person: Person, run_id: str, digest: str, attest: Sequence[str], waive: Sequence[str]
) -> str:
    """Say words on boxes on a page, before what waits is approved there; its digest with them. Raises as `approve`."""
    workspace = governed_workspace_of(directory)
    _require_format_2(workspace, run_id, digest)
    return _with_words(workspace, run_id, who, person, digest, attest, waive, "web")


def _with_words(
    workspace: Path,
    run_id: str,
    who: Who,
    person: Person,
    digest: str,
    attest: Sequence[str],
    waive: Sequence[str],
    via: Said,
) -> str:
    """Record words on boxes of the evidence with this digest; returns the digest of the evidence with them."""
    require_short("a word on a box", (*attest, *waive), f"phasegate status {run_id} --review")
    with held_run(workspace, run_id, who, person, patience=PATIENCE) as engine:
        recover(engine)
        if engine.run.is_of_0_1:
            raise BadInput(
                f"run {run_id} is of format 1, which cannot record --attest and --waive; it goes on as it began",
                next_command=f"phasegate approve {run_id} --digest {digest}",
            )
        from workflow.service.boxes import words_of_approver  # here: most approvals come without words on boxes

        words = words_of_approver(run_id, engine.current(), attest, waive, on_a_page=via == "web")
        request = engine.say_of_boxes(digest, words, via, by=engine.doors.me).request
        assert request is not None
        return request.digest


class Noted(NamedTuple):
    """A note that was taken: the run, and the task that waited for approval and is shown again with it, or ""."""

    run: str
    shown_again: str


def note(
    directory: Path, who: Who, person: Person, run_id: str | None, text: str, *, in_document: bool = False
) -> Noted:
    """Add a remark to the working log, and to the runbook where that is asked for.

    Raises BadInput for a blank one; as `Engine.note`, and as `note_in_document`.
    """
    workspace = workspace_of(directory)
    chosen = choose(workspace, run_id)
    require_words("the note", text, f"phasegate note {chosen} TEXT")
    with held_run(workspace, chosen, who, person, patience=PATIENCE) as engine:
        again = ""
        if in_document:
            from workflow.runs.document_notes import note_in_document

            recover(engine, answers_too=False)
            require_presence(engine.open_run, f"phasegate note --in-document {chosen} TEXT")
            current = engine.run.current_task
            shown = current if current is not None and current.status in SHOWN else None
            note_in_document(engine, text)
            again = engine.plan.task(shown.key).label if shown is not None else ""
        else:
            engine.note(text)
        return Noted(engine.run.run_id, again)


def abort(directory: Path, who: Who, person: Person, run_id: str | None, reason: str) -> Ended:
    """End a run for good; an order that nobody has begun is taken back, and so are those of a fleet.

    Raises BadInput without a reason, and when it is over; as `take_back`.
    """
    workspace = workspace_of(directory)
    try:
        chosen = choose(workspace, run_id)
    except BadInput as error:
        if run_id is None or not names_runners(workspace):
            raise
        return _take_back(workspace, who, run_id, reason, error)
    require_words("the reason", reason, f"phasegate abort {chosen} --reason TEXT")
    with held_run(workspace, chosen, who, person, patience=PATIENCE) as engine:
        require_presence(engine.open_run, f"phasegate abort {chosen} --reason TEXT")
        back: Sequence[str] = ()
        if engine.run.start.workflow == FLEET:
            from workflow.service.take_back_order import take_back_all  # with the meeting: where a run orders others

            back = take_back_all(workspace, who, person, engine.journal.events, engine.doors.mask(reason))
        sha = engine.abort(reason)
        left = [each for each in engine.outside_effects() if not each[1].startswith(tuple(f"{name}:" for name in back))]
        return Ended(engine.run.run_id, sha, tuple(left), _commit_the_end(engine))


def _take_back(workspace: Path, who: Who, run_id: str, reason: str, not_here: BadInput) -> Ended:
    """Take an order back; `not_here` is raised where the remote has no such run either, or does not answer."""
    from workflow.service.meeting_place import place_of  # with the meeting: where runs are met
    from workflow.service.take_back_order import take_back

    try:
        chosen = place_of(workspace).meant(run_id)
    except PhasegateError:
        raise not_here from None
    require_words("the reason", reason, f"phasegate abort {quote(run_id)} --reason TEXT")
    commit = take_back(workspace, who, chosen, commands_of(None).mask(reason))
    return Ended(chosen, commit, (), "", was_begun=False)


def _commit_the_end(engine: Engine) -> str:
    run_id = engine.run.run_id
    places = f".phasegate/{quote(run_id)} {ATTRIBUTES}"
    run, end = quote(f"{RUN_TRAILER}: {run_id}"), quote(f"{END}: {Outcome.ABORTED.trailer}")
    return (
        f"git add {places} && git commit -m {quote(engine.abort_subject)} --trailer {run} --trailer {end} -- {places}"
    )


def _signature(
    workspace: Path, run: RunState, person: Person, digest: str, *, asked: bool, key: Path | None, ask: bool
) -> str:
    """This person's signature for what waits, where it is asked for here or by the policy; else "".

    Nothing is signed by a digest that does not name what waits: the engine refuses it.
    """
    current = run.current_task
    if current is None or current.request is None or current.status != TaskStatus.IN_REVIEW:
        return ""  # nothing waits: the engine says so
    signed = policy_of(current).signed
    if not (asked or signed) or not is_named(digest, current.request.digest, signed=signed):
        return ""
    from workflow.doors.ssh_signature import SshSignatures

    may = "; ssh-keygen may ask for a passphrase or a touch" if ask else ""
    person.progress(f"signing {current.request.digest[:SHORT]}{may}")
    return SshSignatures(workspace, key, ask=ask).sign(text_to_sign(run))
