"""Does the deployment summary name everything that exists? Read as text, against what AWS has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from phases.documents.markdown import code
from phases.stage_06.live.live_deployment import DeployedTable, LiveDeployment
from phases.stage_06.stack.stacks import StackResource
from phases.step import Check, compare


def documented(
    body: str, deployment: LiveDeployment, resources: Sequence[StackResource], answers: Mapping[str, str]
) -> list[Check]:
    """Is everything that exists named in the text? By code spans, so that `Users` is not found inside `UsersTable`.

    An index of the contract that AWS does not list is missing, and so is everything of a stack without a resource.
    """
    tables = deployment.tables
    return [
        _named(body, "tables documented", [each.name for each in tables]),
        _named(body, "table ARNs documented", [each.arn for each in tables]),
        _named(body, "live indexes documented", [name for each in tables for name in _indexes(each)]),
        _named(body, "attributes documented", [a.name for each in tables for a in each.planned.attributes]),
        _named(body, "access patterns documented", [name for each in tables for name in each.planned.satisfies]),
        _named(body, "stack resources documented", [str(each["LogicalResourceId"]) for each in resources] or [""]),
        _named(body, "outputs documented", deployment.outputs),
        _named(body, "parameters recorded", deployment.parameters),
        _named(body, "answers recorded", answers),
    ]


def _indexes(table: DeployedTable) -> list[str]:
    """The live indexes; one of the contract's that AWS does not list is told so, which no text names."""
    live = {name for name, _arn in table.index_arns}
    return [name if name in live else f"{table.name}.{name}, which AWS does not list" for name in table.index_names]


def _named(body: str, name: str, wanted: Sequence[str] | Mapping[str, str]) -> Check:
    missing = [each for each in wanted if not each or code(each) not in body]
    total = len(wanted)
    named = ", ".join(each or "what has no name" for each in missing)
    seen = f"{total - len(missing)} of {total}" + (f", without {named}" if missing else "")
    return compare(name, f"{total} of {total}", seen)
