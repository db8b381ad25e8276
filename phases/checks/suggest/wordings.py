"""In which other words can an item be said that say no more than it does? And which words of it are too weak?

Rules:
- What is left out says nothing of what is looked at: a tail that names the place of all ("in the cluster"), an adverb
  ("successfully"), a word that tells the thing from none ("required", "application").
- What the wording leaves out still tells one item from another: `about` of a proposal is taken from the whole clause.
- A label in bold and its description are two wordings of one statement, where the check has each of their numbers.
- "accessible", "working" and the like are no state that a description of AWS's has: what only they announce is listed
  as possible, and not proposed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from phases.checks.suggest.clause import plain_text

_TAIL = re.compile(
    r" (?:(?:in|on|within) (?:the |your |our |each )?(?:target |right |same |local |AWS |kubernetes |k8s )*"
    r"(?:AWS|cloud|console|cluster|account|region|environment|machine|namespace)"
    r"|for (?:the |our |your |each )?(?:application|app|project|deployment|system|platform|stack"
    r"|production(?: environment| deployment| use)?|this (?:release|deployment|service))"
    r"|(?:before|prior to) (?:the |each |every )?(?:deployment|deploying|deploy|migration|migrating|release|cut-?over"
    r"|go-live|launch|upgrade)"
    r"|successfully|already|now|locally|without (?:any )?(?:errors?|issues)|and verified|and validated)$",
    re.IGNORECASE,
)
_ADVERB = re.compile(r" (?:successfully|fully|now|already) (?=[a-z]+ed\b|running|up\b)", re.IGNORECASE)
_BEFORE = re.compile(
    r"^(?:all|each|every|the|your|our|required|necessary|needed|new|production|prod|staging|main|latest|current"
    r"|existing|kubernetes|k8s|AWS|amazon|application|app|core|critical|relevant|corresponding|associated) "
    r"(?=\S+ )",
    re.IGNORECASE,
)
_SAME_STATE = (
    (re.compile(r"(?: is| are)? up (?:and|&) running$", re.IGNORECASE), " running"),
    (
        re.compile(r"(?: is| are)? running (?:and|&) (?:healthy|stable|accessible|ready|available)$", re.IGNORECASE),
        " running",
    ),
    (re.compile(r"(?: is| are)? (?:healthy|ready|stable) (?:and|&) running$", re.IGNORECASE), " running"),
    (re.compile(r" reach(?:es|ed)?(?: the)? running(?: state| status)?$", re.IGNORECASE), " running"),
    (re.compile(r" (?:set ?up|established|in place|added|defined|provisioned)$", re.IGNORECASE), " configured"),
    (re.compile(r" (?:exists?|present|there)(?: and (?:is |are )?configured)?$", re.IGNORECASE), " created"),
    (re.compile(r" created (?:and|&) (?:verified|validated)$", re.IGNORECASE), " created"),
    (re.compile(r" (?:issued|requested) (?:and|&) (?:validated|verified|issued)$", re.IGNORECASE), " issued"),
    (re.compile(r"(?: was| were)? (?:run|executed|applied) (?:and|&) (?:verified|successful)$", re.IGNORECASE), " run"),
)
_WEAK = re.compile(
    r"(?: (?:is|are))?(?: and| fully)? (?P<word>accessible|reachable|operational|functional|functioning|working|works"
    r"|verified|checked|confirmed|validated|optimi[sz]ed|secured|protected|monitored)$",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^\s*(?:\*\*|__)(?P<label>[^*_]{3,60}?):?(?:\*\*|__)\s*(?::|-|\u2013|\u2014)\s+(?P<said>.{3,})$")
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_STATED = re.compile(
    r"(?i)\b(?:created|configured|enabled|disabled|installed|deployed|applied|running|passing|passed|passes|pass|set"
    r"|exists?|active|healthy|ready|valid|issued|completed?|committed|pushed|merged|available|attached|defined|bound"
    r"|successful|executed|updated|verified|up|green|clean|blocked|encrypted)$"
)


def simpler(head: str) -> list[str]:
    """Wordings of a clause without what says nothing of its thing, shorter ones later; without the clause itself."""
    found = [head]
    for each in found:  # grows while it is read
        found += [made for made in _steps(each) if made and made not in found]
        if len(found) > _MOST:
            break
    return found[1:]


_MOST = 12  # wordings of one clause


def _steps(head: str) -> Iterator[str]:
    yield _TAIL.sub("", head)
    yield _ADVERB.sub(" ", head)
    for pattern, state in _SAME_STATE:
        yield pattern.sub(state, head)
    yield _BEFORE.sub("", head)


def without_weak_word(head: str) -> tuple[tuple[str, ...], str]:
    """Wordings in which the last word, which is weak, is a state that rules know, and that word; () and "" for none."""
    found = _WEAK.search(head)
    if found is None:
        return (), ""
    bare = head[: found.start()]
    return tuple(f"{bare} {state}" for state in ("created", "running", "enabled")), found["word"]


def label_and_description(text: str) -> tuple[str, ...]:
    """What a label in bold and its description say, each by itself; () where they are none.

    A label that states something ("**Backups enabled** - ...") is the statement; else its description is, too.
    """
    found = _LABEL.match(text)
    if found is None or "`" in found["said"]:
        return ()
    label, said = plain_text(found["label"]).strip(" :"), plain_text(found["said"]).strip()
    return (label, said) if _STATED.search(label) else (said, f"{label} {said[:1].lower()}{said[1:]}")


def numbers_are_in(text: str, entry: str) -> bool:
    """Whether a check has each number of a text."""
    return all(each in entry for each in _NUMBER.findall(text))
