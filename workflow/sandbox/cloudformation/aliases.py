"""By which other name does a stack go? SetAlias and RemoveAlias: an alias stands for the name in every call.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_SetAlias.html
"""

from __future__ import annotations

from typing import Any

from workflow.sandbox.cloudformation.account import Account, found_stack
from workflow.sandbox.cloudformation.errors import ServiceError, validation_error
from workflow.sandbox.cloudformation.stacks import Region


def set_alias(_account: Account, region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Give a stack an alias that no stack has for a name or an alias."""
    stack, alias = found_stack(region, request["StackName"]), request["AliasName"]
    if region.find(alias) is not None:
        raise ServiceError("AlreadyExistsException", f"Alias [{alias}] is the name or the alias of a stack already")
    if stack.alias:
        raise validation_error(f"Stack {stack.name} has the alias {stack.alias}: remove it first")
    stack.alias = alias
    return {}


def remove_alias(_account: Account, region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Take an alias away."""
    stack = region.with_alias(request["AliasName"])
    if stack is None:
        raise validation_error(f"Alias [{request['AliasName']}] does not exist")
    stack.alias = ""
    return {}
