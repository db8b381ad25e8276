"""Rules for a change log that the item names by its word alone: which file it is, is asked."""

from __future__ import annotations

from phases.checks.suggest.proposal import VERSION, Name, Rule
from phases.checks.suggest.rules.entries import command

_LOG = r"(?:the )?(?:changelog|change log|release notes file|news file|version history)"
_NAMES = {
    "change-log": Name("Which file is the change log?"),
    "version": Name("Which version is released?", code=True, pattern=VERSION),
}
_OF = r"(?:(?:the|this|new|upcoming|current|latest|a|an) )*"
# a day, as change logs write it
DATE = (
    r"\d{4}[-./]\d\d?[-./]\d\d?|\d\d?[-./ ](?:\d\d?|[A-Za-z]{3,9})[-./ ]\d{4}"
    r"|[A-Za-z]{3,9}\.? \d\d?(?:st|nd|rd|th)?,? \d{4}"
)
_WHERE = (
    r"(?:all (?:of )?)?(?:the )?(?:relevant |required |necessary |affected |corresponding |package |project |version "
    r"|manifest )*"
    r"(?:files|places|locations|manifests)"
)

RULES = (
    Rule(
        "version in several files",
        rf"(?:package |project |release |new )*versions?(?: numbers?| strings?)?(?: (?:is|are|has been|have been))?"
        rf" (?:updated"
        rf"|bumped|incremented|consistent|correct|the same|matching|match|matches|in sync|aligned) (?:in|across)"
        rf" {_WHERE}"
        rf"|(?:bump|update|set|increment) (?:the )?version(?: numbers?)? (?:in|across) {_WHERE}",
        command(
            'sh -c \'test -n "$1" && for each in $1; do grep -qF -- "$2" "$each" || exit 1; done\' _'
            " {version-files} {version}",
            changes=True,
        ),
        "the version stands in each of them, not: where it should, and not in other files",
        (
            "Version updated in relevant files",
            "Version numbers are consistent across all files",
            "Bump version in all places",
        ),
        ("Version of the story updated in all files", "Version updated in the app store", "Files updated"),
        context="operations",
        names={
            "version-files": Name("Which files have the version, with spaces between them?"),
            "version": _NAMES["version"],
        },
    ),
    Rule(
        "version in the change log",
        rf"{_LOG} (?:includes|contains|has|covers|lists|names)(?: an?)?(?: (?:entry|section|heading) for)?"
        rf" {_OF}(?:release"
        rf"|version)|(?:add|write|create) (?:an? |the )?(?:new )?{_LOG[8:]} (?:entry|section)(?: for {_OF}(?:release"
        rf"|version))?|(?:new )?{_LOG[8:]} (?:entry|section)(?: for {_OF}(?:release|version))?(?: is| was| has been)?"
        rf" (?:added|written|present)|{_LOG}(?: is| has been)? updated (?:with|for|to include) {_OF}(?:release"
        rf"|version)",
        {"file": {"path": "{change-log}", "contains": "{version}"}},
        "it names the version, not: that it names every change",
        ("Changelog includes the release", "Add a changelog entry for the new version"),
        ("Changelog includes every fix", "Add a changelog entry for each fix", "Changelog linked in the release"),
        context="operations",
        names=_NAMES,
    ),
    Rule(
        "version and date in the change log",
        rf"{_LOG}(?: is| has been)? updated with (?:the )?(?:new )?version(?: number)? and (?:the )?(?:release "
        rf"|current )?date"
        rf"|{_LOG} has a dated (?:section|entry|heading) for {_OF}(?:release|version)|(?:update|set|add) (?:the"
        rf" )?release date"
        rf" (?:in|to) {_LOG}",
        {"command": {"run": "grep -F -- {version} {change-log}"}, "expect": {"matches": rf"(?s).*(?:{DATE}).*"}},
        "a line of it has the version and a date, not: that it names every change",
        ("Changelog updated with version and date", "Set the release date in the changelog"),
        ("Changelog updated with version and names", "Update release date in changelog of release branch"),
        context="operations",
        names=_NAMES,
    ),
)
