"""Does an item say that named files have the version of the release, or that the change log has it, with its date?

Rules:
- The files are those that the item names in backticks, by a link's text, or by a name that is nobody else's. Each is
  looked at.
- A version that the item spells is looked for; else the one that is released, which is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from phases.checks.local.paths import problem_with_path
from phases.checks.suggest.checklist import ListedItem
from phases.checks.suggest.clause import clause_of
from phases.checks.suggest.proposal import Entry
from phases.checks.suggest.rules.change_logs import DATE
from phases.checks.suggest.rules.tags import BLANK

_SOURCES = (
    r"json|toml|cfg|py|cff|txt|ya?ml|xml|gradle(?:\.kts)?|podspec|gemspec|props|csproj|fsproj|rs|rb|md|rst|ts|js|mjs|h"
    r"|hpp|properties|swift|nix|spec|sbt|go|in|cmake|pbxproj|plist|kt|java|php|iss|desktop|jl|ex|exs|cabal"
)
_FILE = rf"(?:\.?[\w-]+/)*[\w.-]*\w\.(?:{_SOURCES})|(?:[\w.-]+/)*(?:DESCRIPTION|VERSION(?:\.txt)?)"
_LOG = (
    r"(?:[\w.-]+/)*(?i:CHANGELOG|CHANGES|HISTORY|NEWS|RELEASE[_-]?NOTES|RELEASES|WHATSNEW)\.(?:md|rst|txt|adoc)"
    r"|(?<=`)NEWS(?=`)"
)
_IS_LOG = re.compile(_LOG.replace("(?<=`)NEWS(?=`)", "NEWS"))
# what has a version of its own, or of other things
_NOT_OURS = re.compile(r"(?:.*/)?(?:go\.mod|requirements[\w.-]*\.txt|docker-compose[\w.-]*|\.nvmrc|\.[\w.-]+)|.*lock.*")
_NAMED = re.compile(
    rf"`(?P<code>{_FILE}|{_LOG})`|(?<![\w/.`-])(?P<bare>(?:[\w-]+/)*(?:package\.json|pyproject\.toml|Cargo\.toml"
    rf"|CITATION\.cff"
    rf"|setup\.(?:py|cfg)|pom\.xml|build\.gradle|CMakeLists\.txt|manifest\.json|composer\.json|__init__\.py|DESCRIPTION"
    rf"|mix\.exs|pubspec\.yaml|Chart\.yaml|tauri\.conf\.json|{_LOG}))(?![\w/-]|\.\w)"
)
_CONCRETE = r"v?\d+\.\d+[\w.+-]*"
_VER = rf"(?:{_CONCRETE}|{BLANK})"
_KIND = (
    r"(?:(?:the|package|project|app|application|plugin|module|library|release|new|next|semantic|its|crate|gem|SDK) )*"
)
_NUMBER = r"versions?(?: numbers?| strings?| fields?| entry)?"
_RAISE = r"(?:update|bump|set|increment|raise|increase|change|edit|adjust|sync(?:hroni[sz]e)?|align|match)"
_RAISED = (
    r"(?:updated|bumped|incremented|set|raised|increased|changed|correct|coherent|consistent|aligned|synced|in sync"
    r"|synchroni[sz]ed"
    r"|(?:the )?same|identical|match(?:es|ing)?|agree|right)"
)
_BE = r"(?: (?:is|are|was|were|has been|have been|all|been))*"
_TO = (
    rf"(?: (?:to|with|for|as) (?:be )?(?:the )?(?:(?:new|next|newly|released|release|release's|latest|correct|upcoming"
    rf"|tag|tagged|git|this)"
    rf" ?)*(?:{_NUMBER}|release|tag)?(?:(?: to)? ?{_VER})?)"
)
_FILES = r"(?:FILE(?: files?)?|FILES)"
_FORMS = tuple(
    re.compile(each, re.IGNORECASE)
    for each in (
        rf"{_RAISE} {_KIND}{_NUMBER}(?:{_TO})? (?:in|of|inside|across|within) (?:the )?{_FILES}(?:{_TO})?",
        rf"{_KIND}{_NUMBER}(?: {_VER})?{_BE} {_RAISED}(?:{_TO})? (?:in|across|of|between|within|everywhere:?) (?:the"
        rf" )?(?:files )?{_FILES}"
        rf"(?:{_TO})?",
        rf"{_RAISE} (?:the )?{_FILES} (?:with|to|for) (?:the )?(?:(?:new|next|newly|released|release|latest|correct"
        rf"|tag) )*(?:{_NUMBER}"
        rf"|{_VER})(?: (?:to )?{_VER})?",
        rf"{_RAISE} (?:the )?{_FILES} {_NUMBER}(?:{_TO})?",
        rf"{_RAISE} (?:the )?{_FILES} to include (?:the )?(?:(?:new|newly|released|release) )*{_NUMBER}",
        rf"{_FILES}(?:'s)?(?::| -)? (?:has |have )?(?:the )?{_NUMBER}{_BE} {_RAISED}(?:{_TO}|(?: the)?(?: release)?"
        rf" tag)?",
        rf"{_FILES} (?:has|have|contains?|shows?|declares?|lists?|carr(?:y|ies)) (?:the )?(?:(?:same|new|correct|right"
        rf"|release|released|target"
        rf") )*{_NUMBER}(?: {_VER})?",
        rf"{_NUMBER} in {_FILES}{_BE} {_RAISED}(?:{_TO})?",
        rf"(?:commit(?:,| and) )?(?:review(?: and|,) )?(?:merge )?(?:an? )?{_VER} version change in {_FILES}",
    )
)
_VERSION_FILE = re.compile(rf"{_RAISE} (?:the )?FILE(?:{_TO})?|FILE{_BE} (?:updated|bumped)(?:{_TO})?", re.IGNORECASE)
_NEWS = (
    r"(?:(?:the|new|this|all|latest|details|of|release|upcoming|user-facing|notable|recent) )*"
    r"(?:release|version|changes|notes)(?: notes)?"
)
_LOG_FORMS = tuple(
    re.compile(each, re.IGNORECASE)
    for each in (
        rf"FILE{_BE} (?:updated|up[- ]to[- ]date|current|written|complete)(?: (?:with|for|to include|to reflect)"
        rf" {_NEWS}(?: {_VER})?)?",
        rf"update (?:the )?FILE(?: (?:with|for|to include|to reflect) {_NEWS}(?: {_VER})?)?",
        rf"FILE (?:has|contains|includes|mentions|lists|names)(?: an?)?(?: (?:entry|section|heading)(?: for)?)?"
        rf" (?:{_NEWS}|{_VER})(?: {_VER})?",
        rf"(?:add|write|create) (?:an? |the )?(?:new )?(?:entry|section|notes|release notes)(?: for (?:{_NEWS}"
        rf"|{_VER}))? (?:to|in) (?:the )?FILE",
        rf"(?:entry|section|notes|release notes|changes)(?: for (?:{_NEWS}|{_VER}))?{_BE} (?:added|written) (?:to|in)"
        rf" (?:the )?FILE",
    )
)
_DATED_FORMS = tuple(
    re.compile(each, re.IGNORECASE)
    for each in (
        r"FILE (?:has|contains|includes) (?:a )?dated (?:section|entry|heading) for (?:the |this )?(?:new )?(?:release"
        r"|version)",
        r"FILE(?: is| has been)? updated with (?:the )?(?:new )?version(?: number)? and (?:the )?(?:release |current"
        r" )?date",
        r"(?:update|set|add) (?:the )?(?:release )?date (?:in|to|of) (?:the )?FILE|(?:release )?date(?: is| has been)?"
        r" (?:set|updated|added) in FILE",
        r"update (?:the )?FILE with (?:the )?(?:new )?version(?: number)? and (?:the )?(?:release |current )?date",
    )
)
_UNRELEASED = re.compile(
    r"(?:edit|update|start|add|create|open)(?: (?:the )?FILE to)?(?: add)?(?: back)?(?: an?| the)?(?: new| empty)*"
    r" ?unreleased"
    r"(?: section| heading| header)?(?: (?:in|to) (?:the )?FILE)?",
    re.IGNORECASE,
)
_NOTES = re.compile(
    r"(?:new )?release notes(?: (?:is|are|have been))? (?:written|added|created|updated)", re.IGNORECASE
)
_ASKS = {"version": "Which version is released?"}


class VersionCheck(NamedTuple):
    """The check, what it does not prove, what it asks."""

    entry: Entry
    unproved: str
    asks: Mapping[str, str]


def version_in_files(item: ListedItem) -> VersionCheck | None:
    """The check that the files that this item names have the version; None where it says nothing of that kind."""
    text = re.sub(r"\[`?([\w./-]+)`?\]\([^)]*\)", r"`\1`", item.text)
    head, remark, _asserted = clause_of(text)
    if _NOTES.fullmatch(head) and _IS_LOG.fullmatch(remark) and problem_with_path(remark) is None:
        version, asks = _version_of(item)
        return VersionCheck(
            {"file": {"path": remark, "contains": version}}, "it names the version, not: what is new", asks
        )
    paths = list(dict.fromkeys(each["code"] or each["bare"] for each in _NAMED.finditer(text)))
    if not paths or any(problem_with_path(each) or _NOT_OURS.fullmatch(each) for each in paths):
        return None
    head = clause_of(_NAMED.sub("FILE", text)).head
    head = re.sub(r"FILE(?:(?:,? and |, | & | ?/ ?|, or )(?:in )?(?:the )?FILE)+", "FILES", head)
    if head.count("FILE") != 1 or ("FILES" in head) != (len(paths) > 1):
        return None
    version, asks = _version_of(item)
    if len(paths) == 1 and _IS_LOG.fullmatch(paths[0]) and (made := _of_a_log(paths[0], head, version, asks)):
        return made
    named = len(paths) == 1 and re.search(r"(?i)version", paths[0].rpartition("/")[2])
    if not any(form.fullmatch(head) for form in _FORMS) and not (named and _VERSION_FILE.fullmatch(head)):
        return None
    if len(paths) == 1:
        entry: Entry = {"file": {"path": paths[0], "contains": version}}
        return VersionCheck(entry, "the version stands in it, not: where it should", asks)
    run = " && ".join(f"grep -qF -- {version} {each}" for each in paths)
    return VersionCheck(
        {"command": {"run": run, "changes": True}}, "the version stands in each of them, not: where it should", asks
    )


def _version_of(item: ListedItem) -> tuple[str, Mapping[str, str]]:
    """The one version that the item spells, or a question."""
    found = set(re.findall(rf"(?<![\w./-]){_CONCRETE}(?<=[\w])(?![\w/])", re.sub(r"\([^)]*\)", " ", item.text)))
    return (found.pop().lstrip("v"), {}) if len(found) == 1 else ("{version}", _ASKS)


def _of_a_log(path: str, head: str, version: str, asks: Mapping[str, str]) -> VersionCheck | None:
    if any(form.fullmatch(head) for form in _DATED_FORMS):
        entry: Entry = {
            "command": {"run": f"grep -F -- {version} {path}"},
            "expect": {"matches": rf"(?s).*(?:{DATE}).*"},
        }
        return VersionCheck(entry, "a line of it has the version and a date, not: that it names every change", asks)
    if any(form.fullmatch(head) for form in _LOG_FORMS):
        return VersionCheck(
            {"file": {"path": path, "contains": version}}, "it names the version, not: that it names every change", asks
        )
    if _UNRELEASED.fullmatch(head) and "FILE" in head:
        return VersionCheck({"file": {"path": path, "contains": "Unreleased"}}, "the word stands in it, not: where", {})
    return None
