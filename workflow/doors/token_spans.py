"""Where do the tokens of a line stand, also where they touch? Each is found in the line as it came.

Rules:
- A token's body may take the beginning of the next one with it (`ghp_...npm_...`): each form is looked for again
  within what was found, and everything that any of them takes becomes one mask.
- Only the last TAIL characters of what was found are looked at again, so that time grows with the line and no faster.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workflow.doors.secret_extent import MASK
from workflow.doors.secret_forms import Form

TAIL = 700  # characters; the longest part of a token that a form in front of it may take: the head of a web token


def without_tokens(line: str, forms: Iterable[Form]) -> str:
    """The line with each run of tokens of these forms masked."""
    done: list[str] = []
    place = 0
    for start, stop in _joined(sorted(span for form in forms for span in _spans(form, line))):
        done += [line[place:start], MASK]
        place = stop
    return "".join((*done, line[place:])) if done else line


def _spans(form: Form, line: str) -> Iterator[tuple[int, int]]:
    place = 0
    while found := form.pattern.search(line, place):
        yield found.span()
        place = max(found.start() + 1, found.end() - TAIL)


def _joined(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans that overlap or touch as one; they come in the order of the line."""
    first, last = -1, -1
    for start, stop in spans:
        if start > last:
            if last >= 0:
                yield first, last
            first = start
        last = max(last, stop)
    if last >= 0:
        yield first, last
