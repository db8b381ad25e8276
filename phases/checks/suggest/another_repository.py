"""Is git, or its host, asked about this repository, where an item is about another one, or about more?"""

from __future__ import annotations

import re
from dataclasses import replace

from phases.checks.suggest.checklist import Checklist
from phases.checks.suggest.clause import plain_text
from phases.checks.suggest.proposal import Proposal, run_of

_GIT_CLEAN = re.compile(r"`git clean\b")
_ASKS_GIT = re.compile(r"git (?!status)|gh |sh -c '(?:test -n \S+ && )?for each in \$[12]; do (?:git|gh|test \"\$\(gh)")
_ANOTHER_REPOSITORY = re.compile(
    r"(?i)\b(?:feedstock|fork|mirror|submodule|sister|(?:website|docs?|tap|marketing|infra\w*|deployment|gitops|helm"
    r"|charts?"
    r"|other|another|separate|downstream|upstream) (?:repo(?:sitory|s|sitories)?)|repos|repositories|each"
    r" repo(?:sitory)?)\b"
)
_REPOSITORY = re.compile(r"github\.com/([\w.-]+/[\w.-]+?)(?=[/)\s\x60#?\"'>,;:]|\.git\b|\.?$)", re.MULTILINE)
_DRAFT = re.compile(r"(?i)\bdraft\b|\breleases? page\b|releases/new")
_ON_THE_HOST = re.compile(r"(?i)\bdraft (?:a )?new release\b|releases/new|choose a tag")
_A_LOCAL_TAG = re.compile(r"git (?:rev-parse --verify --quiet refs/tags/|cat-file tag )")


_HEAD_PUSHED = "git fetch --quiet && git merge-base --is-ancestor HEAD @{{upstream}}"
_BRANCH = re.compile(
    r"(?i)(?:\b(?:to|on|into|\() ?(?:the )?`?|`)(?-i:(?P<name>main|master|develop|staging|production|release))\b`?"
    r"(?: branch)?(?=[ .,)]|$)"
)
_ALL_CHANGES = re.compile(r"(?i)\ball (?:the |your |local )*changes\b")


def to_its_branch(found: Proposal) -> Proposal:
    """The proposal, which asks the branch that its item names, where it asked whichever one is checked out."""
    command, text = found.entry.get("command"), found.item.text
    if not isinstance(command, dict) or command.get("run") != _HEAD_PUSHED:
        return found
    run = _HEAD_PUSHED
    if branch := _BRANCH.search(text):
        run = f"git fetch --quiet origin && git merge-base --is-ancestor HEAD origin/{branch['name']}"
    if _ALL_CHANGES.search(text):
        run += ' && test -z "$(git status --porcelain)"'
    return replace(found, entry={**found.entry, "command": {**command, "run": run}})


def elsewhere_in_git(found: Proposal, document: Checklist) -> str:
    """That git or its host is asked here, and the item is about another repository, or about what is not looked at."""
    run = run_of(found.entry)
    text = found.item.text
    if _GIT_CLEAN.search(text) and "git status" in run:
        return "does not look at ignored files, which `git clean` takes"
    if not _ASKS_GIT.match(run):
        return ""
    if _ANOTHER_REPOSITORY.search(plain_text(text)):
        return "asks this repository, and it names another one"
    named = set(_REPOSITORY.findall(text))
    if named and len({each.lower() for each in _REPOSITORY.findall(document.text)}) > 1:
        return f"asks this repository, and it names {sorted(named)[0]}"
    around = " ".join(each.text for each in (*found.item.parents, *found.item.headings))
    drafted = _DRAFT.search(around) or _ON_THE_HOST.search(document.text)
    if drafted and _A_LOCAL_TAG.match(run) and not re.search(r"`git ", text) and not found.item.own:
        return f"looks for a tag here, and it is made at the host ({drafted[0]})"
    return ""
