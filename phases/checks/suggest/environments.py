"""For which environment, region or part of the system does an item stand, where its own words do not say so?

"Redis connection works" below "Staging" and below "Production" are about two caches: they never share a question, and
a name from a command of the one is none of the other. The nearest place counts that says it at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from phases.checks.suggest.checklist import Checklist, ListedItem, Words
from phases.checks.suggest.clause import plain_text
from phases.checks.suggest.proposal import Entry, Proposal, run_of

REGION = re.compile(
    r"(?<![\w-])(?:us|eu|ap|ca|sa|me|af|il|mx)-(?:gov-)?(?:(?:north|south)?(?:east|west)|north|south|central)-[1-9](?![\w-])"
)
_NOT_BEFORE = r"(?<![\w-])(?<!pre )(?<!post )"
# kinds of words, and each word as it is counted: those of one kind tell twins apart
_ENVIRONMENTS = (
    ("production", r"prod(?:uction)?"),
    ("staging", r"staging|stage(?= (?:environment|cluster|server)|$)"),
    ("dev", r"(?<!\.)dev(?:elopment)?"),
    ("test", r"test(?= (?:environment|cluster|account|server))"),
    ("qa", r"qa"),
    ("uat", r"uat"),
    ("preview", r"preview"),
    ("sandbox", r"sandbox"),
    ("local", r"local(?:ly|host)?"),
    ("dr", r"dr|disaster recovery"),
    ("source", r"source(?= (?:database|cluster|server|environment|account|system|db))"),
    ("target", r"target(?= (?:database|cluster|server|environment|account|system|db))"),
    ("old", r"old(?= (?:database|cluster|server|environment|account|system|db|host|instance|vps|infrastructure))"),
    ("new", r"new(?= (?:database|cluster|server|environment|account|system|db|host|instance|vps|infrastructure))"),
    ("blue", r"blue(?! ?/ ?green|-green)"),
    ("green", r"(?<!blue/)(?<!blue-)green(?= (?:environment|cluster|stack|deployment))"),
)
_REGIONS = (
    ("us", r"us(?= (?:region|stack|cluster|deployment|environment)|-)"),
    ("eu", r"(?:eu|europe)(?= (?:region|stack|cluster|deployment|environment)|-)"),
    ("uk", r"uk(?= (?:region|stack|cluster|deployment|environment)|-)"),
    ("au", r"(?:au|australia)(?= (?:region|stack|cluster|deployment|environment)|-)"),
    ("asia", r"(?:ap|apac|asia)(?= (?:region|stack|cluster|deployment|environment)|-)"),
    ("primary", r"primary(?= (?:region|site|cluster|database|db|server|node))"),
    ("secondary", r"(?:secondary|standby|failover)(?= (?:region|site|cluster|database|db|server|node))"),
)
_PARTS = (
    ("frontend", r"front-?end"),
    ("backend", r"back-?end"),
    ("mobile", r"mobile|ios|android"),
    ("admin", r"admin(?: (?:panel|dashboard|portal))"),
    ("worker", r"workers?(?! nodes?\b)"),
)
KINDS = tuple(
    tuple((name, re.compile(rf"{_NOT_BEFORE}(?:{pattern})(?![\w])", re.IGNORECASE)) for name, pattern in kind)
    for kind in (_ENVIRONMENTS, _REGIONS, _PARTS)
)
# what is the same in every environment, or says for itself of which it is
_SHARED = re.compile(r"(?:.*-)?(?:version|version-file|tag|since-ms|pull-request|commit|branch|milestone)")
# a value whose name says that it is another thing than the one in use
_ANOTHER = re.compile(
    r"(?i)\b(restored?|backup|copy|clone|te?mp|old|canary|replica|standby|failover|snapshot|execution)\b"
)

_REGION_KIND, PARTS = 1, 2
_OF_NO_REGION = frozenset({"iam", "route53", "sts", "cloudfront", "budgets", "ce", "s3"})
_TO_A_CLUSTER = re.compile(r"(?:kubectl|helm) ")
_ONE_COMMAND = re.compile(r"[^|;&<>`]*")

Sides = tuple[str, ...]


def sides_in(text: str) -> tuple[Sides, ...]:
    """The words of a text that say for which environment, region, part: of each kind those that it names."""
    said = plain_text(text).replace("`", "")
    codes = tuple(dict.fromkeys(REGION.findall(said)))
    by_kind = [tuple(name for name, pattern in kind if pattern.search(said)) for kind in KINDS]
    by_kind[_REGION_KIND] = codes or by_kind[_REGION_KIND]
    return tuple(by_kind)


def sides_of(item: ListedItem) -> tuple[Sides, ...]:
    """Of each kind what the item names, or else the nearest place above it: parents, then headings, innermost first."""
    return _above(tuple(each.text for each in (item.words, *item.above)))


@lru_cache(1024)
def _above(places: tuple[str, ...]) -> tuple[Sides, ...]:
    named = [sides_in(each) for each in places]
    return tuple(next((each[kind] for each in named if each[kind]), ()) for kind in range(len(KINDS)))


def region_of(item: ListedItem, document: Checklist) -> Words | None:
    """The one region that the item, or the nearest place above it, names; else the one of the document's commands."""
    for place in (item.words, *item.above):
        found = set(REGION.findall(place.text))
        if found:
            return Words(found.pop(), place.where, place.line) if len(found) == 1 else None
    given = document.options("--region")
    named = sides_of(item)[_REGION_KIND]
    if len(given) != 1 or (named and not _same(named, given[0].text)):
        return None
    return given[0]


