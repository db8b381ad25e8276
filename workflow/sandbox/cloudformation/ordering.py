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
    ordered: list[str] = []
    done: set[str] = set()
    waiting = {name: len(needed) for name, needed in needs.items()}
    needed_by: dict[str, list[str]] = {name: [] for name in needs}
    for name, needed in needs.items():
        for other in needed:
            needed_by[other].append(name)
    ready = [name for name, count in waiting.items() if count == 0]
    while ready:
        # Ready names are taken in the order in which they became ready: stable, and as the author wrote them.
        following: list[str] = []
        for name in ready:
            ordered.append(name)
            done.add(name)
            for dependent in needed_by[name]:
                waiting[dependent] -= 1
                if waiting[dependent] == 0:
                    following.append(dependent)
        ready = following
    if len(ordered) < len(needs):
        raise validation_error(
            f"Circular dependency between resources: [{', '.join(name for name in needs if name not in done)}]"
        )
    return ordered
