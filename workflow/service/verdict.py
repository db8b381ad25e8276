"""What does a person say to a run that is paused, or that waits at its question? `approve`, `reject`, `note`, `abort`.

Rules:
- An approval is signed before the run is held: a passphrase or a touch takes its time, and nobody else need wait.
- What is said on a page (`via="web"`) is never signed here: a key of this machine is not the hand of whoever reads it.
  A passkey's signature comes with it, and is its holder's approval, whoever else's page that is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote
from typing import Literal

from gates.approval import SHORT
from gates.decision import Admitted
from gates.decision import Waiting as StillMissing
from state.errors import BadInput
from state.find_runs import run_directory
from state.passkey_signature import PasskeySignature
from state.position import Outcome
from state.question_stands import is_asked
from state.run_state import fold
from state.task_state import TaskStatus
from workflow.engine.agents import require_presence
from workflow.engine.engine import Engine
from workflow.engine.gatekeeper import policy_of, text_to_sign
from workflow.ports import Person
from workflow.runs.find_run import choose, events_of
from workflow.service.boxes import words_of_approver
from workflow.service.given_words import require_words
from workflow.service.open_run import PATIENCE, held_run, recover
from workflow.service.who import Who
from workflow.service.workspace import governed_workspace_of, workspace_of
from workflow.trailers import ATTRIBUTES, END
from workflow.trailers import RUN as RUN_TRAILER

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
    """

    run: str
    commit: str
    left_outside: Sequence[tuple[str, str]]
    commit_command: str


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

    Raises BadInput when nothing or something else waits, when its evidence changed, and when the gate refuses it.
    """
    workspace = governed_workspace_of(directory)
    chosen = choose(workspace, run_id)
    if via == "web":
        _require_format_2(workspace, chosen, digest)
    if attest or waive:
        digest = _with_words(workspace, chosen, who, person, digest, attest, waive, via)
    stood = is_asked(run_directory(workspace, chosen))
    asked = sign or key is not None
    signed = "" if via == "web" else _signature(workspace, chosen, person, asked=asked, key=key, ask=ask)
    with held_run(workspace, chosen, who, person, key=key, patience=PATIENCE) as engine:
        engine.resolve_commit()
        by = replace(engine.doors.me, git=engine.holder(passkey)) if passkey else engine.doors.me
        decision = engine.approve(digest, via, by=by, signature=passkey or signed, comment=comment)
        missing = decision.what if isinstance(decision, StillMissing) else ""
        return Verdict(engine.run.run_id, _name(engine), isinstance(decision, Admitted), missing, stood)


def _name(engine: Engine) -> str:
    """The task that the run stands at, as people know it; else the state of the machine."""
    state = engine.machine.state
    return next((task.in_words for task in (*engine.plan.tasks, *engine.plan.rollback) if task.key == state), state)


def _require_format_2(workspace: Path, run_id: str, digest: str) -> None:
    if fold(events_of(workspace, run_id)).is_of_0_1:
        raise BadInput(
            f"run {run_id} is of format 1, which cannot record an approval on a page; it goes on as it began",
            next_command=f"phasegate approve {run_id} --digest {digest[:SHORT]}",
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
    with held_run(workspace, run_id, who, person, patience=PATIENCE) as engine:
        recover(engine)
        if engine.run.is_of_0_1:
            raise BadInput(
                f"run {run_id} is of format 1, which cannot record --attest and --waive; it goes on as it began",
                next_command=f"phasegate approve {run_id} --digest {digest}",
            )
        words = words_of_approver(run_id, engine.current(), attest, waive)
        request = engine.say_of_boxes(digest, words, via, by=engine.doors.me).request
        assert request is not None
        return request.digest


def reject(directory: Path, who: Who, person: Person, run_id: str | None, reason: str) -> Verdict:
    """Send the task that waits back to work. Raises BadInput without a reason, and when nothing waits for a verdict."""
    workspace = workspace_of(directory)
    chosen = choose(workspace, run_id)
    require_words("--reason", reason, f"phasegate reject {chosen} --reason TEXT")
    stood = is_asked(run_directory(workspace, chosen))
    with held_run(workspace, chosen, who, person, patience=PATIENCE) as engine:
        engine.resolve_commit()
        require_presence(engine.open_run, f"phasegate reject {chosen} --reason TEXT")
        engine.reject(reason)
        return Verdict(engine.run.run_id, _name(engine), is_asked=stood)


def note(directory: Path, who: Who, person: Person, run_id: str | None, text: str) -> str:
    """Add a remark to the working log; returns the run's id. Raises BadInput for a blank one; as `Engine.note`."""
    workspace = workspace_of(directory)
    chosen = choose(workspace, run_id)
    require_words("the note", text, f"phasegate note {chosen} TEXT")
    with held_run(workspace, chosen, who, person, patience=PATIENCE) as engine:
        engine.note(text)
        return engine.run.run_id


def abort(directory: Path, who: Who, person: Person, run_id: str | None, reason: str) -> Ended:
    """End a run for good. Raises BadInput without a reason, and when it is over."""
    workspace = workspace_of(directory)
    chosen = choose(workspace, run_id)
    require_words("--reason", reason, f"phasegate abort {chosen} --reason TEXT")
    with held_run(workspace, chosen, who, person, patience=PATIENCE) as engine:
        require_presence(engine.open_run, f"phasegate abort {chosen} --reason TEXT")
        sha = engine.abort(reason)
        return Ended(engine.run.run_id, sha, tuple(engine.outside_effects()), _commit_the_end(engine))


def _commit_the_end(engine: Engine) -> str:
    run_id = engine.run.run_id
    places = f".phasegate/{quote(run_id)} {ATTRIBUTES}"
    run, end = quote(f"{RUN_TRAILER}: {run_id}"), quote(f"{END}: {Outcome.ABORTED.trailer}")
    return (
        f"git add {places} && git commit -m {quote(engine.abort_subject)} --trailer {run} --trailer {end} -- {places}"
    )


def _signature(workspace: Path, run_id: str, person: Person, *, asked: bool, key: Path | None, ask: bool) -> str:
    """This person's signature for what waits, where it is asked for here or by the policy; else ""."""
    run = fold(events_of(workspace, run_id))
    current = run.current_task
    if current is None or current.request is None or current.status != TaskStatus.IN_REVIEW:
        return ""  # nothing waits: the engine says so
    if not asked and not policy_of(current).signed:
        return ""
    from workflow.doors.ssh_signature import SshSignatures

    may = "; ssh-keygen may ask for a passphrase or a touch" if ask else ""
    person.progress(f"signing {current.request.digest[:SHORT]}{may}")
    return SshSignatures(workspace, key, ask=ask).sign(text_to_sign(run))
