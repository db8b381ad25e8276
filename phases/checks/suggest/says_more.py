"""Does an item say more than a check asks? Amounts, bounds, shares, warnings, a path: then it is no check for it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from phases.checks.suggest.checklist import ListedItem
from phases.checks.suggest.clause import Clause, without_code
from phases.checks.suggest.proposal import Rule

_AMOUNT = re.compile(
    r"(?i)(\d+(?:\.\d+)*)\+?[ -]?(?:v?CPUs?|[KMGT]i?B|tasks?|replicas?|instances?|nodes?|shards?|days?)\b"
)
_SHARE = re.compile(r"(\d+(?:\.\d+)?) ?%")
_LEAST_VERSION = re.compile(r"^(?:>=? ?|version )?v?(\d+\.\d+(?:\.\d+)?)\+?$")
_ROUGHLY = re.compile(
    r"(?i)minimum|maximum|or (?:larger|better|higher|more|above|similar)|recommended|e\.g\.|example|at least|at most"
)
_COVERED = re.compile(r"(?i)coverage\b.*\d+ ?%|\d+ ?%.*\bcoverage")
_SHOWN = re.compile(r"(?i)\b(?:shows?|displays?|prints?|outputs?|lists?)\b(?! (?:no|0|zero|only|nothing)\b)")
_COVERAGE_FAILS = re.compile(r"(?i)fail[-_]under|threshold|check-coverage|--cov-fail|min-coverage")
_NO_WARNINGS = re.compile(r"(?i)\b(?:no|without|zero|0)(?: \w+){0,2} warnings?\b|\bwarning-free\b")
_WARNINGS_FAIL = re.compile(
    r"-W ?error|-Werror| -W\b|-Dwarnings|warnaserror|--max-warnings|--fail-level|--strict|-D ?warnings"
    r"|--fail-on|--warnings-as-errors"
)
# a folder in which it is run, another script of the same kind
_BESIDE = re.compile(r"[\w.-]+(?:/[\w.*-]+)+/?|[a-z]+(?:[-:][a-z]+)+")
_AND_THEN = re.compile(r"(?i)\bx (?:and|then) (?:confirm|verify|check|ensure|make sure|review)\b|\bx ?\+ ?x")
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_COUNTED = re.compile(
    r"(?i)\b(?!0\b)\d[\d,.]*\+? (?:\w+ )?"
    r"(?:tests?|specs?|suites?|files?|pages?|routes?|errors?|warnings?|packages?)\b"
)
_BY_HAND = re.compile(
    r"(?i)\baudit (?:is )?(?:complete[d]?|performed|done|finished)|\b(?:review|inspect|coverage report|manual\w*)\b"
)


def wants_more(item: ListedItem, command: str) -> bool:
    """Whether an item wants no warnings, a share covered, something shown, or a folder or further commands that this
    command does not have, and it ends with 0 anyhow.
    """
    text = item.text
    beside = [each for each in item.code if each not in command and command not in each and _BESIDE.fullmatch(each)]
    if beside or _AND_THEN.search(without_code(text, "x")):
        return True
    said = without_code(text, "x")
    audits = re.search(r"(?i)\bsecurity audit\b", said) and not re.search(r"audit|scan|tfsec|bandit|snyk", command)
    if _COUNTED.search(said) or _BY_HAND.search(said) or audits:
        return True
    warnings = _NO_WARNINGS.search(text) is not None and not _WARNINGS_FAIL.search(command)
    covered = _COVERED.search(text) is not None and not _COVERAGE_FAILS.search(command)
    shown = _SHOWN.search(without_code(text)) is not None
    return warnings or covered or shown


def says_more(clause: Clause, rule: Rule, groups: Mapping[str, str]) -> bool:
    """Whether its remark in brackets has amounts that the rule does not take: "registered (512 CPU, 1024 MB)"."""
    known = {*_NUMBER.findall(" ".join(groups.values())), *_NUMBER.findall(json.dumps(dict(rule.check)))}
    said = {*_AMOUNT.findall(clause.remark), *_SHARE.findall(clause.remark), *_LEAST_VERSION.findall(clause.remark)}
    return not known.issuperset(said)


def lacks_a_path(rule: Rule, item: ListedItem) -> bool:
    """Whether the item has a path in backticks, and the check asks the base URL alone."""
    asked = json.dumps(dict(rule.check))
    return '{base-url}"' in asked and any("/" in each for each in item.code)


def only_about(clause: Clause, rule: Rule, groups: Mapping[str, str]) -> bool:
    """Whether its remark says that the value is an example or a bound, where the rule wants exactly that value."""
    return any(groups.values()) and "equals" in json.dumps(dict(rule.check)) and bool(_ROUGHLY.search(clause.remark))
