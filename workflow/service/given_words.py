"""Did a person say something where words are asked for? A reason that is empty or blank is none.

An unset variable (`--reason "$REASON"`) comes as an empty text, so that is refused and never taken as "not given".
"""

from __future__ import annotations

from state.errors import BadInput


def require_words(option: str, text: str, next_command: str) -> None:
    """Raise BadInput for an empty or blank text; `option` names it, `next_command` is typed with words in its place."""
    if not text.strip():
        raise BadInput(f"{option} says nothing: expected words, seen {text!r}", next_command=next_command)
