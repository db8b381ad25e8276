"""What could answer each item of a checklist? At most one proposal an item, the surest; else why there is none.

Rules:
- In this order: rules whose words are all their own, what refuses (`refusals.py`), commands of AWS's CLI, other
  commands, tools, files, rules.
- Nothing is proposed that a checks file would refuse: each proposal is read as one before it is made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from phases.checks.api_model import ApiModels
from phases.checks.suggest.aws_commands import aws_check_of, aws_command_in
from phases.checks.suggest.checklist import Checklist, ListedItem, Words
from phases.checks.suggest.clause import Clause, clause_of, state_left_by
from phases.checks.suggest.commands import check_of, command_in
from phases.checks.suggest.context import around, fits, is_operational
from phases.checks.suggest.files import file_of
from phases.checks.suggest.names import known_names, spelled_name
from phases.checks.suggest.proposal import Entry, NoProposal, Proposal, Rule, Suggestions
from phases.checks.suggest.refusals import ACTS, place_refusal, refusal_of
from phases.checks.suggest.rules.table import RULES
from phases.checks.suggest.tools import tool_of
from phases.checks.suggest.urls import url_of
from state.errors import BadInput
from state.json_values import Json

LONGEST = 400  # characters of an item; nine in ten have at most eight words
NOBODY_KNOWS = "no rule takes its words"
AN_ACT = "an act: it is a person's to do"
_GROUP = re.compile(r"\$([a-z_]+)")
_BRACED = re.compile(r"\{([a-z][a-z0-9-]*)\}")  # the document's own, no placeholder of ours
_TEST_WORDS = {"test-command": "test", "lint-command": "lint", "build-command": "build"}


def suggest(document: Checklist, models: ApiModels, known: Mapping[str, str] | None = None) -> Suggestions:
    """The proposals for a checklist; `known` are answers to questions."""
    proposals: list[Proposal] = []
    others: list[NoProposal] = []
    for item in document.items:
        found = proposal_for(item, document, models)
        if isinstance(found, Proposal):
            proposals.append(found)
        else:
            others.append(NoProposal(item, found))
    questions: dict[str, str] = {}
    for each in proposals:
        for name, question in each.asks.items():
            questions.setdefault(name, question)
    return Suggestions(document.path, tuple(proposals), tuple(others), questions, dict(known or {}))


def proposal_for(item: ListedItem, document: Checklist, models: ApiModels) -> Proposal | str:
    """The surest proposal for an item, or why there is none."""
    for found in _proposals(item, document, models):
        if isinstance(found, str):
            return found
        open_names = _placeholders(json.dumps(found.entry, sort_keys=True), models)
        if open_names is not None and open_names <= found.asks.keys():
            return replace(found, asks={name: found.asks[name] for name in found.asks if name in open_names})
    return NOBODY_KNOWS


def _proposals(item: ListedItem, document: Checklist, models: ApiModels) -> Iterator[Proposal | str]:
    if len(item.text) > LONGEST:
        yield "it says more than one thing"
        return
    if why := place_refusal(item):
        yield why
        return
    yield from _by_rules(item, document, firm=True)
    if why := refusal_of(item):
        yield why
        return
    yield from _by_command(item, document, models)
    if tool := tool_of(item.text):
        yield Proposal(item, "tool", tool[0], (item.words,), tool[1])
    if fits("operations", document, item) and (file := file_of(item)):
        yield Proposal(item, "file", file[0], (item.words,), file[1], file[2])
    if url := url_of(item.text):
        yield Proposal(item, "address", url, (item.words,), "it answers without an error now, not: what it shows")
    yield from _by_rules(item, document, firm=False)
    if re.match(ACTS, clause_of(item.text).head, re.IGNORECASE):
        yield AN_ACT


def _by_command(item: ListedItem, document: Checklist, models: ApiModels) -> Iterator[Proposal]:
    if (call := aws_command_in(item)) and (read := aws_check_of(call[0], models)):
        entry, asks = read
        yield Proposal(item, "AWS command", entry, (item.words, call[1]), "what the command shows, not: more", asks)
    if (found := command_in(item)) and (check := check_of(found[0])):
        rests_on = (item.words,) if found[1] == item.words else (item.words, found[1])
        yield Proposal(item, "command", check[0], rests_on, check[2], check[1])


def _by_rules(item: ListedItem, document: Checklist, *, firm: bool) -> Iterator[Proposal]:
    clause = clause_of(item.text)
    for rule in RULES:
        if rule.firm != firm:
            continue
        groups = _matched(rule, clause, _wordings(rule, clause, item, document))
        if groups is None or not fits(rule.context, document, item):
            continue
        near = _near(rule, item, document)
        if near is None:
            continue
        yield _made(rule, groups, item, document, list(dict.fromkeys((item.words, near))))


def _wordings(rule: Rule, clause: Clause, item: ListedItem, document: Checklist) -> list[str]:
    """The item's clause, in each of the ways in which this rule may know it."""
    said = [clause.head, _bare(item.text)]
    if any(name.code for name in rule.names.values()) and (spelled := spelled_name(item)):
        said.append(clause_of(item.text.replace(f"`{spelled}`", " ")).head)
    if rule.context in ("aws", "kubernetes") and not rule.firm and is_operational(document):
        said += state_left_by(clause.head)
    return said


