"""Which of an item's wordings does a rule take? Each pattern is held against all of them in one look.

Rules of one kind are held against the same wordings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from phases.checks.suggest.proposal import Rule
from phases.checks.suggest.rules.table import RULES

# names of things that a setting is "of", "for" or "on"
OWNERS = frozenset(
    {"bucket", "db-instance", "deployment", "ecs-service", "function", "queue-url", "repository", "target-group-arn"}
)


class Wordings:
    """Wordings of one item, each once; which rules take none of them is seen in one look at all of them."""

    def __init__(self, said: Sequence[str]) -> None:
        self.each = tuple(dict.fromkeys(said))
        self._lines = "\n".join(self.each)

    def match(self, head: str) -> re.Match[str] | None:
        """The first of them that this pattern takes whole."""
        if _looked_for(head)(self._lines) is None:
            return None
        found = (pattern_of(head).fullmatch(each) for each in self.each)
        return next((each for each in found if each and not _is_named_by_an_act(each)), None)


_ACT = re.compile(
    r"(?i)(?:update|create|add|enable|disable|configure|remove|delete|verify|check|ensure|apply|rotate)d?"
)


def _is_named_by_an_act(found: re.Match[str]) -> bool:
    """Whether what a pattern takes for a name is the verb that the wording begins with."""
    return any(
        value and found.start(group) == 0 and _ACT.fullmatch(value) for group, value in found.groupdict().items()
    )


class Kind(NamedTuple):
    """In which wordings an item is held against a rule.

    Attributes:
        code: without the name that the rule is about; `owner`: nor with the thing that has what the rule is about.
        context: where the document is about the same, with what an act leaves as well.
        many: without all of the names that it spells.
    """

    code: bool
    owner: bool
    context: bool
    many: bool


@lru_cache(2)
def rules_of(*, firm: bool) -> tuple[tuple[Rule, Kind], ...]:
    """The rules that are so, each with its kind."""
    return tuple((each, _kind_of(each)) for each in RULES if each.firm == firm)


def _kind_of(rule: Rule) -> Kind:
    code = {name for name, about in rule.names.items() if about.code}
    many = any(about.many for about in rule.names.values())
    return Kind(bool(code), not OWNERS.isdisjoint(code), rule.context != "any", many)


@lru_cache(2048)
def pattern_of(text: str) -> re.Pattern[str]:
    """A rule's pattern, compiled once; case does not count."""
    return re.compile(text, re.IGNORECASE)


@lru_cache(2048)
def _looked_for(text: str) -> Callable[[str], re.Match[str] | None]:
    """What finds a line that this pattern takes whole."""
    return re.compile(rf"^(?:{text})$", re.IGNORECASE | re.MULTILINE).search