def _same(sides: Sides, region: str) -> bool:
    return any(region == each or region.startswith(f"{each}-") for each in sides)


def is_another_ones(value: Words, item: ListedItem, document: Checklist) -> bool:
    """Whether a value of the document is of another environment, region or part than the item, or of a copy."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|[-_./:]+", " ", value.text)
    spelled = _spelled(words)
    above = _above(tuple(reversed(document.headings_at(value.line)))) if value.where == "block" else ((),) * len(KINDS)
    for mine, its, place in zip(sides_of(item), spelled, above, strict=True):
        theirs = its or place
        if mine and theirs and not set(mine) & set(theirs):
            return True
    another = _ANOTHER.search(words)
    said = " ".join(each.text for each in (item.words, *item.parents, *item.headings)).lower()
    return another is not None and another[1].lower()[:4] not in said


def _spelled(words: str) -> tuple[Sides, ...]:
    """What a name says: each of its words may be a region's, "us" in "shop-us-primary"."""
    by_kind = list(sides_in(f"{words} environment"))
    regions = tuple(name for name, _pattern in KINDS[_REGION_KIND] if name in words.lower().split())
    by_kind[_REGION_KIND] = by_kind[_REGION_KIND] or regions
    return tuple(by_kind)


def told_apart(proposals: Iterable[Proposal]) -> list[Proposal]:
    """The proposals, where those for different environments, regions or parts never share a question.

    Where a cluster or a region is meant that the item's place alone tells, that is asked, too.
    """
    made = _with_its_cluster(_with_its_region(list(proposals)))
    asked: dict[str, list[set[Sides]]] = {}
    for each in made:
        for name in each.asks:
            of_kinds = asked.setdefault(name, [set() for _ in KINDS])
            for found, sides in zip(of_kinds, sides_of(each.item), strict=True):
                found.update([sides] if sides else [])
    apart = {
        name: [kind for kind, found in enumerate(of_kinds) if len(found) > 1 and not _is_shared(name, kind)]
        for name, of_kinds in asked.items()
    }
    return [_of_its_side(each, {name: apart[name] for name in each.asks if apart.get(name)}) for each in made]


def _is_shared(name: str, kind: int) -> bool:
    """Whether one answer is right in every environment and region; parts have versions of their own."""
    return kind != PARTS and _SHARED.fullmatch(name) is not None


def _with_its_region(made: list[Proposal]) -> list[Proposal]:
    """The proposals, where those below "US region" and "EU region" ask which regions these are."""
    asking = [each for each in made if has_a_region(each.entry) and "region" not in each.entry]
    if len({sides_of(each.item)[_REGION_KIND] for each in asking} - {()}) < 2:
        return made
    return [_in_its_region(each) if each in asking else each for each in made]


def _in_its_region(each: Proposal) -> Proposal:
    sides = sides_of(each.item)[_REGION_KIND]
    if not sides:
        return each
    if REGION.fullmatch(sides[0]):
        return replace(each, entry={**each.entry, "region": sides[0]}) if len(sides) == 1 else each
    name = f"{'-'.join(sides)}-region"
    asks = {**each.asks, name: f"Which region is it? ({', '.join(sides)})"}
    return replace(each, entry={**each.entry, "region": f"{{{name}}}"}, asks=asks)


def _with_its_cluster(made: list[Proposal]) -> list[Proposal]:
    """The proposals, where the clusters of several environments are asked by contexts of their own."""
    asking = [each for each in made if _TO_A_CLUSTER.match(run_of(each.entry))]
    for kind in (0, _REGION_KIND):
        if len({sides_of(each.item)[kind] for each in asking} - {()}) > 1:
            return [_in_its_cluster(each, sides_of(each.item)[kind]) if each in asking else each for each in made]
    return made


def _in_its_cluster(each: Proposal, sides: Sides) -> Proposal:
    run, found = run_of(each.entry), each.entry["command"]
    assert isinstance(found, dict)
    if not sides or "context" in run or not _ONE_COMMAND.fullmatch(run):
        return each
    name = f"{'-'.join(sides)}-context"
    option = "--kube-context" if run.startswith("helm") else "--context"
    command = {**found, "run": f"{run} {option} {{{name}}}"}
    asks = {**each.asks, name: f"Which context of kubectl is the cluster? ({', '.join(sides)})"}
    return replace(each, entry={**each.entry, "command": command}, asks=asks)


def has_a_region(entry: Entry) -> bool:
    """Whether a check asks a service of AWS that has regions."""
    return "service" in entry and entry["service"] not in _OF_NO_REGION


def _of_its_side(each: Proposal, names: dict[str, list[int]]) -> Proposal:
    sides = sides_of(each.item)
    text, asks = json.dumps(each.entry, ensure_ascii=False), {}
    for name, ask in each.asks.items():
        words = [word for kind in names.get(name, ()) for word in sides[kind] if word not in name.split("-")]
        if words:
            own = "-".join((*words, name))
            text = renamed(text, name, own)
            asks[own] = f"{ask} ({', '.join(words)})"
        else:
            asks[name] = ask
    return replace(each, entry=json.loads(text), asks=asks)


def renamed(entry: str, name: str, own: str) -> str:
    """A check's text with another placeholder in the place of one."""
    return re.sub(rf"(?<!\{{)\{{{re.escape(name)}\}}(?!\}})", f"{{{own}}}", entry)
