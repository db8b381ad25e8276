"""Which command of the document runs its tests, lints or builds? The one that an item of the kind has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from phases.checks.suggest.checklist import Checklist, Words
from phases.checks.suggest.commands import check_of

_KIND = re.compile(
    r"(?i)\b(?:unit|integration|e2e|end-to-end|smoke|regression|acceptance|system|contract|ui|backend|frontend|api|docs"
    r"|production|docker|staging)\b"
)
_SOME_TESTS = frozenset({"smoke", "e2e", "end-to-end", "acceptance", "contract", "ui", "staging", "production"})


def one_command(word: str, document: Checklist, kinds: frozenset[str]) -> tuple[str, Words] | None:
    """The one command with this word in it that an item of the document has in backticks; None where that item is about
    other kinds of it than these: what stands at "Unit tests pass" says nothing of integration tests.
    """
    found = _commands_with(word, document)
    if len(found) != 1:
        return None
    ((code, (words, of)),) = found.items()
    if not kinds:
        return None if of & _SOME_TESTS else (code, words)  # smoke tests are not all tests
    return None if kinds not in (of, kinds_of(code)) else (code, words)


@lru_cache(64)
def _commands_with(word: str, document: Checklist) -> Mapping[str, tuple[Words, frozenset[str]]]:
    """The commands with this word in it that items have in backticks: where each stands, and the item's kinds."""
    found: dict[str, tuple[Words, frozenset[str]]] = {}
    for item in document.items:
        for code in item.code:
            if re.search(rf"\b{word}\b", code) and " " in code and (check := check_of(code)) and not check[1]:
                found.setdefault(code, (Words(code, "document", item.line), kinds_of(item.text)))
    return found


def kinds_of(text: str) -> frozenset[str]:
    """Of which kinds the tests or builds are that a text speaks of; none: of all of them, or nobody says."""
    return frozenset(each.lower() for each in _KIND.findall(text))
