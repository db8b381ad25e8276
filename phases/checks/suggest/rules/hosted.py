"""Rules for what stands at the host of the code: releases, their files, pull requests, milestones."""

from __future__ import annotations

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.any_order import in_any_order
from phases.checks.suggest.rules.continuous import PULL_REQUEST
from phases.checks.suggest.rules.entries import THERE, command
from phases.checks.suggest.rules.tags import BLANK, TAG
from state.json_values import Json

_OF_RELEASE = rf"GitHub|release|page|tag|on|{BLANK}|final|public|version|automatically|by|it"
_SUFFIX = (
    r"jar|zip|gz|tgz|xz|bz2|whl|exe|msi|dmg|pkg|deb|rpm|AppImage|apk|aab|ipa|vsix|nupkg|asc|sig|sha256|sha512|sbom"
    r"|json|txt|bin|crate|gem|tar|zst|koplugin|snap|flatpak|wasm"
)
_PARTS = r"(?:assets?|artifacts?|binaries|files|installers|packages|tarballs?|archives?)"


def _view(fields: str, expression: str, expect: Json) -> dict[str, Json]:
    run = f"gh release view {{tag}} --json {fields}"
    return {"command": {"run": run, "changes": True}, "expression": expression, "expect": expect}


def _pull_request(expression: str, expect: Json) -> dict[str, Json]:
    run = "gh pr view {pull-request} --json state,baseRefName,latestReviews"
    return {"command": {"run": run, "changes": True}, "expression": expression, "expect": expect}


_APPROVED = "length(latestReviews[?state=='APPROVED']) > `0`"
_ONE_PR = r"(?:release |version bump |bump |changelog |merge )*(?:PR|pull request)"
_INTO = r"(?:,? (?:to|into|against|targeting) (?:the )?(?P<base>main|master|develop|release)(?: branch)?)?"
_INTO2 = _INTO.replace("<base>", "<base2>")
_MILESTONE = {"milestone": Name("What is the milestone called?", code=True)}
_MILESTONES = "gh api repos/{{owner}}/{{repo}}/milestones -X GET -f state=all -F per_page=100"


def _listed(expression: str, expect: Json) -> dict[str, Json]:
    """What the repository's milestones show."""
    return {"command": {"run": _MILESTONES, "changes": True}, "expression": expression, "expect": expect}


_SIGNED = r"(?: and (?:the |their )?(?:signatures?|checksums?|SBOMs?))?"

