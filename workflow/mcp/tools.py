"""Which tools does an agent have? One function each, over plain values, calling the desk; named as they are called.

Rules:
- None approves, rejects, aborts, rolls back, takes an edit, adopts or says `--yes`; there is no argument for it.
- What acts goes to the one worker, in the agent's name; what reads does not wait for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from state.errors import PhasegateError, Waiting
from state.json_values import Json
from workflow.mcp.answer import Answer, refused, stood_at
from workflow.mcp.next_steps import Order, once_more
from workflow.mcp.worker import Worker
from workflow.service import audit as audits
from workflow.service import done as handing_in
from workflow.service import plan as plans
from workflow.service import questions as asking
from workflow.service import status as looking
from workflow.service.agent import agent
from workflow.service.changed_while_read import as_refusal
from workflow.service.drive import Driving
from workflow.service.follow import watch
from workflow.service.not_used import not_used
from workflow.service.resume import resume
from workflow.service.run import Wanted, run
from workflow.service.run_at_hand import run_at_hand, take_in_hand
from workflow.service.runs import runs as all_runs
from workflow.service.stands import stands
from workflow.service.this_process import nobody
from workflow.service.verdict import note as leave_note

PATIENCE = 25.0  # how long a tool looks at work that goes on before it says so [s]; clients give up after 60
LONGEST_WAIT = 50.0  # [s]
MOST_EVENTS = 200  # of a log


class Tools:
    """The tools, over one directory; `name` and `version` of each call are the client's own words."""

    def __init__(self, directory: Path, *, patience: float = PATIENCE) -> None:
        self._directory, self._patience = directory, patience
        self._worker = Worker()

    # --- looking -------------------------------------------------------------------------------------------------

    def plan(self, target: str) -> Answer:
        """What would run of a workflow or a runbook: states, gates, commit messages."""
        return self._looked(lambda: _json(plans.plan(self._directory, target, None, strict=False).to_json()))

    def questions(self, target: str) -> Answer:
        """What a run of a workflow or a runbook may ask."""
        return self._looked(lambda: dict(asking.questions(self._directory, target, None).to_json()))

    def runs(self) -> Answer:
        """The runs of this repository."""
        return self._looked(lambda: _json(all_runs(self._directory).to_json()))

    def status(self, run_id: str | None) -> Answer:
        """Where the run stands, task by task, and what it waits for."""
        return self._looked(lambda: dict(looking.status(self._directory, run_id).to_json()))

    def task(self, run_id: str | None) -> Answer:
        """The task at hand: text, commands, boxes, criteria, why earlier attempts ended; and the gate, if one waits."""
        return self._looked(lambda: stood_at(stands(self._directory, run_id)))

    def review(self, run_id: str | None) -> Answer:
        """The page that is put before the approvers, as Markdown."""
        return self._looked(lambda: {"page": looking.review(self._directory, run_id)})

    def log(self, run_id: str | None) -> Answer:
        """What happened in the run, a line an event; the latest of them."""

        def look() -> Answer:
            events: list[Json] = [each.text() for each in looking.log(self._directory, run_id)]
            return {"events": events[-MOST_EVENTS:]}

        return self._looked(look)

    def audit(self, run_id: str | None) -> Answer:
        """What an audit finds of the run, or of every run."""
        return self._looked(lambda: {"runs": [each.to_json() for each in audits.audit(self._directory, run_id)]})

    def wait(self, run_id: str | None, seconds: float) -> Answer:
        """Look until a person has decided what waits, at most so long; then where the run stands."""
        until = time.monotonic() + min(max(0.0, seconds), LONGEST_WAIT)  # no number is none

        def pause(for_: float) -> None:
            if time.monotonic() >= until:
                raise _Enough
            time.sleep(min(for_, max(until - time.monotonic(), 0.0)))

        def look() -> Answer:
            try:
                for view in watch(self._directory, run_id, pause):
                    if view.waiting_for is None:
                        break
            except _Enough:
                pass
            return stood_at(stands(self._directory, run_id))

        return self._looked(look)

    # --- working -------------------------------------------------------------------------------------------------

    def start(self, who: tuple[str, str], target: str, *, sandbox: bool, answers: Mapping[str, str]) -> Answer:
        """Start a run of a workflow or a runbook, and take it to its first gate or task by hand."""

        def work() -> str:
            person = agent(self._directory, *who)
            wanted, driving = Wanted(target, sandbox=sandbox), Driving(said=answers)
            return run(self._directory, person, nobody(), wanted, driving).run

        return self._with_unused(self._worked(f"start {target}", None, work), answers)

    def drive(self, who: tuple[str, str], run_id: str | None, answers: Mapping[str, str]) -> Answer:
        """Take the run to its next gate or task by hand, with these answers to what it asks."""

        def work() -> str:
            person = agent(self._directory, *who)
            return resume(self._directory, person, nobody(), run_id, Driving(said=answers)).run

        return self._with_unused(self._worked("drive", run_id, work), answers)

    def hand_in(
        self,
        who: tuple[str, str],
        run_id: str | None,
        *,
        paths: Sequence[str],
        boxes: Sequence[str],
        attest: Sequence[str],
        runs: Sequence[str],
        skip: str,
        no_files: bool,
        answers: Mapping[str, str],
    ) -> Answer:
        """Hand the work at the task in, with answers to what it asks: the gate waits for a person then."""
        given = handing_in.Work(paths, no_files, attest, runs, skip or None, None, boxes, answers)

        def work() -> str:
            person = agent(self._directory, *who)
            return handing_in.done(self._directory, person, nobody(), run_id, given).run

        found = self._worked("hand in", run_id, work)
        order: Order = {"paths": paths, "boxes": boxes, "attest": attest, "commands": runs, "answers": answers}
        if "next" in found:
            found["next"] = once_more(found["next"], order)
        return self._with_unused(found, answers)

    def take_back(self, who: tuple[str, str], run_id: str | None) -> Answer:
        """Take back what this agent handed in, until it is approved."""

        def work() -> str:
            person = agent(self._directory, *who)
            taken = handing_in.take_back(self._directory, person, nobody(), run_id)
            return taken.partition(": ")[0]

        return self._worked("take back", run_id, work)

    def note(self, who: tuple[str, str], run_id: str | None, text: str) -> Answer:
        """Leave a remark in the working log."""

        def work() -> str:
            return leave_note(self._directory, agent(self._directory, *who), nobody(), run_id, text).run

        return self._worked("note", run_id, work)

    # --- how -----------------------------------------------------------------------------------------------------

    def _looked(self, look: Callable[[], Answer]) -> Answer:
        try:
            return look()
        except PhasegateError as error:
            return refused(error)
        except OSError as error:
            return refused(_as_refusal(error))

    def _worked(self, words: str, run_id: str | None, work: Callable[[], str]) -> Answer:
        """Have it worked at, and tell where the run stands then."""
        at_hand = [run_id or ""]

        def noticed() -> str:
            take_in_hand("")
            try:
                return work()
            finally:
                at_hand[0] = run_at_hand() or at_hand[0]

        try:
            done = self._worker.order(words, noticed, self._patience)
        except PhasegateError as error:
            return self._stopped(error, at_hand[0])
        except OSError as error:
            return self._stopped(_as_refusal(error), at_hand[0])
        if done is None:
            then = "It goes on without you: call status or task, or the same tool again to look."
            return {"status": "at-work", "run": run_id, "at": self._worker.busy_with, "then": then}
        return self._looked(lambda: stood_at(stands(self._directory, done)))

    def _with_unused(self, found: Answer, answers: Mapping[str, str]) -> Answer:
        """The same, with the answers that nothing asked for, by name, and in the next hand-in those it may take."""
        run_id = found.get("run")
        if not answers or not isinstance(run_id, str) or found["status"] in ("at-work", "refused"):
            return found
        try:
            unused = not_used(self._directory, run_id, answers)
        except PhasegateError:
            return found  # where it stands was told; what keeps it from being read is told by whatever comes next
        if not unused:
            return found
        told: Answer = {**found, "not_used": {each.name: each.why for each in unused}}
        if "next" in told:
            again = {each.name: answers[each.name] for each in unused if each.may_come}
            told["next"] = once_more(told["next"], {"answers": again})
        return told

    def _stopped(self, error: PhasegateError, run_id: str) -> Answer:
        """Why the work ended; where a person is waited for, that is where the run stands."""
        said = refused(error, run_id)
        if not isinstance(error, Waiting) or not run_id:
            return {**said, "run": run_id or None}
        try:
            found = stood_at(stands(self._directory, run_id), message=str(said["message"]), following=said["next"])
        except PhasegateError:
            return {**said, "run": run_id}
        return {**found, "next": said["next"]}


def _as_refusal(error: OSError) -> PhasegateError:
    """The refusal that an answer of the system is. Raises the error itself where it is none."""
    if refusal := as_refusal(error):
        return refusal
    raise error


class _Enough(Exception):
    """The time to look is over."""


def _json(body: Mapping[str, object]) -> dict[str, Json]:
    """What a view gives is JSON already; said here where its type does not say so."""
    return dict(body)  # type: ignore[arg-type]
