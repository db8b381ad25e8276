"""What could answer each item of a checklist? At most one proposal an item, the surest; else why there is none.

Rules:
- In this order: rules whose words are all their own, what refuses (`refusals.py`), commands of AWS's CLI, other
  commands, tools, files, rules.
- Nothing is proposed that a checks file would refuse: each proposal is read as one before it is made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from phases.checks.api_model import ApiModels
from phases.checks.local.working_tree import looks_at_whole_tree, without_own
from phases.checks.suggest.another_repository import to_its_branch
from phases.checks.suggest.aws_commands import aws_check_of, aws_command_in, tells_more
from phases.checks.suggest.checklist import Checklist, ListedItem, Words
from phases.checks.suggest.claims import doubt
from phases.checks.suggest.clause import (
    Clause,
    clause_of,
    plain_text,
    said_as_there,
    said_otherwise,
    state_left_by,
    value_forms,
    without_remarks,
)
from phases.checks.suggest.commands import check_of, command_in, with_blanks
from phases.checks.suggest.context import around, fits, is_operational
from phases.checks.suggest.environments import has_a_region, is_another_ones, region_of, told_apart
from phases.checks.suggest.files import UNPROVED as FILE_UNPROVED
from phases.checks.suggest.files import file_of
from phases.checks.suggest.folders import in_their_folders
from phases.checks.suggest.kubectl_commands import kubectl_check_of, waits_for
from phases.checks.suggest.left_by import left_by
from phases.checks.suggest.listed_elsewhere import listed_elsewhere
from phases.checks.suggest.listed_files import listed_file
from phases.checks.suggest.listed_names import listed_name
from phases.checks.suggest.listed_objects import listed_object
from phases.checks.suggest.matching import Kind, Wordings, pattern_of, rules_of
from phases.checks.suggest.named_things import named_thing
from phases.checks.suggest.names import (
    about_of,
    asked_apart,
    item_names,
    known_names,
    knows,
    marked,
    without_namespace,
)
from phases.checks.suggest.one_of_several import ASKS_ONE
from phases.checks.suggest.own_commands import kinds_of, one_command
from phases.checks.suggest.places import (
    environment_file,
    keeps_variables_elsewhere,
    place_of,
    said_with,
)
from phases.checks.suggest.printed import printed_of
from phases.checks.suggest.proposal import CONTEXTS, Entry, NoProposal, Proposal, Rule, Suggestions, run_of
from phases.checks.suggest.refusals import ACTS, place_refusal, refusal_of
from phases.checks.suggest.releases_apart import releases_apart
from phases.checks.suggest.remote import WHY as ELSEWHERE
from phases.checks.suggest.remote import is_elsewhere
from phases.checks.suggest.requirements import requirement_of
from phases.checks.suggest.says_more import lacks_a_path, only_about, says_more, wants_more
from phases.checks.suggest.spelled import without_all, without_names_of
from phases.checks.suggest.strict import strictly
from phases.checks.suggest.tools import as_the_document_has_it, asked_version, listed_tool, tool_of
from phases.checks.suggest.urls import UNPROVED, url_of, with_its_code
from phases.checks.suggest.variables import is_of_a_host, value_with_place, variables_of
from phases.checks.suggest.version_files import version_in_files
from phases.checks.suggest.whole import POSSIBLE, says_less
from phases.checks.suggest.wordings import label_and_description, numbers_are_in, simpler, without_weak_word
from phases.checks.suggest.written_values import ignored_of, written_value
from state.errors import BadInput
from state.json_values import Json

LONGEST = 400  # characters of an item; nine in ten have at most eight words
NOBODY_KNOWS = "no rule takes its words"
AN_ACT = "an act: it is a person's to do"
_GROUP = re.compile(r"\$([a-z_]+2?)")
_BRACED = re.compile(r"\{([a-z][a-z0-9-]*)\}")  # the document's own, no placeholder of ours
_TESTED_BY = re.compile(
    r"(?i)^(?:\*\*)?(?:AWS )?(?:CLI|credentials?|access|connection|template)[\w ]{0,20} tested:? `aws "
)
_ITS_THING = r"(?<![\w-]){} (?:buckets?|tables?|functions?|queues?|topics?|alarms?|services?|groups?|instances?)\b"
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
    proposals = releases_apart(told_apart(in_their_folders(asked_apart(proposals), document)))
    questions: dict[str, str] = {}
    for each in proposals:
        for name, question in each.asks.items():
            questions.setdefault(name, question)
    return Suggestions(document.path, tuple(proposals), tuple(others), questions, dict(known or {}))


def leave_out_own(found: Suggestions, own: Sequence[str]) -> Suggestions:
    """The proposals, of which those that look at the working tree leave these paths out: a run's own."""

    def of(proposal: Proposal) -> Proposal:
        run = run_of(proposal.entry)
        if not run or not looks_at_whole_tree(run):
            return proposal
        unproved = f"{proposal.unproved}; a run's own files are left out"
        return replace(proposal, entry={**proposal.entry, "command": {"run": without_own(run, own)}}, unproved=unproved)

    return replace(found, proposals=tuple(map(of, found.proposals)))


