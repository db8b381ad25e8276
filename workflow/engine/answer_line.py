"""How is an answer written into an answers file by a command? As YAML that is read back as this very text."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from shlex import quote

ANSWERS_FILE = "answers.yaml"  # how one is called where none was given
# read as a text by YAML 1.1: begins with a letter, and nothing in it is a sign of YAML's
_PLAIN = re.compile(r"[^\W\d_](?:[\w ./@+-]|:(?=\S))*(?<! )")
# and is no word for a truth value, for nothing or for a number (Source: YAML 1.1, types bool, null and float)
_OTHER = re.compile(r"y|yes|n|no|true|false|on|off|null|nan|inf", re.IGNORECASE)


def answer_line(question: str, value: str, choices: Sequence[str] = (), *, file: str = ANSWERS_FILE) -> str:
    """The command that adds `question: value` to an answers file, with the choices in a remark.

    Where one of the choices has to be quoted all are, so that another one can be put in the place of the value.
    """
    quoted = any(not _is_plain(each) for each in choices)
    remark = f"   # one of {', '.join(map(_quoted if quoted else str, choices))}" if choices else ""
    written = value if not quoted and (value == "..." or _is_plain(value)) else _quoted(value)
    line = f"{question}: {written}"
    program = "printf '%s\\n'" if "\\" in line else "echo"  # the echo of some shells reads backslashes
    return f"{program} {quote(line)} >> {quote(file)}{remark}"


def yaml_value(text: str) -> str:
    """The text as a value of YAML, in quotes where it would be read as another thing without them."""
    return text if _is_plain(text) else _quoted(text)


def _is_plain(text: str) -> bool:
    return bool(_PLAIN.fullmatch(text)) and not _OTHER.fullmatch(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
