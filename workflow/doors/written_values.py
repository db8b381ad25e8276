"""How is a secret value of the environment written by programs? As text, JSON, Python, a shell's word.

Rules:
- A value is hidden in each of these forms, so that `json.dumps`, `repr`, `printf %q`, `export -p` and `set` print none.
- A value of several lines is one in a string, too (`a\\nb`); as text it is hidden line by line.
- Forms that hide what they hold (base64, hex, percent signs) are none of these: docs/masking.md, "Not covered".
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator

from state.late_pattern import late

_OF_BASH = late(r"""[\s'"\\|&;()<>!{}*\[?\]^$`,]|^[~#]""")  # Source: bash's lib/sh/shquote.c, sh_backslash_quote
_IN_DOUBLE_QUOTES = late(r'["\\$`]')
_ANSI_C = {"\\": "\\\\", "'": "\\'", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x1b": "\\E", "\a": "\\a", "\b": "\\b"}
_ANSI_C |= {"\v": "\\v", "\f": "\\f"}


def written(value: str) -> Iterator[str]:
    """The value as it is, and as programs write it in a string, without the quotes around it; some may be the same."""
    yield value
    yield from _in_programs(value)
    yield from _in_shells(value)


def _in_programs(value: str) -> Iterator[str]:
    for text in (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]):
        yield text
        yield text.replace("/", "\\/")  # as PHP and some others write it
    for quoted in (repr(value), ascii(value)):
        yield quoted[1:-1]
        yield quoted[1:-1].replace("\\'", "'").replace('"', '\\"')  # in double quotes
        yield quoted[1:-1].replace("\\'", "'").replace("'", "\\'")  # in single ones
    yield repr(value.encode("utf-8", "surrogateescape"))[2:-1]


def _in_shells(value: str) -> Iterator[str]:
    yield _OF_BASH.sub(lambda found: f"\\{found[0]}", value)
    yield _IN_DOUBLE_QUOTES.sub(lambda found: f"\\{found[0]}", value)
    yield value.replace("'", "'\\''")
    yield shlex.quote(value).removeprefix("'").removesuffix("'")
    yield "".join(_ANSI_C.get(sign) or (sign if sign >= " " else f"\\{ord(sign):03o}") for sign in value)
    signs = value.encode("utf-8", "surrogateescape").decode("latin-1")  # in a locale that has no more than ASCII
    yield "".join(_ANSI_C.get(sign) or (sign if " " <= sign < "\x7f" else f"\\{ord(sign):03o}") for sign in signs)
