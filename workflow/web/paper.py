"""How does a value come onto a page? Printable, and quoted: the one way, which no template can leave.

Rules:
- What somebody else wrote is seen as what it is: control characters, bidirectional controls and the like stand as
  escapes (`state.printable`), and markup is text.
- A name that a template does not get is a fault, never an empty place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from state.counted import counted
from state.printable import printable
from state.time_span import span
from workflow.service.served import page_address, there_address
from workflow.views.review_page import CAME_SINCE, NOT_OF_IT

HERE = Path(__file__).parent
SERVES = ["phasegate", "serve"]


def _shown(value: object) -> object:
    """What is printed: Markup is what a macro of ours made, of values that came by here."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else printable(value)


def _minute(at: datetime) -> str:
    """`2026-01-02 03:04 UTC`"""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _second(at: datetime) -> str:
    """`2026-01-02 03:04:05 UTC`"""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        address=page_address, there_address=there_address, counted=counted, not_of_it=NOT_OF_IT, came_since=CAME_SINCE
    )
    made.filters.update(minute=_minute, second=_second, span=_span)
    return made


def in_a_terminal(commands: Sequence[str]) -> list[str]:
    """The commands that are still to be typed, but for those that open this page: whoever reads it is here."""
    kept = [each for each in commands if each.split()[:2] != SERVES]
    return [*kept[:-1], kept[-1].removesuffix(", then")] if kept else []


def _span(time: timedelta) -> str:
    return span(time)


_TEMPLATES = _environment()


def page(name: str, values: Mapping[str, object]) -> str:
    """The page of this name."""
    return _TEMPLATES.get_template(f"{name}.html").render(values)
