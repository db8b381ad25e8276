"""What are the things called that a rule's check has to know? From the item, from the document's commands, or asked.

Rules:
- A name that stands in the item counts before everything else.
- A name that is not in the document becomes a `{placeholder}` and a question; the same thing is asked about once, and
  two items that are about different things are asked about apart (`asked_apart`).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256

from phases.checks.suggest.checklist import Checklist, ListedItem, Words, is_example, option_pattern
from phases.checks.suggest.environments import is_another_ones, renamed
from phases.checks.suggest.files import PATH
from phases.checks.suggest.proposal import Entry, Name, Proposal

_GENERIC = (
    "the",
    "all",
    "each",
    "every",
    "a",
    "an",
    "new",
    "aws",
    "dynamodb",
    "database",
    "lambda",
    "any",
    "no",
    "some",
)


# words of items that are no name, whichever rule takes them
_NO_NAME = re.compile(
    r"(?i)(?:the|all|each|every|an?|new|any|no|some|and|or|is|are|was|were|has|have|been|in|on|at|of|for|to|with|from"
    r"|by"
    r"|via|across|our|your|its|as|aws|amazon|that|postgres(?:ql)?|mysql|mariadb|redis|memcached|valkey|sql|execution"
    r"|task"
    r"|service|standard|fifo|data|script|user|created|configured|enabled|active|ready|running|exists?|successfully|\d+)"
)
# which of several that are called the same: their places and their kinds
_WHICH = re.compile(
    r"(?i)(?:production|prod|staging|development|dev|qa|uat|preview|frontend|backend|unit|integration|e2e|end-to-end"
    r"|smoke|regression|acceptance|dependency|container|image|code|security)"
)
_QUOTED = re.compile(r"(?<!\w)[\"\u201c\u2018']([A-Za-z0-9/][\w./:-]*)[\"\u201d\u2019'](?!\w)")
# forms that are nobody else's: ARNs, ids of AWS, versions
_OF_A_FORM = re.compile(
    r"(?<![\w`/:.-])(arn:[\w:/*.-]*[\w*]|(?:i|vpc|subnet|sg|fs|nat|igw|vol|lt|tgw|eni|ami)-[0-9a-f]{6,}|v\d+(?:\.\d+)+"
    r"(?:[-+][\w.]*\w)?|\d+\.\d+\.\d+(?:[-+][\w.]*\w)?)(?![\w`/-]|\.\w)"
)


@dataclass
class Known:
    """What the names of one proposal became.

    Attributes:
        values: name -> value, or the placeholder in braces.
        asks: placeholder -> question.
        rests_on: where values were found.
    """

    values: dict[str, str] = field(default_factory=dict)
    asks: dict[str, str] = field(default_factory=dict)
    rests_on: list[Words] = field(default_factory=list)


def marked(item: ListedItem) -> ListedItem:
    """The item with each name of it in backticks: those in quotes, too, and those of a form that is nobody else's."""
    parts = re.split(r"(`[^`]*`)", item.text)
    text = "".join(each if each[:1] == "`" else _OF_A_FORM.sub(r"`\1`", _QUOTED.sub(r"`\1`", each)) for each in parts)
    return item if text == item.text else replace(item, text=text)


_NAMESPACE = re.compile(
    r"\s+in (?:the )?(?:namespace `([a-z][a-z0-9-]*)`|`([a-z][a-z0-9-]*)` namespace|`(kube-system|default)`)"
)


def without_namespace(item: ListedItem) -> tuple[ListedItem, str]:
    """The item without the words that say in which namespace of Kubernetes, and that namespace; as it is, and ""."""
    found = _NAMESPACE.search(item.text)
    if found is None:
        return item, ""
    return replace(item, text=item.text[: found.start()] + item.text[found.end() :]), found[1] or found[2] or found[3]


