#!/bin/sh
# DBOS: a deadline that passes while a workflow sleeps, and what a deadline and a cancellation do to the workflows that it has started.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check dbos==3.4.0
cd "$work" && "$work/venv/bin/python" -W ignore - <<'END'
import logging
import time

from dbos import DBOS, SetWorkflowID, SetWorkflowTimeout

logging.disable(logging.CRITICAL)
DBOS(config={"name": "deadlines", "system_database_url": "sqlite:///system.sqlite"})


@DBOS.workflow()
def child():
    DBOS.sleep(4)
    return "child"


@DBOS.workflow()
def starts(of):
    with SetWorkflowID(of):
        DBOS.start_workflow(child)
    return "started"


@DBOS.workflow()
def waits(of):
    with SetWorkflowID(of):
        return DBOS.start_workflow(child).get_result()


def status(of):
    return DBOS.retrieve_workflow(of).get_status().status


DBOS.launch()
with SetWorkflowID("parent"), SetWorkflowTimeout(1):
    DBOS.start_workflow(starts, "child-1")
with SetWorkflowID("cancelled"):
    DBOS.start_workflow(waits, "child-2")
time.sleep(1)
DBOS.cancel_workflow("cancelled")
time.sleep(6)
print("dbos 3.4.0")
print(
    "a parent with a deadline, done before it:",
    status("parent"),
    "- its child, which goes on alone:",
    status("child-1"),
)
assert (status("parent"), status("child-1")) == ("SUCCESS", "CANCELLED")
print("a parent that was cancelled:", status("cancelled"), "- its child, for which it waited:", status("child-2"))
assert (status("cancelled"), status("child-2")) == ("CANCELLED", "SUCCESS")
print("cancelling a workflow that is not there:", DBOS.cancel_workflow("nobody"))
DBOS.cancel_workflow("child-2")
print("cancelling one that is over:", status("child-2"))
try:
    DBOS.resume_workflow("nobody")
    raise SystemExit("it resumed a workflow that is not there")
except Exception as error:
    print("resuming a workflow that is not there:", type(error).__name__)
print("those whose status is `CANCELED`:", DBOS.list_workflows(status="CANCELED"))
assert DBOS.list_workflows(status="CANCELED") == [] != DBOS.list_workflows(status="CANCELLED")
DBOS.destroy()
END
