"""Rules for this machine: the virtual environment, files, the project's tests, git, Docker."""

from __future__ import annotations

from phases.checks.suggest.proposal import VERSION, Name, Rule
from phases.checks.suggest.rules.any_order import in_any_order
from phases.checks.suggest.rules.entries import DATABASE, DATABASE_REACHED, REDIS, REDIS_ANSWERS, command

_PASS = (
    r"(?: (?:are|is|all|have|suite))*(?: all)? (?:pass(?:es|ed|ing)?|green|succeed(?:s|ed|ing)?|successful(?:ly)?)"
    r"(?: (?:locally|successfully))?"
)
_TESTS = (
    r"(?:All |existing |automated |the |backend |frontend |unit |integration |e2e |end-to-end |smoke |regression "
    r"|acceptance |security |API |component |contract |and |& |/ ?)*tests?(?: suite| cases)?"
)
_TEST_COMMAND = {"test-command": Name("Which command runs the tests?")}

RULES = (
    Rule(
        "virtual environment",
        r"(?:Python )?(?:virtual ?env(?:ironment)?|venv)(?: is)? (?:created and activated|activated|active"
        r"|created and active|set up and activated)",
        {"virtual-environment": {}},
        "one is active for phasegate's commands, not: with which packages",
        ("Virtual environment created and activated", "Python virtualenv activated"),
        ("Virtual environment documented", "Environment activated"),
        context="any",
    ),
    Rule(
        "Python packages installed",
        r"(?:All )?(?:Python )?dependenc(?:y|ies)(?: (?:are|is))? installed",
        command("sh -c {packages-command}", changes=True),
        "they are installed here, not: that they are the newest",
        ("Dependencies installed (`make install`)", "Python dependencies installed"),
        ("Dependencies audited", "npm dependencies installed"),
        context="any",
        around=r"(?i)python|pip install|make install",
        names={
            "packages-command": Name("Which command ends with 0 only when all that the project needs is installed?")
        },
    ),
    Rule(
        "tests",
        rf"{_TESTS}{_PASS}|(?:re-?)?run (?:the )?(?:full |complete |entire )?{_TESTS}(?: locally| one more time"
        rf"| again| immediately| (?:against|on|in) (?:the )?[\w -]+)?|re-?test locally|{_TESTS} run and passed",
        command("sh -c {test-command}", changes=True),
        "they passed here and now, not: that they test enough",
        ("All unit tests passing", "Tests pass", "Re-test locally", "Integration tests are passing"),
        ("Acceptance tests planned", "User acceptance tests pass", "Load tests pass", "Run load tests"),
        context="operations",
        names=_TEST_COMMAND,
    ),
    Rule(
        "types, lint",
        rf"(?:All )?(?:code )?(?:lint(?:ing|er)?|static analysis|linters?)(?: checks?)?"
        rf"(?:{_PASS}| clean)",
        command("sh -c {lint-command}", changes=True),
        "it found nothing here and now, not: that its rules are the team's",
        ("Linting passes", "Lint checks pass"),
        ("Lint rules agreed", "Code reviewed"),
        context="operations",
        names={"lint-command": Name("Which command lints or checks the types?")},
    ),
    Rule(
        "build",
        r"docker images? builds? successfully|(?:\w+ )app (?:builds?|built) successfully|(?:frontend|backend|app"
        r"|application|project) builds? "
        r"(?:without errors|successfully)|(?:(?:production|release|application|app|docker|project|local"
        r"|frontend|backend) )*builds?(?: is| are)? "
        r"(?:pass(?:es|ed|ing)?|succeed(?:s|ed)?|successful|succeeds locally|green|completes?(?: successfully"
        r"| without errors)?)|"
        + in_any_order(
            r"builds?",
            r"pass(?:es|ed|ing)?|succeed(?:s|ed)?|successful|works|working|clean(?:ly)?|without errors|completes",
            also=r"production|release|frontend|backend|application|app|project|code|process|all|packages|locally|local",
            neutral=r"the|is|are|for|of|our",
        ),
        command("sh -c {build-command}", changes=True),
        "it builds here and now, not: that it is what is deployed",
        ("Build passes", "Production build process working", "Build successful for all packages"),
        ("Build planned", "Team building successful", "Build artifacts uploaded", "Build pipeline working"),
        context="operations",
        names={"build-command": Name("Which command builds it?")},
    ),
    Rule(
        "migrations",
        r"(?:All )?(?:database |db |schema |pending )*migrations?(?: (?:are|have been|is|has been|were))?"
        r"(?: successfully)? (?:applied|run|up to date|executed|completed?|successful)(?: successfully)?"
        r"(?: (?:to|on|in) "
        r"(?:the )?(?:production|staging|database|production database))?",
        command("sh -c {migration-status-command}", changes=True),
        "none is pending as its tool sees it, not: that the data is right",
        ("Database migrations applied", "All migrations are up to date"),
        ("Migrations tested", "Migration planned", "Migration of users completed gradually"),
        context="operations",
        names={"migration-status-command": Name("Which command ends with 0 only when no migration is pending?")},
    ),
    Rule(
        "required fields",
        r"(?:All )?required (?:fields|values|keys|settings)(?: in (?:the )?config(?:uration)? file)?(?: (?:are"
        r"|is))? (?:filled|set|filled in|present)",
        {"file": {"path": "{config-file}", "json": True, "fields": ["*"]}},
        "each field has a value that is no placeholder, not: the right one, and not which are required",
        ("All required fields in config file filled",),
        ("All required forms filled", "Fields defined"),
        context="operations",
        names={"config-file": Name("Which file is the configuration?", option="json")},
    ),
    Rule(
        "address in a file",
        r"(?:Alarm |alert |notification )+e-?mail(?: address)?(?: is)? (?:configured|set)",
        {
            "file": {"path": "{config-file}"},
            "expression": '"{email-field}"',
            "expect": {"matches": r"[^@\s]+@[^@\s]+\.[^@\s]+"},
        },
        "it has the form of an address, not: that somebody reads there",
        ("Alarm email address configured",),
        ("Email sent", "Email template configured"),
        context="operations",
        names={
            "config-file": Name("Which file is the configuration?", option="json"),
            "email-field": Name("Which field of the configuration is the address?"),
        },
    ),
    Rule(
        "notes",
        r"Deployment notes documented",
        {"file": {"path": "{deployment-notes}", "lacks": "[Add deployment notes here]"}},
        "a file with some text, not: that it says what matters",
        ("Deployment notes documented",),
        ("Notes documented", "Release notes reviewed"),
        context="operations",
        document=r"\[Add deployment notes here\]|^# Deployment checklist \(PostgreSQL",
        names={"deployment-notes": Name("Which file has the deployment notes?")},
        firm=True,
    ),
    Rule(
        "change log",
        r"(?:CHANGELOG(?:\.md)?|change ?log)(?: (?:is|has been))? (?:updated|up to date|up-to-date)(?: (?:with"
        r"|for) (?:the )?(?:new |release )?version)?",
        {"file": {"path": "CHANGELOG.md", "contains": "{version}"}},
        "it names the version, not: that it names every change",
        ("CHANGELOG updated", "Changelog is up to date"),
        ("Changelog reviewed", "Changelog entries deleted", "Copy the changelog"),
        context="operations",
        names={"version": Name("Which version is released?", code=True, pattern=VERSION)},
    ),
    Rule(
        "working tree",
        r"(?:git )?(?:working (?:tree|directory|copy)|repo(?:sitory)?|git status)(?: is)? clean"
        r"|no uncommitted changes(?: .*)?|all changes (?:are )?committed",
        {"command": {"run": "git status --porcelain"}, "expect": {"equals": ""}},
        "nothing is changed or new here, not: that it is pushed",
        ("Working tree is clean", "No uncommitted changes", "All changes committed"),
        ("Clean the repository", "Code is clean"),
        context="any",
        firm=True,
    ),
    Rule(
        "tag on the remote",
        r"(?:git |release |version )*tag(?: (?P<tag>v?\d[\w.]*))?(?: (?:is|has been))? (?:created and )?pushed"
        r"(?: (?:to|on) (?:GitHub|origin|remote|the remote))?",
        command("git ls-remote --exit-code --tags origin refs/tags/{tag}", changes=True),
        "there on the remote, not: on which commit",
        ("Release tag created and pushed", "Git tag pushed to origin"),
        ("Tag pushed around in the team", "Price tag pushed down", "Tag created"),
        context="operations",
        names={"tag": Name("Which tag?", group="tag", code=True)},
        around=r"(?i)\bgit\b|release|version|publish",
    ),
    Rule(
        "tag",
        r"git tagged with version|(?:git |release |version )*tag(?: (?P<tag>v?\d[\w.]*))?(?: (?:is|has been))? "
        r"(?:created|exists)",
        command("git rev-parse --verify --quiet refs/tags/{tag}"),
        "there in this repository, not: on the remote, and not on which commit",
        ("Git tag created", "Release tag exists"),
        ("Tags agreed", "HTML tag created by the editor"),
        context="operations",
        names={"tag": Name("Which tag?", group="tag", code=True)},
        around=r"(?i)\bgit\b|release|version|publish",
    ),
    Rule(
        "Docker",
        r"Docker(?: (?:daemon|engine|desktop))?(?: is)?(?: installed and)? running",
        command("docker version"),
        "the daemon answers, not: that images are there",
        ("Docker is running", "Docker daemon running", "Docker installed and running"),
        ("Docker images built", "Docker container running"),
        context="any",
        firm=True,
    ),
    Rule(
        "continuous integration",
        r"(?:all )?(?:CI(?:/CD)?(?: pipeline| checks?| builds?)?|(?:GitHub )?actions(?: workflows?)?|pipelines?)"
        r"(?: (?:is|are))?(?: all)? (?:green|pass(?:es|ed|ing)?|successful|succeeds?|succeeded)(?: on "
        r"(?P<branch>main|master|develop))?",
        {
            "command": {"run": "gh run list --commit {commit} --json conclusion", "changes": True},
            "expression": "length(@) > `0` && length([?conclusion!='success']) == `0`",
            "expect": {"equals": True},
        },
        "each run of this commit succeeded, not: that every check ran",
        ("CI is green", "All CI checks passing", "CI pipeline passes on main"),
        ("CI configured by hand", "Pipeline designed"),
        context="operations",
        names={"commit": Name("Which commit?", code=True, pattern=r"[0-9a-f]{7,40}")},
    ),
    Rule(
        "database reachable",
        r"(?:PostgreSQL|Postgres)(?: database| server| db)?(?: is)? (?:reachable|accessible|running"
        r"|accepting connections|up)",
        DATABASE_REACHED,
        "it can be reached from here, not: from where the application runs",
        ("PostgreSQL database reachable", "Postgres is running"),
        ("Database designed", "PostgreSQL knowledge"),
        context="any",
        names=DATABASE,
    ),
    Rule(
        "database connection",
        r"(?:database|DB) connectivity|(?:Database|DB)(?: server)?(?: (?:is|connection|connectivity))+ (?:reachable"
        r"|successful|working"
        r"|established|verified|confirmed|ok)"
        r"|(?:Database|DB) (?:reachable|accessible)",
        DATABASE_REACHED,
        "it can be reached from here, not: from where the application runs",
        ("Database connection successful", "Database is reachable"),
        ("Database designed", "Database connection pool sized"),
        context="operations",
        names=DATABASE,
    ),
    Rule(
        "Redis reachable",
        r"Redis(?: (?:server|instance|cache))?(?: is)? (?:reachable|accessible|running|up|responding)"
        r"|Redis connection (?:is )?(?:successful|working|established|verified)",
        REDIS_ANSWERS,
        "it answers, not: what it holds",
        ("Redis is running", "Redis server reachable"),
        ("Redis cache cleared", "Redis chosen"),
        context="any",
        names=REDIS,
    ),
)
