"""What may an agent not do in a run, and when must a person be there where an agent works? Refusals, before anything.

Rules:
- An agent begins no more attempts at a task than the policy of its gate says (`attempts`); then it is a person's.
- What a person must think about is never answered by an agent, where a step of phasegate's own or a rollback asks it: a
  typed confirmation, a plan to take something back, whether something is repeated. Neither is, in any task, whether the
  work may go on behind a line by which the runbook says to stop.
- In a run that an agent's server started, what else decides asks for a person who is there, as its gates do: a
  rejection, an abort, a rollback, an edit of the runbook, the approval of a policy. No signature is made for these, so
  that `presence: signed` asks for a terminal.
"""

from __future__ import annotations

from gates.operators import is_agents_run
from phases.step import Question
from state.counted import counted
from state.errors import BadInput, Waiting
from state.model import PlannedTask
from workflow.engine.open_run import OpenRun

NO_AGENTS = "a person's to answer, no agent's"


def attempts_used_up(run_id: str, task: PlannedTask, attempts: int) -> Waiting:
    """That a task waits for a person, because an agent has had all its attempts."""
    return Waiting(
        f"task {task.label} waits for a person: an agent has had {counted(attempts, 'attempt')} at it "
        "(attempts in phasegate.yaml)",
        next_command=f"phasegate resume {run_id}   # a person goes on; it shows why each of them ended",
    )


def is_persons(run: OpenRun, task: PlannedTask, question: Question) -> bool:
    """Whether an agent works here, and only a person may answer this."""
    decides = run.workflow.step_for(task) is not None or run.state.rollback is not None
    return run.doors.me.is_agent and (question.persons or (decides and not question.suggest))


def require_persons_answer(run: OpenRun, task: PlannedTask, question: Question) -> None:
    """Raise Waiting for an agent's answer to what only a person may answer."""
    if is_persons(run, task, question):
        asked = question.text.partition("\n")[0]
        raise Waiting(
            f"task {task.label} asks, and no agent may answer: {asked}",
            next_command=f"phasegate resume {run.run_id}   # a person answers {question.name}",
        )


def require_presence(run: OpenRun, command: str) -> None:
    """Raise BadInput where this would decide in an agent's run and no person is there; `command` does it."""
    me, state = run.doors.me, run.state
    if me.is_agent:
        raise BadInput(f"{me.git} is no person, and this is a person's to decide", next_command=command)
    if run.doors.person.at_terminal or not is_agents_run(state):
        return
    key = state.position.task or run.plan.tasks[-1].key
    if run.counting.policy(run.plan.task(key)).presence != "any":
        raise BadInput(
            "an agent's server started this run, and there is no terminal here: expected a person who is there "
            "(presence in phasegate.yaml)",
            next_command=f"{command}   # in a terminal",
        )
