#!/bin/sh
# LangGraph's checkpoint gives a set and keys that are tuples back as they were, and a tuple as a list.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check langgraph==1.2.24 langgraph-checkpoint-sqlite==3.1.2
"$work/venv/bin/python" - <<'END'
import sqlite3
from decimal import Decimal
from typing import TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph


class State(TypedDict):
    kept: object


built = StateGraph(State)
built.add_node("rest", lambda state: {})
built.add_edge(START, "rest")
app = built.compile(checkpointer=SqliteSaver(sqlite3.connect(":memory:", check_same_thread=False)))


def back(value):
    thread = {"configurable": {"thread_id": "1"}}
    app.invoke({"kept": value}, thread)
    return app.get_state(thread).values["kept"]


for value, expected in (({1, 2}, {1, 2}), ({(1, 2): 3}, {(1, 2): 3}), (Decimal("1.10"), Decimal("1.10")), ((1, 2), [1, 2])):
    print(f"langgraph-checkpoint-sqlite 3.1.2: {value!r} comes back as {back(value)!r}")
    assert repr(back(value)) == repr(expected)
try:
    back(2**64)
    raise SystemExit("2**64 was kept")
except TypeError as error:
    print(f"langgraph-checkpoint-sqlite 3.1.2: 2**64: TypeError: {error}")
END
