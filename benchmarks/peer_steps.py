"""So many trivial steps of one other engine, in its own environment (see peers.py): prints seconds a step."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any, TypedDict


def dbos(steps: int) -> float:
    from dbos import DBOS

    DBOS(config={"name": "steps", "system_database_url": "sqlite:///steps.sqlite", "run_admin_server": False})

    @DBOS.step()
    def step(number: int) -> int:
        return number + 1

    @DBOS.workflow()
    def run(count: int) -> float:
        since = time.perf_counter()
        for number in range(count):
            step(number)
        return time.perf_counter() - since

    DBOS.launch()
    taken = run(steps)
    DBOS.destroy()
    return taken


def burr(steps: int) -> float:
    from burr.core import ApplicationBuilder, State, action
    from burr.core.action import expr
    from burr.core.persistence import SQLLitePersister

    @action(reads=["number"], writes=["number"])
    def step(state: State) -> State:
        return state.update(number=state["number"] + 1)

    @action(reads=[], writes=[])
    def end(state: State) -> State:
        return state

    persister = SQLLitePersister("steps.sqlite")
    persister.initialize()
    app = (
        ApplicationBuilder()
        .with_actions(step, end)
        .with_transitions(("step", "step", expr(f"number < {steps}")), ("step", "end"))
        .with_state(number=0)
        .with_entrypoint("step")
        .with_state_persister(persister)
        .with_identifiers(app_id="steps")
        .build()
    )
    since = time.perf_counter()
    app.run(halt_after=["end"])
    return time.perf_counter() - since


class Counted(TypedDict):
    number: int


def langgraph(steps: int) -> float:
    from langgraph.checkpoint.sqlite import SqliteSaver
    from langgraph.graph import END, START, StateGraph

    graph: Any = StateGraph(Counted)
    graph.add_node("step", lambda state: {"number": state["number"] + 1})
    graph.add_edge(START, "step")
    graph.add_conditional_edges("step", lambda state: "step" if state["number"] < steps else END)
    with SqliteSaver.from_conn_string("steps.sqlite") as saver:
        app = graph.compile(checkpointer=saver)
        config = {"configurable": {"thread_id": "steps"}, "recursion_limit": 2 * steps + 10}
        since = time.perf_counter()
        app.invoke({"number": 0}, config, durability="sync")
        return time.perf_counter() - since


def spiff(steps: int) -> float:
    from SpiffWorkflow.serializer.json import JSONSerializer
    from SpiffWorkflow.specs.Simple import Simple
    from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
    from SpiffWorkflow.util.task import TaskState
    from SpiffWorkflow.workflow import Workflow

    spec = WorkflowSpec("steps", addstart=True)
    last = spec.start
    for number in range(steps):
        each = Simple(spec, f"step{number}")
        last.connect(each)
        last = each
    sys.setrecursionlimit(20 * steps + 1_000)  # it goes from step to step by calls
    workflow, serializer = Workflow(spec), JSONSerializer()
    since = time.perf_counter()
    for _ in range(steps):
        ready = next(iter(workflow.get_tasks(state=TaskState.READY)))
        ready.run()
        with open("draft", "w") as draft:  # noqa: PTH123
            draft.write(str(workflow.serialize(serializer)))
            draft.flush()
            os.fsync(draft.fileno())
        os.replace("draft", "steps.json")  # noqa: PTH105
    return time.perf_counter() - since


ENGINES: dict[str, Callable[[int], Any]] = {
    "DBOS on SQLite": dbos,
    "Burr": burr,
    "LangGraph, SQLite checkpointer": langgraph,
    "SpiffWorkflow": spiff,
}


def main() -> None:
    name, steps = sys.argv[1], int(sys.argv[2])
    taken = ENGINES[name](steps)
    if asyncio.iscoroutine(taken):
        taken = asyncio.run(taken)
    print(json.dumps(taken / steps))


if __name__ == "__main__":
    main()
