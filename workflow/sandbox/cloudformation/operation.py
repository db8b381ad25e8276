"""How does a stack get from one deployment to another? One resource a tick, and back again if one fails.

Rules:
- Nothing runs by itself: `advance` finishes the resource that is in progress, starts the next one, and
  returns. Between two ticks exactly one resource is in progress, and everything pickles.
- Statuses and their order are CloudFormation's; every change of status is one event.
- A create that fails deletes what it made; an update that fails puts back what it changed, in reverse, then
  deletes what it made.
- What cannot be deleted while cleaning up after a good update stays behind, and the update is still complete.
- A table under deletion protection cannot be deleted: DELETE_FAILED, and the rollback ends ROLLBACK_FAILED.

Source for the statuses: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterable, Mapping

from workflow.sandbox.cloudformation import ordering, steps
from workflow.sandbox.cloudformation.errors import ServiceError
from workflow.sandbox.cloudformation.stacks import (
    Operation,
    Phase,
    Region,
    Stack,
    StackResource,
    Step,
    utc_now,
)
from workflow.sandbox.cloudformation.steps import Ground, StepFailed, mark

# (kind, phase) -> the status while it lasts, when it ended well, when something failed in it. "" means that
# another phase follows.
STATUSES: Mapping[tuple[str, str], tuple[str, str, str]] = {
    ("CREATE", "forward"): ("CREATE_IN_PROGRESS", "CREATE_COMPLETE", "CREATE_FAILED"),
    ("CREATE", "rollback"): ("ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"),
    ("UPDATE", "forward"): ("UPDATE_IN_PROGRESS", "", "UPDATE_FAILED"),
    ("UPDATE", "cleanup"): ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE", "UPDATE_COMPLETE"),
    ("UPDATE", "rollback"): ("UPDATE_ROLLBACK_IN_PROGRESS", "", "UPDATE_ROLLBACK_FAILED"),
    ("UPDATE", "rollback-cleanup"): (
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
    ),
    ("IMPORT", "forward"): ("IMPORT_IN_PROGRESS", "IMPORT_COMPLETE", ""),
    ("IMPORT", "rollback"): ("IMPORT_ROLLBACK_IN_PROGRESS", "IMPORT_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_FAILED"),
    ("DELETE", "forward"): ("DELETE_IN_PROGRESS", "DELETE_COMPLETE", "DELETE_FAILED"),
}


def begin(stack: Stack, operation: Operation) -> None:
    """Start an operation: the stack goes into progress, no resource is touched yet."""
    operation.before = copy.deepcopy(stack.resources)
    operation.previous = stack.current
    stack.operation = operation
    operation.operation_id = str(uuid.uuid4())
    stack.change_set_id = operation.change_set_id or stack.change_set_id
    stack.enter(STATUSES[operation.kind, "forward"][0], "User Initiated")
    if operation.kind != "DELETE":
        stack.current = operation.target
        stack.disable_rollback = operation.disable_rollback
        stack.retain_except_on_create = operation.retain_except_on_create
        stack.express = operation.express
    if operation.kind != "CREATE":
        stack.updated_at = stack.events[-1].at


def deletion_steps(resources: Iterable[StackResource]) -> list[Step]:
    """The steps that delete these resources, dependents first."""
    by_name = {resource.logical_id: resource for resource in resources}
    order = ordering.creation_order({name: set(r.needs) & set(by_name) for name, r in by_name.items()})
    return [Step("delete", name, by_name[name]) for name in reversed(order)]


def advance(stack: Stack, ground: Ground) -> None:
    """One tick: finish the resource in progress, then start the next one or end the phase."""
    operation = stack.operation
    if operation is None:
        return
    if operation.running is not None:
        step, operation.running = operation.running, None
        steps.finish(stack, operation, step)
    while operation.queue:
        step = operation.queue.pop(0)
        try:
            if steps.start(stack, operation, step, ground):
                operation.running = step
                return
        except StepFailed as failure:
            _fail(stack, operation, failure)
            return
    _end_phase(stack, operation, ground)


def cancel_update(stack: Stack) -> None:
    """Turn an update round: what it changed is put back."""
    assert stack.operation is not None
    if stack.operation.running is not None:
        step, stack.operation.running = stack.operation.running, None
        steps.finish(stack, stack.operation, step)
    _roll_back(stack, stack.operation, "User Initiated", "User Initiated")


def _fail(stack: Stack, operation: Operation, failure: StepFailed) -> None:
    """Write a failed resource's event and turn the operation round."""
    resource = failure.resource
    stack.resources[resource.logical_id] = resource
    mark(stack, resource, failure.status, failure.reason, with_properties=True)
    operation.failed.append(resource.logical_id)
    verb = failure.status.removesuffix("_FAILED").lower()
    reason = f"The following resource(s) failed to {verb}: [{resource.logical_id}]."
    _roll_back(stack, operation, f"{reason} Rollback requested by user.", reason)


def _roll_back(stack: Stack, operation: Operation, reason: str, reason_without: str) -> None:
    if operation.disable_rollback and operation.kind != "IMPORT":
        _settle(stack, STATUSES[operation.kind, "forward"][2], reason_without)
        return
    operation.queue = _steps_back(stack, operation)
    if operation.kind != "UPDATE":
        operation.failed = []
    _enter(stack, operation, "rollback", reason)


