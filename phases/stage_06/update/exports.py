"""Does another stack keep the exports of this one from changing? Asked before anybody approves.

An export that another stack imports can neither go nor change its value; a name that another stack exports is taken.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from phases.aws import AwsError, AwsPort
from phases.stage_06.stack.stacks import Stack
from state.errors import Problem

if TYPE_CHECKING:
    from phases.stage_06.template.template_shape import Template

_NOT_IMPORTED = "is not imported by any stack"  # CloudFormation has no empty answer for it


def export_problems(aws: AwsPort, stack_name: str, stack: Stack | None, template: Template) -> Iterator[Problem]:
    """What other stacks have against the exports that the template leaves.

    `stack` is the one that is deployed, None for a new one.
    """
    wanted = {f"{stack_name}-{name}" for name in template.get("Outputs", {})}  # as `template.outputs` exports them
    stack_id = stack.stack_id if stack is not None else ""
    for page in aws.pages("cloudformation", "list_exports"):
        for export in page["Exports"]:
            name, ours = str(export["Name"]), export["ExportingStackId"] == stack_id
            if ours and name not in wanted and (users := importers(aws, name)):
                yield Problem(name, f"would go, and is in use by stack {', '.join(users)}, which imports it")
            elif not ours and name in wanted:
                yield Problem(name, f"is the name of an export of another stack already: {export['ExportingStackId']}")


def importers(aws: AwsPort, export: str) -> list[str]:
    """The names of the stacks that import an export."""
    try:
        pages = list(aws.pages("cloudformation", "list_imports", ExportName=export))
    except AwsError as error:
        if _NOT_IMPORTED in error.reason:
            return []
        raise
    return [str(name) for page in pages for name in page["Imports"]]