def _matched(rule: Rule, clause: Clause, said: list[str]) -> dict[str, str] | None:
    """The groups of a rule's patterns for clause and remark; None where one of them is not found."""
    head = next((found for each in said if (found := _pattern(rule.head).fullmatch(each))), None)
    if head is None or not rule.remark:
        return None if head is None else head.groupdict("")
    remark = _pattern(rule.remark).search(clause.remark)
    return None if remark is None else {**head.groupdict(""), **remark.groupdict("")}


def _near(rule: Rule, item: ListedItem, document: Checklist) -> Words | None:
    """The words around the item that the rule needs: the item's own where it needs none, None where there are none."""
    if not rule.around:
        return item.words
    found = next((each for each in around(document, item) if re.search(rule.around, each.text)), None)
    return found or _in_block(rule.around, item)


def _made(rule: Rule, groups: dict[str, str], item: ListedItem, document: Checklist, rests_on: list[Words]) -> Proposal:
    known = known_names(rule.names, groups, item, document)
    if "header" in groups:
        groups["header_name"] = _HEADERS.get(groups["header"].upper(), groups["header"])
    entry = _filled(rule.check, groups, known.values)
    asks = dict(known.asks)
    for name, word in _TEST_WORDS.items():
        if name in asks and (found := _one_command(word, document)):
            command, words = found
            entry = {"command": {"run": command, "changes": True}}
            asks.pop(name)
            rests_on = [*rests_on, words]
    region = list(document.options("--region"))
    if "service" in entry and len(region) == 1 and entry["service"] not in ("iam", "route53", "sts", "cloudfront"):
        entry["region"] = region[0].text
        rests_on = [*rests_on, region[0]]
    return Proposal(item, rule.name, entry, tuple(dict.fromkeys([*rests_on, *known.rests_on])), rule.unproved, asks)


@lru_cache(64)
def _one_command(word: str, document: Checklist) -> tuple[str, Words] | None:
    """The one command with this word in it that an item of the document has in backticks."""
    found: dict[str, Words] = {}
    for item in document.items:
        for code in item.code:
            if re.search(rf"\b{word}\b", code) and " " in code and (check := check_of(code)) and not check[1]:
                found.setdefault(code, Words(code, "document", item.line))
    return next(iter(found.items())) if len(found) == 1 else None


_HEADERS = {"HSTS": "strict-transport-security", "CSP": "content-security-policy"}


def _in_block(pattern: str, item: ListedItem) -> Words | None:
    for block in (*item.own, *item.beside):
        for number, line in enumerate(block.text.split("\n")):
            if re.search(pattern, line):
                return Words(line.strip(), "block", block.line + number)
    return None


def _filled(value: Entry, groups: Mapping[str, str], names: Mapping[str, str]) -> dict[str, Json]:
    return {key: _value(entry, groups, names) for key, entry in value.items()}


def _value(value: Json, groups: Mapping[str, str], names: Mapping[str, str]) -> Json:
    if isinstance(value, dict):
        return {key: _value(entry, groups, names) for key, entry in value.items()}
    if isinstance(value, list):
        return [_value(entry, groups, names) for entry in value]
    if not isinstance(value, str):
        return value
    if value.startswith("#") and value[1:] in groups:
        return int(groups[value[1:]])
    text = _GROUP.sub(lambda found: _BRACED.sub(r"{{\1}}", groups.get(found[1], found[0])), value)
    for name, given in names.items():
        text = text.replace(f"{{{name}}}", given)
    return text


def _bare(text: str) -> str:
    """The item's clause with its first word, for rules that are about that word."""
    return " ".join(re.sub(r"\([^()]*\)", " ", text).replace("`", "").replace("**", "").split()).rstrip(" .;:!")


@lru_cache(512)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


def _placeholders(entry: str, models: ApiModels) -> frozenset[str] | None:
    """The names that a checks file would ask for; None where it does not take the check."""
    from phases.checks.reader import read_checks

    check = {"id": "it", "name": "It", **json.loads(entry)}
    try:
        (read,) = read_checks(json.dumps({"checks": [check]}).encode(), "proposal", models).checks
    except BadInput:
        return None
    return frozenset(name for _path, name in read.placeholders())
