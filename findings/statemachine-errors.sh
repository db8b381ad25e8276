#!/bin/sh
# The two classes of python-statemachine: an action that fails, an event that nobody knows, a condition that cannot be asked.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check python-statemachine==3.2.2
"$work/venv/bin/python" -W ignore - <<'END'
from statemachine import State, StateChart, StateMachine


def release(base):
    class Release(base):
        draft, deployed, done = State(initial=True), State(), State(final=True)
        deploy = draft.to(deployed)
        finish = deployed.to(done)

        def on_deploy(self):
            raise RuntimeError("the deployment failed")

    return Release()


def gated(base):
    class Gated(base):
        draft, deployed = State(initial=True), State(final=True)
        deploy = draft.to(deployed, cond="approved")

        def approved(self):
            raise RuntimeError("nobody can be asked")

    return Gated()


def comes_to(machine, event):
    try:
        machine.send(event)
        said = "no error"
    except Exception as error:
        said = type(error).__name__
    return said, [each.id for each in machine.configuration]


cases = [
    ("the action of `deploy` raises", release, "deploy", ("RuntimeError", ["draft"]), ("no error", ["deployed"])),
    ("an event `deplyo`", release, "deplyo", ("TransitionNotAllowed", ["draft"]), ("no error", ["draft"])),
    ("`finish` before `deploy`", release, "finish", ("TransitionNotAllowed", ["draft"]), ("no error", ["draft"])),
    ("the condition of `deploy` raises", gated, "deploy", ("RuntimeError", ["draft"]), ("no error", ["draft"])),
]
print("python-statemachine 3.2.2")
for what, build, event, machine, chart in cases:
    seen = [comes_to(build(base), event) for base in (StateMachine, StateChart)]
    print(f"{what}: StateMachine {seen[0]}, StateChart {seen[1]}")
    assert seen == [machine, chart], (what, seen)
END
