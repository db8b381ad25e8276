"""What waits for people at a remote, and what became of the verdicts that somebody gave there? Nothing is written."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from gates.approval import SHORT
from gates.operators import operators_of
from gates.policy import email_of
from state.errors import JournalDamaged, PhasegateError
from state.fold import fold
from state.json_values import Json, format_time
from state.printable import printable_line
from state.task_state import TaskStatus
from workflow.doors.git.handed_over import blob_named
from workflow.doors.git.tips import REFUSED, Tip
from workflow.engine.gatekeeper import policy_of
from workflow.meeting.moves import read_again, steadily
from workflow.meeting.refs import BRANCHES, Names, State, by_run, is_whole, runs_in, standing_of
from workflow.meeting.verdicts import FILE, GivenVerdict
from workflow.service.key_there import has_key
from workflow.service.meeting_place import Place, place_of
from workflow.service.run_in_tip import events_in
from workflow.service.who import Who
from workflow.service.workspace import workspace_of

OPEN: tuple[State, ...] = ("waiting", "working", "stopped")


@dataclass(frozen=True, slots=True)
class WaitsThere:
    """Evidence that waits at a remote; `why_not`: why whoever looks may not decide, "" where they may."""

    run: str
    task: str
    digest: str
    expires_at: datetime
    why_not: str
    remote: str

    def to_json(self) -> dict[str, Json]:
        """As docs/json.md has it."""
        until = format_time(self.expires_at)
        return {
            "run": self.run,
            "task": self.task,
            "digest": self.digest,
            "expires_at": until,
            "may": not self.why_not,
            "remote": self.remote,
        }


@dataclass(frozen=True, slots=True)
class RemoteInbox:
    """What waits, what cannot be read (with what to type), and what became of this person's verdicts: by run."""

    waiting: tuple[WaitsThere, ...]
    problems: tuple[tuple[str, PhasegateError], ...]
    verdicts: tuple[tuple[str, str], ...]
    remote: str

    def to_json(self) -> dict[str, Json]:
        return {
            "waiting": [each.to_json() for each in self.waiting],
            "verdicts": [{"run": run, "became": what} for run, what in self.verdicts],
            "problems": [
                {"run": run, "problem": what.message, "next": what.next_command} for run, what in self.problems
            ],
        }

    def lines(self) -> list[str]:
        """To read, printable."""
        found = []
        for each in self.waiting:
            why = f"; not by you: {each.why_not}" if each.why_not else ""
            until = f"{each.expires_at:%Y-%m-%d %H:%M} UTC"
            found.append(f"{each.run}: {each.task} waits for approval of {each.digest} until {until}{why}")
        found += [f"{run}: {what}" for run, what in self.verdicts]
        found += [f"{run}: {what.message}" for run, what in self.problems]
        return [printable_line(line) for line in found or [f"nothing waits on remote {self.remote}"]]

    @property
    def following(self) -> list[str]:
        """What to type for the first that this person may decide, else for the first that cannot be read."""
        mine = next((each for each in self.waiting if not each.why_not), None)
        if mine is None:
            return [f"phasegate status {run} --remote   # the way back" for run, _what in self.problems[:1]]
        return [
            f"phasegate status {mine.run} --remote --review   # read it, then",
            f"phasegate approve {mine.run} --remote --digest {mine.digest}",
        ]