RULES = (
    Rule(
        "release that is published",
        in_any_order(
            r"release",
            r"publish(?:ed|es)?|live|public|final",
            also=rf"{_OF_RELEASE}|draft|page|make|made|creat(?:e|ed)",
        ),
        _view("isDraft,publishedAt", "isDraft", {"equals": False}),
        "published, not: with which notes and files",
        ("Publish the release!", "GitHub release is live", "Publish the draft release", "Release `vX.Y.Z` published"),
        ("Publish the release notes", "Publish the release on Zenodo", "Press release published", "Publish releases"),
        context="operations",
        names=TAG,
        document=r"(?i)github",
    ),
    Rule(
        "release that is made",
        in_any_order(
            r"GitHub",
            r"releases?",
            r"creat(?:e|ed)|make|made|exists|cut|add(?:ed)?|appears|visible|available|there",
            also=_OF_RELEASE,
        ),
        command("gh release view {tag}", changes=True),
        THERE,
        ("Create release on GitHub", "Make a GitHub release from the tag"),
        (
            "Create GitHub release notes",
            "Create a GitHub release with binaries",
            "Create a GitHub release in the docs repo",
            "GitHub release agreed",
        ),
        context="operations",
        names=TAG,
    ),
    Rule(
        "release from a tag",
        rf"create (?:an? |the )?(?:new )?release(?: (?:{BLANK}))?(?: (?:from|for|on|using) (?:the |this )?(?:new )?tag)"
        rf"|create (?:an? |the )?(?:new )?release (?:{BLANK})|draft (?:an? )?release published",
        command("gh release view {tag}", changes=True),
        THERE,
        ("Create a new Release `vX.Y.Z` from the tag", "Create a new release from this tag"),
        ("Create a new release plan", "Create a new release from the branch"),
        context="operations",
        names=TAG,
        document=r"(?i)github",
    ),
    Rule(
        "draft of a release",
        in_any_order(
            r"draft(?:ed)?",
            r"release",
            also=rf"GitHub|new|tag|from|{BLANK}|creat(?:e|ed)|exists|saved?|as|is|generated?",
        )
        + r"(?<!draft release)(?<!release draft)(?<!draft new release)(?<!draft a new release)",
        _view("isDraft", "isDraft", {"equals": True}),
        "a draft with this tag is there, not: with which notes and files",
        ("Create draft release on GitHub", "Draft release created", "GitHub release draft exists"),
        ("Draft release notes created", "Release drafted by Ada", "Draft a new release"),
        context="operations",
        names=TAG,
        document=r"(?i)github",
        firm=True,
    ),
    Rule(
        "release of several tags drafted",
        r"(?:generate|create) draft releases",
        command(
            'sh -c \'test -n "$1" && for each in $1; do'
            ' test "$(gh release view "$each" --json isDraft --jq .isDraft)" = true'
            " || exit 1;"
            " done' _ {tags}",
            changes=True,
        ),
        "each is there as a draft, not: with which notes and files",
        ("Generate draft releases",),
        ("Generate draft release notes", "Draft releases read"),
        context="operations",
        names={"tags": Name("Which tags, with spaces between them?")},
    ),
    Rule(
        "releases of several tags published",
        r"make (?:the )?draft releases (?:final|public)(?: and (?:final|public))?|publish (?:the |all )?(?:draft"
        r" )?releases",
        command(
            'sh -c \'test -n "$1" && for each in $1; do'
            ' test "$(gh release view "$each" --json isDraft --jq .isDraft)" = false'
            " || exit 1;"
            " done' _ {tags}",
            changes=True,
        ),
        "each is published, not: with which notes and files",
        ("Make draft releases final and public", "Publish the draft releases"),
        ("Publish the press releases", "Make draft releases of the book"),
        context="operations",
        names={"tags": Name("Which tags, with spaces between them?")},
        document=r"(?i)github",
    ),
    Rule(
        "pre-release",
        in_any_order(
            r"pre-?release", r"mark(?:ed)?|publish(?:ed)?|flagged|set", also=r"GitHub|release|as|draft|it|(?-i:a)"
        ),
        _view("isPrerelease,isDraft", "isPrerelease", {"equals": True}),
        "marked as one, not: with which notes and files",
        ("Release is marked as pre-release on GitHub", "Mark release as pre-release"),
        ("Release is not marked as pre-release", "Pre-release tests marked", "Unmark release as `pre-release`"),
        context="operations",
        names=TAG,
        document=r"(?i)github",
    ),
    Rule(
        "no pre-release any more",
        r"(?:un-?mark (?:the )?release as|remove (?:the )?) ?pre-?release(?: (?:flag|mark)(?: from (?:the )?release)?)?"
        r"|release (?:is )?no longer (?:marked as )?(?:an? )?pre-?release",
        _view("isPrerelease,isDraft", "[isPrerelease, isDraft]", {"equals": [False, False]}),
        "published as a full release, not: with which notes and files",
        ("Unmark release as `pre-release`", "Release is no longer marked as pre-release"),
        ("Remove pre-release tests", "Unmark the calendar"),
        context="operations",
        names=TAG,
    ),
    Rule(
        "latest release",
        r"(?:(?:GitHub )?release(?: (?:is|was))? (?:marked|set|shown) as|mark (?:the )?(?:GitHub )?release as|set"
        r" (?:the )?"
        r"(?:GitHub )?release as) (?:the )?latest(?: release)?(?: on GitHub)?",
        {
            "command": {"run": "gh release view --json tagName", "changes": True},
            "expression": "tagName",
            "expect": {"equals": "{tag}"},
        },
        "it is the one that the host calls the latest, not: with which files",
        ("Release is marked as latest", 'Mark the release as "latest"'),
        ("Latest release notes read", "Mark the release as stable"),
        context="operations",
        names=TAG,
    ),
    Rule(
        "files of a release",
        rf"(?:all )?(?:(?:required|expected|release|build|binary|GitHub) )*{_PARTS} (?:are |is |have been |were"
        rf" )?(?:attached"
        rf"|uploaded|present|available|added|published)(?: (?:to|on|in|at|with) (?:the )?(?:new )?(?:draft )?(?:GitHub"
        rf" )?"
        rf"(?:release|release page|releases page))"
        rf"|(?:(?:Linux|macOS|Windows|Android|iOS|ARM64|x64|Intel|Apple Silicon|and),? )+{_PARTS} (?:are |have been"
        rf" )?(?:attached"
        rf"|uploaded|present|available|published)"
        rf"|(?:upload|attach) (?:all )?(?:the )?(?:(?:release|build|binary) )*{_PARTS}{_SIGNED}(?: to (?:the )?(?:new"
        rf" )?(?:GitHub )?"
        r"release)?"
        rf"|(?:GitHub )?release (?:has|includes|contains|shows|lists) (?:all )?(?:(?:the|expected|required|release"
        rf"|build) )*"
        rf"{_PARTS}",
        command(
            'sh -c \'test -n "$2" && for each in $2; do'
            ' gh release view "$1" --json assets --jq ".assets[].name" | grep -qxF -- "$each"'
            " || exit 1; done' _ {tag} {assets}",
            changes=True,
        ),
        "each is there by its name, not: what is in it",
        ("All artifacts are attached to release", "Release has all assets", "Upload release artifacts to the release"),
        ("Upload artifacts to S3", "Release includes the fix", "Upload the files", "Artifacts reviewed in the release"),
        context="operations",
        names={**TAG, "assets": Name("Which files must the release have, with spaces between their names?")},
        document=r"(?i)github",
        around=r"(?i)\breleases?\b",
    ),
    Rule(
        "file of a release",
        rf"(?P<asset>[\w.{{}}<>+-]*[\w>}}]\.(?:{_SUFFIX}))(?: (?:is )?(?:attached|uploaded|present|available)"
        r"(?: (?:to|on|in) (?:the )?(?:GitHub )?release)?)?",
        _view("assets", "assets[].name", {"contains": "$asset"}),
        "there by its name, not: what is in it",
        ("`shop-1.2.jar` attached to the GitHub release", "`shop.sbom.json` is uploaded to the release"),
        ("`shop.jar`", "Upload `shop-1.2.jar` to the GitHub release", "`shop.jar` removed from the release assets"),
        context="operations",
        names=TAG,
        around=r"(?i)\b(?:attached|uploaded) to (?:the )?(?:GitHub )?release|\brelease (?:assets|artifacts)\b",
        document=r"(?i)github",
    ),
    Rule(
        "pull request that is open or merged",
        rf"(?:open|create|submit|make|raise|file|send)(?: an?| the)? {_ONE_PR}(?: with (?:the|your|these)"
        rf" changes)?{_INTO}"
        rf"(?: on GitHub)?|PR (?:the )?changes|{_ONE_PR}(?: (?:is|was|has been))? (?:opened|created|submitted"
        rf"|raised){_INTO2}",
        _pull_request("(state=='OPEN' || state=='MERGED') && ends_with(baseRefName, '$base$base2')", {"equals": True}),
        "it is there, open or merged, not: what is in it",
        ("Create a pull request", "Make a PR", "PR the changes", "Release PR opened", "Open a PR against `main`"),
        ("Create a PR template", "Create PRs", "Pull request reviewed", "Open a PR to update the change log"),
        context="operations",
        names=PULL_REQUEST,
        firm=True,
    ),
    Rule(
        "pull request that is merged",
        rf"(?:(?:the|release|version bump|bump|changelog|version) )+(?:PR|pull request)(?: (?:is|was|has been))?"
        rf" merged{_INTO}",
        _pull_request("state=='MERGED' && ends_with(baseRefName, '$base')", {"equals": True}),
        "this one is merged, not: that others are",
        ("Version bump PR merged to `main`", "Changelog PR is merged"),
        ("PR tests merged", "Bump PR rejected", "Version bump PR merged to the book"),
        context="operations",
        names=PULL_REQUEST,
    ),
    Rule(
        "pull request that is approved and merged",
        r"(?:get )?(?:the )?(?:release )?(?:PR|pull request)(?: (?:is|has been|was))? (?:reviewed|approved) and"
        r"(?: then)? merged?"
        rf"(?: it)?{_INTO}",
        _pull_request(f"state=='MERGED' && ends_with(baseRefName, '$base') && {_APPROVED}", {"equals": True}),
        "this one is approved and merged, not: that others are",
        ("Get the PR reviewed and merge it", "PR approved and merged to main", "Release PR reviewed and merged"),
        ("Get the PR reviewed", "PR template reviewed and merged"),
        context="operations",
        names=PULL_REQUEST,
        firm=True,
    ),
    Rule(
        "pull request that is approved",
        r"(?:the )?(?:release )?(?:PR|pull request)(?: (?:is|has been|was))?(?: reviewed and)? approved",
        _pull_request(_APPROVED, {"equals": True}),
        "somebody approved it, not: who",
        ("PR approved", "Pull request is reviewed and approved"),
        ("PR approved by the owner", "PR budget approved"),
        context="operations",
        names=PULL_REQUEST,
        firm=True,
    ),
    Rule(
        "closed milestone",
        rf"close (?:the )?(?:release |related |current |GitHub )*milestone(?: (?:{BLANK}))?|(?:release |GitHub"
        rf" )?milestone"
        r"(?: (?:is|has been|was))? closed",
        _listed("[?state=='closed'].title", {"contains": "{milestone}"}),
        "closed, not: that its issues are done",
        ("Close milestone", "Milestone closed", "Close the GitHub milestone"),
        ("Close related milestones", "Milestone of the road closed off", "Milestone reached"),
        context="operations",
        names=_MILESTONE,
    ),
    Rule(
        "closed milestone and the next",
        r"(?:release |GitHub )?milestone (?:is |has been )?closed,? and (?:the )?(?:next|new) (?:milestone |one"
        r" )?(?:is |has been )?"
        r"(?:opened|created)|close (?:the )?milestone and (?:open|create) (?:the |a )?(?:next|new)(?: one| milestone)?",
        _listed(
            "length([?title=='{milestone}' && state=='closed']) > `0`"
            " && length([?title=='{next-milestone}' && state=='open']) > `0`",
            {"equals": True},
        ),
        "the one closed and the other open, not: that its issues are done",
        ("Milestone closed and next milestone opened", "Close milestone and open the next one"),
        ("Milestone closed and party opened", "Milestone closed and next steps opened"),
        context="operations",
        names={**_MILESTONE, "next-milestone": Name("What is the next milestone called?", code=True)},
    ),
    Rule(
        "closed issue",
        r"close (?:this|the)(?: release| tracking)? (?:issue|ticket)(?: on GitHub)?|(?:release|tracking) issue (?:is"
        r" )?closed",
        {
            "command": {"run": "gh issue view {issue} --json state", "changes": True},
            "expression": "state",
            "expect": {"equals": "CLOSED"},
        },
        "closed, not: that what it asks is done",
        ("Close this issue", "Release issue closed"),
        ("Close the issues", "Issue of the book closed"),
        context="operations",
        names={"issue": Name("What is the issue's number?", code=True, pattern=r"\d+")},
    ),
    Rule(
        "next milestone",
        rf"(?:create|open) (?:the |a )?(?:next|new) (?:GitHub |release )?milestone(?: (?:{BLANK}))?|(?:next|new) "
        r"(?:GitHub |release )?milestone (?:is |has been )?(?:created|opened)",
        _listed("[?state=='open'].title", {"contains": "{next-milestone}"}),
        "open, not: which issues it has",
        ("Create next milestone", "Next milestone opened"),
        ("Create milestones", "Next milestone planned"),
        context="operations",
        names={"next-milestone": Name("What is the next milestone called?", code=True)},
    ),
    Rule(
        "issues of the milestone",
        r"(?:all )?(?:issues|tickets|issues and PRs)(?: (?:in|of|on|for) (?:the )?(?:release |current |GitHub"
        r" )*milestone)"
        r" (?:are |have been )?(?:closed|resolved)|(?:no open issues|0 open issues) (?:in|on) (?:the )?(?:release"
        r" )?milestone",
        _listed(
            "[?title=='{milestone}' && open_issues==`0` && closed_issues>`0`].title",
            "present",
        ),
        "none of them is open, and some are closed, not: that they are the right ones",
        ("All issues in the milestone are closed", "No open issues in milestone"),
        ("All issues in the milestone are planned", "All issues closed"),
        context="operations",
        names=_MILESTONE,
    ),
)
