"""How are `approve`, `done` and `resume` done, and what is said of it? Without click, which loads forty modules."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gates.words import SHORT
from workflow import starting
from workflow.cli.next_line import Standing, say_goes_on, say_next
from workflow.cli.order import order
from workflow.cli.say import say

if TYPE_CHECKING:
    from workflow.service.done import Work
    from workflow.service.drive import Driving, Follower


def give_approval(
    at: Standing,
    run_id: str | None,
    digest: str,
    *,
    sign: bool = False,
    key: Path | None = None,
    comment: str = "",
    attest: Sequence[str] = (),
    waive: Sequence[str] = (),
) -> int:
    """Approve exactly the evidence with this digest, and say what came of it. Raises as the desk's `approve`."""
    from workflow.service.verdict import approve

    given = approve(
        *order(at),
        run_id,
        digest,
        sign=sign,
        key=key,
        comment=comment,
        attest=attest,
        waive=waive,
        ask=not at.no_input,
    )
    missing = f": {given.missing}" if given.missing else ""
    state = "approved" if given.admits else f"approved, more approvals are needed{missing}"
    say(f"{given.run}: {given.state} {state}")
    say_goes_on(at, given.run, is_asked=given.is_asked)
    return 0


def hand_in(at: Standing, run_id: str | None, work: Work) -> int:
    """Hand in the work of the task that the run stands at, and say who reads it. Raises as the desk's `done`."""
    from workflow.service.done import done

    given = done(*order(at), run_id, work)
    short = given.digest[:SHORT]
    waits = "is opened by the policy when the run is resumed" if given.by_policy else "waits for approval"
    say(f"{given.run}: {given.task} handed in; {short} {waits}")
    for each in given.cannot_run:
        say(each, err=True)
    left = ", ".join(map(str, given.not_run)) if not work.runs else ""
    which, them = ("command", "it") if len(given.not_run) == 1 else ("commands", "them")
    back = f"phasegate done {given.run} --take-back   # {which} {left} not run; to run {them} after all, then"
    say_next(
        at,
        *given.opened_by[: given.by_policy],
        f"phasegate status {given.run} --review   # somebody reads it, then",
        *given.opened_by[given.by_policy :],
        *([back, given.with_commands] if left else []),
    )
    return 0


def go_on(
    at: Standing,
    run_id: str | None,
    *,
    driving: Driving | None = None,
    take_edit: bool = False,
    ask_again: Sequence[str] = (),
    as_json: bool = False,
) -> int:
    """Drive a run from where it stands, and say how far it came. Raises as the desk's `resume`."""
    starting.begin()
    from workflow.cli.driven import say_driven
    from workflow.service.drive import Driving
    from workflow.service.resume import resume

    follower = _json_lines(at) if as_json else None
    driven = resume(
        *order(at), run_id, driving or Driving(), take_edit=take_edit, ask_again=ask_again, follower=follower
    )
    say_driven(at, driven, results_to_stderr=as_json)
    return 0


def _json_lines(at: Standing) -> Follower:
    from workflow.cli.json_lines import JsonLines  # here: where somebody reads them

    return JsonLines(at)