def inbox(directory: Path, who: Who, remote: str | None = None) -> RemoteInbox:
    """What waits at the remote. Raises WorkspaceRefused when it does not answer."""
    place = place_of(workspace_of(directory), remote)

    def look() -> Mapping[str, str]:
        return steadily(
            place.remote,
            (place.names.everything(), f"{BRANCHES}/*"),
            lambda refs: all(is_whole(refs, place.names, run) for run in _open(refs, place.names)),
        )

    def fetched(refs: Mapping[str, str]) -> Mapping[str, str]:
        tips = [refs[place.names.of(state, run)] for run, state in _open(refs, place.names).items()]
        place.remote.fetch([*tips, *(refs[ref] for ref in _verdicts(place, refs))])
        return refs

    refs = read_again(look, fetched)
    waiting, problems, became = [], [], []
    me = who.known()
    of = by_run(refs, place.names)
    for run in sorted(_open(refs, place.names)):
        try:
            refused, waits = _read(place, run, of[run], email_of(me.git))
        except PhasegateError as error:
            problems.append((run, error))
            continue
        became += [(run, f"refused: {refused}")] if refused else []
        waiting += [waits] if waits is not None else []
    given = _given(place, refs, email_of(me.git))
    became += [(run, what) for run, _digest, what in given]
    decided = {(run, digest) for run, digest, _what in given}
    waiting = [
        replace(each, why_not="you have decided") if (each.run, each.digest) in decided else each for each in waiting
    ]
    waiting.sort(key=lambda each: (each.expires_at, each.run))
    return RemoteInbox(tuple(waiting), tuple(problems), tuple(became), place.remote.name)


def _open(refs: Mapping[str, str], names: Names) -> dict[str, State]:
    """Run -> state, of all that are not over."""
    return {run: state for state in OPEN for run in runs_in(refs, names, state)}


def _read(place: Place, run: str, refs: Mapping[str, str], me: str) -> tuple[str, WaitsThere | None]:
    """Which verdicts its tip refuses, in words, and what waits of it; by these of its refs, whose commits are here."""
    looks = itertools.chain([refs], (place.refs_of(run) for _ in itertools.repeat(None)))

    def read(seen: Mapping[str, str]) -> tuple[str, WaitsThere | None]:
        standing = standing_of(seen, place.names, run, remote=place.remote.name)
        if not standing.state:
            return "", None  # it is over by now
        tip = place.verified(run, standing) if seen is refs else place.tip(run, standing)
        return tip.said(REFUSED), _waits(place, run, tip, me) if standing.state == "waiting" else None

    return read_again(lambda: next(looks), read)


def _waits(place: Place, run_id: str, tip: Tip, me: str) -> WaitsThere:
    events = events_in(place.workspace, run_id, tip)
    run = fold(events)
    current = run.current_task
    if current is None or current.request is None or current.status != TaskStatus.IN_REVIEW:
        raise JournalDamaged(
            "its ref says that it waits, and its journal does not",
            next_command=f"phasegate status {run_id} --remote   # who pushed it",
        )
    title = next((task.title for task in run.all_tasks if task.key == current.key), current.key)
    policy, shown = policy_of(current), current.request
    operators = {email_of(each) for each in operators_of(run, current)}
    why = ""
    if not policy.signed:
        why = "its gate asks for no signature"
    elif not policy.names(f"x <{me}>"):
        why = f"it is for {', '.join(policy.who)}"
    elif policy.operator_may_approve is False and me in operators:
        why = "you did the work"
    elif not policy.orderer_may_approve and me == email_of(run.start.orderer.git):
        why = "you ordered the run"
    elif not has_key(place.workspace, run, events, tip.head, current, me):
        why = f"no key of yours is in {' or '.join(filter(None, (policy.allowed_signers, policy.passkeys)))}"
    elif any(email_of(each.by.git) == me for each in current.approvals):
        why = "you have approved it"
    elif datetime.now(UTC) >= shown.expires_at:
        why = "it has expired"
    return WaitsThere(run_id, f"{current.key} {title}", shown.digest, shown.expires_at, why, place.remote.name)


def _verdicts(place: Place, refs: Mapping[str, str]) -> list[str]:
    start = f"{place.names.prefix}/verdicts/"
    return [ref for ref in sorted(refs) if ref.startswith(start)]


def _given(place: Place, refs: Mapping[str, str], me: str) -> list[tuple[str, str, str]]:
    """Run, digest and words of those of this person's verdicts that nobody took in yet."""
    found = []
    for ref in _verdicts(place, refs):
        data = blob_named(place.workspace, f"{refs[ref]}:{FILE}") or b""
        try:
            given = GivenVerdict.from_bytes(data)
        except ValueError:
            continue  # whoever takes it in says so
        if email_of(given.by.git) == me:
            told = f"your {given.verdict} of {given.digest[:SHORT]} is not taken in yet"
            found.append((given.run, given.digest, told))
    return found
