"""What may a template of commit messages say? `commit` of phasegate.yaml, and of the journal, which keeps it."""

from __future__ import annotations

from collections.abc import Mapping

from state.late_pattern import late

FIELDS = ("name", "id", "title")
_LAYOUT = late(r"[<>^]?\d{0,3}(?:\.\d{1,3})?")  # `{title:.50}`: a width or a cut, of three digits at most


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with its fields filled; a field may have a width or a cut (`{title:.50}`), nothing more.

    It is read as `str.format` reads it, and never handed to it: that would look up attributes (`{title.__class__}`),
    and make a text of any width.

    Raises ValueError with what is wrong with the template.
    """
    from string import Formatter  # half of the journals have no template, and its module takes as long as three others

    filled = []
    for text, name, layout, conversion in Formatter().parse(template):
        filled.append(text)
        if name is None:
            continue
        if name not in values:
            raise ValueError(f"{{{name[:60]}}} is no field of it")
        if conversion or not _LAYOUT.fullmatch(layout or ""):
            raise ValueError(f"{{{name}}} takes a width or a cut of three digits at most, such as {{{name}:.50}}")
        filled.append(format(values[name], layout or ""))
    return "".join(filled)


def why_no_template(template: str) -> str:
    """What keeps `fill` from taking it, or ""."""
    try:
        fill(template, dict.fromkeys(FIELDS, ""))
    except ValueError as error:
        return str(error)
    return ""
