#!/bin/sh
# Burr: what its SQLite persister keeps of a state, what a declared write binds, and a run that has nowhere to go.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check burr==0.42.0
HOME="$work" BURR_TELEMETRY_ENABLED=false "$work/venv/bin/python" - "$work/db" <<'END'
import datetime
import sys
from decimal import Decimal

from burr.core import ApplicationBuilder, State, action, when
from burr.core.persistence import SQLLitePersister

kept = SQLLitePersister(db_path=sys.argv[1], table_name="runs")
kept.initialize()
expected = {(1, 2): "(1, 2)", frozenset({1}): "frozenset({1})", Decimal("1.10"): "1.10", b"x": "b'x'"}
expected[datetime.datetime(2026, 1, 1)] = "2026-01-01 00:00:00"
for place, (value, back) in enumerate(expected.items()):
    kept.save("team", f"run-{place}", 1, "a", State({"v": value}), "completed")
    seen = kept.load("team", f"run-{place}")["state"]["v"]
    print(f"Burr 0.42.0: {value!r} is kept without a word and comes back as {seen!r}")
    assert seen == back, seen


@action(reads=[], writes=["done"])
def work(state: State) -> State:
    return state.update(done=1, approved=True)


@action(reads=[], writes=[])
def ship(state: State) -> State:
    return state


app = (
    ApplicationBuilder()
    .with_actions(work=work, ship=ship)
    .with_transitions(("work", "ship", when(done=99)))
    .with_state(done=0, approved=False)
    .with_entrypoint("work")
    .build()
)
last, _, state = app.run(halt_after=["ship"])
print(f"Burr 0.42.0: asked to halt after 'ship', which no transition reaches: returns after {last.name!r}, no error")
print(f"Burr 0.42.0: 'approved', which 'work' does not declare: {state['approved']}")
assert last.name == "work" and state["approved"] is True
END