def proposal_for(item: ListedItem, document: Checklist, models: ApiModels) -> Proposal | str:
    """The surest proposal for an item, or why there is none.

    Where one asks about one of several things, another may ask about each of them.
    """
    of_one = ""
    for found in _proposals(item, document, models):
        if isinstance(found, str):
            return of_one or found
        open_names = _placeholders(json.dumps(found.entry, sort_keys=True), models)
        if open_names is not None and open_names <= found.asks.keys():
            if is_elsewhere(item, document, found.entry):
                return ELSEWHERE
            found = to_its_branch(with_its_code(found))
            if (why := doubt(found, document)) and ASKS_ONE in why:
                of_one = of_one or why
                continue
            if why:
                return of_one or why
            return replace(found, asks={name: found.asks[name] for name in found.asks if name in open_names})
    return of_one or NOBODY_KNOWS


def _proposals(item: ListedItem, document: Checklist, models: ApiModels) -> Iterator[Proposal | str]:
    if len(item.text) > LONGEST:
        yield "it says more than one thing"
        return
    if why := place_refusal(item):
        yield why
        return
    doubts: list[str] = []
    yield from _by_rules(item, document, doubts, firm=True)
    if waits_for(item) and fits("kubernetes", document, item) and (shown := kubectl_check_of(item)):
        yield Proposal(item, "kubectl command", shown[0], (item.words, shown[3]), shown[2], shown[1])
    if (why := refusal_of(item)) and not _TESTED_BY.search(item.text):
        yield why
        return
    if kept := variables_of(item, document):
        yield kept
    yield from _by_command(item, document, models)
    if (shown := kubectl_check_of(item)) and fits("kubernetes", document, item):
        yield Proposal(item, "kubectl command", shown[0], (item.words, shown[3]), shown[2], shown[1])
    if left := left_by(item, " ".join((document.title, document.path, *(each.text for each in item.headings)))):
        yield Proposal(item, "left by a command", left[0], (item.words, left[3]), left[2], left[1])
    if named := listed_name(item, document) or listed_object(item, document):
        yield Proposal(item, "name of a list", named[0], named[3], named[2], named[1])
    if named := listed_elsewhere(item, document):
        yield Proposal(item, "name of a list", named[0], named[3], named[2], named[1])
    if ignored := ignored_of(item):
        yield Proposal(item, "ignored paths", ignored[0], (item.words,), ignored[1])
    if fits("operations", document, item) and (value := written_value(item)):
        yield Proposal(item, "value in a file", value[0], value[3], value[2], value[1])
    if fits("operations", document, item) and (needed := requirement_of(item)):
        yield Proposal(item, "line of a list of packages", needed[0], (item.words, needed[2]), needed[1])
    if printed := printed_of(item):
        yield Proposal(item, "printed", printed[0], (item.words,), printed[2], printed[1])
    if not is_of_a_host(item) and (tool := tool_of(item.text) or listed_tool(item) or asked_version(item.text)):
        yield Proposal(item, "tool", as_the_document_has_it(tool[0], document.text), (item.words,), tool[1])
    if fits("operations", document, item) and (file := file_of(item)):
        yield Proposal(item, "file", file[0], (item.words,), file[1], file[2])
    if fits("operations", document, item) and (versioned := version_in_files(item)):
        yield Proposal(item, "version in files", versioned.entry, (item.words,), versioned.unproved, versioned.asks)
    if fits("operations", document, item) and (listed := listed_file(item, document)):
        yield Proposal(item, "file of a list", {"file": {"path": listed[0]}}, (item.words, listed[1]), FILE_UNPROVED)
    if address := url_of(item):
        yield Proposal(item, "address", address[0], (item.words, address[2]), UNPROVED, address[1])
    yield from _by_rules(item, document, doubts, firm=False)
    if named := named_thing(item, document):
        yield Proposal(item, "thing by its name", named[0], named[3], named[2], named[1])
    if valued := value_with_place(item, document):
        yield valued
    for said in label_and_description(item.text):
        for found in _by_rules(replace(item, text=said), document, doubts, firm=False):
            if numbers_are_in(item.text, json.dumps(found.entry)):
                yield replace(found, item=item, rests_on=(item.words, *found.rests_on[1:]))
    yield from doubts
    weaker, word = without_weak_word(clause_of(item.text).head)
    for said in weaker:
        for found in _by_rules(replace(item, text=said), document, [], firm=False):
            yield f'{POSSIBLE}: "{found.kind}" does not ask whether it is {word}'
    if re.match(ACTS, clause_of(item.text).head, re.IGNORECASE):
        yield AN_ACT


