"""Do the commands of an item that look at a cluster say which check it is? Only where it is to look at that.

Rules:
- One object by its name: it is there, and as it should be where the item says a state. Several of a kind: some are
  there, and each of them is as it should be, or each that is asked for is there. Nothing at all is no answer.
- The item's words are taken whole: what is neither a word of looking, of the kind and its states, nor in what the
  command names makes it nobody's check; a word in front of a kind without states ("Reports CronJob created") is
  whose name is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from phases.checks.suggest.checklist import ListedItem, Words
from phases.checks.suggest.clause import plain_text, without_code
from phases.checks.suggest.commands import commands_of, with_blanks
from phases.checks.suggest.kubectl_kinds import ADDRESS, HAS_ADDRESS, Kind, singular
from phases.checks.suggest.kubectl_looks import Look, looks_of
from phases.checks.suggest.proposal import Entry
from phases.checks.suggest.rules.entries import HOLDS, output, some_and_none
from state.json_values import Json

KubectlCheck = tuple[Entry, Mapping[str, str], str, Words]  # the check, what it asks, what it does not prove, where


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


_LOOKING = _words(
    "verify verified verifies check checked confirm confirmed ensure validate see that the a an all each every is are",
    "be been have has in on of for with via using by and to resources resource kubernetes k8s cluster",
    "namespace current status state show shows showing successfully now new list lists listed it them wait until at",
    "eks installation",
)
_MADE = _words(
    "created create exist exists existing there present deployed applied configured installed defined registered set",
    "up enabled added provisioned",
)
_AN_ADDRESS = _words(
    "external ip ips address addresses hostname assigned obtained has got have dns name alb nlb elb load balancer",
)
_PARTS = _words(
    "driver controller operator server service services stack agent application app component components daemon pod",
    "pods database cache worker db web",
)
_NEGATIVE = re.compile(
    r"(?i)\b(?:no|not|never|none|zero|without|can|could|cannot|only|if|when|once|after|before|correct\w*|right|across|logs?"
    r"|errors?|restarts?|events?|latest|version|different|deleted?|removed?|gone|terminated)\b"
)
_CLAIMS = re.compile(r"(?i)\b(?:enabled|disabled|with|only|must|not|all|and)\b|\b\d+\b(?! ?min)")
_EACH_OF = re.compile(r"\b(\d+)/\1\b")  # "1/1"
_NO_NAME = re.compile(r".*(?:ed|ing|able|ible|ly)")  # a state, or a manner
_OF_SYNC = _words(
    "sync synced syncs",
)
_WAITS = re.compile(r"(?i)^(?:\*\*)?wait (?:for|until)\b")
_LOOKS = re.compile(r"(?i)^(?:\*\*)?(?:verify|check|confirm|ensure|see|validate|checked|verified)\b")
_LOOKS_FOR = re.compile(r"(?i)^(?:\*\*)?(?:check|look|watch|search|verify|see) (?:for|if|whether|which|what|how)\b")
_SAYS_WHAT_IS_THERE = re.compile(r"(?i)^(?:\*\*)?(?:verif\w+|validat\w+|checks?|confirm\w*)\b|\b(?:verif|validat)\w+")
_CODE_LABEL = re.compile(r"^(?:\*\*)?[\w ./-]{2,40}(?:\*\*)?:(?:\*\*)? `[^`]+`$")
_TOLD = re.compile(r"(?i)#.*?\b(?:should (?:show|see|list)|expect(?:ed)?:?)\b:?(?P<what>.*)")
_KEBAB = re.compile(r"(?<![\w-])[a-z][a-z0-9]*(?:-[a-z0-9]+)+(?![\w-])")
_UNSEEN = ("events", "secret", "clusterroles")  # neither a state, nor to be printed, nor the reader's own
_AS_SHOULD = "each is as it should be now, not: that they stay so"


def kubectl_check_of(item: ListedItem) -> KubectlCheck | None:
    """The check that the looks of an item are; None where it is to do something else, or says more."""
    text = plain_text(item.text)
    if _LOOKS_FOR.match(item.text):
        return None
    inline = [(each, item.words) for each in item.code if re.match(r"(?:kubectl|flux|argocd) ", each)]
    below = [(line, Words(line, "block", block.line)) for block in item.own for line in commands_of(block)]
    given = inline or below
    looks = looks_of(each for each, _words in given)
    if looks is None or len({each.context for each in looks}) > 1:
        return None
    said = re.sub(r"\([^()]*\)", " ", without_code(text))
    if _NEGATIVE.search(said) and not re.search(r"(?i)^wait until", said):
        return None
    words = re.findall(r"[a-z0-9][a-z0-9/-]*", said.lower().replace("-", " "))
    if any(_CLAIMS.search(each) for each in re.findall(r"\(([^()]*)\)", _EACH_OF.sub("", without_code(text)))):
        return None
    named = [each for each in _unknown(words, looks) if not re.fullmatch(r"(\d+)/\1", each)]
    looks = [each._replace(kind=_in_words(each.kind, words)) for each in looks]
    kinds = {each.kind.name: each.kind for each in looks}
    state = any(singular(each) in _states(kinds.values()) or each in _states(kinds.values()) for each in words)
    there = _MADE if any(each.wrong for each in kinds.values()) else _MADE | {"available"}
    made = any(each in there for each in words)
    waits = waits_for(item)
    labelled = _CODE_LABEL.match(item.text) and any(
        _SAYS_WHAT_IS_THERE.search(each.text) for each in (*item.headings[-1:], *item.parents[-1:])
    )
    if not (_LOOKS.match(item.text) or state or made or waits or labelled or looks[0].wants_address):
        return None
    as_it_should = state or waits or "status" in words
    found = _check(item, looks, tuple(kinds.values()), named, words, state=as_it_should)
    return (*found, given[-1][1]) if found else None


def _in_words(kind: Kind, words: Sequence[str]) -> Kind:
    """The kind as the item's words want it: what is only to be synced may be ill, what is healthy may be behind."""
    if not kind.name.startswith("applications"):
        return kind
    sync, health = (bool(each & set(words)) for each in (_OF_SYNC, {"healthy", "health"}))
    wrong = " || ".join(each for each, said in zip(kind.wrong.split(" || "), (sync, health), strict=True) if said)
    return kind._replace(wrong=wrong or kind.wrong)


