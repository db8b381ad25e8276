"""Which forms of secrets can a text hold at all? Each form names anchors that stand in everything it matches.

Rules:
- A form is looked for only in a text that holds, of each of its groups of anchors, at least one. Most texts hold none,
  and no pattern is even compiled for them.
- An anchor with a capital letter is looked for as it is, any other one whatever its case.
- No anchor holds the mask's `*`: masking takes text away and never puts an anchor together, so that what a line can
  hold is known before the first secret in it is masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from workflow.doors.secret_extent import End

# what `re.IGNORECASE` takes for i, s and k beside their ASCII forms, and `str.lower` does not turn into them
_UNUSUAL = str.maketrans({"\u0130": "i", "\u0131": "i", "\u017f": "s"})

LONG = 15  # characters of the shortest secret that is one word

Group = tuple[str, ...]  # texts of which one stands in every match


@dataclass(frozen=True, eq=False)
class Form:
    """One form of a secret.

    Attributes:
        name: as docs/masking.md has it, or of a part of the masker.
        written: the regular expression; what it gives a name to (`keep`) stands in front of the secret and stays.
        anchors: groups of texts; every match holds one of each group. The first group should be the rarest;
            the others have no capital letters.
        one_word: every match is LONG characters or more without a blank, so that only long words are searched.
        end: where a secret ends that begins behind `keep`; None for the end of the match.
    """

    name: str
    written: str
    anchors: tuple[Group, ...]
    one_word: bool = False
    end: End | None = None

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(self.written)


def folded(text: str) -> str:
    """The text as anchors are looked for in it when their case does not matter."""
    return text.lower() if text.isascii() else text.translate(_UNUSUAL).lower()


class Forms:
    """Forms, in the order in which they are looked for."""

    def __init__(self, forms: Iterable[Form]) -> None:
        self._forms = tuple(forms)
        self._worded = _Index(form for form in self._forms if not form.one_word)
        self._words = _Index(form for form in self._forms if form.one_word)

    def __iter__(self) -> Iterator[Form]:
        return iter(self._forms)

    def in_text(self, text: str) -> tuple[Form, ...]:
        """Those that may match within this text; every other one does not."""
        found = self._worded.found(text)
        if words := [word for word in text.split() if len(word) >= LONG]:
            found += self._words.found("\n".join(words))
        return tuple(form for form in self._forms if form in found) if found else ()


class _Index:
    """Which forms begin with which anchor?"""

    def __init__(self, forms: Iterable[Form]) -> None:
        self._forms: dict[str, list[Form]] = {}  # by each anchor of their first groups
        for form in forms:
            for anchor in form.anchors[0]:
                self._forms.setdefault(anchor, []).append(form)
        self._any_case = [anchor for anchor in self._forms if anchor == anchor.lower()]
        self._as_it_is = [anchor for anchor in self._forms if anchor != anchor.lower()]

    def found(self, text: str) -> list[Form]:
        low = folded(text)
        seen = [anchor for anchor in self._any_case if anchor in low]
        seen += [anchor for anchor in self._as_it_is if anchor in text]
        if not seen:
            return []
        asked: dict[Group, bool] = {}

        def holds(group: Group) -> bool:
            if group not in asked:
                asked[group] = any(anchor in low for anchor in group)
            return asked[group]

        return [
            form for anchor in seen for form in self._forms[anchor] if all(holds(each) for each in form.anchors[1:])
        ]
