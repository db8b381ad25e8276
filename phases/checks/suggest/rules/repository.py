"""Rules for a repository: what is committed and pushed, what must not be in it, which variables its hosts have."""

from __future__ import annotations

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.entries import command, for_each

_ALL = r"(?:(?:all|any|the|latest|local|final|your) )*"
_BE = r"(?: (?:is|are|has been|have been))?"
_TO = (
    r"(?: (?:to|in|into) (?:the |your )?(?:main branch (?:on|of) |main (?:on|of) )?(?:git|GitHub"
    r"|GitLab|version control|remote|origin|main|master|repo(?:sitory)?)(?: (?:repo(?:sitory)?|branch))?)"
)
_CODE = r"(?:code|changes|code changes|source code|files|work|project|application code|commits|branch)"
_SECRETS = (
    r"(?:hard-?coded |production |sensitive |plain ?text |AWS |real )*"
    r"(?:(?:secrets?|credentials?|passwords?|API keys?|tokens?|keys)(?:, |,? (?:or|and|&) ?|/)?)+"
)
_IN_CODE = (
    r"(?: (?:are |were |is )?(?:hard-?coded|committed|exposed|left|checked in|present|found|stored|tracked))?"
    r" ?(?:(?:in|to|into) (?:the |your |our )?(?:(?:source )?code(?:base)?(?:/commits)?|git(?: history| repo"
    r"(?:sitory)?)?|repo(?:sitory)?|"
    r"version control|commit(?:s| history)|source(?: control)?))?"
)
_PRIVATE = (
    r"(?P<path>(?:[\w-]+/)*(?:\.env(?:\.(?!example|sample|template)[\w-]+)*|[\w.-]+\.(?:keystore|pem|key|jks|p12"
    r"|tfvars|tfstate)))"
)
_IN_GIT = r"(?: (?:to|in|into|by) (?:the )?(?:git|version control|repo(?:sitory)?|source control))?"
_SCAN = {"secret-scan-command": Name("Which command ends with 0 only when it finds no secret (gitleaks detect)?")}

_PUSHED = (
    r"(?: built,?(?: and)?| tagged,?(?: and)?)* (?:pushed|available in|uploaded to)"
    r"(?: (?:to )?(?:the )?(?:(?:container |Docker |image )?registry|Docker ?Hub|GHCR|GitHub Container Registry"
    r"|GitLab registry))?"
)

