"""What is put beside a runbook that has no checks yet? A sound, empty checks file that names its tasks and criteria."""

from __future__ import annotations

import json
from collections.abc import Iterator

from state.model import Plan
from state.path_word import path_word
from state.printable import printable_line

EXAMPLE = """\
#  - id: tests
#    name: The tests pass
#    command: {run: make test, changes: true}  # this machine is asked; it may write files
#    tasks: [FIRST]
#  - id: orders-are-there
#    name: The table is there and in service
#    service: dynamodb                       # boto3's names; the operation only reads
#    operation: describe_table
#    parameters: {TableName: "{table}"}      # a run asks once what {table} is
#    expression: Table.TableStatus           # JMESPath over the answer
#    expect: {equals: ACTIVE}
#    tasks: [FIRST]
"""


def checks_skeleton(plan: Plan) -> bytes:
    """The bytes of the file: no check, and in remarks an example and what a check may be about."""
    return "\n".join(_lines(plan)).encode() + b"\n"


def _lines(plan: Plan) -> Iterator[str]:
    runbook = printable_line(plan.runbook)
    yield f"# What AWS and this machine are asked when a task of {runbook} is done: docs/checks.md of phasegate."
    typed = printable_line(path_word(plan.runbook))
    yield f"# `phasegate checks {typed}` lists the checks, with --run it asks; a run looks when a task is handed in."
    yield f"# `phasegate checks --suggest {typed}` proposes checks."
    yield "checks: []   # write [] away, and checks below"
    first = json.dumps(plan.tasks[0].id or plan.tasks[0].title, ensure_ascii=False)
    yield from EXAMPLE.replace("FIRST", first).splitlines()
    criteria = [(task, each) for task in plan.tasks for each in task.exit_criteria]
    if criteria:
        yield "#"
        yield "# Or, in the place of `tasks`, the exit criterion that it answers; without a check a person attests it:"
        for task, criterion in criteria:
            written = json.dumps(printable_line(criterion), ensure_ascii=False)
            yield f"#    criterion: {written}   # {printable_line(task.label)}"
