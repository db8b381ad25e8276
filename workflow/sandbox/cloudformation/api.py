"""Which CloudFormation actions are there, and what does each take? The dispatch table.

Rules:
- An action or a parameter that is not in the table is refused by name: NotImplemented, HTTP 501.
- The request has been checked against the service's own model before (`wire`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workflow.sandbox.cloudformation import aliases, operation_events, requests
from workflow.sandbox.cloudformation import change_set_actions as change_sets
from workflow.sandbox.cloudformation import stack_actions as stacks
from workflow.sandbox.cloudformation.account import Account
from workflow.sandbox.cloudformation.errors import not_implemented
from workflow.sandbox.cloudformation.stacks import Region


@dataclass(frozen=True)
class Action:
    """One action: what it does, the parameters that it acts on, and whether it can leave a trace."""

    act: Callable[[Account, Region, dict[str, Any]], dict[str, Any]]
    parameters: frozenset[str]
    changes: bool = True


def _action(act: Callable[..., dict[str, Any]], names: str, *, changes: bool = True) -> Action:
    return Action(act, frozenset(names.split()), changes)


TEMPLATE = "TemplateBody TemplateURL "
DEPLOYMENT = TEMPLATE + "StackName UsePreviousTemplate Parameters Capabilities Tags "
ACTIONS: Mapping[str, Action] = {
    "CancelUpdateStack": _action(stacks.cancel_update_stack, "StackName ClientRequestToken"),
    "CreateChangeSet": _action(
        change_sets.create_change_set,
        DEPLOYMENT
        + "ChangeSetName ClientToken Description ChangeSetType ResourcesToImport OnStackFailure "
        + "DeploymentConfig DeploymentMode DisableValidation ImportExistingResources "
        + "IncludeNestedStacks",  # whichever it is: no type here is nested
    ),
    "CreateStack": _action(
        stacks.create_stack,
        DEPLOYMENT + "DisableRollback OnFailure ClientRequestToken RetainExceptOnCreate",
    ),
    "DeleteChangeSet": _action(change_sets.delete_change_set, "ChangeSetName StackName"),
    "DeleteStack": _action(  # in EXPRESS mode nothing differs: what is deleted here is gone at once
        stacks.delete_stack, "StackName RetainResources ClientRequestToken DeploymentConfig"
    ),
    "DescribeChangeSet": _action(change_sets.describe_change_set, "ChangeSetName StackName IncludePropertyValues"),
    "DescribeEvents": _action(operation_events.describe_events, "ChangeSetName StackName OperationId Filters"),
    "DescribeStackEvents": _action(stacks.describe_stack_events, "StackName"),
    "DescribeStackResource": _action(stacks.describe_stack_resource, "StackName LogicalResourceId", changes=False),
    "DescribeStackResources": _action(
        stacks.describe_stack_resources, "StackName LogicalResourceId PhysicalResourceId", changes=False
    ),
    "DescribeStacks": _action(stacks.describe_stacks, "StackName"),
    "ExecuteChangeSet": _action(
        change_sets.execute_change_set,
        "ChangeSetName StackName ClientRequestToken DisableRollback RetainExceptOnCreate",
    ),
    "GetTemplate": _action(stacks.get_template, "StackName ChangeSetName TemplateStage", changes=False),
    "GetTemplateSummary": _action(stacks.get_template_summary, TEMPLATE + "StackName", changes=False),
    "ListChangeSets": _action(change_sets.list_change_sets, "StackName", changes=False),
    "ListExports": _action(stacks.list_exports, "", changes=False),
    "ListImports": _action(stacks.list_imports, "ExportName", changes=False),
    "ListStackResources": _action(stacks.list_stack_resources, "StackName", changes=False),
    "ListStacks": _action(stacks.list_stacks, "StackStatusFilter", changes=False),
    "RemoveAlias": _action(aliases.remove_alias, "AliasName"),
    "SetAlias": _action(aliases.set_alias, "StackName AliasName"),
    "UpdateStack": _action(stacks.update_stack, DEPLOYMENT + "DisableRollback ClientRequestToken RetainExceptOnCreate"),
    "ValidateTemplate": _action(stacks.validate_template, TEMPLATE, changes=False),
}


def call(account: Account, region_name: str, name: str, request: dict[str, Any]) -> dict[str, Any]:
    """The answer to one action.

    Raises:
        ServiceError: whatever CloudFormation would say no to, and NotImplemented.
    """
    action = ACTIONS.get(name)
    if action is None:
        raise not_implemented(f"the CloudFormation action {name}")
    requests.check_parameters(name, request, action.parameters)
    region = account.region(region_name)
    return requests.once(region, name, request, lambda: action.act(account, region, request))
