#!/bin/sh
# LangGraph: a gate answered with None ends in UnboundLocalError, and an answer to a thread that asked nothing starts it.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check langgraph==1.2.24 langgraph-checkpoint-sqlite==3.1.2
"$work/venv/bin/python" - <<'END'
import sqlite3
from typing import TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt


class State(TypedDict):
    said: object


begun = []


def work(state):
    begun.append("work")
    return {}


def gate(state):
    return {"said": interrupt("go on?")}


def graph():
    built = StateGraph(State)
    built.add_node("work", work)
    built.add_node("gate", gate)
    built.add_edge(START, "work")
    built.add_edge("work", "gate")
    built.add_edge("gate", END)
    return built.compile(checkpointer=SqliteSaver(sqlite3.connect(":memory:", check_same_thread=False)))


def thread(name):
    return {"configurable": {"thread_id": name}}


for answer in (False, 0, "", None):
    app = graph()
    app.invoke({"said": "nothing"}, thread("1"))
    try:
        result = repr(app.invoke(Command(resume=answer), thread("1"))["said"])
    except Exception as error:
        result = f"{type(error).__name__}: {error}"
    print(f"langgraph 1.2.24: a gate answered with {answer!r}: {result}")
    assert result.startswith("UnboundLocalError") == (answer is None)

begun.clear()
result = graph().invoke(Command(resume="yes"), thread("never-started"))
print(f"langgraph 1.2.24: an answer for a thread that never ran: nodes run {begun}, then {sorted(result)}")
assert begun == ["work"] and "__interrupt__" in result
END
