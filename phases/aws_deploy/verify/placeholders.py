"""Was something left to be filled in? Placeholders in the files of an environment. Pure: text in, findings out.

Rules:
- `CHANGEME`, `YOUR_BUCKET`, `<STACK>`, `[environment]`, `XXXX`, `{{name}}` are placeholders; comments are left out.
- `${NAME}` and `$NAME` are none: a shell or a template engine fills them in.
- Brackets are lists where the format has lists, and angles are tags where it has tags: not looked at there.
"""

from __future__ import annotations

import re

_WORDS = (
    r"\bCHANGE[_-]?ME\b|\bREPLACE[_-]?ME\b|\bFILL[_-]?ME[_-]?IN\b|\bTO[_-]BE[_-]DEFINED\b"
    r"|\bYOUR[_-][A-Z][A-Z0-9_-]*\b|\bX{4,}\b|\{\{[^{}]*\}\}"
)
_ANGLES = r"<[A-Za-z][A-Za-z0-9]*(?:[_ -][A-Za-z0-9]+)*>"
_BRACKETS = r"\[[a-z]+(?:[_-][a-z]+)*\](?!\()"
_TAGS = (".xml", ".html", ".htm", ".config", ".plist", ".md")
_LISTS = (".yaml", ".yml", ".json", ".toml", ".tf", ".tfvars", ".md")
_HEADING = re.compile(r"\s*\[[^\]]*\]\s*")  # of a section in an INI file
_COMMENTS = ("#", ";", "//")


def placeholders(text: str, path: str) -> list[tuple[int, str]]:
    """Line number (from 1) and placeholder, in order; `path` tells the format."""
    forms = [_WORDS]
    forms += [] if path.endswith(_TAGS) else [_ANGLES]
    forms += [] if path.endswith(_LISTS) else [_BRACKETS]
    pattern = re.compile("|".join(forms))
    return [
        (number, match[0])
        for number, line in enumerate(text.split("\n"), 1)
        if not line.lstrip().startswith(_COMMENTS) and not _HEADING.fullmatch(line)
        for match in pattern.finditer(line)
    ]
