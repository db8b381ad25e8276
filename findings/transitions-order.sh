#!/bin/sh
# transitions: ordered transitions without a loop, for a machine that goes on from the state that was kept.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check transitions==0.9.3
"$work/venv/bin/python" - <<'END'
from transitions import Machine, MachineError


def path(initial):
    machine = Machine(states=["build", "approve", "ship"], initial=initial, auto_transitions=False)
    machine.add_ordered_transitions(loop=False)
    seen = [machine.state]
    while True:
        try:
            machine.next_state()
        except MachineError:
            return seen
        seen.append(machine.state)


for initial, expected in (
    ("build", ["build", "approve", "ship"]),
    ("approve", ["approve", "ship", "build"]),
    ("ship", ["ship", "build", "approve"]),
):
    seen = path(initial)
    print(f"transitions 0.9.3, build, approve, ship without a loop, from {initial}: {seen}")
    assert seen == expected, seen
END