def _steps_back(stack: Stack, operation: Operation) -> list[Step]:
    """What takes an operation back, the last change first."""
    if operation.kind == "CREATE":
        return deletion_steps(stack.resources.values())
    if operation.kind == "UPDATE":
        changed = [name for name in [*operation.done, *operation.failed] if name in operation.before]
        return [Step("revert", name) for name in reversed(changed)]
    return [Step("undo-import", name) for name in reversed(list(operation.imports)) if name in stack.resources]


def _enter(stack: Stack, operation: Operation, phase: Phase, reason: str | None = None) -> None:
    operation.phase = phase
    stack.enter(STATUSES[operation.kind, phase][0], reason)


def _settle(stack: Stack, status: str, reason: str | None = None) -> None:
    stack.enter(status, reason)
    stack.operation = None


def _end_phase(stack: Stack, operation: Operation, ground: Ground) -> None:
    _, well, badly = STATUSES[operation.kind, operation.phase]
    match operation.kind, operation.phase:
        case "DELETE", "forward":
            _end_delete(stack, operation, well, badly)
        case _, "forward":
            _end_forward(stack, operation, ground, well)
        case _, "cleanup":
            wanted = set(ground.resolver(stack).wanted())
            stack.resources = {name: resource for name, resource in stack.resources.items() if name in wanted}
            _settle(stack, well)
        case "UPDATE", "rollback":
            _end_update_rollback(stack, operation, badly)
        case _, "rollback-cleanup":
            kept = {name: r for name, r in stack.resources.items() if name in operation.before}
            stack.resources = {**kept, **operation.drifted}
            stack.current = operation.previous
            _settle(stack, well)
        case _:
            _end_rollback(stack, operation, well, badly)


def _end_forward(stack: Stack, operation: Operation, ground: Ground, well: str) -> None:
    try:
        _take_outputs(stack, ground)
    except ServiceError as error:
        _roll_back(stack, operation, error.message, error.message)
        return
    if operation.kind != "UPDATE":
        _settle(stack, well)
        return
    wanted = set(ground.resolver(stack).wanted())
    removed = [stack.resources[name] for name in operation.before if name not in wanted]
    operation.queue = deletion_steps([r for r in removed if r.managed]) + deletion_steps(operation.replaced)
    operation.failed = []
    _enter(stack, operation, "cleanup")


def _end_update_rollback(stack: Stack, operation: Operation, badly: str) -> None:
    stuck = [name for name in operation.failed if stack.resources[name].status == "UPDATE_FAILED"]
    if stuck:
        stack.current = operation.previous
        _settle(stack, badly, f"The following resource(s) failed to update: [{', '.join(stuck)}]. ")
        return
    unmade = [resource for resource in stack.resources.values() if resource.status == "CREATE_FAILED"]
    operation.queue = deletion_steps([*operation.created, *unmade])
    _enter(stack, operation, "rollback-cleanup")


def _end_rollback(stack: Stack, operation: Operation, well: str, badly: str) -> None:
    """The rollback of a create or an import."""
    if operation.failed:
        _settle_undeleted(stack, operation, badly)
        return
    if operation.kind == "IMPORT":
        stack.current = operation.previous
    _settle(stack, well)


def _settle_undeleted(stack: Stack, operation: Operation, badly: str) -> None:
    _settle(stack, badly, f"The following resource(s) failed to delete: [{', '.join(operation.failed)}]. ")


def _end_delete(stack: Stack, operation: Operation, well: str, badly: str) -> None:
    if operation.failed:
        _settle_undeleted(stack, operation, badly)
        return
    stack.deleted_at = utc_now()
    stack.outputs = []
    stack.imports = set()
    _settle(stack, well)


def _take_outputs(stack: Stack, ground: Ground) -> None:
    """Compute the outputs and refuse an export that another stack has, or one that is in use and would go."""
    resolver = ground.resolver(stack)
    outputs = resolver.outputs()
    for name in resolver.wanted():
        resolver.resource(name)
    new = {output["ExportName"]: output["OutputValue"] for output in outputs if "ExportName" in output}
    _refuse_taken(stack, ground.region, new)
    for name, value in stack.exports():
        if new.get(name) != value and importers(ground.region, name):
            users = ", ".join(importers(ground.region, name))
            verb = "updated" if name in new else "deleted"
            raise ServiceError("ValidationError", f"Export {name} cannot be {verb} as it is in use by {users}. ")
    stack.outputs = outputs
    stack.imports = resolver.world.imported


def _refuse_taken(stack: Stack, region: Region, exports: Iterable[str]) -> None:
    """Refuse an export that another stack has."""
    for other in region.stacks.values():
        if other is stack or other.status == "DELETE_COMPLETE":
            continue
        taken = sorted(set(exports) & {name for name, _ in other.exports()})
        if taken:
            raise ServiceError(
                "ValidationError", f"Export with name {taken[0]} is already exported by stack {other.name}. "
            )


def importers(region: Region, export: str) -> list[str]:
    """The names of the stacks that import an export."""
    return sorted(s.name for s in region.stacks.values() if export in s.imports and s.status != "DELETE_COMPLETE")