RULES = (
    Rule(
        "committed and pushed",
        rf"{_ALL}{_CODE}{_BE} committed(?:{_TO})? (?:and|&) pushed{_TO}?|{_ALL}{_CODE}{_BE} committed to GitHub",
        command(
            "git fetch --quiet && git merge-base --is-ancestor HEAD @{{upstream}}"
            ' && test -z "$(git status --porcelain)"',
            changes=True,
        ),
        "nothing is left here that its remote has not, not: that it is reviewed",
        ("All code changes committed and pushed to Git", "Work committed & pushed"),
        ("Code written and pushed", "Crimes committed and pushed aside"),
        context="operations",
    ),
    Rule(
        "committed",
        rf"{_ALL}{_CODE}{_BE} committed{_TO}?",
        {"command": {"run": "git status --porcelain"}, "expect": {"equals": ""}},
        "nothing is changed or new here, not: that it is pushed",
        ("Code committed to Git", "Code changes committed"),
        ("Code reviewed", "Team committed to the code"),
        context="operations",
    ),
    Rule(
        "code pushed",
        rf"{_ALL}(?:{_CODE} |repo(?:sitory)? )?{_BE} ?pushed{_TO}|push {_ALL}(?:{_CODE} |repo"
        rf"(?:sitory)? )?{_TO.replace(' ', '', 1)}",
        command("git fetch --quiet && git merge-base --is-ancestor HEAD @{{upstream}}", changes=True),
        "the branch's commits are on its remote, not: that nothing is uncommitted",
        ("Pushed to GitHub (main branch)", "Code pushed to Git repository"),
        ("Image pushed to the registry", "Push the button"),
        context="operations",
    ),
    Rule(
        "merge to do",
        r"merge (?:the )?(?:release |feature )?(?:PRs?|pull requests?)(?: (?:to|into) (?:the )?(?:main|master"
        r"|develop)(?: branch)?)?",
        {
            "command": {"run": "gh pr view {pull-request} --json state", "changes": True},
            "expression": "state",
            "expect": {"equals": "MERGED"},
        },
        "this one is merged, not: that others are",
        ("Merge PR to main branch", "Merge the pull request"),
        ("Merge cells", "Merge PR template"),
        context="operations",
        names={
            "pull-request": Name(
                "What is the pull request's number, or its address in another repository?", code=True, pattern=r"\d+"
            )
        },
    ),
    Rule(
        "protected branch",
        r"(?:(?:main|master|production) )?branch(?:es)? protection(?: rules?)?(?: (?:is|are))? (?:enabled|configured"
        r"|set ?up|active|in place)|(?:main|master) branch(?: is)? protected",
        command("gh api repos/{{owner}}/{{repo}}/branches/{protected-branch}/protection", changes=True),
        "protected, not: by which rules",
        ("Branch protection enabled", "Branch protection rules configured", "Main branch protected"),
        ("Branch of the tree protected by law", "Protection discussed"),
        context="operations",
        names={"protected-branch": Name("Which branch is protected?", code=True)},
    ),
    Rule(
        "no secrets in the code",
        rf"(?:no|zero) {_SECRETS}{_IN_CODE}|(?:all )?hard-?coded {_SECRETS}(?: (?:are|is|have been))? removed"
        rf"(?: from (?:the )?(?:code|codebase))?|(?:verify |check )?code (?:has|contains) no {_SECRETS}|"
        rf"(?:{_SECRETS})(?: (?:are|is))? (?:not|never) (?:committed|hard-?coded|exposed|stored)"
        r"(?: (?:in|to|into) (?:the )?(?:git|(?:source )?code(?:base)?|version control|repo(?:sitory)?))?",
        command("sh -c {secret-scan-command}", changes=True),
        "what its patterns know, not: that there is nothing else",
        ("No secrets in code", "No hardcoded credentials", "API keys not committed to git"),
        ("No secrets between us", "Secrets rotated", "No passwords shared by mail", "No tokens left for the fair"),
        context="operations",
        names=_SCAN,
        around=r"(?i)\b(?:code|codebase|git|repo|repository|commit\w*|hard-?coded|version control|source)\b",
    ),
    Rule(
        "ignored by git",
        r"(?P<path>\.env(?:\.[\w-]+)*)(?: files?)?(?: (?:is|are))? (?:(?:listed |added |included )?(?:in|to) "
        r"(?:the )?\.gitignore|git-?ignored|ignored by git)"
        r"|\.gitignore (?:includes|contains|excludes|covers|has|lists) (?P<path2>\.env(?:\.[\w-]+)*)(?: files?)?",
        command("git check-ignore -q --no-index $path$path2", changes=True),
        "git ignores it, not: that it never was in the history",
        ("`.env` is in `.gitignore`", "`.gitignore` includes `.env`", ".env added to .gitignore"),
        ("`.env` reviewed", "`.gitignore` is complete"),
        context="any",
        firm=True,
    ),
    Rule(
        "environment file not committed",
        rf"no {_PRIVATE}(?: files?)?(?: (?:is|are))? (?:committed|checked in|tracked){_IN_GIT}"
        rf"|{_PRIVATE.replace('path', 'path2')}(?: files?)?(?: (?:is|are))? (?:not|never) (?:committed|checked in"
        rf"|tracked){_IN_GIT}",
        command('git rev-parse --git-dir && test -z "$(git ls-files -- $path$path2)"', changes=True),
        "git does not have it now, not: that it never was in the history",
        ("`.env` file not committed to git", "No `.env` files committed", "`release.keystore` is NOT committed"),
        ("`.env` reviewed", "`.env` committed", "Env of the team not committed to dates"),
        context="any",
        firm=True,
    ),
    Rule(
        "no findings of a linter",
        r"(?:no|zero|0) (?:ESLint|lint(?:ing|er)?) (?:errors?|issues|problems)(?: (?:remain(?:ing)?|left|present))?"
        r"|(?:all )?(?:ESLint|lint(?:ing)?) (?:errors?|issues)(?: (?:are|have been))? (?:fixed|resolved)"
        r"|(?:code )?(?:linter|linting)(?: (?:is|has|shows?))* (?:no errors|clean|passes)",
        command("sh -c {lint-command}", changes=True),
        "it found nothing here and now, not: that its rules are the team's",
        ("No linting errors", "ESLint issues fixed"),
        ("No console errors", "Errors of the lint roller fixed in print", "No errors"),
        context="operations",
        names={"lint-command": Name("Which command lints or checks the types?")},
    ),
    Rule(
        "types that fit",
        r"(?:All )?type[- ]?check(?:s|ing)?(?: (?:are|is))?(?: all)? (?:pass(?:es|ed|ing)?|clean|green|successful)"
        r"|(?:no|zero|0) (?:(?:TypeScript|type|compiler?|compilation)(?:, | and | or |/| )?)+ ?"
        r"(?:errors?|issues|problems)(?: (?:remain(?:ing)?|left|present))?"
        r"|(?:all )?(?:TypeScript|type) (?:errors?|issues)(?: (?:are|have been))? (?:fixed|resolved)"
        r"|TypeScript(?: strict mode| compilation| build)? (?:0|no|zero) errors|TypeScript (?:compiles|compilation "
        r"(?:succeeds|passes|successful|clean))(?: (?:without|with no) errors| cleanly| successfully)?",
        command("sh -c {type-check-command}", changes=True),
        "it found nothing here and now, not: that it looks at each file",
        ("No TypeScript errors", "Type checks pass", "TypeScript errors fixed", "TypeScript compiles without errors"),
        ("No console errors", "Errors of type fixed in print", "No errors"),
        context="operations",
        names={"type-check-command": Name("Which command checks the types, or compiles?")},
    ),
    Rule(
        "migrations to run",
        r"(?:run|apply|execute) (?:(?:all|any|the|pending|production|database|db|prisma|alembic|django"
        r"|schema) )*migrations?"
        r"(?: (?:on|in|to|against) (?:the )?(?:production|staging)?(?: ?(?:database|db|environment))?)?"
        r"|(?:database |db )?schema(?: (?:is|has been))? (?:migrated|pushed|up[- ]to[- ]date)",
        command("sh -c {migration-status-command}", changes=True),
        "none is pending as its tool sees it, not: that the data is right",
        ("Run database migrations", "Run all pending migrations", "Database schema migrated"),
        ("Run from the birds' migrations", "Schema agreed"),
        context="operations",
        names={"migration-status-command": Name("Which command ends with 0 only when no migration is pending?")},
    ),
    Rule(
        "pushed to a registry",
        rf"(?:Docker |container )?image(?: (?:is|has been))?{_PUSHED}",
        command("docker manifest inspect {image-reference}", changes=True),
        "there under this tag, not: built from which commit",
        ("Docker image built and pushed", "Image is pushed to registry"),
        ("Docker image built", "Image pushed to the background"),
        context="operations",
        names={"image-reference": Name("Which image, with its registry and tag?")},
        around=r"(?i)docker|container|registry|image",
    ),
    Rule(
        "several pushed to a registry",
        rf"(?:all )?(?:Docker |container )?images(?: (?:are|have been))?{_PUSHED}(?: to (?:Amazon |AWS )?ECR)?",
        for_each('docker manifest inspect "$each"', "image-references"),
        "each is there under this tag, not: built from which commit",
        ("Docker images built and pushed", "Docker images pushed to ECR"),
        ("Docker images built", "Images pushed to the background"),
        context="operations",
        names={"image-references": Name("Which images, with registry and tag, with spaces between them?")},
        around=r"(?i)docker|container|registry|image",
    ),
    Rule(
        "running containers",
        r"(?:(?:all|the|required|docker) )*containers(?: (?:are|have))?(?: all)? (?:running|up|healthy"
        r"|up and running|running and healthy)"
        r"(?: (?:successfully|and healthy|without errors))?",
        command(
            'test -n "$(docker compose ps -q --status running)"'
            ' && test -z "$(docker compose ps -a -q --status exited --status restarting --status dead)"',
            changes=True,
        ),
        "some run and none has stopped, not: that they answer",
        ("Docker containers are all running",),
        ("Containers shipped", "Docker containers designed"),
        context="operations",
        around=r"(?i)docker|compose",
    ),
)
