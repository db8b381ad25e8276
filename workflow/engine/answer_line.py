"""By which commands do answers get into an answers file? As YAML that is read back as this very text."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from shlex import quote

from state.late_pattern import late
from state.path_word import path_word
from workflow.ports import ANSWERS_FILE

BETTER = "with a better answer: "
_EDITOR = "${EDITOR:-vi}"  # as it is typed from where the person stands: the file is theirs, and not the repository's
# read as a text by YAML 1.1: begins with a letter, and nothing in it is a sign of YAML's
_PLAIN = late(r"[^\W\d_](?:[\w ./@+-]|:(?=\S))*(?<! )")
# and is no word for a truth value, for nothing or for a number (Source: YAML 1.1, types bool, null and float)
_OTHER = late(r"y|yes|n|no|true|false|on|off|null|nan|inf", re.IGNORECASE)


def answer_lines(asked: Sequence[tuple[str, str, Sequence[str]]], *, file: str = ANSWERS_FILE) -> list[str]:
    """The commands that bring answers into an answers file: a line is added for each that is known.

    The file is opened for the rest, with their names in the remark: nobody but a person can say what stands there.

    Args:
        asked: for each question its name, the answer or "" where none is known, and its choices.
    """
    known = [_added(name, value, file) for name, value, _choices in asked if value]
    unknown = "; ".join(_named(name, choices) for name, value, choices in asked if not value)
    return [*known, *([f"{_EDITOR} {path_word(file)}   # add, each with its answer: {unknown}"] if unknown else [])]


def better_line(refused: Sequence[tuple[str, Sequence[str]]], *, file: str = ANSWERS_FILE) -> str:
    """The command that opens an answers file for other answers; `refused`: names of questions, and their choices."""
    return f"{_EDITOR} {path_word(file)}   # {BETTER}{'; '.join(_named(name, choices) for name, choices in refused)}"


def _added(question: str, value: str, file: str) -> str:
    line = f"{question}: {yaml_value(value)}"
    program = "printf '%s\\n'" if "\\" in line else "echo"  # the echo of some shells reads backslashes
    return f"{program} {quote(line)} >> {path_word(file)}"


def _named(question: str, choices: Sequence[str]) -> str:
    return f"{question}: {' or '.join(map(yaml_value, choices))}" if choices else question


def yaml_value(text: str) -> str:
    """The text as a value of YAML, in quotes where it would be read as another thing without them."""
    return text if _is_plain(text) else _quoted(text)


def _is_plain(text: str) -> bool:
    return bool(_PLAIN.fullmatch(text)) and not _OTHER.fullmatch(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
