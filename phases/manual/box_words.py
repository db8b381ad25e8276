"""Which words on a box may a person say, how are they written, and how are they read? `yes`, `no`, `n/a:REASON`."""

from __future__ import annotations

from collections.abc import Mapping

from state.event_types import Answered
from state.says_nothing import says_nothing
from state.task_events import ItemVerdict

YES, NO, NOT_APPLICABLE = "yes", "no", "n/a"
_BY_VERDICT: Mapping[ItemVerdict, str] = {
    "attested": "yes, says",
    "fail": "no, says",
    "not-applicable": "not applicable, says",
    "waived": "waived by",
}


def read_word(text: str) -> tuple[ItemVerdict, str]:
    """Verdict and reason of `yes`, `no` or `n/a:REASON`. Raises ValueError, with what is wrong, for anything else."""
    from phases.tried_answers import is_no_words  # here: who only looks reads no word

    word, colon, reason = text.strip().partition(":")
    word = word.strip().lower()
    if word in (YES, NO) and not colon:
        return ("attested" if word == YES else "fail"), ""
    if word == NOT_APPLICABLE and is_no_words(reason):
        raise ValueError(f"{reason.strip()!r} stands for a reason of yours: n/a:REASON")
    if word == NOT_APPLICABLE and not says_nothing(reason):
        return "not-applicable", reason.strip()
    if word == NOT_APPLICABLE:
        raise ValueError("n/a needs a reason: n/a:REASON")
    raise ValueError(f"expected yes, no or n/a:REASON, seen {text!r}")


def said(word: Answered) -> str:
    """A person's word, in words: `not applicable, says Ada <ada@example.com> (prompt): no frontend`."""
    reason = f": {word.why}" if word.why else ""
    return f"{_BY_VERDICT[word.verdict]} {word.by.git} ({word.via}){reason}"
