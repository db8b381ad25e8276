"""Does the deployment summary name everything that exists? Read as text, against what AWS has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from phases.documents.markdown import code
from phases.stage_06.live.live_deployment import LiveDeployment
from phases.stage_06.stack.stacks import StackResource
from phases.step import Check, compare


def documented(
    body: str, deployment: LiveDeployment, resources: Sequence[StackResource], answers: Mapping[str, str]
) -> list[Check]:
    """Is everything that exists named in the text? By code spans, so that `Users` is not found inside `UsersTable`."""
    tables = deployment.tables
    return [
        _named(body, "tables documented", [each.name for each in tables]),
        _named(body, "table ARNs documented", [each.arn for each in tables]),
        _named(body, "live indexes documented", [name for each in tables for name, _ in each.index_arns]),
        _named(body, "attributes documented", [a.name for each in tables for a in each.planned.attributes]),
        _named(body, "access patterns documented", [name for each in tables for name in each.planned.satisfies]),
        _named(body, "stack resources documented", [str(each["LogicalResourceId"]) for each in resources]),
        _named(body, "outputs documented", deployment.outputs),
        _named(body, "parameters recorded", deployment.parameters),
        _named(body, "answers recorded", answers),
    ]


def _named(body: str, name: str, wanted: Sequence[str] | Mapping[str, str]) -> Check:
    missing = [each for each in wanted if code(each) not in body]
    total = len(wanted)
    seen = f"{total - len(missing)} of {total}" + (f", without {', '.join(missing)}" if missing else "")
    return compare(name, f"{total} of {total}", seen)