def known_names(names: Mapping[str, Name], groups: Mapping[str, str], item: ListedItem, document: Checklist) -> Known:
    """The values of these names for one item; `groups` is what the rule's pattern matched."""
    known = Known()
    left = [each for each in item_names(item) if each not in groups.values() and not _is_an_aspect(each, item, names)]
    left += [groups[each.group] for each in names.values() if groups.get(each.group, "") in item.code]
    spelled = left[0] if len(set(left)) == 1 else ""
    for name, about in names.items():
        if about.code and spelled and re.fullmatch(about.pattern, spelled):
            known.values[name] = spelled
            left = []
    for name, about in names.items():
        if about.many and left and all(re.fullmatch(about.pattern, each) for each in left):
            known.values[name] = " ".join(dict.fromkeys(left))
            left = []
    for name, about in names.items():
        if name not in known.values:
            _find(name, about, _word(about, groups), known, left, item, document)
    return known


# what stands beside a name that is no thing's own: a policy of it, a field, a permission
_ASPECTS = (
    r"(?:managed |inline )?polic(?:y|ies)|permissions?|actions?|headers?|fields?|columns?|attributes?|variables?|paths?"
    r"|values?|status|state|CIDR|regions?|versions?|endpoints?|flags?|options?|runtime|engine"
)


def _is_an_aspect(name: str, item: ListedItem, slots: Mapping[str, Name]) -> bool:
    """Whether the item says that this name is one of an aspect, or is what a command prints, and no slot is of that."""
    code = re.escape(f"`{name}`")
    said = re.search(rf"(?i){code} ({_ASPECTS})\b|\b({_ASPECTS}) {code}", item.text)
    if re.search(rf"(?i)\b(?:with|using|via|through|by) {code}", item.text):
        return True
    if said is None:
        return bool(re.search(rf"` (?:returns|prints|shows|gives|says|outputs|is|=|\u2192|->) {code}", item.text))
    word = (said[1] or said[2]).lower().split()[-1][:5]
    return not any(word in slot for slot in slots)


def _find(
    name: str, about: Name, word: str, known: Known, left: Sequence[str], item: ListedItem, document: Checklist
) -> None:
    """One name: its value from the document (one that has the name that the item spells), or a question."""
    found = _in_document(about, word, item, document)
    if found is not None and (not about.code or all(_letters(each) in _letters(found.text) for each in left)):
        known.values[name] = found.text
        known.rests_on.append(found)
        return
    if name in ("host", "domain") and (above := _domain_above(item)):
        known.values[name] = above.text
        known.rests_on.append(above)
        return
    placeholder = _placeholder(name, about, word)
    known.values[name] = f"{{{placeholder}}}"
    known.asks[placeholder] = about.ask.replace("{}", word or "meant")


_A_DOMAIN = re.compile(
    r"(?<![\w@/.-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|app|ai|cloud|tech|info|biz|me|co|eu|de|fr|uk|us|in|ke|ca"
    r"|au|nl|es|it|ch|br)"
    r"(?![\w.-])"
)


def _domain_above(item: ListedItem) -> Words | None:
    """The one domain that the nearest place above an item names."""
    for place in item.above:
        found = {each for each in _A_DOMAIN.findall(place.text) if not is_example(each) and "example" not in each}
        if found:
            return Words(found.pop(), place.where, place.line) if len(found) == 1 else None
    return None


def about_of(pattern: str, groups: Mapping[str, str], item: ListedItem, head: str, entry: Entry) -> tuple[str, ...]:
    """What an item says it is about and its check does not have: its names, and words that the rule does not know.

    `pattern` is the rule's, `head` the item's clause.
    """
    has = json.dumps(entry, ensure_ascii=False)
    words = [each for each in re.findall(r"[\w/][\w./:-]*\w|\w", head) if not _NO_NAME.fullmatch(each)]
    own = [each for each in words if _WHICH.fullmatch(each) or not knows(pattern, each)]
    taken = " ".join(groups.values()).split()
    found = [each for each in (*item_names(item), *own) if each not in has and each not in taken]
    return tuple(dict.fromkeys(each.lower() for each in found))


