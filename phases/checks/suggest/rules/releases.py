"""Rules for a release as its repository and its machine show it: merged, tagged, built, configured, in its files."""

from __future__ import annotations

from phases.checks.suggest.proposal import VERSION, Name, Rule
from phases.checks.suggest.rules.entries import (
    BACKUP,
    BACKUP_OF_THE_DAY,
    DATABASE,
    DATABASE_REACHED,
    EACH_LEADS,
    LEADS,
    THERE,
    command,
    filled_in,
    is_set_to,
)

_BE = r"(?: (?:is|are|has been|have been))?"
_VERSION = {"version": Name("Which version is released?", code=True, pattern=VERSION)}
_TAG = {"tag": Name("Which tag?", group="tag", code=True)}
_FILES = (
    r"(?P<path>(?-i:Dockerfile|LICENSE|README\.md|CHANGELOG\.md|docker-compose(?:\.[\w-]+)?\.ya?ml|requirements\.txt"
    r"|package\.json|\.env\.example|Makefile|SECURITY\.md|Procfile|vercel\.json|terraform\.tfvars))"
)

RULES = (
    Rule(
        "changes merged",
        rf"(?:(?:all|latest|the|final|code|feature|reviewed) )*(?:changes|code|branch(?:es)?|work|commits){_BE} merged"
        r" (?:to|into) (?P<base>main|master|develop)(?: branch)?",
        command("git fetch --quiet origin && git merge-base --is-ancestor HEAD origin/$base", changes=True),
        "what is checked out here is in it, not: other branches",
        ("All changes merged to main branch", "Code merged to main", "Feature branch is merged into develop"),
        ("Companies merged into one", "All changes merged or closed"),
        context="operations",
    ),
    Rule(
        "newest code here",
        rf"(?:the )?latest (?:code|changes|version|commits?){_BE} pulled(?: from (?:main|master|origin|git|GitHub|the"
        r" repo(?:sitory)?|remote))?|pull (?:the )?latest (?:code|changes)(?: from [\w/]+)?"
        r"|(?:git )?(?:repo(?:sitory)?|local copy)(?: is)? up[- ]to[- ]date",
        command("git fetch --quiet && git merge-base --is-ancestor @{{upstream}} HEAD", changes=True),
        "the branch here has all of its remote's commits, not: that they are deployed",
        ("Latest code pulled from main", "Git repository up to date", "Pull latest changes"),
        ("Latest news pulled together", "Documentation up to date"),
        context="operations",
    ),
    Rule(
        "release tagged",
        r"(?:release|version|commit)(?: (?:is|has been))? tagged(?: in git| with (?:the )?version)?"
        r"|tag (?:the )?(?:release|version|commit)(?: in git| with (?:the )?version)?",
        command("git rev-parse --verify --quiet refs/tags/{tag}"),
        "there in this repository, not: on the remote, and not on which commit",
        ("Release tagged in git", "Version tagged", "Tag the release"),
        ("Release tagged along", "Photos tagged"),
        context="operations",
        names=_TAG,
    ),
    Rule(
        "version raised",
        rf"(?:(?:package|project|app|application|release|module|plugin) )?version(?: numbers?)?{_BE} (?:bumped"
        r"|incremented|raised|updated)|bump (?:the )?version(?: numbers?)?",
        {"file": {"path": "{version-file}", "contains": "{version}"}},
        "the version stands in it, not: where it should, and not in other files",
        ("Version bumped", "Package version updated", "Bump version number"),
        ("Version of the story updated", "Versions compared"),
        context="operations",
        names={**_VERSION, "version-file": Name("Which file has the version?")},
    ),
    Rule(
        "entry in the change log",
        rf"(?:CHANGELOG(?:\.md)?|change ?log) (?:entry|section){_BE} (?:added|written|created)(?: for (?:the )?(?:new "
        r"|this )?(?:version|release))?|update (?:the )?(?:CHANGELOG(?:\.md)?|change ?log)(?: (?:with|for) (?:the )?"
        r"(?:new )?(?:version|release))?",
        {"file": {"path": "CHANGELOG.md", "contains": "{version}"}},
        "it names the version, not: that it names every change",
        ("Changelog entry added", "Update the changelog"),
        ("Changelog entry deleted", "Update the change of address"),
        context="operations",
        names=_VERSION,
    ),
    Rule(
        "image built here",
        r"(?:all )?(?:Docker |container )images?(?: (?:is|are|has been|have been))? (?:built|tagged with (?:the )?"
        r"(?:new )?version)|build (?:the )?(?:Docker "
        r"|container )image",
        command("docker image inspect {image-reference}", changes=True),
        "there on this machine under this name, not: built from which commit",
        ("Docker image built", "Build Docker image"),
        ("Docker image explained", "Image built by the press"),
        context="operations",
        names={"image-reference": Name("Which image, with its registry and tag?")},
    ),
    Rule(
        "image builds",
        r"(?:all )?docker images? builds?(?: (?:cleanly|without (?:any )?errors|successfully))?",
        command("sh -c {build-command}", changes=True),
        "it builds here and now, not: that it is what is deployed",
        ("Docker images build without errors", "Docker image builds cleanly"),
        ("Docker image sizes", "Docker builds trust"),
        context="operations",
        names={"build-command": Name("Which command builds it?")},
    ),
    Rule(
        "services of Compose",
        r"(?:all )?(?:the )?(?:docker |compose )*(?:containers|services)(?: (?:is|are|have))?(?: all)?"
        r" (?:running|up|healthy|show(?:s|ing)?(?: up)?(?: as)? [\"\u201c]?(?:running|up)"
        r"[\"\u201d]?(?: status)?)(?: in docker[- ]compose ps)?",
        command(
            'test -n "$(docker compose ps -q --status running)"'
            ' && test -z "$(docker compose ps -a -q --status exited --status restarting --status dead)"',
            changes=True,
        ),
        "some run and none has stopped, not: that they answer",
        ("All services running", "Services are up", "All services show running status"),
        ("Services sold", "Containers shipped", "Services started late"),
        context="operations",
        document=r"(?i)docker[ -]compose",
    ),
    Rule(
        "configuration of nginx",
        r"(?:test (?:the )?)?nginx config(?:uration)?(?: (?:is|test|syntax))*(?: (?:valid|ok|passes|passed|correct"
        r"|successful))?(?<!nginx config)(?<!nginx configuration)|test (?:the )?nginx config(?:uration)?",
        command("nginx -t", changes=True),
        "well-formed on this machine, not: that it is the one in use",
        ("Nginx configuration valid", "Test nginx configuration"),
        ("Nginx configuration", "Nginx chosen"),
        context="operations",
    ),
    Rule(
        "service on this host",
        r"(?P<addon>(?:nginx|apache2|caddy|gunicorn|supervisor|fail2ban|haproxy|varnish|celery))(?: (?:service"
        r"|server))?(?: is)?(?: (?:installed|enabled|started|configured|up) and)? (?:running|active)",
        {"command": {"run": "systemctl is-active $addon", "changes": True}, "expect": {"equals": "active"}},
        "active on this machine, not: on another host, nor that it does its work",
        ("Nginx is running", "fail2ban installed and running"),
        ("Nginx running late", "Caddy bag active"),
        context="operations",
    ),
    Rule(
        "secrets of the repository",
        r"(?:all |required |necessary )*(?:GitHub(?: Actions)?|repository|Actions)(?: repository)? secrets"
        r"(?: (?:are|have been))? (?:configured|set|added|created|set ?up)(?: in (?:the )?(?:repository|repo|GitHub"
        r"|settings))?",
        {
            "command": {"run": "gh secret list --json name", "changes": True},
            "expression": "[].name",
            "expect": {"contains-each": "{repository-secrets}"},
        },
        "each of these is there by its name, not: their values, which nobody can read",
        ("GitHub secrets configured", "Required repository secrets added"),
        ("GitHub secrets rotated", "Secrets of the repository told"),
        context="operations",
        names={"repository-secrets": Name("Which secrets has the repository, with spaces between them?")},
    ),
    Rule(
        "no known holes",
        r"no (?:(?:known|critical|high|severe|high[- ]severity|critical/high|or|and|,|security) )*vulnerabilities"
        r"(?: (?:found|reported|detected))?(?: (?:in|from|by) (?:the )?(?:dependencies|packages|npm audit|audit|scans?"
        r"|images?))?",
        command("sh -c {scan-command}", changes=True),
        "what its sources know today, not: that there are none",
        ("No vulnerabilities in dependencies", "No high-severity vulnerabilities reported"),
        ("No vulnerabilities shown to the press", "Vulnerabilities discussed"),
        context="operations",
        names={"scan-command": Name("Which command scans, and ends with 0 only when it finds nothing?")},
    ),
    Rule(
        "file by its usual name",
        rf"{_FILES}(?: file)?{_BE} (?:exists?|present|in place|included|added|created|available|committed)"
        r"(?: (?:in|at) (?:the )?(?:repo(?:sitory)?|project)?(?: ?root)?)?",
        {"file": {"path": "$path"}},
        THERE,
        ("Dockerfile exists", "LICENSE file present"),
        ("Dockerfile reviewed", "LICENSE bought", "Dockerfile configured"),
        context="operations",
    ),
    Rule(
        "file of the environment",
        rf"(?P<path>\.env(?:\.(?!example|sample|template)[\w-]+)?)(?: file)?{_BE} (?:created|in place)"
        r"(?: for [\w -]+)?",
        {"file": {"path": "$path"}},
        "there, not: its values, which are not shown",
        (".env file created", ".env.production in place"),
        ("`.env` rotated", "Environment configured"),
        context="operations",
    ),
    Rule(
        "file that is filled in",
        rf"(?P<path>\.env(?:\.(?!example|sample|template)[\w-]+)?|terraform\.tfvars)(?: file)?{_BE} (?:created and )?"
        r"(?:configured|set up|filled in|populated)(?: for (?:production|staging|development|the \w+))?",
        filled_in("$path"),
        "there, and no value is a placeholder of the usual forms, not: that they are the right ones",
        ("`.env` file configured", "terraform.tfvars configured"),
        ("`.env` rotated", "Environment configured"),
        context="operations",
    ),
    Rule(
        "no debugging",
        r"(?:(?:set|configure|ensure|verify|use) )?(?P<variable>(?-i:DEBUG))=(?P<value>False|false|0)"
        r"(?: (?:is )?(?:set|in production))*",
        is_set_to("{env-file}", "$variable", "$value"),
        "it is written there, not: that the service was started with it",
        ("`DEBUG=False`", "`DEBUG=false` in production"),
        ("DEBUG explained", "`DEBUG=True`"),
        context="operations",
        names={"env-file": Name("Which file has the environment variables?")},
    ),
    Rule(
        "backup of the day",
        rf"(?:(?:full|fresh|recent|pre-deployment|pre-migration|system|server|production) )*backups?{_BE} (?:taken"
        r"|created|made|completed?)",
        BACKUP_OF_THE_DAY,
        "one of the last day is there, not: that it can be restored",
        ("Backup taken before deployment", "Full backup completed"),
        ("Backup strategy created by Ada", "Backup planned"),
        context="operations",
        names=BACKUP,
    ),
    Rule(
        "PostgreSQL that is reached",
        r"(?:PostgreSQL|Postgres)(?: (?:database|instance|server|container))*(?: is)? (?:(?:provisioned|running|up"
        r"|installed|created|available|healthy) and )(?:accessible|reachable|running|accepting connections|healthy)",
        DATABASE_REACHED,
        "it can be reached from here, not: from where the application runs",
        ("PostgreSQL instance provisioned and accessible", "Postgres container running and healthy"),
        ("PostgreSQL chosen and explained", "Postgres experts available"),
        context="operations",
        names=DATABASE,
    ),
    Rule(
        "drift of Terraform",
        r"terraform plan(?: (?:shows?|reports?|has|returns?|is))? (?:no (?:changes|drift|differences)|clean)"
        r"|no (?:terraform |infrastructure )drift",
        command("terraform plan -detailed-exitcode -input=false -lock=false", changes=True),
        "nothing differs from the files here, not: that they are the newest",
        ("Terraform plan shows no changes", "No Terraform drift"),
        ("Terraform plan reviewed", "Terraform plan shows changes"),
        context="any",
    ),
    Rule(
        "Terraform begun",
        r"terraform(?: is| has been)? initiali[sz]ed|(?:(?:run|ran|execute) )?terraform init"
        r"|terraform init(?: (?:is|was|completed?|successful(?:ly)?|run|done"
        r"|succeeds|succeeded))+",
        {"file": {"path": ".terraform/"}},
        "its directory is there, not: that its providers are the right ones",
        ("Terraform initialized", "terraform init completed successfully"),
        ("Terraform chosen", "Initialized by Ada"),
        context="any",
    ),
    Rule(
        "name that is configured",
        r"(?:the |custom |production )*DNS(?: records?| settings| entries)?(?: (?:is|are"
        r"|has been|have been))? (?:configured|set ?up|created)",
        EACH_LEADS,
        "each leads there from here, not: everywhere",
        ("DNS configured", "DNS records configured"),
        ("Domain configured", "DNS records updated", "DNS records planned"),
        context="operations",
        names=LEADS,
    ),
)
