"""Does a box say more than that its command succeeds? Then the command's exit code does not answer it.

    says_more("Scan is clean (`trivy image shop`)", ["trivy image shop"])      # "is clean"
    says_more("All unit tests passing (`make test`)", ["make test"])           # ""

Rules:
- A command whose exit code says nothing (`exit_codes.py`: what only reads or prints, and what is not known) answers no
  box, whatever its words are; but for a box that asks for the exit code of such an unknown command and nothing else.
- What a command shows, a number or a version that is compared, and what a scan finds is never told by an exit code.
- What is said of a state ("healthy", "no errors", "up to date") is told by the exit code of a command that asserts
  something, and of such a command only: "no errors" and the like by tests, lints and builds, "exists" by `test -e`,
  too. That something is gone or missing is told by one that asks for that (`test ! -e`).
- So is an amount (60 seconds), unless the command has that number itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from phases.manual.exit_codes import exit_code_says
from phases.manual.reading_commands import only_reads
from phases.step import Check
from state.late_pattern import late
from state.model import PlannedTask
from state.task_boxes import TaskBox, own_commands

SAYS_MORE = "kind: says-more"  # an id of the check of a command whose box says more than that it succeeds


def _words(*words: str) -> re.Pattern[str]:
    return late(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


def _whole_words(*words: str) -> re.Pattern[str]:
    """Not within a compound, where they say something else (time-to-live, on-call); "not-ready" does say it."""
    return late(rf"(?<![\w-])(?:(?:not|non|un)-)?(?:{'|'.join(words)})(?![\w-])", re.IGNORECASE)


_CODE = late(r"(`+)(?:(?!\1).)+\1", re.DOTALL)
_SHOWS = (
    *("shows?", "prints?", "displays?", "returns?", "reports?", "lists?", "outputs?", "says?", "yields?", "answers?"),
    *("responds?", "contains?", "includes?", "match(?:es)?", "equals?", "points? to", "resolves? to", "agrees? with"),
    *("confirms", "indicates", "finds"),
)
# "shows 0 errors"; an act that the command does ("List the tables") stands first
_RESULT = late(rf"(?<=[\w`):,]) (?:{'|'.join(_SHOWS)})(?::| +)\S.*", re.IGNORECASE)
_NUMBER = r"\$?\d\S*"
_OF = r"(?:pods?|nodes?|replicas?|rows?|tasks?|instances?|tables?|files?|records?|users?|items?|containers?|hosts?)"
_BOUND = (
    r"(?:at least|at most|below|above|under|over|less than|more than|fewer than|within|up to|exceeds|exactly|between)"
)
_COMPARED = late(
    rf"[<>≤≥]=? ?{_NUMBER}|(?<!\w)= ?{_NUMBER}|\b{_BOUND} {_NUMBER}|\b\d+(?:\.\d+)? ?%"
    r"|\bv?\d+(?:\.\d+)*(?:\.x)?\+|\b\d\S* or (?:higher|newer|later|above|lower)\b|\b\d+ ?(?:/|of|out of) ?\d+\b"
    rf"|\b(?:is|are|=|:) v?\d+(?:\.\d+)*\b|\b(?!0\b)\d+ {_OF}\b"
    r"|\b(?:as expected|correct(?:ly)?|same|identical|equal|different|unchanged)\b",
    re.IGNORECASE,
)
_EMPTY = late(r"\([\s`]*\)")  # what is left of "(`make test`)"
_EXIT_0 = r"\b(?:returns?|exits?(?: with)?|exit code)(?: (?:exit )?(?:code |status )?)? ?0\W*$"
_SUCCEEDS = late(_EXIT_0, re.IGNORECASE)
_SCAN = _words(
    *(r"scan\w*", r"vulnerab\w*", "CVEs?", "secrets? found", "leaks?", "findings?", "advisor(?:y|ies)", "security"),
    *("critical", "malware"),
)
_PASSES = _words("pass(?:es|ed|ing)?", r"succe\w+", "green")
_NOTHING = late(
    r"(?<![\w-])(?:no|zero|none|nothing|without|not|never|free of|clean|empty|0)(?![\w-])(?: [\w-]+){0,2}",
    re.IGNORECASE,
)
_STATE = _whole_words(
    *("healthy", "ready", "running", r"(?<!backed )(?<!set )up", "active", "available", "reachable"),
    *("accessible", "responding", "valid"),
    *("consistent", "in sync", "up[- ]to[- ]date", "secure", "present", "missing", "exists?", "visible", "attached"),
    *("bound", "issued", "stable", "normal", "fresh", "current", "latest", "in place", "online", "live", "alive"),
    *("connected", "open", "closed", "complete", "ok", r"alarm\w*", "enough"),
)
_AMOUNT = late(r"(?<![\w.-])(?P<number>\d[\d.,]*) ?(?:%|(?:ms|s|min|h|seconds?|minutes?|hours?|days?|[kKMGT]i?B)\b)")
# what the exit code of tests, lints, builds does say
_TOLD = ("valid", "complete[sd]?", r"up[- ]to[- ]date", "reachable", "ready", "exists?", "present", "available", "ok")
_ITS_OWN = _words(
    r"(?:without|with no|no|zero|0) (?:\w+ )?(?:errors?|failures?|problems?|issues)", "clean(?:ly)?", *_TOLD
)
# and that of a command that asks whether something is so
_IS_SO = _words(*_TOLD, "active", "enabled", "missing", "in place", "running", "up", "accessible", "responding")
_GONE = _words("gone", "removed", "deleted", "absent", "missing", "dropped", "cleared", "purged", "destroyed")
_NOT = late(r"(?:^|\s)!\s")
_ONLY_THAT = late(rf"{_EXIT_0}|\b(?:pass|succe)\w*\W*$", re.IGNORECASE)


def says_more(text: str, commands: Sequence[str]) -> str:
    """The words in which a box says more than that these commands, which stand in it, succeed; "" for none."""
    plain = " ".join(_EMPTY.sub("", _CODE.sub(" ` ", text)).split())
    said = _SUCCEEDS.sub("", plain)
    for pattern in (_RESULT, _COMPARED):
        if found := pattern.search(said):
            return _quoted(found[0])
    says = {each: exit_code_says(each) for each in commands}
    scans = _SCAN.search(said) or any(_SCAN.search(each) for each in commands)
    asserts = "passed" in says.values()
    if scans and not asserts and (found := _PASSES.search(said)):
        return _quoted(found[0])  # many a scanner ends with 0 whatever it finds
    if any(_says_nothing(each, kind, plain) for each, kind in says.items()):
        return _quoted(plain) or _quoted(text)
    holds = "holds" in says.values() and not asserts
    rest = said
    if holds:
        rest = _IS_SO.sub(" ", said)
    elif asserts and not scans:
        rest = _ITS_OWN.sub(" ", said)
    gone = (_GONE,) if holds and not any(_NOT.search(each) for each in commands) else ()
    for pattern in (_NOTHING, _STATE, *gone):
        if found := pattern.search(rest):
            return _quoted(found[0])
    found = None if asserts else _AMOUNT.search(rest)
    return _quoted(found[0]) if found and not any(found["number"] in each for each in commands) else ""


def _says_nothing(command: str, kind: str, said: str) -> bool:
    return kind == "nothing" and (only_reads(command) or _ONLY_THAT.search(said) is None)


def more_than_success(task: PlannedTask, box: TaskBox) -> str:
    """The words in which a box says more than that its own commands succeed; "" for none, and where it has none."""
    own = [task.commands[number - 1].text for number in own_commands(task, box)]
    return says_more(box.text, own) if own else ""


def not_by_exit_code(check: Check, words: str) -> Check:
    """The check of a command that succeeded, as what it is to a box that says more: not checked, with what was seen."""
    seen = f"{check.seen}, which does not say {words!r}: whoever saw what it printed does"
    return replace(check, verdict="not-checked", seen=seen, answers=(*check.answers, SAYS_MORE))


def _quoted(words: str) -> str:
    return words.replace("`", "").strip(" :,(){}.")[:80].strip()
