"""Rules for tags and branches: made, signed, pushed, merged, checked out."""

from __future__ import annotations

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.any_order import in_any_order
from phases.checks.suggest.rules.entries import command, for_each

# how a list writes the version that is not known yet: it is asked for
BLANK = (
    r"v?[XxNn]\.[XxYyNn](?:\.[XxYyZzNn])?(?:[.-]?[A-Za-z]+\.?N?)?|v?(?:\d+\.)*<[\w .-]+>|v?YYYY[\w.-]*"
    r"|v?MAJOR\.MINOR\.PATCH|v?<?VERSION>?"
)
TAG = {"tag": Name("Which tag?", group="tag", code=True, pattern=r"[\w./+-]*\d[\w./+-]*")}
_BRANCH = {"branch": Name("Which branch?", code=True, pattern=r"(?!\d+$)[\w.]*[/\d-][\w./-]*")}
_OF_TAG = rf"git|release|version|annotated|tags?|{BLANK}|it|commit|a|all"
_PUSHED_TO = r"GitHub|GitLab|origin|upstream|remote|repository|repo"
_MAKE = r"creat(?:e|ed)|make|made|add(?:ed)?"
_IS_PUSHED = "git fetch --quiet origin && git merge-base --is-ancestor {0} origin/{0}"
_ON_REMOTE = "git ls-remote --exit-code --tags origin refs/tags/{tag}"
_NAMED = r"[\w.]*[\w-][\w./-]*"
_MERGED = "git fetch --quiet origin && git merge-base --is-ancestor origin/$branch origin/$base"
_BASES = r"main|master|develop|dev|trunk|release|stable|production|staging"
_A_BRANCH = (
    r"(?:new )?(?:release |hotfix |git |integration |feature |maintenance |support )*branch(?: named)?"
    rf"(?: (?:{BLANK}|[\w.]*[/\d-][\w./-]*|[\w-]+(?:{BLANK})))?"
)
_OFF = r"(?: (?:off(?: of)?|from) (?:the )?(?:latest )?(?:main|master|develop|dev|development branch)(?: branch)?)?"

