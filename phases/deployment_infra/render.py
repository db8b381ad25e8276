"""How does a file of the module come from its template? By Jinja2, from the answers and the task that writes it.

The same answers give the same bytes: a template sees the answers and nothing else, no time and no environment.
Templates are package data in `module/`, called as the file with `.j2`. Their marks are those of ERB (`<$ name $>`,
`<% if %>`), because Terraform, GitHub and Prometheus use Jinja's own ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from phases.deployment_infra.files import FILES, written_by
from phases.packaged import packaged
from state.errors import BadInput
from state.extras import install_extra

if TYPE_CHECKING:
    from jinja2 import Environment, Template


def require_jinja() -> None:
    """Raises BadInput when Jinja2 is not installed. Loads nothing."""
    if find_spec("jinja2") is None:
        raise BadInput(
            "Jinja2 is not installed; the module's files are rendered by it",
            next_command=install_extra("infra"),
        )


def render(path: str, values: Mapping[str, object], task: str = "") -> bytes:
    """The bytes of a module's file as it is after that task, or as it is at the end without one.

    Args:
        path: of `FILES`.
        values: of `phases.deployment_infra.answers.values_of`.
        task: id of one of the tasks that write the file.

    Raises BadInput when Jinja2 is not installed.
    """
    reached = set(written_by(path, task))
    return _template(path).render(**values, reached=reached.__contains__).encode()


def render_all(values: Mapping[str, object]) -> dict[str, bytes]:
    """Every file of the finished module, by workspace path."""
    return {path: render(path, values) for path in FILES}


@cache
def _environment() -> Environment:
    require_jinja()
    from jinja2 import Environment, StrictUndefined

    return Environment(  # Terraform and YAML, not HTML: nothing is escaped
        variable_start_string="<$",
        variable_end_string="$>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _template(path: str) -> Template:
    return _environment().from_string(packaged("phases.deployment_infra", f"module/{path}.j2").decode())