def _by_command(item: ListedItem, document: Checklist, models: ApiModels) -> Iterator[Proposal]:
    if (call := aws_command_in(item)) and (read := aws_check_of(call[0], models)) and not tells_more(item, read[0]):
        entry, asks = read
        yield Proposal(item, "AWS command", entry, (item.words, call[1]), "what the command shows, not: more", asks)
    found = command_in(item)
    run = strictly(found[0], item.text) if found else ""
    if found and run and not wants_more(item, run) and (check := check_of(run)):
        rests_on = (item.words,) if found[1] == item.words else (item.words, found[1])
        yield Proposal(item, "command", check[0], rests_on, check[2], check[1])


def _by_rules(item: ListedItem, document: Checklist, doubts: list[str], *, firm: bool) -> Iterator[Proposal]:
    """What rules make of it; `doubts` takes note of what would answer less than the item says."""
    read, space = without_namespace(marked(item))
    clause = clause_of(read.text)
    names = item_names(read)
    left = state_left_by(clause.head, read.code) if not firm and is_operational(document) else []
    otherwise = [*said_otherwise(clause.head, clause.remark), *said_as_there(read.text, clause)]
    said = [clause.head, _bare(read.text), *otherwise]
    if not firm:
        said += [each for head in (clause.head, *left) for each in simpler(head)]
    named = value_forms([clause.head])[1:]
    spelled = [read.text, *(state_left_by(plain_text(read.text).rstrip(" .:"), read.code) if left and names else [])]
    place = place_of(item, document)
    said_names = {"namespace": space, "env-file": environment_file(item, document)}
    there = list(said_with(place, value_forms([clause.head, *left, *otherwise]), read.text)) if place else []
    is_about = {each: fits(each, document, item) for each in CONTEXTS}
    rules = [each for each in rules_of(firm=firm) if is_about[each[0].context] and (names or not each[0].named)]
    for above in (place, None) if place else (None,):
        of_kind: dict[Kind, Wordings] = {}
        for rule, kind in rules:
            if above and rule.context != "aws" and not above.form.startswith("{}"):
                continue
            if (wordings := of_kind.get(kind)) is None:
                without = [each for text in spelled for each in without_names_of(text, names, owner=kind.owner)]
                own = [*said, *(without if kind.code else []), *([*left, *named] if kind.context else [])]
                own += without_all(spelled, names) if kind.many and names else []
                wordings = of_kind[kind] = Wordings(there if above else own)
            if (head := wordings.match(rule.head)) is None:
                continue
            groups = _with_remark(rule, clause, head)
            if groups is None or ("env-file" in rule.names and keeps_variables_elsewhere(item, document)):
                continue
            if (rule.document and not re.search(rule.document, document.text)) or only_about(clause, rule, groups):
                continue
            if lacks_a_path(rule, item):
                continue
            near = above.words if above else _near(rule, item, document)
            if near is None:
                continue
            if not rule.remark and says_more(clause, rule, groups):
                continue
            made = _made(rule, groups, read, document, list(dict.fromkeys((item.words, near))), said_names)
            if why := says_less(rule, read, clause, made.entry, made.asks):
                doubts.append(why)
                continue
            about = about_of(rule.head, groups, read, clause.head, made.entry)
            if above:
                has = json.dumps(made.entry)
                own = [
                    each for each in about if re.search(_ITS_THING.format(re.escape(each)), clause.head, re.IGNORECASE)
                ]
                about = tuple(dict.fromkeys((*above.which, *(each for each in (*names, *own) if each not in has))))
            purpose = clause.head.partition(" for ")[2].lower().split()
            strange = [each for each in purpose if each in about and not (each in names or knows(rule.head, each))]
            if strange and not above and not made.asks.keys() - {"namespace"}:
                doubts.append(f'{POSSIBLE}: "{rule.name}" does not know {", ".join(strange)}')
                continue
            yield replace(made, item=item, about=about)


