"""What does a person in another clone read and decide? The page of a run on the remote, and a signed verdict there.

Rules:
- What is read was verified here: the tip's signature by the runners of the branch's phasegate.yaml, then, in a clone of
  its own, what a local gate verifies: journal, digest, bytes, paths, policy.
- A verdict is given to that clone's engine first: what its gate does not take is not pushed. The holder's own gate
  judges it again.
- It is always signed: whoever can push could make any other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote

from gates.words import FULL, SHORT, is_named
from state.errors import BadInput, PhasegateError
from state.json_values import parse_time
from state.passkey_signature import PasskeySignature, Signature
from state.printable import printable_line
from state.task_state import TaskState
from workflow.doors.git.laid_down import read_elsewhere
from workflow.doors.git.tips import BECAUSE, DIGEST, EXPIRES, REFUSED, WORKER, Tip, read_tips, run_git
from workflow.doors.ssh_signature import SshSignatures
from workflow.engine.engine import Engine
from workflow.engine.gatekeeper import policy_of, rejection_to_sign, text_to_sign
from workflow.meeting.moves import Move, move, read_again
from workflow.meeting.refs import Standing
from workflow.meeting.verdicts import FILE, GivenVerdict, Kind
from workflow.ports import Person
from workflow.service.gate import gate
from workflow.service.given_words import require_no_stand_in, require_short, require_words
from workflow.service.meeting_place import Place, place_of
from workflow.service.next_there import said_there
from workflow.service.open_run import held_run
from workflow.service.reject import RejectionToSign, rejection
from workflow.service.run_in_tip import branch_of
from workflow.service.who import Who
from workflow.service.workspace import workspace_of
from workflow.views.gate import GateView
from workflow.views.review import waiting_page


@dataclass(frozen=True, slots=True)
class AtRemote:
    """Where a run stands at the remote.

    Attributes:
        because: what its holder said last.
        verdicts: names of those that nobody took in yet.
        refused: which of the last ones counted nothing, with why.
        problem: why nobody can go on with it as it is there, with the way back; None where it is in order.
    """

    run: str
    remote: str
    state: str
    worker: str
    because: str
    digest: str
    expires_at: str
    verdicts: list[str]
    refused: str
    problem: PhasegateError | None = None

    def lines(self) -> list[str]:
        """To read, printable."""
        said = f", {self.because}, by {self.worker}" if self.because else ""
        found = [f"{self.run}: {self.state} on remote {self.remote}{said}"]
        found += [f"  {self.digest} waits for approval until {_minute(self.expires_at)}"] if self.digest else []
        found += [f"  verdict {each}: not taken in yet" for each in self.verdicts]
        found += [f"  refused: {self.refused}"] if self.refused else []
        return [printable_line(line) for line in found]


def _minute(told: str) -> str:
    """A time of a tip as people read it; what is none stays as somebody wrote it."""
    try:
        return f"{parse_time(told):%Y-%m-%d %H:%M} UTC"
    except ValueError:
        return told


@dataclass(frozen=True, slots=True)
class Pushed:
    """A verdict that was pushed: of which task, and by which ref."""

    run: str
    task: str
    ref: str
    remote: str


def status_there(directory: Path, run_id: str | None, remote: str | None = None) -> AtRemote:
    """Where the run stands at the remote. Raises as `Place.meant`."""
    place = place_of(workspace_of(directory), remote)
    chosen = place.meant(run_id)

    def read(standing: Standing) -> tuple[Standing, Tip]:
        return standing, place.tip(chosen, standing)

    problem: PhasegateError | None = None
    try:
        standing, tip = read_again(lambda: place.standing(chosen), read)
    except PhasegateError as error:
        problem, standing = error, place.standing(chosen)
        tip = read_tips(place.workspace, [standing.tip]).get(standing.tip, Tip(standing.tip, [], ""))
    return AtRemote(
        chosen,
        place.remote.name,
        standing.state,
        tip.said(WORKER),
        tip.said(BECAUSE),
        tip.said(DIGEST),
        tip.said(EXPIRES),
        [ref.rpartition("/")[2] for ref in standing.verdicts or ()],
        tip.said(REFUSED),
        problem,
    )


def review_there(directory: Path, who: Who, person: Person, run_id: str | None, remote: str | None = None) -> str:
    """The page that waits at the remote, after all that it shows was verified here. Raises BadInput when none does."""
    place = place_of(workspace_of(directory), remote)
    with _read(place, place.meant(run_id), who, person) as (engine, _standing, _tip):
        engine.require_as_shown()
        return waiting_page(engine.workspace, engine.run, engine.doors.git)


def gate_there(directory: Path, who: Who, person: Person, run_id: str, remote: str | None = None) -> GateView:
    """The gate that waits at the remote, for a page; all that it shows was verified here. Raises as `review_there`."""
    place = place_of(workspace_of(directory), remote)
    with _read(place, place.meant(run_id), who, person) as (engine, _standing, _tip):
        state = engine.require_as_shown()
        found = gate(engine.workspace, engine.run.run_id, who.by.git)
        if not policy_of(state).signed:
            why = "its gate asks for no signature, and without one a verdict at a remote is anybody's"
            return replace(found, commands=[], not_here=why, challenge="", passkeys=(), rejecting=())
        command = f"phasegate approve {engine.run.run_id} --remote --digest {found.digest}"
        return replace(found, commands=[command] if found.review.policy.allowed_signers else [])


def rejection_there(
    directory: Path, who: Who, person: Person, run_id: str, digest: str, reason: str, remote: str | None = None
) -> RejectionToSign:
    """What a passkey signs to reject what waits at the remote with this digest. Raises as `decide`."""
    place = place_of(workspace_of(directory), remote)
    with _read(place, place.meant(run_id), who, person) as (engine, _standing, _tip):
        _require_signed_gate(engine.require_as_shown(), engine.run.run_id)
        return rejection(engine.workspace, engine.run.run_id, digest, reason)


def decide(
    directory: Path,
    who: Who,
    person: Person,
    run_id: str | None,
    digest: str,
    verdict: Kind,
    text: str,
    *,
    key: Path | None = None,
    ask: bool = True,
    remote: str | None = None,
    passkey: PasskeySignature | None = None,
) -> Pushed:
    """Push this person's signed verdict on what waits at the remote with this digest.

    `text`: the comment of an approval, the reason of a rejection. Without `ask` no passphrase is asked for. With
    `passkey`, which signs what `gate_there` or `rejection_there` say, it is the verdict of that passkey's holder.

    Raises BadInput as `approve` of a run that is here; where the gate is not signed; RunFenced where the run moved on.
    """
    place = place_of(workspace_of(directory), remote)
    chosen = place.meant(run_id)
    if verdict == "reject":
        require_words("the reason", text, f"phasegate reject {chosen} --remote --digest {quote(digest)} --reason TEXT")
    again = f"phasegate approve {chosen} --remote --digest {quote(digest)} --comment TEXT"
    require_no_stand_in("the comment", text, again)
    require_short("the comment", [text], again)
    with _read(place, chosen, who, person) as (engine, standing, tip):
        state = engine.require_as_shown()
        _require_signed_gate(state, chosen)
        assert state.request is not None
        shown = state.request
        if not is_named(digest, shown.digest, signed=True):
            too_short = bool(digest) and shown.digest.startswith(digest)
            why = f"{len(digest)} of the {FULL} characters that a signature asks for" if too_short else "another digest"
            raise BadInput(
                f"the verdict names {digest!r}, {why}: what waits on remote {place.remote.name} is {shown.digest}",
                next_command=f"phasegate status {chosen} --remote --review   # read that, then decide on it",
            )
        text = text if verdict == "approve" else engine.doors.mask(text)
        door = SshSignatures(place.workspace, key, ask=ask)
        signature, signer = (passkey, passkey.id) if passkey else _signature(engine, door, verdict, text)
        by = replace(who.known(), git=engine.holder(passkey)) if passkey else who.known()
        if verdict == "approve":
            engine.approve(shown.digest, "remote", by=by, signature=signature, comment=text)
        else:
            engine.reject_signed(shown.digest, text, "remote", by=by, signature=signature)
        given = GivenVerdict(chosen, state.key, state.attempt, shown.digest, shown.nonce, verdict, by, text, signature)
    ref = place.names.verdict(chosen, given.digest, hashlib.sha256(signer.encode()).hexdigest())
    known = (standing.verdicts or {}).get(ref, "")
    move(place.remote, [Move(ref, known, _commit(place.workspace, given, tip))], run=chosen)
    return Pushed(chosen, engine.plan.task(given.task).in_words, ref, place.remote.name)


def _signature(engine: Engine, door: SshSignatures, verdict: Kind, text: str) -> tuple[Signature, str]:
    """This person's signature, and its key's fingerprint."""
    signed = door.sign(text_to_sign(engine.run) if verdict == "approve" else rejection_to_sign(engine.run, text))
    return signed, door.key_of(signed)


def _require_signed_gate(state: TaskState, run_id: str) -> None:
    if policy_of(state).signed:
        return
    raise BadInput(
        f"the gate of task {state.key} asks for no signature, and without one a verdict on a remote is anybody's",
        next_command=f"$EDITOR phasegate.yaml   # signed: true, with allowed_signers, for this gate\n"
        f"      phasegate resume {run_id}   # or a runner takes the run over, and it is decided there",
    )


@contextmanager
def _read(place: Place, run_id: str, who: Who, person: Person) -> Iterator[tuple[Engine, Standing, Tip]]:
    """The run as it waits at the remote, open in a clone of its own. Raises BadInput when nothing waits there."""

    def read(standing: Standing) -> tuple[Standing, Tip]:
        if standing.state == "waiting":
            return standing, place.tip(run_id, standing)
        raise BadInput(
            f"run {run_id} waits for no verdict on remote {place.remote.name}: it is {standing.state or 'not there'}",
            next_command=f"phasegate status {run_id} --remote" if standing.state else "phasegate inbox",
        )

    standing, tip = read_again(lambda: place.standing(run_id), read)
    branch = branch_of(place.workspace, run_id, tip)
    with (
        said_there(run_id),
        read_elsewhere(place.workspace, tip, run=run_id, branch=branch) as home,
        held_run(home, run_id, who, person, quiet=True, alone=True) as engine,
    ):
        yield engine, standing, tip


def _commit(workspace: Path, given: GivenVerdict, tip: Tip) -> str:
    """The commit that holds it, on the tip that was read."""
    blob = run_git(workspace, "hash-object", "-w", "--stdin", given=given.to_bytes()).stdout.decode().strip()
    tree = run_git(workspace, "mktree", given=f"100644 blob {blob}\t{FILE}\n".encode()).stdout.decode().strip()
    message = f"phasegate: {given.verdict} {given.digest[:SHORT]} of {given.task}\n".encode()
    done = run_git(workspace, "commit-tree", tree, "-p", tip.sha, given=message)
    if done.returncode != 0:
        raise BadInput("git made no commit of the verdict", next_command="git config user.email")
    return done.stdout.decode().strip()
