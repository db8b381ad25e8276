"""Rules for a project: its branches, its packages, its variables, its backups, what its scans find."""

from __future__ import annotations

from phases.checks.suggest.proposal import DOMAIN, VERSION, Name, Rule
from phases.checks.suggest.rules.entries import BACKUP, BACKUP_OF_THE_DAY, THERE, command, has_value, is_set_to

RULES = (
    Rule(
        "branch up to date",
        r"(?:(?:local |feature |release )*(?:branch|main|master)(?: branch)?(?: is)? )?up[- ]to[- ]date with "
        r"(?:the )?(?:remote |upstream )?(?:origin/)?(?P<base>main|master|develop)(?: branch)?",
        command("git fetch --quiet origin && git merge-base --is-ancestor origin/$base HEAD", changes=True),
        "it has all commits of that branch, not: that they work together",
        ("Branch is up to date with main", "Feature branch up-to-date with `develop`"),
        ("Branch protection discussed", "Documentation up to date with main features"),
        context="any",
        firm=True,
    ),
    Rule(
        "pushed",
        r"(?:all )?(?:changes|commits|code)(?: (?:are|have been|is))? pushed(?: to (?:the )?"
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
        names={
            "pull-request": Name(
                "What is the pull request's number, or its address in another repository?", code=True, pattern=r"\d+"
            )
        },
    ),
    Rule(
        "package on npm",
        r"(?:package|new version|version|release)(?: (?P<version>\d+\.\d+[\w.+-]*))?(?: (?:is|has been))? "
        r"(?:published|available"
        r"|visible|live) (?:to|on|in) (?:the )?npm(?: registry)?",
        command("npm view {package}@{version} version", changes=True),
        THERE,
        ("Package published to npm",),
        ("npm token stored", "Package written"),
        context="operations",
        names={
            "package": Name("What is the package called?", code=True, pattern=r"(?:@[\w-]+/)?[A-Za-z][\w.-]*"),
            "version": Name("Which version is released?", code=True, pattern=VERSION),
        },
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
        names={
            "package": Name("What is the package called?", code=True, pattern=r"(?:@[\w-]+/)?[A-Za-z][\w.-]*"),
            "version": Name("Which version is released?", code=True, pattern=VERSION),
        },
    ),
    Rule(
        "backup",
        r"(?:full |fresh |recent |production |pre-deployment |complete )*(?:database|db|data) backups?(?: (?:is|are"
        r"|has been|have been|was))? (?:taken|created|completed?|made|performed|exists?)",
        BACKUP_OF_THE_DAY,
        "one of the last day is there, not: that it can be restored",
        ("Database backup taken", "Full database backup created"),
        ("Database backup verified", "Database backup strategy", "Backup person named"),
        context="operations",
        names=BACKUP,
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
        r"(?!security audit)(?:npm audit|pip-audit|(?:security|vulnerability|dependency|container|image)"
        r"(?: vulnerability)? (?:scans?"
        r"|audits?))(?: (?:is|are|has|have|shows?|reports?))*"
        r" (?:clean|pass(?:es|ed|ing)?|completed?|done|performed"
        r"|no (?:high |critical |known |or |/)*(?:vulnerabilities|issues|findings|CVEs))"
        r"|no (?:high |critical |known |or |/|severity |security )+(?:vulnerabilities|findings|CVEs)(?: (?:found|in"
        r" dependencies"
        r"|in (?:the )?images?))?",
        command("sh -c {scan-command}", changes=True),
        "what its database knows today, not: that there is nothing else",
        ("Security scan passes", "No critical vulnerabilities", "`npm audit` shows no vulnerabilities"),
        ("Security scan scheduled", "Vulnerabilities discussed", "Security audit completed"),
        context="operations",
        names={"scan-command": Name("Which command scans, and ends with 0 only when it finds nothing?")},
        firm=True,
    ),
    Rule(
        "variable in a file",
        r"(?:environment variable |env var |variable )?(?P<variable>(?-i:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+))(?: "
        r"(?:environment )?variable)?(?: is)? (?:set|configured|defined|present)"
        r"(?: in (?:the )?\.env(?: file)?)?",
        has_value("{env-file}", "$variable"),
        "it has some value there that is no placeholder, not: the right one",
        ("`DATABASE_URL` is set", "JWT_SECRET configured"),
        ("`DATABASE_URL` set in Vercel", "AWS configured", "`API_KEY` rotated"),
        context="operations",
        names={"env-file": Name("Which file has the environment variables?")},
    ),
    Rule(
        "setting in a file",
        r"(?P<variable>(?-i:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+))=(?P<value>true|false|production|\d+)"
        r"(?: (?:is )?(?:set|in production|in (?:the )?\.env(?: file)?))?",
        is_set_to("{env-file}", "$variable", "$value"),
        "it is written there, not: that the service was started with it",
        ("`APP_DEBUG=false` in production", "FORCE_HTTPS=true"),
        ("`APP_DEBUG=false` in Vercel", "DEBUG is off"),
        context="operations",
        names={"env-file": Name("Which file has the environment variables?")},
    ),
    Rule(
        "value of a setting",
        r"(?:set |configure )?(?P<variable>(?-i:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+))(?: (?:is|are))?(?: set)? to"
        r" (?P<value>production|true|false|staging|development|\d+)(?: (?:in|for) production)?",
        is_set_to("{env-file}", "$variable", "$value"),
        "it is written there, not: that the service was started with it",
        ("Set NODE_ENV to production", "`NODE_ENV` set to `production`"),
        ("Set NODE_ENV to whatever you like", "NODE_ENV explained to production"),
        context="operations",
        names={"env-file": Name("Which file has the environment variables?")},
    ),
    Rule(
        "secret of GitHub Actions",
        r"(?P<secret>(?-i:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+))(?: repository)? secret(?: (?:is|has been))?"
        r" (?:set|configured|added|present|defined)",
        {
            "command": {"run": "gh secret list --json name", "changes": True},
            "expression": "[].name",
            "expect": {"contains": "$secret"},
        },
        "there by its name, not: its value, which nobody can read",
        ("`GITHUB_DEPLOY_KEY` secret is set", "GITHUB_NPM_TOKEN secret added"),
        ("`NPM_TOKEN` secret rotated", "Secret set"),
        context="operations",
        around=r"(?i)github",
    ),
    Rule(
        "containers",
        r"(?:All )?(?:docker(?:[- ]compose)? )(?:containers|services)(?: are)? (?:running|up|healthy"
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
        "npm packages installed",
        r"(?:(?:all|npm|node|Node\.js|project|required|frontend|backend) )*(?:dependencies|packages)(?: (?:are|were))?"
        r" installed(?: successfully)?",
        command("npm ls --depth=0", changes=True),
        "what package.json names is there and fits, not: what those need themselves",
        ("Dependencies installed (npm install)", "All dependencies installed (npm ci)"),
        ("Dependencies installed", "Dependencies installed (pip install -r x.txt)"),
        context="operations",
        remark=r"^(?:via |with |using )?npm (?:install|i|ci)$",
    ),
    Rule(
        "SPF",
        r"SPF(?: DNS)? records?(?: (?:is|are))? (?:configured|set|added|published|valid|in place|exists?|created)",
        {"command": {"run": "dig +short TXT {mail-domain}", "changes": True}, "expect": {"contains": "v=spf1"}},
        "there is one, not: that it names the right senders",
        ("SPF record configured",),
        ("SPF explained", "Sun protection (SPF) bought"),
        context="any",
        names={"mail-domain": Name("Which domain sends the mail?", code=True, pattern=DOMAIN)},
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
        names={"mail-domain": Name("Which domain sends the mail?", code=True, pattern=DOMAIN)},
    ),
    Rule(
        "branch merged",
        r"(?:release |feature )?branch (?P<branch>[\w.]*[/\d-][\w./-]*)(?: (?:is|has been))? merged (?:into|to) "
        r"(?P<base>main|master|develop|[\w.]*[/\d-][\w./-]*)",
        command("git fetch --quiet origin && git merge-base --is-ancestor origin/$branch origin/$base", changes=True),
        "its commits are there, not: what came behind them",
        ("Branch `release/7` merged into `main`", "Branch hotfix-2 is merged to main"),
        ("Branches merged", "Branch offices merged into one", "Branch `x` merged or closed"),
        context="operations",
    ),
    Rule(
        "on a branch",
        r"(?:currently )?on (?:the )?(?P<branch>main|master|develop|release/[\w.-]+)(?: branch)?"
        r"(?: (?:and|with(?: a)?) (?:the )?(?:clean )?working (?:tree|directory|copy)(?: is)?(?: clean)?)?",
        {
            "command": {"run": "git status --porcelain --branch"},
            "expect": {"matches": r"## $branch(?:\.\.\..*)?"},
        },
        "on it, with nothing uncommitted, not: up to date with its remote",
        ("On `main` and working tree clean", "On main with a clean working tree"),
        ("On call", "On main street", "On main and tested"),
        context="any",
        firm=True,
    ),
    Rule(
        "entry of the change log",
        r"(?:CHANGELOG(?:\.md)?|change ?log)(?: has(?: an?)? (?:entry|section) for| (?:mentions|contains|includes"
        r"|lists))"
        r" (?:the )?(?:new |release(?:d)? |this )*version",
        {"file": {"path": "CHANGELOG.md", "contains": "{version}"}},
        "it names the version, not: that it names every change",
        ("Changelog has an entry for the new version", "Changelog mentions the release version"),
        ("Changelog has a section for thanks", "Changelog entry for the new version deleted"),
        context="operations",
        names={"version": Name("Which version is released?", code=True, pattern=VERSION)},
    ),
    Rule(
        "release with notes",
        r"(?:GitHub )?release (?P<tag>v?\d[\w.]*)? ?(?:is |has been )?(?:created|published|drafted)(?: on GitHub)? with"
        r" (?:release )?notes",
        {
            "command": {"run": "gh release view {tag} --json body", "changes": True},
            "expression": "body",
            "expect": "present",
        },
        "there, with some notes, not: that they say what matters",
        ("GitHub release created with notes", "GitHub release published with release notes"),
        ("Release notes written", "Album release created with notes of thanks"),
        context="operations",
        names={"tag": Name("Which tag?", group="tag", code=True)},
        around=r"(?i)github|\bgit\b|npm|pypi",
    ),
    Rule(
        "secret of the repository",
        r"(?P<secret>(?-i:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+))(?: secrets?| is| has been)*(?: (?:set|configured|added|stored"
        r"|present|exists|defined))? (?:in|to|as|on|for) (?:the |an? )?(?:GitHub|repository|repo|Actions)"
        r"(?: (?:repository|repo|Actions|secrets?|settings))*",
        {
            "command": {"run": "gh secret list --json name", "changes": True},
            "expression": "[].name",
            "expect": {"contains": "$secret"},
        },
        "there by its name, not: its value, which nobody can read",
        ("`NPM_TOKEN` secret set in the repository", "`PYPI_API_TOKEN` configured in GitHub Actions secrets"),
        ("`API_KEY` set in Vercel", "`API_KEY` removed from GitHub"),
        context="any",
        firm=True,
    ),
    Rule(
        "file of a backup",
        r"(?:full |final |fresh |database |db |data )*(?:backup|dump)(?: (?:is|file|stored|saved|written|exists|taken"
        r"|created))*"
        r" (?:in|at|to|as) (?P<path>[\w./-]+\.(?:sql|dump|gz|bz2|xz|zip|tar|tgz|bak|zst))",
        {"command": {"run": "find $path -type f -size +0 -mtime -1"}, "expect": "present"},
        "a file of the last day that is not empty, not: that it can be restored",
        ("Full backup in `backups/final.sql.gz`", "Database dump saved to `dump.sql`"),
        ("Backup plan in `docs/backup.md`", "Backup restored in `backups/final.sql.gz`"),
        context="operations",
    ),
    Rule(
        "size",
        r"(?:(?:gzipped|compressed|total|JS|CSS|production|client) )*(?:bundle|image|package|binary|artifact|build)"
        r"(?: size)?"
        r"(?: (?:is|stays))? (?:<=?|≤|under|below|less than|smaller than|within|at most) ?\d+(?:\.\d+)? ?(?:kB|KiB|MB"
        r"|MiB|GB)",
        command("sh -c {size-command}", changes=True),
        "what its tool measures, not: that it loads fast",
        ("Bundle size under 40 kB", "Image size < 500 MB"),
        ("Bundle of joy under 4 kg", "Image size agreed"),
        context="operations",
        names={"size-command": Name("Which command ends with 0 only when it is small enough?")},
    ),
    Rule(
        "words left in a directory",
        r"no (?P<word>lorem ipsum|TODO(?=s? )|FIXME(?=s? )|console\.log|debugger(?= statements? ))s?"
        r"(?: statements?)?(?: text)?(?: (?:left|remaining"
        r"|remains?))? in"
        r" (?:the )?(?P<folder>[\w.-]+(?:/[\w.-]+)*/)",
        command("test -d $folder && ! grep -riqF -- '$word' $folder", changes=True),
        "those words are in no file of it, not: that the text is final",
        ("No lorem ipsum left in `content/`", "No TODO remaining in `src/`"),
        ("No lorem ipsum left", "No smoking in the `hall/`", "No `TODO(release)` left in `lib/`"),
        context="any",
    ),
    Rule(
        "image in a registry",
        r"(?:Docker |container )?image (?P<image>[\w.-]+(?::\d+)?(?:/[\w.-]+)+:[\w.-]+)(?: (?:is|has been|was))? "
        r"(?:exists?"
        r"|available|pushed|published|present)(?: (?:in|to|on|at) (?:the |our )?(?:container |Docker |private )?"
        r"(?:registry"
        r"|Docker ?Hub|GHCR|ghcr\.io))?",
        command("docker manifest inspect $image", changes=True),
        "there under this tag, not: built from which commit",
        (
            "Image `registry.acme.org/shop:2.3.1` exists in the registry",
            "Docker image `acme/shop:1.2` pushed to Docker Hub",
        ),
        ("Image `logo.png` exists", "Docker image `acme/shop:1.2` built"),
        context="any",
        firm=True,
    ),
)