def waits_for(item: ListedItem) -> bool:
    """Whether it is to be waited until something is so: whoever looks sees whether it is."""
    return _WAITS.match(plain_text(item.text)) is not None


def _states(kinds: Iterable[Kind]) -> frozenset[str]:
    return frozenset(word for each in kinds for word in each.states.split())


def _unknown(words: Sequence[str], looks: Sequence[Look]) -> list[str]:
    """The words that neither looking, nor the kinds and their states, nor what the commands name explains."""
    own = frozenset(word for each in looks for word in each.kind.said.split())
    letters = re.sub(
        r"[^a-z0-9]", "", "".join(f"{each.name}{each.space}{each.selector}{each.word}" for each in looks).lower()
    )
    kinds = "".join(each.kind.name for each in looks)
    known = (
        _LOOKING
        | _MADE
        | (frozenset() if any(each.kind.wrong for each in looks) else {"available"})
        | _states([each.kind for each in looks])
    )
    if any(each.kind.name in HAS_ADDRESS for each in looks):
        known |= _AN_ADDRESS | {"loadbalancer"}
    left = [each for each in words if each not in known and singular(each) not in own and each not in own]
    left = [each for each in left if not (len(each) > 2 and (each in kinds or singular(each) in kinds))]
    spelled = [each for each in left if len(each) > 1 and re.sub(r"[^a-z0-9]", "", each) in letters]
    rest = [each for each in left if each not in spelled]
    return [] if spelled and all(each in _PARTS for each in rest) else rest


def _check(
    item: ListedItem, looks: list[Look], kinds: tuple[Kind, ...], left: list[str], words: list[str], *, state: bool
) -> tuple[Entry, Mapping[str, str], str] | None:
    asks: dict[str, str] = {}
    address = any(each.wants_address for each in looks) or (
        len(kinds) == 1 and kinds[0].name in HAS_ADDRESS and bool(_AN_ADDRESS & set(words) - {"has", "have", "name"})
    )
    names = {each.name for each in looks if each.name}
    if len(names) > 1 or len({each.selector for each in looks if each.selector}) > 1:
        return None
    if names and len(kinds) == 1:
        return None if left else _of_one(next(each for each in looks if each.name), asks, state=state, address=address)
    if names:
        return None
    if any(each.name in _UNSEEN for each in kinds):
        return None
    if address:
        return None if left else _addressed(looks, kinds[0], asks)
    if all(each.wrong for each in kinds) and (state or kinds[0].name not in ("pv", "namespaces")):
        return None if left else _of_several(looks, kinds, asks)
    if len(kinds) > 1 or len({each.space for each in looks}) > 1 or any(each.word for each in looks):
        return None
    if state:
        return None
    return _by_names(item, looks[0], left, asks)


def _run(look: Look, kinds: str, asks: dict[str, str], space: str | None = None) -> str:
    """The command that shows these as JSON."""
    where = look.space if space is None else space
    said = " -A" if where == "*" else f" -n {with_blanks(where, asks)}" if where else ""
    if where == "{argocd-namespace}":
        said, asks["argocd-namespace"] = " -n {argocd-namespace}", "In which namespace is Argo CD?"
    selector = f" -l {with_blanks(look.selector, asks)}" if look.selector else ""
    context = f" --context {with_blanks(look.context, asks)}" if look.context else ""
    name = f" {with_blanks(look.name, asks)}" if look.name else ""
    return f"kubectl get {kinds}{name}{said}{selector}{context} -o json"