def _with_remark(rule: Rule, clause: Clause, head: re.Match[str]) -> dict[str, str] | None:
    """The groups of a rule's patterns for clause and remark; None where the remark is not found."""
    if not rule.remark:
        return head.groupdict("")
    remark = pattern_of(rule.remark).search(clause.remark)
    return None if remark is None else {**head.groupdict(""), **remark.groupdict("")}


def _near(rule: Rule, item: ListedItem, document: Checklist) -> Words | None:
    """The words around the item that the rule needs: the item's own where it needs none, None where there are none."""
    if not rule.around:
        return item.words
    found = next((each for each in around(document, item) if re.search(rule.around, each.text)), None)
    return found or _in_block(rule.around, item)


def _made(
    rule: Rule,
    groups: dict[str, str],
    item: ListedItem,
    document: Checklist,
    rests_on: list[Words],
    said: Mapping[str, str],
) -> Proposal:
    """The proposal; `said`: what the item says of names that it spells in words of their own, "" for nothing."""
    known = known_names(rule.names, groups, item, document)
    for name in known.values.keys() & {name for name, value in said.items() if value}:
        known.values[name] = said[name]
        known.asks.pop(name, None)
    if "header" in groups:
        groups["header_name"] = _HEADERS.get(groups["header"].upper(), groups["header"])
    if "addon" in groups:
        groups["addon"] = groups["addon"].lower()
    for name in [each for each in groups if f"{each}2" in groups]:
        groups[f"{name}_all"] = groups[name] or groups[f"{name}2"]
    if "class" in groups:
        groups["class_name"] = groups["class"].upper().replace(" ", "_")
    asks = dict(known.asks)
    if "asset" in groups:
        groups["asset_said"], groups["asset"] = groups["asset"], with_blanks(groups["asset"], asks)
    entry = _filled(rule.check, groups, known.values)
    for name, word in _TEST_WORDS.items():
        found = one_command(word, document, kinds_of(item.text)) if name in asks else None
        if found and not is_another_ones(found[1], item, document):
            command, words = found
            entry = {"command": {"run": command, "changes": True}}
            asks.pop(name)
            rests_on = [*rests_on, words]
    if has_a_region(entry) and (region := region_of(item, document)):
        entry["region"] = region.text
        rests_on = [*rests_on, region]
    return Proposal(item, rule.name, entry, tuple(dict.fromkeys([*rests_on, *known.rests_on])), rule.unproved, asks)


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
    text = value.replace("$asset", groups.get("asset", "$asset"))  # its blanks are asked for
    text = _GROUP.sub(lambda found: _BRACED.sub(r"{{\1}}", groups.get(found[1], found[0])), text)
    for name, given in names.items():
        text = text.replace(f"{{{name}}}", given)
    return text


def _bare(text: str) -> str:
    """The item's clause with its first word, for rules that are about that word."""
    return " ".join(without_remarks(text).replace("`", "").replace("**", "").split()).rstrip(" .;:!")


@lru_cache(256)  # many items are answered by one check
def _placeholders(entry: str, models: ApiModels) -> frozenset[str] | None:
    """The names that a checks file would ask for; None where it does not take the check."""
    from phases.checks.reader import read_checks

    check = {"id": "it", "name": "It", **json.loads(entry)}
    try:
        (read,) = read_checks(json.dumps({"checks": [check]}).encode(), "proposal", models).checks
    except BadInput:
        return None
    return frozenset(name for _path, name in read.placeholders())
