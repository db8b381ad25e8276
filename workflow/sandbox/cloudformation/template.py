"""What does a template say? Text (JSON or YAML, short forms too) to sections and resource entries.

Rules:
- Reads and shapes only: whether the sections fit together is `validation`'s question.
- Dates stay text, as CloudFormation reads them (`Version: 2012-10-17`).
- Transforms, macros and modules are refused by name: the sandbox has no macro to run.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import yaml

from workflow.sandbox.cloudformation.errors import not_implemented, validation_error

SECTIONS = {
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Transform",
    "Hooks",
    "Resources",
    "Outputs",
}
RESOURCE_ATTRIBUTES = {
    "Type",
    "Properties",
    "DependsOn",
    "Condition",
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "Metadata",
    "CreationPolicy",
    "UpdatePolicy",
}
POLICIES = ("Delete", "Retain", "RetainExceptOnCreate", "Snapshot")


@dataclass(frozen=True)
class ResourceEntry:
    """One entry of the Resources section, intrinsics unresolved."""

    logical_id: str
    type: str
    properties: dict[str, Any]
    depends_on: tuple[str, ...]
    condition: str | None
    deletion_policy: str
    update_replace_policy: str
    metadata: dict[str, Any]
    has_deletion_policy: bool


@dataclass(frozen=True)
class Template:
    """A template as written: `text` byte for byte, the sections as plain data, resources in their order."""

    text: str
    description: str | None
    metadata: dict[str, Any]
    parameters: dict[str, dict[str, Any]]
    mappings: dict[str, Any]
    conditions: dict[str, Any]
    resources: dict[str, ResourceEntry]
    outputs: dict[str, dict[str, Any]]


# libyaml's scanner where PyYAML was built with it: forty times as fast
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEEPEST = 200  # levels of lists and mappings in one another; libyaml's composer calls itself for each


class _Loader(_BASE):  # type: ignore[misc]  # chosen when it is imported
    """YAML as CloudFormation reads it: short-form tags become the long forms, timestamps stay text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _BASE.yaml_implicit_resolvers.items()
}


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if suffix in {"Ref", "Condition"}:
        return {suffix: value}
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)


def parse(text: str) -> Template:
    """The template in `text`.

    Raises:
        ServiceError: ValidationError when the text is neither JSON nor YAML, or a section has the wrong
            shape; NotImplemented when it needs a transform, a rule or a hook.
    """
    document = _load(text)
    if not isinstance(document, dict):
        raise validation_error("Template format error: unsupported structure.")
    unknown = sorted(str(key) for key in set(document) - SECTIONS)
    if unknown:
        raise validation_error(f"Invalid template property or properties [{', '.join(unknown)}]")
    version = document.get("AWSTemplateFormatVersion", "2010-09-09")
    if version != "2010-09-09":
        raise validation_error(f"Template format error: unsupported value for AWSTemplateFormatVersion: {version}.")
    for section in ("Transform", "Rules", "Hooks"):
        if document.get(section):
            raise not_implemented(f"the template section {section}")
    resources = _section(document, "Resources")
    if not resources:
        raise validation_error("Template format error: At least one Resources member must be defined.")
    return Template(
        text=text,
        description=_description(document),
        metadata=_section(document, "Metadata"),
        parameters=_members(document, "Parameters"),
        mappings=_section(document, "Mappings"),
        conditions=_section(document, "Conditions"),
        resources={name: _resource(name, entry) for name, entry in resources.items()},
        outputs=_members(document, "Outputs"),
    )


def _description(document: dict[str, Any]) -> str | None:
    description = document.get("Description")
    if description is not None and not isinstance(description, str):
        raise validation_error("Template format error: Description must be a string.")
    return description


def _load(text: str) -> Any:
    try:
        if text.lstrip().startswith("{"):
            return json.loads(text)
        _require_shallow(text)
        # A subclass of a safe loader: it builds plain data only.
        return yaml.load(text, Loader=_Loader)
    except json.JSONDecodeError as error:
        raise validation_error(
            f"Template format error: JSON not well-formed. (line {error.lineno}, column {error.colno})"
        ) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise validation_error(f"Template format error: YAML not well-formed.{where}") from error


def _require_shallow(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_BASE):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise validation_error(f"Template format error: nested more than {DEEPEST} levels deep.")


def _section(document: dict[str, Any], name: str) -> dict[str, Any]:
    section = document.get(name) or {}
    if not isinstance(section, dict):
        raise validation_error(f"Template format error: {name} must be an object.")
    return section


def _members(document: dict[str, Any], name: str) -> dict[str, dict[str, Any]]:
    section = _section(document, name)
    for member, entry in section.items():
        if not isinstance(entry, dict):
            raise validation_error(f"Template format error: Every {name} member must be an object. [{member}]")
    return section


def _check_resource(name: str, entry: Any) -> None:
    """Refuse what is no resource, and attributes that none has or that are beyond the sandbox."""
    if not isinstance(entry, dict) or not isinstance(entry.get("Type"), str):
        raise validation_error(f"Template format error: [/Resources/{name}] Every Resources object must contain a Type")
    unknown = sorted(set(entry) - RESOURCE_ATTRIBUTES)
    if unknown:
        raise validation_error(f"Invalid template resource property '{unknown[0]}' [/Resources/{name}]")
    for attribute in ("CreationPolicy", "UpdatePolicy"):
        if attribute in entry:
            raise not_implemented(f"{attribute} [/Resources/{name}]")


def _resource(name: str, entry: Any) -> ResourceEntry:
    _check_resource(name, entry)
    deletion, replacement = (_policy(name, entry, kind) for kind in ("DeletionPolicy", "UpdateReplacePolicy"))
    properties = entry.get("Properties") or {}
    if not isinstance(properties, dict):
        raise validation_error(f"Template format error: [/Resources/{name}/Properties] must be an object")
    depends_on = entry.get("DependsOn") or []
    return ResourceEntry(
        logical_id=name,
        type=entry["Type"],
        properties=properties,
        depends_on=(depends_on,) if isinstance(depends_on, str) else tuple(depends_on),
        condition=entry.get("Condition"),
        deletion_policy=deletion,
        update_replace_policy=replacement,
        metadata=entry.get("Metadata") or {},
        has_deletion_policy="DeletionPolicy" in entry,
    )


def _policy(name: str, entry: dict[str, Any], attribute: str) -> str:
    """What becomes of a resource that the stack gives up."""
    policy = entry.get(attribute, "Delete")
    if policy not in POLICIES:
        raise validation_error(f"Template format error: Unrecognized {attribute} {policy} for resource {name}")
    if policy == "Snapshot":
        raise not_implemented(f"{attribute}: Snapshot [/Resources/{name}]")
    return str(policy)
