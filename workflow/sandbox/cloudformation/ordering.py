"""In which order are resources made? Dependencies first, otherwise as written; cycles are refused by name."""

from __future__ import annotations

from collections.abc import Mapping

from workflow.sandbox.cloudformation.errors import validation_error
from workflow.sandbox.cloudformation.intrinsics import references
from workflow.sandbox.cloudformation.template import Template


def dependencies(template: Template) -> dict[str, set[str]]:
    """For each resource, the resources that it needs first: DependsOn, Ref, GetAtt and Sub."""
    needs = {}
    for name, entry in template.resources.items():
        named = {reference for reference, _ in references(entry.properties)} | set(entry.depends_on)
        needs[name] = named & set(template.resources)
    return needs


def creation_order(needs: Mapping[str, set[str]]) -> list[str]:
    """Every key of `needs`, each after everything that it needs.

    Raises:
        ServiceError: "Circular dependency between resources: [A, B]".
    """
    waiting = {name: len(needed) for name, needed in needs.items()}
    needed_by = _dependents(needs)
    # Grows while it is walked: names are taken in the order in which they became ready, and as the author wrote them.
    ordered = [name for name, count in waiting.items() if count == 0]
    for name in ordered:
        for dependent in needed_by[name]:
            waiting[dependent] -= 1
            if waiting[dependent] == 0:
                ordered.append(dependent)
    if circular := [name for name, count in waiting.items() if count > 0]:
        raise validation_error(f"Circular dependency between resources: [{', '.join(circular)}]")
    return ordered


def _dependents(needs: Mapping[str, set[str]]) -> dict[str, list[str]]:
    """For each resource those that need it, in the order of `needs`."""
    needed_by: dict[str, list[str]] = {name: [] for name in needs}
    for name, needed in needs.items():
        for other in needed:
            needed_by[other].append(name)
    return needed_by
