"""What do a deployment's resources and outputs resolve to, in one stack, now?

Rules:
- During an operation Ref and GetAtt see what is deployed at that moment; in a change set, what is not there
  yet, or will be replaced, is UNKNOWN.
- Which exports were imported is remembered: an export in use cannot go away.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from workflow.sandbox.cloudformation import ordering
from workflow.sandbox.cloudformation.errors import validation_error
from workflow.sandbox.cloudformation.intrinsics import UNKNOWN, Scope, resolve
from workflow.sandbox.cloudformation.resource_types import RESOURCE_TYPES
from workflow.sandbox.cloudformation.resource_types.shapes import ListOf, MapOf
from workflow.sandbox.cloudformation.stacks import Deployment, Region, Stack, StackResource


@dataclass
class Deployed:
    """The world of a template: the resources of a stack, and the exports of its region."""

    resources: Mapping[str, StackResource]
    region: Region
    preview: Container[str] | None
    imported: set[str] = field(default_factory=set)

    def ref(self, logical_id: str) -> Any:
        if self.preview is not None and logical_id in self.preview:
            return UNKNOWN
        resource = self.resources.get(logical_id)
        if resource is None or resource.physical_id is None:
            raise validation_error(f"Template format error: Unresolved resource dependencies [{logical_id}]")
        return RESOURCE_TYPES[resource.type].reference(resource.physical_id)

    def get_att(self, logical_id: str, attribute: str) -> Any:
        resource = self.resources.get(logical_id)
        if resource is not None and attribute in resource.attributes and logical_id not in (self.preview or ()):
            return resource.attributes[attribute]
        if self.preview is not None:
            return UNKNOWN
        raise validation_error(f"Attribute '{attribute}' does not exist on resource {logical_id}")

    def import_value(self, export: str) -> str:
        for stack in self.region.stacks.values():
            for name, value in stack.exports():
                if name == export and stack.status != "DELETE_COMPLETE":
                    self.imported.add(export)
                    return value
        raise validation_error(f"No export named {export} found.")


class Resolver:
    """One deployment, resolved against one stack."""

    def __init__(
        self,
        deployment: Deployment,
        stack: Stack,
        region: Region,
        account: str,
        resources: Mapping[str, StackResource],
        preview: Container[str] | None = None,
    ) -> None:
        """
        Args:
            preview: for a change set, the logical ids that do not exist yet or will be made anew; None while
                deploying, when everything that is referred to must exist.
        """
        self.world = Deployed(resources, region, preview)
        self.template = deployment.template
        self.tags = deployment.tags
        self.needs = ordering.dependencies(deployment.template)
        pseudo = {
            "AWS::AccountId": account,
            "AWS::Partition": "aws",
            "AWS::Region": region.name,
            "AWS::StackId": stack.stack_id,
            "AWS::StackName": stack.name,
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::NotificationARNs": "",
        }
        self.scope = Scope(deployment.template, deployment.values, pseudo, self.world)

    def wanted(self) -> list[str]:
        """The logical ids whose condition holds, in the order in which they are made."""
        return [
            name
            for name in ordering.creation_order(self.needs)
            if (condition := self.template.resources[name].condition) is None or self.scope.condition(condition)
        ]

    def resource(self, logical_id: str) -> StackResource:
        """The resource as it shall be: properties resolved, nothing deployed.

        Raises:
            ServiceError: when an expression cannot be resolved.
        """
        entry = self.template.resources[logical_id]
        properties = resolve(entry.properties, self.scope)
        self._tag(entry.type, properties)
        return StackResource(
            logical_id=logical_id,
            type=entry.type,
            deletion_policy=entry.deletion_policy,
            update_replace_policy=entry.update_replace_policy,
            properties=properties,
            metadata=entry.metadata,
            needs=frozenset(self.needs[logical_id]),
        )

    def _tag(self, kind: str, properties: dict[str, Any]) -> None:
        """The stack's tags go onto every resource that takes tags, as a list or an object; its own win."""
        members = RESOURCE_TYPES[kind].shape.members
        if self.tags and "Tags" in members and isinstance(members["Tags"], ListOf):
            own = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
            properties["Tags"] = [{"Key": key, "Value": value} for key, value in {**self.tags, **own}.items()]
        for name in ("Tags", "UserPoolTags"):
            if self.tags and isinstance(members.get(name), MapOf):
                properties[name] = {**self.tags, **properties.get(name, {})}

    def outputs(self) -> list[dict[str, str]]:
        """`[{"OutputKey", "OutputValue", "Description"?, "ExportName"?}]`, those whose condition holds.

        Raises:
            ServiceError: when a value is not text, or two outputs export one name.
        """
        found = []
        names: set[str] = set()
        for key, entry in self.template.outputs.items():
            if "Condition" in entry and not self.scope.condition(entry["Condition"]):
                continue
            value = resolve(entry["Value"], self.scope)
            if isinstance(value, (dict, list)):
                raise validation_error(f"Template format error: Output {key} is malformed. The Value must be a string")
            output = {"OutputKey": key, "OutputValue": str(value)}
            if "Description" in entry:
                output["Description"] = str(entry["Description"])
            if "Export" in entry:
                output["ExportName"] = str(resolve(entry["Export"]["Name"], self.scope))
                if output["ExportName"] in names:
                    raise validation_error(f"Duplicate Export names. ({output['ExportName']})")
                names.add(output["ExportName"])
            found.append(output)
        return found
