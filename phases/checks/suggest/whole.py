"""Would a check answer less than its item says? Then it is listed as possible, and not proposed.

Each trait is one of the form of items, whatever their words are: a value or a path in backticks that the check does not
have, several things where the check asks about one, an alternative in brackets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from phases.checks.suggest.checklist import ListedItem, option_pattern
from phases.checks.suggest.clause import Clause
from phases.checks.suggest.names import knows
from phases.checks.suggest.proposal import Entry, Rule

POSSIBLE = "possible, not proposed"
_NAME = re.compile(r"[A-Za-z0-9][\w.:-]*")
_STATE = re.compile(r"(?i)[a-z]+(?:[ _-][a-z]+)?")  # `ACTIVE`, `in progress`: a state, which the rule's words took
_COMMAND = re.compile(r"(?:\./|[a-z][\w.-]*) \S.*|\./\S+")
_GIVEN = re.compile(r"(?i)(?:e\.g\.,?|for example,?|such as|example:|like|default:?) ?`([^`]+)`")
_LISTED = re.compile(
    r"(?i)^(?:both|all of|each of|including)\b|\w(?: ?, (?:and )?| and | & | \+ )(?!(?:above|below|higher|up|more|later"
    r"|newer|running|active|ready|healthy)\b)\w"
)
_ALTERNATIVE = re.compile(r"(?i)^(?:or|alternatively)\b")
# in the subject: among the first words, and not the object of a verb or a part of a service's name
_PLURAL = re.compile(r"(?<![\w-])([A-Za-z]{3,})s(?! Manager)(?![\w-])")
_SUBJECT = re.compile(r"(?:\S+ ){0,3}?\S+?(?= (?:has|have|is|are|set|stored|exists?|\w+ed|running|active|in|to)\b|$)")


def left_out(rule: Rule, item: ListedItem, entry: Entry, asks: Mapping[str, str]) -> str:
    """What stands in backticks, is no name that is asked about, and is not in the check; "" for nothing."""
    has = json.dumps(entry, ensure_ascii=False)
    given = set(_GIVEN.findall(item.text))
    for code in item.code:
        bare = code.strip().strip("/")
        parts = re.findall(r"[\w.-]+", bare)
        if code in given or all(each in has or knows(rule.head, each) for each in parts):
            continue
        if _COMMAND.fullmatch(code) or _STATE.fullmatch(code):
            continue  # how it is done; a state
        if asks and _NAME.fullmatch(code):
            continue  # what is asked is asked of it
        return code
    return ""


def several(rule: Rule, clause: Clause, asks: Mapping[str, str]) -> str:
    """The words of an item that say that there are several of what its check asks the name of one of; else ""."""
    things = [name for name, about in rule.names.items() if about.code and any(each.endswith(name) for each in asks)]
    if not things:
        return ""
    if _LISTED.search(clause.remark) and not re.search(r"\d", clause.remark):
        return f"({clause.remark})"
    subject = _SUBJECT.match(clause.head)
    for found in _PLURAL.finditer(subject[0] if subject else clause.head):
        word = found[1].lower()
        ones = (re.sub(r"ie$", "y", word), word.removesuffix("e"))
        if any(re.sub(r"-(?:arn|id|name|url)$", "", each).replace("-", "").endswith(ones) for each in things):
            return found[0]
    return ""


def values_below(rule: Rule, item: ListedItem) -> str:
    """The values, where the commands below an item give two to what its check asks about one of; else ""."""
    for about in rule.names.values():
        if about.option and about.option != "json":
            given = {each[1] for block in item.own for each in option_pattern(about.option).finditer(block.text)}
            if len(given) > 1:
                return ", ".join(sorted(given))
    return ""


def says_less(rule: Rule, item: ListedItem, clause: Clause, entry: Entry, asks: Mapping[str, str]) -> str:
    """Why this check answers less than its item says; "" where it answers it."""
    if code := left_out(rule, item, entry, asks):
        return f'{POSSIBLE}: "{rule.name}" does not look at {code}'
    if _ALTERNATIVE.search(clause.remark):
        return f'{POSSIBLE}: "{rule.name}" is one way of several ({clause.remark})'
    if values := values_below(rule, item):
        return f'{POSSIBLE}: "{rule.name}" asks about one, and its commands name {values}'
    if not rule.several and (word := several(rule, clause, asks)):
        return f'{POSSIBLE}: "{rule.name}" asks about one, and there are several: {word}'
    return ""
