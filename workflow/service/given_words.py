"""Did a person say something where words are asked for, and no more than is kept? By whatever face.

A reason of which nothing is seen (`state.says_nothing`) is none. What is longer than
`state.longest_text.LONGEST` is refused.

An unset variable (`--reason "$REASON"`) comes as an empty text, so that is refused and never taken as "not given".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from phases.tried_answers import is_no_words
from state.errors import BadInput, Problem
from state.longest_text import why_no_text
from state.says_nothing import is_invisible, says_nothing


def require_words(option: str, text: str, next_command: str) -> None:
    """Raise BadInput for an empty, blank or too long text.

    `option` names it, `next_command` is typed with words in its place.
    """
    if says_nothing(text):
        raise BadInput(f"{option} says nothing: expected words, seen {text!a}", next_command=next_command)
    require_short(option, [text], next_command)
    require_no_stand_in(option, text, next_command)


def require_no_stand_in(option: str, text: str, next_command: str) -> None:
    """Raise BadInput for a text that is only what an example has in its place; `option` names it."""
    if is_invisible(text):
        raise BadInput(f"{option} says nothing: expected words, seen {text!a}", next_command=next_command)
    if is_no_words(text):
        said = f"{option} is {text.strip()!r}, which stands for words of yours: say them"
        raise BadInput(said, next_command=next_command)


def require_short(option: str, texts: Iterable[str], next_command: str) -> None:
    """Raise BadInput for a text that is longer than what is kept, or is no text; `option` names it."""
    for text in texts:
        if why := why_no_text(text):
            raise BadInput(f"{option} {why}", next_command=next_command)


def require_short_answers(answers: Mapping[str, str], next_command: str) -> None:
    """Raise BadInput for answers, by question, that are longer than what is kept."""
    both = ((name, why) for name, text in answers.items() if (why := why_no_text(name) or why_no_text(text)))
    if problems := [Problem(name[:80], why) for name, why in both]:
        raise BadInput("the answers that were given are refused", problems=problems, next_command=next_command)
