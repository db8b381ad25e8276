"""What is to be typed next, as it works where the person stands: with the `-C DIR` that was given.

Rules:
- Only commands are touched, where one begins: after `next: `, on a line below it, after `&&`, `or:`, `then:`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from shlex import quote

_BEGINS = r"(?P<before>^next: |^ {6}|&& |\|\| |\bor: |\bthen: )"


def directory_given(arguments: Sequence[str]) -> str:
    """The DIR of `-C DIR` on a command line; "" when there is none before the verb."""
    for word, following in zip(arguments, [*arguments[1:], ""], strict=True):
        if word == "-C":
            return following
        if word.startswith("-C"):
            return word.removeprefix("-C")
        if not word.startswith("-"):
            break
    return ""


def here(text: str, directory: str, verbs: Collection[str]) -> str:
    """A refusal with its next commands as they work outside of `directory`, which the command line gave ("" for none).

    `verbs`: the words that make `phasegate ...` a command of ours.
    """
    start = re.search(r"^next: ", text, re.MULTILINE)
    if not directory or start is None:
        return text
    command = rf"{_BEGINS}(?P<name>git|phasegate(?= (?:{'|'.join(map(re.escape, verbs))})\b))(?= )"
    return text[: start.start()] + re.sub(
        command,
        lambda found: f"{found['before']}{found['name']} -C {quote(directory)}",
        text[start.start() :],
        flags=re.MULTILINE,
    )
