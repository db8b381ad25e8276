"""Rules for a project: its branches, its packages, its variables, its backups, what its scans find."""

from __future__ import annotations

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.entries import THERE, command

RULES = (
    Rule(
        "branch up to date",
        r"(?:local |feature |release )*(?:branch|main|master)(?: branch)?(?: is)? up[- ]to[- ]date with "
        r"(?:origin/)?(?P<base>main|master|develop)",
        command("git fetch --quiet origin && git merge-base --is-ancestor origin/$base HEAD", changes=True),
        "it has all commits of that branch, not: that they work together",
        ("Branch is up to date with main", "Feature branch up-to-date with `develop`"),
        ("Branch protection discussed", "Documentation up to date with main features"),
        context="any",
        firm=True,
    ),
    Rule(
        "pushed",
        r"(?:all )?(?:changes|commits|code)(?: (?:are|have been|is))?(?: committed and)? pushed(?: to (?:the )?"
        r"(?:remote(?: repository)?|origin|GitHub|GitLab|repository|main))?",
        command("git fetch --quiet && git merge-base --is-ancestor HEAD @{{upstream}}", changes=True),
        "the branch's commits are on its remote, not: that nothing is uncommitted",
        ("All changes pushed", "Code pushed to GitHub"),
        ("Docker image pushed", "Deadline pushed"),
        context="operations",
    ),
    Rule(
        "pull request merged",
        r"(?:all )?(?:the )?(?:release )?(?:PRs?|pull requests?)(?: (?:is|are|has been|have been))? merged(?: (?:to"
        r"|into) (?:main|master|develop))?",
        {
            "command": {"run": "gh pr view {pull-request} --json state", "changes": True},
            "expression": "state",
            "expect": {"equals": "MERGED"},
        },
        "this one is merged, not: that others are",
        ("PR merged to main", "Pull request merged"),
        ("PR reviewed", "Cells merged"),
        context="operations",
        names={"pull-request": Name("What is the pull request's number?")},
    ),
    Rule(
        "package on npm",
        r"(?:package|new version|version|release)(?: (?:is|has been))? (?:published|available|visible|live) (?:to"
        r"|on) (?:the )?npm(?: registry)?",
        command("npm view {package}@{version} version", changes=True),
        THERE,
        ("Package published to npm",),
        ("npm token stored", "Package written"),
        context="operations",
        names={"package": Name("What is the package called?"), "version": Name("Which version is released?")},
    ),
    Rule(
        "package on PyPI",
        r"(?:package|new version|version|release)(?: (?:is|has been))? (?:published|available|visible|live"
        r"|uploaded) (?:to|on) (?:the )?PyPI",
        command("curl -fsS -o /dev/null https://pypi.org/pypi/{package}/{version}/json"),
        THERE,
        ("Package published to PyPI", "Release is available on PyPI"),
        ("PyPI token stored", "Package uploaded to the shelf"),
        context="operations",
        names={"package": Name("What is the package called?"), "version": Name("Which version is released?")},
    ),
    Rule(
        "backup",
        r"(?:full |fresh |recent |production |pre-deployment |complete )*(?:database|db|data) backups?(?: (?:is|are"
        r"|has been|have been|was))? (?:taken|created|completed?|made|performed|exists?)",
        {"command": {"run": "find {backup-directory} -type f -mtime -1"}, "expect": "present"},
        "a file of the last day is there, not: that it can be restored",
        ("Database backup taken", "Full database backup created"),
        ("Database backup verified", "Database backup strategy", "Backup person named"),
        context="operations",
        names={"backup-directory": Name("In which directory are the backups?")},
    ),
    Rule(
        "coverage",
        r"(?:code |test |unit test |unit )*coverage(?: is| at)? ?(?:>=?|≥|above|over|at least|exceeds"
        r"|greater than) ?(?P<least>\d+) ?%\+?",
        command("sh -c {coverage-command}", changes=True),
        "the share that its tool counts, not: that the tests test something",
        ("Test coverage >= 80%", "Code coverage above 80 %"),
        ("Coverage discussed", "Press coverage above average"),
        context="operations",
        names={"coverage-command": Name("Which command ends with 0 only when enough is covered?")},
    ),
    Rule(
        "scan",
        r"(?:npm audit|pip-audit|(?:security|vulnerability|dependency|container|image)(?: vulnerability)? (?:scans?"
        r"|audits?))(?: (?:is|are|has|have|shows?|reports?))*"
        r" (?:clean|pass(?:es|ed|ing)?|no (?:high |critical |known |or |/)*(?:vulnerabilities|issues))"
        r"|no (?:high |critical |known |or |/|severity |security )+vulnerabilities(?: (?:found|in dependencies"
        r"|in (?:the )?images?))?",
        command("sh -c {scan-command}", changes=True),
        "what its database knows today, not: that there is nothing else",
        ("Security scan passes", "No critical vulnerabilities", "`npm audit` shows no vulnerabilities"),
        ("Security scan scheduled", "Vulnerabilities discussed"),
        context="operations",
        names={"scan-command": Name("Which command scans, and ends with 0 only when it finds nothing?")},
        firm=True,
    ),
    Rule(
        "variable in a file",
        r"(?:environment variable |env var |variable )?(?P<variable>(?-i:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+))(?: "
        r"(?:environment )?variable)?(?: is)? (?:set|configured|defined|present)"
        r"(?: in (?:the )?\.env(?: file)?)?",
        {"file": {"path": "{env-file}", "contains": "$variable="}},
        "it is named there, not: its value, which is not shown",
        ("`DATABASE_URL` is set", "JWT_SECRET configured", "`API_KEY` set in `.env`"),
        ("`DATABASE_URL` set in Vercel", "AWS configured", "`API_KEY` rotated"),
        context="operations",
        names={"env-file": Name("Which file has the environment variables?")},
    ),
    Rule(
        "setting in a file",
        r"(?P<setting>(?-i:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)=(?:true|false|production|\d+))"
        r"(?: (?:is )?(?:set|in production|in (?:the )?\.env(?: file)?))?",
        {"file": {"path": "{env-file}", "contains": "$setting"}},
        "it is written there, not: that the service was started with it",
        ("`APP_DEBUG=false` in production", "FORCE_HTTPS=true"),
        ("`APP_DEBUG=false` in Vercel", "DEBUG is off"),
        context="operations",
        names={"env-file": Name("Which file has the environment variables?")},
    ),
    Rule(
        "containers",
        r"(?:All )?(?:docker(?:[- ]compose)? )(?:containers?|services?)(?: (?:is|are))? (?:running|up|healthy"
        r"|started|up and running|running and healthy)",
        command(
            'test -n "$(docker compose ps -q --status running)"'
            ' && test -z "$(docker compose ps -a -q --status exited --status restarting --status dead)"',
            changes=True,
        ),
        "some run and none has stopped, not: that they answer",
        ("All Docker containers running", "Docker Compose services are up"),
        ("Docker containers designed", "Containers shipped"),
        context="operations",
    ),
    Rule(
        "SPF",
        r"SPF(?: DNS)? records?(?: (?:is|are))? (?:configured|set|added|published|valid|in place|exists?|created)",
        {"command": {"run": "dig +short TXT {mail-domain}", "changes": True}, "expect": {"contains": "v=spf1"}},
        "there is one, not: that it names the right senders",
        ("SPF record configured",),
        ("SPF explained", "Sun protection (SPF) bought"),
        context="any",
        names={"mail-domain": Name("Which domain sends the mail?")},
    ),
    Rule(
        "DMARC",
        r"DMARC(?: DNS)? (?:records?|policy)(?: (?:is|are))? (?:configured|set|added|published|valid|in place"
        r"|exists?|created)",
        {
            "command": {"run": "dig +short TXT _dmarc.{mail-domain}", "changes": True},
            "expect": {"contains": "v=DMARC1"},
        },
        "there is one, not: a strict one",
        ("DMARC record configured", "DMARC policy published"),
        ("DMARC reports read", "Policy published"),
        context="any",
        names={"mail-domain": Name("Which domain sends the mail?")},
    ),
)