@lru_cache(256)
def _vocabulary(pattern: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", re.sub(r"\?P<\w+>|\\[wdsb]", " ", pattern).lower()))


def knows(pattern: str, word: str) -> bool:
    """Whether a rule's pattern has this word, all parts of it, in one of its forms."""
    own = _vocabulary(pattern)
    return all(
        any(each.startswith(part) or (part.startswith(each) and len(each) > 3) for each in own)
        for part in re.findall(r"[a-z0-9]+", word.lower())
    )


def asked_apart(proposals: Iterable[Proposal]) -> list[Proposal]:
    """The proposals, where those about different things never share a question: "orders", "users" have one each."""
    made = list(proposals)
    about: dict[str, set[tuple[str, ...]]] = {}
    for each in made:
        for name in each.asks:
            for_all = name.endswith("-command")  # "all tests pass" and "smoke tests pass" are answered by two
            about.setdefault(name, set()).update([each.about] if each.about or for_all else [])
    shared = {name for name, things in about.items() if len(things) > 1 or (name == "test-command" and any(things))}
    users = Counter(name for each in made for name in each.asks)
    return [
        _with_its_words(
            _own_questions(each, [name for name in each.asks if name in shared or _of_a_kind(name, each.about)]),
            [name for name in each.asks if users[name] == 1],
        )
        for each in made
    ]


# words of an item that tell no thing from another, and names that its remark in brackets spells
_SAYS_LITTLE = re.compile(
    r"(?i)up|set|set-?up|minutes|without|errors?|order|console|recommended|optional|successful|in|out|complete"
)
_SPELLED_BESIDE = re.compile(r"\((?!e\.g|v?\d)`?([a-z][a-z0-9]*(?:[-.][a-z0-9]+)+)`?\)")


def _with_its_words(each: Proposal, names: Sequence[str]) -> Proposal:
    """The proposal, whose questions that nobody else has say what the item is about: "Which alarms? (lambda)"."""
    has = json.dumps(each.entry, ensure_ascii=False).lower()
    words = [word for word in each.about if not _SAYS_LITTLE.fullmatch(word)]
    words = [word for word in (*words, *_SPELLED_BESIDE.findall(each.item.text)) if word not in has]
    if not words:
        return each
    said = f" ({', '.join(dict.fromkeys(words))})"
    return replace(each, asks={name: ask + said if name in names else ask for name, ask in each.asks.items()})


_KINDS_OF_TESTS = frozenset({"e2e", "end-to-end", "smoke", "regression", "acceptance"})


def _of_a_kind(name: str, about: Sequence[str]) -> bool:
    """Whether a command is asked for whose kind the plain one is not: "end-to-end tests pass"."""
    return name.endswith("-command") and not _KINDS_OF_TESTS.isdisjoint(about)


def _own_questions(each: Proposal, names: Sequence[str]) -> Proposal:
    if not each.about or not names:
        return each
    words = "-".join(each.about)
    slug = _slug(words) if len(words) <= 40 else f"{_slug(words)[:31]}-{sha256(words.encode()).hexdigest()[:8]}"
    slug = slug if slug[:1].isalpha() else f"n-{slug}".rstrip("-")
    text, asks = json.dumps(each.entry, ensure_ascii=False), dict(each.asks)
    for name in names:
        text = renamed(text, name, f"{slug}-{name}")
    asks = {
        f"{slug}-{name}" if name in names else name: f"{ask} ({', '.join(each.about)})" if name in names else ask
        for name, ask in asks.items()
    }
    return replace(each, entry=json.loads(text), asks=asks)


def _word(about: Name, groups: Mapping[str, str]) -> str:
    """The item's own word for it; "" where it has none that tells it from others."""
    word = groups.get(about.group, "") if about.group else ""
    return "" if word.lower() in _GENERIC else word


def _placeholder(name: str, about: Name, word: str) -> str:
    """How it is called in the check while nobody has said its value: `sessions-table`."""
    placeholder = f"{_slug(word)}-{name}" if word else name
    if about.group == name and placeholder.endswith(f"-{name}-{name}"):
        placeholder = placeholder.removesuffix(f"-{name}")
    return placeholder if placeholder[0].isalpha() else f"n-{placeholder}"


_STATES = re.compile(r"(?i)active|issued|available|deployed|running|ready|ok|enabled|healthy|alarm|true|yes|bound")


# a name that shows where the reader's own goes
_YOURS = re.compile(
    r"(?i)(?:.*[./-])?your[-_]?[\w.-]*|(?:.*\.)?(?:example|(?:my)?domain|website|company|mysite|myapp)\.\w{2,4}"
    r"|.*xxx+.*|(?:.*[-_v])?x\.[xy]\.[xz](?:[-.].*)?"
    r"|(?:[\w-]+\.)+(?:url|domain|tld|example)"
    r"|(?:.*[-_/])?v?[xn]\.[xyn](?:\.[xyzn])?(?:[.-]?[a-z]\w*(?:\.n)?)?|(?:.*[-_/])?v?yyyy[\w.-]*"
    r"|v?major\.minor(?:\.patch)?"
)
_EXAMPLES = re.compile(r"(?i)(?:e\.g\.,?|for example,?|such as|example:|like) ?`([^`]+)`")


def item_names(item: ListedItem) -> list[str]:
    """The names that an item has in backticks, without states and commands."""
    given = set(_EXAMPLES.findall(item.text))
    found = [each for each in item.code if not (_STATES.fullmatch(each) or each in given or _YOURS.fullmatch(each))]
    return [each for each in found if re.fullmatch(r"[A-Za-z0-9/][\w./:-]*", each)]


def _in_document(about: Name, word: str, item: ListedItem, document: Checklist) -> Words | None:
    if word and word in item.code and re.fullmatch(about.pattern, word):
        return Words(word, "item", item.line)
    if about.option == "json":
        return _json_file(item, document)
    if about.option and not word and (beside := _in_its_block(about.option, item)):
        return beside
    if not about.option or (about.group and not word):
        return None  # without a word there may be several of it, and nobody says which
    return _the_one(_given(about.option, word, document, item), item)


def _in_its_block(option: str, item: ListedItem) -> Words | None:
    """The one value that the commands below the item itself give to an option."""
    if option in ("-n", "json"):
        return None
    found = {
        each[1]: Words(each[1], "block", block.line + block.text.count("\n", 0, each.start()))
        for block in item.own
        for each in option_pattern(option).finditer(block.text)
        if not is_example(each[1])
    }
    return next(iter(found.values())) if len(found) == 1 else None


def _given(option: str, word: str, document: Checklist, item: ListedItem) -> list[Words]:
    """The values that the document's commands give to an option; of those, where there is a word, the ones with it.

    The namespace of an add-on is none for items of other parts.
    """
    given = [each for each in document.options(option) if not is_another_ones(each, item, document)]
    if option == "-n":
        given = [each for each in given if not _is_an_add_ons(each.text, document, item)]
    if not word:
        return given
    key = _letters(word)
    return [each for each in given if key and key in _letters(each.text)]


# namespaces that clusters and their add-ons have for themselves
_ADD_ONS = re.compile(
    r"(?:kube|istio|cert-manager|ingress|external|linkerd|argo)[\w-]*|[\w-]+-system|monitoring|observability|logging"
    r"|prometheus|grafana|loki|vault|keda|velero|dapr"
)


def _is_an_add_ons(namespace: str, document: Checklist, item: ListedItem) -> bool:
    """Whether a namespace is that of an add-on, which neither the title nor a command beside the item names."""
    if not _ADD_ONS.fullmatch(namespace) or _letters(namespace.removesuffix("-system")) in _letters(document.title):
        return False
    named = re.compile(rf"(?:-n|--namespace)[ =]{re.escape(namespace)}(?![\w-])")
    return not any(named.search(block.text) for block in (*item.own, *item.beside))


def _the_one(given: list[Words], item: ListedItem) -> Words | None:
    """The one value of the item itself or of its block, or else the only one; None where there are several."""
    own = [each for each in given if each.line == item.line or any(each.text in block.text for block in item.own)]
    found = own if len(own) == 1 else given
    return found[0] if len(found) == 1 else None


def _json_file(item: ListedItem, document: Checklist) -> Words | None:
    """The JSON file that the item's own section names last before it."""
    before = [each for each in document.items if each.line < item.line and each.headings == item.headings]
    found = [
        Words(code, "item", each.line)
        for each in before
        for code in each.code
        if PATH.fullmatch(code) and code.endswith(".json")
    ]
    last = [each for each in found if each.line == found[-1].line]
    return last[0] if len(last) == 1 else None


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _slug(text: str) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text)
    return re.sub(r"[^a-z0-9]+", "-", spaced.lower()).strip("-")[:40].strip("-")
