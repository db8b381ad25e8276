"""What would a drift-aware change set put back? The stack's resources as they are live, and how its changes show it.

Source for the shapes: ResourceChange, ResourceTargetDefinition and DescribeChangeSet in the CloudFormation API
reference. How a resource that is gone is shown was not tried against a real account: here as Add, DELETED.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from workflow.sandbox.cloudformation.live_state import SUPPORTED, actual_properties
from workflow.sandbox.cloudformation.resource_types.model import Placement
from workflow.sandbox.cloudformation.stacks import StackResource, utc_now

REVERT_DRIFT = "REVERT_DRIFT"
Actual = dict[str, dict[str, Any] | None]  # logical id -> its properties as they are; None: it is gone


def drifted(resources: Mapping[str, StackResource], place: Callable[[str], Placement]) -> Actual:
    """Those of the resources that are not as they were deployed."""
    found: Actual = {}
    for name, resource in resources.items():
        live = actual_properties(place(name), resource)
        if live != resource.properties:
            found[name] = live
    return found


def as_they_are(resources: Mapping[str, StackResource], actual: Actual) -> dict[str, StackResource]:
    """The resources with what is live of them; without those that are gone."""
    found: dict[str, StackResource] = {}
    for name, resource in resources.items():
        live = actual.get(name, resource.properties)
        if live is not None:
            found[name] = replace(resource, properties=live)
    return found


def annotated(change: dict[str, Any], deployed: Mapping[str, StackResource], actual: Actual) -> dict[str, Any]:
    """The change as a drift-aware change set shows it."""
    name = change["LogicalResourceId"]
    before = deployed.get(name)
    if before is None:
        return change
    if name not in actual:
        return {**change, "ResourceDriftStatus": "IN_SYNC" if change["ResourceType"] in SUPPORTED else "UNSUPPORTED"}
    live = actual[name]
    status = "DELETED" if live is None else "MODIFIED"
    details = [_with_drift(detail, before.properties, live or {}) for detail in change["Details"]]
    context = json.dumps({"Properties": before.properties})
    return {**change, "ResourceDriftStatus": status, "PreviousDeploymentContext": context, "Details": details}


def _with_drift(detail: dict[str, Any], before: Mapping[str, Any], live: Mapping[str, Any]) -> dict[str, Any]:
    """The detail with where its values come from, and the three ways of a property that drifted."""
    target = {**detail["Target"], "BeforeValueFrom": "ACTUAL_STATE", "AfterValueFrom": "TEMPLATE"}
    name = target.get("Name")
    if name is None or before.get(name) == live.get(name):
        return {**detail, "Target": target}
    drift = {"PreviousValue": _text(before.get(name)), "ActualValue": _text(live.get(name))}
    return {
        **detail,
        "ChangeSource": "NoModification",
        "Target": {**target, "Drift": {**drift, "DriftDetectionTimestamp": utc_now()}},
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
