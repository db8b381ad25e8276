"""May this template be deployed at all? Sizes, counts, references, types, capabilities.

Rules:
- Judges the template as written; property values are judged when they are known (`resource_types`).
- Everything that is wrong is named with its logical id.

Source for the limits: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""

from __future__ import annotations

from collections.abc import Collection

from workflow.sandbox.cloudformation import ordering, parameters
from workflow.sandbox.cloudformation.errors import ServiceError, validation_error
from workflow.sandbox.cloudformation.intrinsics import PSEUDO, references
from workflow.sandbox.cloudformation.resource_types import RESOURCE_TYPES
from workflow.sandbox.cloudformation.template import Template

MAX_INLINE_BYTES = 51_200
MAX_URL_BYTES = 1_000_000
MAX_RESOURCES = 500
MAX_OUTPUTS = 200
MAX_PARAMETERS = 200


def check_size(text: str, *, inline: bool) -> None:
    """Refuse a template body beyond CloudFormation's limit [bytes]."""
    size = len(text.encode())
    if inline and size > MAX_INLINE_BYTES:
        raise validation_error(
            "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: "
            f"Member must have length less than or equal to {MAX_INLINE_BYTES} (it has {size} bytes)"
        )
    if size > MAX_URL_BYTES:
        raise validation_error(f"Template may not exceed {MAX_URL_BYTES} bytes in size. (it has {size} bytes)")


def check(template: Template) -> None:
    """Refuse a template that could not be deployed whatever its parameters.

    Raises:
        ServiceError: ValidationError, as CloudFormation says it.
    """
    _check_sections(template)
    for name, declaration in template.parameters.items():
        parameters.check_declaration(name, declaration)
    unknown = sorted(
        {
            f"{entry.type} ({entry.logical_id})"
            for entry in template.resources.values()
            if entry.type not in RESOURCE_TYPES
        }
    )
    if unknown:
        raise validation_error(f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]")
    _check_references(template)
    ordering.creation_order(ordering.dependencies(template))
    for name, output in template.outputs.items():
        if "Value" not in output:
            raise validation_error(f"Template format error: Output {name} must have a Value")


def _check_sections(template: Template) -> None:
    """How many members each section has, and what they are called."""
    for what, count, limit in (
        ("resources", len(template.resources), MAX_RESOURCES),
        ("outputs", len(template.outputs), MAX_OUTPUTS),
        ("parameters", len(template.parameters), MAX_PARAMETERS),
    ):
        if count > limit:
            raise validation_error(
                f"Template format error: Number of {what}, {count}, is greater than maximum allowed, {limit}"
            )
    for kind, names in (
        ("Resource", template.resources),
        ("Output", template.outputs),
        ("Parameter", template.parameters),
    ):
        for name in names:
            if not name.isascii() or not name.isalnum():
                raise validation_error(f"Template format error: {kind} name {name} is non alphanumeric.")


def _check_references(template: Template) -> None:
    known = PSEUDO | set(template.parameters) | set(template.resources)
    for section, expressions in (
        ("Resources", [entry.properties for entry in template.resources.values()]),
        ("Outputs", list(template.outputs.values())),
    ):
        found = list(references(expressions))
        _refuse_unresolved({name for name, _ in found} - known, section)
        for name, attribute in found:
            if attribute is not None:
                _check_attribute(template, name, attribute)
    for entry in template.resources.values():
        _refuse_unresolved(set(entry.depends_on) - set(template.resources), "Resources")
        if entry.condition is not None and entry.condition not in template.conditions:
            raise validation_error(
                f"Template format error: Unresolved condition dependency {entry.condition} "
                f"for resource {entry.logical_id}"
            )


def _refuse_unresolved(missing: Collection[str], section: str) -> None:
    if missing:
        raise validation_error(
            f"Template format error: Unresolved resource dependencies [{', '.join(sorted(missing))}] "
            f"in the {section} block of the template"
        )


def _check_attribute(template: Template, name: str, attribute: str) -> None:
    entry = template.resources.get(name)
    if entry is None or attribute not in RESOURCE_TYPES[entry.type].attributes:
        raise validation_error(
            f"Template error: resource {name} does not support attribute type {attribute} in Fn::GetAtt"
        )


def required_capabilities(template: Template) -> list[str]:
    """The capability that IAM resources in the template demand, as GetTemplateSummary lists it."""
    iam = [entry for entry in template.resources.values() if RESOURCE_TYPES[entry.type].iam]
    if not iam:
        return []
    named = any(RESOURCE_TYPES[entry.type].custom_name in entry.properties for entry in iam)
    return ["CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM"]


def check_capabilities(template: Template, acknowledged: Collection[str]) -> None:
    """Refuse IAM resources that the caller has not acknowledged.

    Raises:
        ServiceError: InsufficientCapabilitiesException, naming the capability.
    """
    for required in required_capabilities(template):
        sufficient = {"CAPABILITY_NAMED_IAM"} | ({required} if required == "CAPABILITY_IAM" else set())
        if not sufficient & set(acknowledged):
            raise ServiceError("InsufficientCapabilitiesException", f"Requires capabilities : [{required}]")
