"""Can an application be configured and written from the integration guide? Read back as a developer would."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence

from phases.documents.markdown import code, code_blocks
from phases.stage_06.chapters.example_items import example_tables, variable_names
from phases.stage_06.cost import capacity
from phases.stage_06.live.live_deployment import LiveDeployment
from phases.step import Check, compare


def guide_checks(guide: str, deployment: LiveDeployment) -> list[Check]:
    """Can an application be configured and written from this text?"""
    configured = _configuration(code_blocks(guide, "json"))
    variables = variable_names(each.planned for each in deployment.tables)
    wrong = [name for name, variable in variables.items() if configured.get(variable) != name]
    unnamed = [each.name for each in deployment.tables if code(each.arn) not in guide]
    programs = code_blocks(guide, "python")
    shapes = len(example_tables([each.planned for each in deployment.tables]))
    return [
        compare("region in the configuration", deployment.region, configured.get("AWS_REGION")),
        compare("tables missing from the configuration", "none", ", ".join(wrong) or "none"),
        compare("tables without their live ARN", "none", ", ".join(unnamed) or "none"),
        compare("Python programs that compile", f"{shapes} of {shapes}", f"{_compiled(programs)} of {len(programs)}"),
        compare("TypeScript programs", shapes, len(code_blocks(guide, "ts"))),
        _item_sizes(deployment),
    ]


def _item_sizes(deployment: LiveDeployment) -> Check:
    """A contract whose average item cannot be stored is no deployment fault, but nobody should learn it by import."""
    sizes = {each.name: each.planned.item_bytes for each in deployment.tables}
    large = [f"{name}: {size:,}" for name, size in sizes.items() if size >= capacity.LARGE_ITEM_BYTES]
    refused = any(size > capacity.MAX_ITEM_BYTES for size in sizes.values())
    said = ", ".join(large) or "none"
    expected = f"none of {capacity.LARGE_ITEM_BYTES:,} bytes or more"
    return Check(
        "item sizes near the limit of 400 KB", expected, said, "fail" if refused else "note" if large else "pass"
    )


def _configuration(blocks: Sequence[str]) -> dict[str, str]:
    """The first block as variables; {} when it is none, which the comparisons with it then say."""
    try:
        configured = json.loads(blocks[0]) if blocks else {}
    except ValueError:
        return {}
    return configured if isinstance(configured, dict) else {}


def _compiled(programs: Sequence[str]) -> int:
    """How many of them are Python."""
    good = 0
    for program in programs:
        try:
            ast.parse(program)
        except SyntaxError:
            continue
        good += 1
    return good