def _of_one(
    look: Look, asks: dict[str, str], *, state: bool, address: bool
) -> tuple[Entry, Mapping[str, str], str] | None:
    run = _run(look, look.kind.name, asks)
    if look.kind.name == "secret":
        entry: Entry = {
            "command": {"run": run.replace(" -o json", " -o name"), "changes": True},
            "expect": {"contains": "secret/"},
        }
        return entry, asks, "there by its name, not: its values, which are not read"
    if address:
        return output(run, ADDRESS, "present"), asks, "it has an address, not: that something answers there"
    if state and look.kind.wrong:
        return output(run, f"!({look.kind.wrong})", HOLDS), asks, "as it should be now, not: that it stays so"
    return output(run, "metadata.name", "present"), asks, "there, not: as somebody wants it"


def _addressed(looks: list[Look], kind: Kind, asks: dict[str, str]) -> tuple[Entry, Mapping[str, str], str] | None:
    if len({each.space for each in looks}) > 1 or looks[0].word:
        return None
    some, wrong = HAS_ADDRESS[kind.name]
    expression = some_and_none(some, f"items[?{wrong}]")
    unproved = "each has one, not: that something answers there"
    return output(_run(looks[0], kind.name, asks), expression, HOLDS), asks, unproved


def _of_several(
    looks: list[Look], kinds: tuple[Kind, ...], asks: dict[str, str]
) -> tuple[Entry, Mapping[str, str], str] | None:
    """Some of each kind are there, in each namespace, and none of them is as it should not be."""
    spaces = tuple(dict.fromkeys(each.space for each in looks))
    if len(spaces) > 1 and ("*" in spaces or "" in spaces or any(re.search(r"[<{$]", each) for each in spaces)):
        return None
    of_all = {"pods", "deployments", "statefulsets"} <= {each.name for each in kinds}
    words = {each.word for each in looks}
    if len(words) > 1 or (len(kinds) > 1 and len(spaces) > 1):
        return None
    picked = "items"
    if word := next(iter(words)):
        picked = f"items[?contains(metadata.name, '{word}')]"
    parts: list[str] = []
    for kind in kinds:
        of_kind = f"{picked} | [?kind=='{_SHOWN[kind.name]}']" if len(kinds) > 1 else picked
        if len(kinds) > 1 and kind.name not in _SHOWN:
            return None
        for space in spaces if len(spaces) > 1 else ("",):
            here = f"{of_kind} | [?metadata.namespace=='{space}']" if space else of_kind
            wrong = f"{here} | [?{kind.wrong}]" if here != "items" else f"items[?{kind.wrong}]"
            if of_all and kind.name != "pods":
                parts.append(f"length({wrong}) == `0`")
            else:
                parts.append(some_and_none(here, wrong))
    run = _run(looks[0], ",".join(each.name for each in kinds), asks, "*" if len(spaces) > 1 else None)
    return output(run, " && ".join(parts), HOLDS), asks, _AS_SHOULD


_SHOWN = {
    "pods": "Pod",
    "deployments": "Deployment",
    "statefulsets": "StatefulSet",
    "daemonsets": "DaemonSet",
    "pvc": "PersistentVolumeClaim",
    "jobs": "Job",
    "nodes": "Node",
}


def _by_names(
    item: ListedItem, look: Look, left: list[str], asks: dict[str, str]
) -> tuple[Entry, Mapping[str, str], str] | None:
    """Each of these is there: those that the block says are to be seen, or as many as are answered."""
    kind = look.kind.name
    everywhere = look.space == "*"
    slug = "-".join(re.findall("[a-z0-9]+", f"{look.space} {look.selector} {kind}".lower()))
    expression = "items[].join('/', [metadata.namespace, metadata.name])" if everywhere else "items[].metadata.name"
    run = _run(look, kind, asks)
    unproved = "each of these is there, not: as somebody wants it"
    told = [found["what"] for block in item.own for found in _TOLD.finditer(block.text)]
    names = [name for each in told for name in _KEBAB.findall(each)]
    if names and len(told) == 1 and not everywhere:
        expect: Json = {"contains-each": " ".join(dict.fromkeys(names))}
        return output(run, expression, expect), asks, unproved
    if any(_NO_NAME.fullmatch(each) for each in left):
        return None
    if left and not _LOOKS.match(item.text):
        if len(left) > 2 or not re.match(rf"(?i)\W*(?:all |the |new )?{' '.join(left)} ", plain_text(item.text)):
            return None
        named = f"{'-'.join(left)}-of-{slug}"
        asks[named] = f"What is the {' '.join(left)} {kind.removesuffix('s')} called?"
        return output(run, expression, {"contains": f"{{{named}}}"}), asks, "there, not: as somebody wants it"
    form = " (each as NAMESPACE/NAME)" if everywhere else ""
    shown = run.removesuffix(" -o json")
    asks[f"{slug}-names"] = f"Which of `{shown}`, with spaces between their names{form}?"
    return output(run, expression, {"contains-each": f"{{{slug}-names}}"}), asks, unproved
