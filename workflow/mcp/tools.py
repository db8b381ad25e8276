"""Which tools does an agent have? One function each, over plain values, calling the desk; named as they are called.

Rules:
- None approves, rejects, aborts, rolls back, takes an edit, adopts or says `--yes`; there is no argument for it.
- What acts is an order to the one worker, in the agent's name: whoever calls decides how to wait for it. What reads
  does not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from state.errors import PhasegateError, Waiting
from state.json_values import Json
from workflow.mcp.answer import Answer, refused, stood_at, with_not_run
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
from workflow.service.not_used import not_used
from workflow.service.resume import resume
from workflow.service.run import Wanted, run
from workflow.service.run_at_hand import run_at_hand, take_in_hand
from workflow.service.runs import runs as all_runs
from workflow.service.stands import stands
from workflow.service.this_process import nobody
from workflow.service.verdict import note as leave_note
from workflow.service.workspace import require_inside

PATIENCE = 25.0  # how long a call looks at work that goes on before it says so [s]; clients give up after 60
MOST_EVENTS = 200  # of a log
GOES_ON = "It goes on without you: call status to look, or the same tool again."
NOT_BEGUN = "Another order is at work, and this one was not begun: call status to look, and the same tool again."


@dataclass(frozen=True, slots=True)
class Ordered:
    """Work that was ordered.

    Attributes:
        work: what becomes of it; its value is for `told` alone.
        told: reads what the agent is told, of work that is done or is not yet.
    """

    work: Future[str]
    told: Callable[[], Answer]


class Tools:
    """The tools, over one directory; `name` and `version` of each call are the client's own words."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._worker = Worker()

    # --- looking -------------------------------------------------------------------------------------------------

    def plan(self, target: str) -> Answer:
        """What would run of a workflow or a runbook: states, gates, commit messages."""

        def look() -> Answer:
            require_inside(self._directory, target)
            return _json(plans.plan(self._directory, target, None, strict=False).to_json())

        return self._looked(look)

    def questions(self, target: str) -> Answer:
        """What a run of a workflow or a runbook may ask."""

        def look() -> Answer:
            require_inside(self._directory, target)
            return dict(asking.questions(self._directory, target, None).to_json())

        return self._looked(look)

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

    # --- working -------------------------------------------------------------------------------------------------

    def start(
        self, who: tuple[str, str], target: str, *, sandbox: bool, answers: Mapping[str, str]
    ) -> Ordered | Answer:
        """Start a run of a workflow or a runbook, and take it to its first gate or task by hand."""

        beside: list[str] = []

        def work() -> str:
            require_inside(self._directory, target)
            person = agent(self._directory, *who)
            wanted, driving = Wanted(target, sandbox=sandbox), Driving(said=answers)
            return run(self._directory, person, nobody(), wanted, driving, beside=beside.append).run

        def told(found: Answer) -> Answer:
            more: Answer = {"not_taken": [*beside]} if beside else {}
            return self._with_unused({**found, **more}, answers)

        return self._ordered(f"start {target}", None, work, told)

    def drive(self, who: tuple[str, str], run_id: str | None, answers: Mapping[str, str]) -> Ordered | Answer:
        """Take the run to its next gate or task by hand, with these answers to what it asks."""

        def work() -> str:
            person = agent(self._directory, *who)
            return resume(self._directory, person, nobody(), run_id, Driving(said=answers)).run

        return self._ordered("drive", run_id, work, lambda found: self._with_unused(found, answers))

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
    ) -> Ordered | Answer:
        """Hand the work at the task in, with answers to what it asks: the gate waits for a person then."""
        given = handing_in.Work(paths, no_files, attest, runs, skip or None, None, boxes, answers)
        left: list[int] = []
        order: Order = {"paths": paths, "boxes": boxes, "attest": attest, "commands": runs, "answers": answers}

        def work() -> str:
            person = agent(self._directory, *who)
            handed_in = handing_in.done(self._directory, person, nobody(), run_id, given)
            left.extend(handed_in.not_run)
            return handed_in.run

        def told(found: Answer) -> Answer:
            if "next" in found:
                found = {**found, "next": once_more(found["next"], order)}
            own = {each for each in left if any(_skips(each, name, said) for name, said in answers.items())}
            return self._with_unused(with_not_run(found, left, own), answers)

        return self._ordered("hand in", run_id, work, told)

    def take_back(self, who: tuple[str, str], run_id: str | None) -> Ordered | Answer:
        """Take back what this agent handed in, until it is approved."""

        def work() -> str:
            person = agent(self._directory, *who)
            taken = handing_in.take_back(self._directory, person, nobody(), run_id)
            return taken.partition(": ")[0]

        return self._ordered("take back", run_id, work)

    def note(self, who: tuple[str, str], run_id: str | None, text: str) -> Ordered | Answer:
        """Leave a remark in the working log."""

        def work() -> str:
            return leave_note(self._directory, agent(self._directory, *who), nobody(), run_id, text).run

        return self._ordered("note", run_id, work)

    # --- how -----------------------------------------------------------------------------------------------------

    def _looked(self, look: Callable[[], Answer]) -> Answer:
        try:
            return look()
        except PhasegateError as error:
            return refused(error)
        except OSError as error:
            return refused(_as_refusal(error))

    def _ordered(
        self, words: str, run_id: str | None, work: Callable[[], str], more: Callable[[Answer], Answer] = dict
    ) -> Ordered | Answer:
        """Have it worked at; `more`: what is told beside where the run stands then. A refusal where nothing more is."""
        at_hand = [run_id or ""]

        def noticed() -> str:
            take_in_hand("")
            try:
                return work()
            finally:
                at_hand[0] = run_at_hand() or at_hand[0]

        try:
            done = self._worker.order(words, noticed)
        except PhasegateError as error:
            return {**refused(error), "run": run_id}
        return Ordered(done, lambda: more(self._told(done, run_id, at_hand)))

    def _told(self, work: Future[str], run_id: str | None, at_hand: Sequence[str]) -> Answer:
        """Where the run stands after this work, or that it goes on."""
        if work.cancelled() or not work.done():
            then = NOT_BEGUN if work.cancelled() else GOES_ON
            look: Json = {"tool": "status", "arguments": {"run": run_id} if run_id else {}, "why": "how far it is"}
            at = self._worker.busy_with
            return {"status": "at-work", "run": run_id, "at": at, "then": then, "next": [look]}
        try:
            done = work.result()
        except PhasegateError as error:
            return self._stopped(error, at_hand[0])
        except OSError as error:
            return self._stopped(_as_refusal(error), at_hand[0])
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
            told["next"] = once_more(told["next"], {"answers": again}, fills_in=True)
        return told

    def _stopped(self, error: PhasegateError, run_id: str) -> Answer:
        """Why the work ended; where a person is waited for, that is where the run stands."""
        said = refused(error, run_id)
        if not isinstance(error, Waiting) or not run_id:
            return {**said, "run": run_id or None}
        try:
            steps = said["next"] if isinstance(said["next"], list) else []
            found = stood_at(stands(self._directory, run_id), message=str(said["message"]), following=steps)
        except PhasegateError:
            return {**said, "run": run_id}
        return found


def _as_refusal(error: OSError) -> PhasegateError:
    """The refusal that an answer of the system is. Raises the error itself where it is none."""
    if refusal := as_refusal(error):
        return refusal
    raise error


def _json(body: Mapping[str, object]) -> dict[str, Json]:
    """What a view gives is JSON already; said here where its type does not say so."""
    return dict(body)  # type: ignore[arg-type]


def _skips(number: int, name: str, said: str) -> bool:
    """Whether an answer leaves out the command with this number."""
    return said == "skip" and name.endswith(f"-command-{number}")