RULES = (
    Rule(
        "tag that is pushed",
        in_any_order(r"tag|tagged", r"push(?:ed)?|publish(?:ed)?", also=rf"{_OF_TAG}|{_MAKE}|{_PUSHED_TO}|tagged|&"),
        command(_ON_REMOTE, changes=True),
        "there on the remote, not: on which commit",
        (
            "Create and push git tag",
            "Push that release tag to GitHub",
            "Tag & push the release",
            "Create and push version tag vX.Y.Z",
        ),
        ("Push tags to Docker Hub", "Create and push a signed tag", "Push image tag", "Tag not pushed"),
        context="operations",
        names=TAG,
        around=r"(?i)\bgit\b|release|version|publish",
    ),
    Rule(
        "tag that is signed and pushed",
        in_any_order(r"tag", r"push(?:ed)?", r"signed", also=rf"{_OF_TAG}|{_MAKE}|{_PUSHED_TO}|GPG"),
        command(f"{_ON_REMOTE} && git cat-file tag {{tag}} | grep -q -e SIGNATURE-----", changes=True),
        "there on the remote, and signed, not: by whom",
        ("Create and push a signed tag for the version", "Signed tag pushed"),
        ("Signed contract pushed", "Push a signed tag of the image"),
        context="operations",
        names=TAG,
    ),
    Rule(
        "tag that is signed",
        in_any_order(r"tag", r"sign(?:ed)?", also=rf"{_OF_TAG}|{_MAKE}|GPG"),
        command("git cat-file tag {tag} | grep -q -e SIGNATURE-----", changes=True),
        "signed in this repository, not: by whom, and not on the remote",
        ("Create a signed release tag", "Git tag is signed", "Release tag signed"),
        ("Signed contract", "Tag the signed image"),
        context="operations",
        names=TAG,
        around=r"(?i)\bgit\b|release|version|publish",
    ),
    Rule(
        "tag of a branch",
        r"(?:git |release |version )*tag(?: is| was)? (?:created|made|cut) (?:from|on|off) (?:the )?(?:latest |current"
        r" |head"
        rf" of )*(?P<base>main|master|develop)(?: branch)?(?:: (?:{BLANK}))?",
        command("git fetch --quiet origin && git merge-base --is-ancestor refs/tags/{tag} origin/$base", changes=True),
        "its commit is on that branch, not: that it was the newest there",
        ("Tag is created from latest `main`: `vX.Y.Z`", "Release tag created on main"),
        ("Tag is created from scratch", "Branch is created from main"),
        context="operations",
        names=TAG,
    ),
    Rule(
        "tag that is made",
        rf"(?:{_MAKE})(?: the| an?)? (?:new |git |release |version |annotated )*tag(?: (?:for|of) (?:the )?(?:new )?"
        rf"(?:release|version))?(?: (?:as )?(?:{BLANK}))?|tag (?:the |this )?(?:release|version|commit)?"
        rf"(?: ?(?:as|with) (?:{BLANK}|(?:the )?(?:new )?version(?: number)?))|git tag (?:{BLANK})?(?: created)?"
        rf"|(?:new |git |release |version |annotated )+tag(?: (?:{BLANK}))?(?: (?:is|was|has been))? (?:created|made)",
        command("git rev-parse --verify --quiet refs/tags/{tag}"),
        "there in this repository, not: on the remote, and not on which commit",
        ("Tag the release as `v<version>`", "Create git tag `vX.Y.Z`"),
        ("Create a tag in GTM", "Create image tag", "Tag the photo as holiday"),
        context="operations",
        names=TAG,
        around=r"(?i)\bgit\b|release|version|publish",
    ),
    Rule(
        "several tags",
        r"(?:create|generate|push|add)(?: all)?(?: the| of the)? (?:required|needed|necessary|release|git)(?: git)?"
        r" tags|"
        r"(?:all |required |release |git )+tags (?:are |were |have been )?pushed",
        for_each('git ls-remote --exit-code --tags origin "refs/tags/$each"', "tags"),
        "each is on the remote, not: on which commit",
        ("Generate the required git tags", "Push release tags", "All release tags pushed"),
        ("Generate the required tag", "HTML tags pushed down", "Tags agreed"),
        context="operations",
        names={"tags": Name("Which tags, with spaces between them?")},
        around=r"(?i)\bgit\b|release|version|publish",
    ),
    Rule(
        "branch that is there",
        rf"(?:create|cut|make)(?: the| an?)? {_A_BRANCH}{_OFF}|(?:a )?new {_A_BRANCH}{_OFF}|{_A_BRANCH}(?: (?:is|has"
        rf" been))?"
        rf" (?:created|cut){_OFF}",
        command(
            "git rev-parse --verify --quiet refs/heads/{branch}"
            " || git ls-remote --exit-code --heads origin refs/heads/{branch}",
            changes=True,
        ),
        "there, here or on the remote, not: from which commit, and not what is on it",
        ("Create a new branch `release-X.Y.Z` off of `main`", "Create release branch", "Release branch created"),
        ("Create branch protection", "Branch office created in Rome", "Create a branch in scpca-nf", "Release branch"),
        context="operations",
        names=_BRANCH,
    ),
    Rule(
        "branch that is pushed",
        r"push (?:the )?(?:release |new |hotfix )*branch(?: to (?:GitHub|GitLab|origin|upstream|the remote))?"
        r"|(?:release |hotfix )*branch(?: (?:is|was|has been))? pushed(?: to (?:GitHub|GitLab|origin|upstream|the"
        r" remote))?",
        command(_IS_PUSHED.format("{branch}"), changes=True),
        "its commits are on the remote, not: what is not committed",
        ("Push release branch to GitHub", "Release branch pushed", "Push the branch"),
        ("Push branch and tags", "Branch office pushed", "Push the branches"),
        context="operations",
        names=_BRANCH,
    ),
    Rule(
        "named branch that is pushed",
        r"(?:push )?(?P<branch>main|master|develop|(?:deploy|release|hotfix)[-/][\w./-]+)(?: branch)?"
        r"(?: (?:is|has been|was))?(?: pushed)?(?: to (?:GitHub|GitLab|origin|upstream|the remote|remote))"
        r"(?: to (?:initiate|trigger|start) (?:the )?(?:CI ?/ ?CD|CI|pipeline|deployment))?",
        command(_IS_PUSHED.format("$branch"), changes=True),
        "its commits are on the remote, not: what is not committed, and not what that starts",
        ("`master` pushed to GitLab to initiate CI / CD", "`deploy-qa` pushed to GitLab", "Push `release/7` to origin"),
        ("master of ceremonies pushed to GitLab", "`main` pushed", "`shop` pushed to GitHub"),
        context="operations",
        named=False,
    ),
    Rule(
        "one branch in another",
        rf"(?:on GitHub, )?merge (?:the )?(?P<branch>(?!release branch)(?:{_BASES})(?![\w/-])"
        rf"|{_NAMED}[/\d-][\w./-]*)(?: branch)?"
        rf" (?:back )?(?:up )?(?:into|to) (?:the )?(?P<base>{_BASES}|[\w.]*[/\d-][\w./-]*)(?: branch)?",
        command(_MERGED, changes=True),
        "its commits are there, not: what came behind them",
        ("Merge dev into master", "Merge `release/7` back into `develop`", "Merge `main` into `release`"),
        ("Merge release branch into `main`", "Merge dev and docs into master", "Merge F3D release into master"),
        context="operations",
    ),
    Rule(
        "one branch merged in another",
        rf"(?P<branch>(?!release branch)(?:{_BASES})(?![\w/-])|{_NAMED}[/\d-][\w./-]*)(?: branch)?(?: (?:is|was|has"
        rf" been))? merged (?:back )?"
        rf"(?:up )?(?:into|to) (?:the )?(?P<base>{_BASES}|[\w.]*[/\d-][\w./-]*)(?: branch)?",
        command(_MERGED, changes=True),
        "its commits are there, not: what came behind them",
        ("`master` merged up into `deploy-qa`", "`develop` is merged into `main`"),
        ("Companies merged into main", "`master` reviewed and merged into `main`", "PR-7 notes merged into one"),
        context="operations",
    ),
    Rule(
        "release branch in another",
        r"(?:merge (?:the )?(?:release|integration|hotfix) branch|(?:release|integration|hotfix) branch(?: is| was|"
        r" has been)?"
        r" merged) (?:back )?(?:into|to) (?:the )?(?P<base>main|master|develop)(?: branch)?",
        command("git fetch --quiet origin && git merge-base --is-ancestor origin/{branch} origin/$base", changes=True),
        "its commits are there, not: what came behind them",
        ("Merge release branch into `main`", "Release branch merged back into develop"),
        ("Merge release branches into `main`", "Merge release notes into main"),
        context="operations",
        names=_BRANCH,
    ),
    Rule(
        "newest code of a branch here",
        r"pull (?:the )?latest(?: changes| code| commits)?(?: from| of| on) (?:the )?(?:origin/|remote )?(?P<base>main"
        r"|master"
        r"|develop)(?: branch)?|latest (?P<base2>main|master|develop)(?: branch)?(?: is)? (?:pulled|checked out)"
        r"|local (?:copy|repo(?:sitory)?|clone|branch|checkout)(?: is)? up[- ]to[- ]date with (?:the )?(?:upstream"
        r"|origin|remote)(?:'s)? (?P<basis>main|master|develop)(?: branch)?",
        command("git fetch --quiet origin && git merge-base --is-ancestor origin/$base$base2$basis HEAD", changes=True),
        "what is checked out here has all of it, not: nothing else",
        ("Latest `main` checked out", "Local repository is up to date with the upstream main branch"),
        ("Latest main dish", "Local copy of the book up to date"),
        context="operations",
    ),
    Rule(
        "on a branch that is up to date",
        r"(?:currently )?on (?:the )?(?P<branch>main|master|develop)(?: branch)?(?: (?:with|and))(?: the)? (?:latest"
        r" (?:changes|commits|code)(?: (?:are )?pulled)?|up[- ]to[- ]date)",
        {
            "command": {
                "run": "git fetch --quiet origin && git merge-base --is-ancestor origin/$branch HEAD"
                " && git branch --show-current",
                "changes": True,
            },
            "expect": {"equals": "$branch"},
        },
        "on it, and with all of its remote's commits, not: nothing uncommitted",
        ("On `main` with the latest changes pulled", "On main and up to date"),
        ("On main with the latest news", "On main street with the latest changes"),
        context="any",
        firm=True,
    ),
    Rule(
        "local repository up to date",
        r"local (?:repo(?:sitory)?|clone|copy|checkout|branch)(?: is)? (?:up[- ]to[- ]date|current|in sync)"
        r"(?: with (?:the )?(?:remote|origin|upstream))?",
        command("git fetch --quiet && git merge-base --is-ancestor @{{upstream}} HEAD", changes=True),
        "the branch here has all of its remote's commits, not: that it is the right branch",
        ("Local repository is up to date", "Local branch in sync with origin"),
        ("Local knowledge up to date", "Local copy of the report current"),
        context="operations",
    ),
    Rule(
        "commit and push",
        r"commit (?:and|&) push (?:(?:all|the|your|any|remaining|final|local) )*(?:code |release )?(?:changes|code"
        r"|commits"
        r"|files|work)(?: to (?:the )?(?:remote|origin|GitHub|GitLab|repo(?:sitory)?))?",
        command(
            "git fetch --quiet && git merge-base --is-ancestor HEAD @{{upstream}}"
            ' && test -z "$(git status --porcelain)"',
            changes=True,
        ),
        "nothing is left here that its remote has not, not: that it is reviewed",
        ("Commit and push all changes", "Commit and push the changes to GitHub"),
        ("Commit and push the team", "Commit and push changes to main and tags"),
        context="operations",
    ),
)
