#!/bin/sh
# SpiffWorkflow: a task behind a manual task that nobody has done, and data that has a key of its serializer.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check SpiffWorkflow==3.2.0
"$work/venv/bin/python" - "$work/p.bpmn" <<'END'
import sys

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer

with open(sys.argv[1], "w") as file:
    file.write("""<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="x">
<bpmn:process id="p" isExecutable="true">
<bpmn:startEvent id="s"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
<bpmn:manualTask id="approve"><bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing></bpmn:manualTask>
<bpmn:scriptTask id="ship"><bpmn:incoming>f2</bpmn:incoming><bpmn:outgoing>f3</bpmn:outgoing><bpmn:script>shipped = True</bpmn:script></bpmn:scriptTask>
<bpmn:endEvent id="e"><bpmn:incoming>f3</bpmn:incoming></bpmn:endEvent>
<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="approve"/><bpmn:sequenceFlow id="f2" sourceRef="approve" targetRef="ship"/>
<bpmn:sequenceFlow id="f3" sourceRef="ship" targetRef="e"/></bpmn:process></bpmn:definitions>""")


def begin():
    parser = BpmnParser()
    parser.add_bpmn_file(sys.argv[1])
    workflow = BpmnWorkflow(parser.get_spec("p"))
    workflow.do_engine_steps()
    return workflow, {task.task_spec.name: task for task in workflow.get_tasks()}


workflow, tasks = begin()
before = TaskState.get_name(tasks["ship"].state)
tasks["ship"].run()
states = {name: TaskState.get_name(tasks[name].state) for name in ("approve", "ship", "e")}
print(f"SpiffWorkflow 3.2.0: run() on a {before} task behind a manual task: {states}")
assert before == "FUTURE" and states == {"approve": "READY", "ship": "COMPLETED", "e": "READY"}

workflow, tasks = begin()
keeper = BpmnWorkflowSerializer()
for value in ({"kind": "release"}, {"typename": "release"}):
    tasks["approve"].data["ticket"] = value
    text = keeper.serialize_json(workflow)
    try:
        keeper.deserialize_json(text)
        seen = "comes back"
    except TypeError as error:
        seen = f"is written, and reading it ends in TypeError: {error}"
    print(f"SpiffWorkflow 3.2.0: {value} {seen}")
    assert (seen == "comes back") == ("kind" in value)
END
