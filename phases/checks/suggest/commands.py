"""Does a command that stands in an item answer it? Only one that ends with 0 when something holds, and else does not.

Rules:
- Taken is what tests, lints, builds or asserts, by a table of forms. What installs, deploys, writes, posts, never ends,
  or prints for a person (a log, a diff, a list) proves nothing by its exit code, or may not be run to find out.
- Blanks (`<x>`, `X.Y.Z`, `$NAME`) are asked for, once for the document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from phases.checks.placeholders import filled, names_in
from phases.checks.suggest.checklist import Block, ListedItem, Words
from phases.checks.suggest.proposal import Entry
from phases.manual.reading_commands import only_reads
from state.late_pattern import late

_TARGET = (
    r"(?:[\w:-]*(?:test|lint|check|verify|validate|typecheck|type-check|types|coverage|audit|build|compile|smoke|e2e|readiness|preflight|doctor"
    r"|synth)"
    r"[\w:-]*|unit|integration)"
)
_JS = r"(?:npm|pnpm|yarn|bun)"
# a whole simple command that asserts something
ASSERTS = (
    rf"make ci|{_JS} run ci",
    rf"(?:make (?:-C [\w./-]+ )?|just |task |nx |(?:npx )?turbo (?:run )?|rake |mage |invoke ){_TARGET}(?: {_TARGET})*",
    rf"{_JS} (?:(?:run|-s|--silent|run-script|-r|--recursive|-w|(?:--filter|--workspace|-w|--prefix)[ =]\S+) )*"
    rf"{_TARGET}(?: .*)?",
    r"npm (?:t|audit|ls|pack --dry-run|publish --dry-run)(?: .*)?",
    r"(?:npx|pnpm exec|yarn|bunx) (?:tsc|eslint|prettier (?:.* )?(?:--check|-c)|vitest run|jest|playwright test"
    r"|cypress run|stylelint|biome (?:check|lint|ci))(?: .*)?",
    r"(?:tsc|eslint|jest|vitest run|stylelint|prettier (?:.* )?--check)(?: .*)?",
    r"(?:python3? -m |uv run |poetry run |pipenv run |hatch run )*(?:pytest|tox|nox|mypy|pyright|flake8|pylint"
    r"|bandit|unittest|pip check|pip-audit|twine check|build|compileall)(?: .*)?",
    r"(?:uv run |poetry run )?(?:ruff check|ruff format (?:.* )?--check|black (?:.* )?--check|isort "
    r"(?:.* )?--check(?:-only)?)(?: .*)?",
    r"(?:pip|pip3) check",
    r"pip-audit(?: .*)?",
    r"(?:poetry|uv) (?:check|build|lock --check)(?: .*)?",
    r"python3? manage\.py (?:test|check|makemigrations --check|migrate --check)(?: .*)?",
    r"cargo (?:test|check|clippy|build|fmt (?:.* )?--check|audit|deny check|doc|package|publish --dry-run"
    r"|nextest run|bench --no-run)(?: .*)?",
    r"go (?:test|vet|build|mod verify)(?: .*)?",
    r"(?:golangci-lint|staticcheck|govulncheck) (?:run )?.*",
    r"(?:\./)?(?:mvn|mvnw)(?: -\S+)* (?:clean )?(?:test|verify|package|compile)(?: .*)?",
    r"(?:\./)?(?:gradle|gradlew)(?: -\S+)* (?:clean )?(?:test|check|build|lint|assemble)(?: .*)?",
    r"dotnet (?:test|build)(?: .*)?",
    r"(?:bundle exec )?(?:rspec|rubocop|brakeman|rake (?:test|spec)|rails test|bundle-audit check)(?: .*)?",
    r"(?:vendor/bin/|\./vendor/bin/)?(?:phpunit|phpstan|psalm|pest)(?: .*)?",
    r"(?:php artisan test|composer (?:validate|audit|test))(?: .*)?",
    r"mix (?:test|format --check-formatted|credo|dialyzer)(?: .*)?",
    r"(?:flutter|dart) (?:test|analyze)(?: .*)?",
    r"(?:swift|deno) test(?: .*)?",
    r"terraform (?:-chdir=\S+ )?(?:validate|fmt (?:.* )?-check)(?: .*)?",
    r"(?:tflint|tfsec|checkov|cfn-lint|kubeconform|kubeval|hadolint|shellcheck|yamllint|actionlint|markdownlint"
    r"|ansible-lint|gitleaks detect|snyk test)(?: .*)?",
    # else they end with 0 whatever they find
    r"semgrep (?=.*--error\b).*|(?:trivy|grype) (?=.*(?:--exit-code[ =][1-9]|--fail-on\b)).*",
    r"aws cloudformation validate-template .*",
    r"sam (?:validate|build)(?: .*)?",
    r"cdk (?:synth|list|ls)(?: .*)?",
    r"helm (?:lint|test)(?: .*)?",
    r"kubectl (?:cluster-info|(?:rollout status|wait) .*)",
    r"kubectl (?:apply|diff) .*--dry-run(?:=\w+)?.*",
    r"docker(?:-compose| compose)(?: -f \S+)* config(?: -q| --quiet)?",
    r"docker build .+",
    r"docker manifest inspect \S+",
    r"ansible-playbook .*--(?:syntax-check|check)\b.*",
    r"(?:mkdocs|sphinx-build|hugo|docusaurus) build(?: .*)?",
    r"(?:bash |sh |python3? |\./)?(?!\S*(?:alert|mail|sms|notif|slack|webhook))[\w./-]*(?:validate|verify|check|test"
    r"|smoke|health|lint)[\w-]*\.(?:sh|py)"
    r"(?: [\w./<>{}$-]+)*",
    r"(?:npx )?(?:tsx|ts-node|node) (?!\S*(?:alert|mail|sms|notif|slack|webhook))\S*(?:validate|verify|check|test"
    r"|smoke|health)[\w-]*\.(?:ts|js|mjs)",
    r"nginx -t",
    r"apachectl configtest",
    r"pg_isready(?: .*)?",
    r"(?:pre-commit|prek) run(?: .*)?",
    r"git diff (?:.* )?--(?:exit-code|quiet)(?: .*)?",
    r"git rev-parse --verify .*",
    r"nix flake check(?: .*)?",
    r"make docs",
    r'test -z "\$\(gofmt -l [\w./]+\)"',
    r"mix (?:format --check-formatted|compile --warnings-as-errors)",
    r"dotnet format --verify-no-changes",
    r"RUSTFLAGS=-Dwarnings cargo (?:check|build|test|doc)(?: .*)?",
    r"git diff --check",
    r"(?:node (?:-c|--check)|bash -n|php -l|ruby -c|python3? -m py_compile) [\w./<>{}$-]+",
    r"(?:npx )?(?:linkinator|lychee|broken-link-checker|blc|htmltest|markdown-link-check|muffet) .*",
    r"helm template [\w./ =,-]+ \| (?:kubeconform|kubeval)(?: [\w./ -]+)?",
    r"(?:pnpm|npm|yarn) outdated",
    r"(?:test|\[) -[defrswx] \S+(?: \])?",
    r"grep (?:-\w*q\w*) .*",
    r"curl (?=.*(?:-[a-zA-Z]*f|--fail)).*",
    r"nc -(?:z|vz|zv) .*",
    r"openssl verify .*",
    r"(?:sha(?:1|256|512)sum|shasum(?: -a \d+)?) (?:-c|--check) [\w./<>{}$-]+",
    r"gpg --verify [\w./<>{}$ -]+",
    r"make (?:-C [\w./-]+ )?(?:docs?|html|docs-build)",
    r"(?:npx )?(?:textlint|cspell|alex)(?: .*)?|(?:codespell|vale|typos|lychee)(?: .*)?",
    r"claude plugin validate(?: [\w./-]+)?|cffconvert --validate|npm run (?:docs|pack):check",
    r"(?:npx |bunx )?wrangler deploy --dry-run(?: --outdir[ =]\S+)?",
    r"command -v \S+",
    r"which \S+",
)
_ASSERTS = late("|".join(f"(?:{each})" for each in ASSERTS))
# what a script or a target does for somebody else to see, or to a running system: a mail, a message, load, data
_REACHES_OUT = late(
    r"(?i)(?:(?:npm|pnpm|yarn|bun|make|just|task|rake|bash|sh|python3?|node|npx|tsx|ts-node|php|uv|poetry)\b|\./)"
    r"(?!.*\b(?:pytest|jest|vitest|unittest|phpunit|manage\.py)\b).*"
    r"(?<![a-z])(?:e?-?mails?|sms|slack|webhooks?|notif\w*|alerts?|telegram|whatsapp|chat|seeds?|populate|load|stress"
    r"|soak|chaos|live|pressure|k6|locust|artillery)(?![a-z])(?!\S*\.(?:ya?ml|json)).*"
)
_FORMATS = late(
    rf"make (?:format|fmt)|{_JS} run (?:format|fmt)|(?:ruff format|black|gofmt -[lw]" rf"|cargo fmt)(?: (?:\.|--all))*"
)
# never, whatever stands in front of it
_NEVER = late(
    r"(?<![-\w=])(?:install|add|(?<!wrangler )deploy(?:s|ed)?|publish(?!.*--dry-run)|push|apply(?!.*--dry-run)"
    r"|delete|destroy|rm"
    r"|mv|cp|upload|release|start|serve|dev"
    r"|watch|up|down|restart|exec|ssh|scp|rsync|sudo|login|configure|clean(?! (?:test|verify|package|build|check"
    r"|compile|install))|fix|--fix|--write|-w|tail|logs?|follow|seed|drop"
    r"|create|update|set|patch|scale|rollback|open|code|vim?|nano|less|more|echo|printf|cat|--watch)(?![-\w.])"
    r"|[^-=]>(?!=)\s*[\w./]|>>|\|\s*(?:less|more|sh|bash|tee)\b"
    r"|-X ?(?:POST|PUT|DELETE|PATCH)|--data|-d [\"'{]|\bfix\b|:fix\b|:watch\b|:dev\b"
)
# nor a target or a script that does one of these beside what it is called for: `make build-and-deploy`, `--push`
_BESIDE = late(
    r"(?:^|&& |; )(?:make|npm|pnpm|yarn|bun|bash|sh|\./|[\w./-]+\.(?:sh|py)\b)(?!.*--dry-run).*"
    r"(?:deploy(?!ment)|publish|release|push|upload|serve|start|watch|[:-]fix|clean|destroy|teardown|install|provision)"
    r"|--(?:push|publish|(?<!manage\.py check --)deploy|release|open|apply|update-snapshots?|snapshot-update"
    r"|updateSnapshot)\b"
)
# a field of a form that takes a command: "Build command: `npm run build`"
_IS_A_SETTING = late(
    r"(?:\*\*)?(?i:(?:build|start|install|test|run|dev|output|deploy|pre-?deploy)[- ]?(?:command|cmd|script))(?:\*\*)?:"
)
# options that make a test or a check write
_WRITES = late(
    r" --(?:insert|execute|write|apply|delete|send|commit|seed|load|force|live|upload|create|update|reset)\b"
    r"|\b\S*(?:pressure|stress|load|bench|populate|seed|insert)\S*\.(?:py|sh|ts|js)\b"
)
_INSTALLED = late(r"(?i)\b(?:is|are|be) installed\b")
_SUCCEEDS = late(
    r"(?i)\b(?:succeed\w*|success\w*|pass(?:es|ed)?|works?|without errors|builds?(?= (?:clean|locally|fine)))\b"
)
_BARE_SCRIPT = late(r"[\w.-]+\.(?:py|sh|ts|js|mjs)")
_CD = late(r"cd ([\w./-]+) && (.+)")
_SERVE = late(r"(?:npm|yarn|pnpm) (?:run )?(?:start|dev|serve|preview)\b")
_BLANK = late(
    r"<([A-Za-z][\w .:/-]*)>|\$\{([A-Za-z_]\w*)\}|\$([A-Za-z_]\w*)|\{\{? ?([A-Za-z_][\w-]*) ?\}?\}"
    r"|(?<![\w.])(v?[Xx]\.[Yy]\.[Zz][.-]?(?i:rc|alpha|beta|pre|dev|b|snapshot)\w*(?:\.N)?)|(?:(?<![\w.])"
    r"|(?<=(?<!\w)v))([Xx]\.[YyXx]\.[ZzXx])(?!\w)"
    r"|\[((?:[A-Z]+_)*(?:TAG|VERSION|BRANCH|REMOTE|NAME)(?:_[A-Z]+)*)\]|\b(YOUR[_-]\w+|your-[\w-]+"
    r"|your(?:user(?:name)?|name|org|repo|registry|account|domain)\b)"
    r"|(?<![\w$-])((?:[A-Z][A-Z0-9]*_)*(?:ACCOUNT|REGION|REGISTRY|PROJECT|IMAGE|CLUSTER|INSTANCE|PUBLIC|SERVER|EC2|ALB"
    r"|RDS)"
    r"_(?:ID|IP|NAME|URL|URI|HOST|DNS|TAG|ENDPOINT))(?![\w=-])"
)


def command_in(item: ListedItem) -> tuple[str, Words] | None:
    """The one command that stands in an item, or else in the block below it, and where; None for none or several."""
    if _IS_A_SETTING.match(item.text):
        return None
    names = _INSTALLED.search(item.text) is not None  # `jest` is installed: a name, and nothing to run
    found = [each for each in item.code if _is_whole(each) and not (names and " " not in each)]
    if len(found) == 1 and not _only_made(found[0], item):
        return found[0].removeprefix("$ "), item.words
    if found or len(item.own) != 1:
        return None
    (block,) = item.own
    lines = commands_of(block)
    if len(lines) != 1 or _only_made(lines[0], item):
        return None
    return lines[0], Words(lines[0], "block", block.line)


def _only_made(command: str, item: ListedItem) -> bool:
    """Whether the command makes an image, and the item does not say that it succeeds: what it leaves is looked at."""
    says_so = _SUCCEEDS.search(item.text) is not None and "built" not in item.text
    return command.removeprefix("$ ").startswith("docker build ") and not says_so


def commands_of(block: Block) -> list[str]:
    """The lines of a block, a continued one as one, without comments and prompts."""
    lines = [each.strip() for each in block.text.replace("\\\n", " ").split("\n")]
    return [each.removeprefix("$ ") for each in lines if each and not each.startswith("#")]


_COMPOSE_PS = late(r"docker(?:-compose| compose)((?: (?:-f|--file|-p) \S+)*) ps(?: -a)?")


def _compose_of(options: str) -> tuple[Entry, Mapping[str, str], str]:
    """The check that services of Docker Compose run: what `ps` shows a person."""
    ps = f"docker compose{options} ps"
    run = (
        f'test -n "$({ps} -q --status running)"'
        f' && test -z "$({ps} -a -q --status exited --status restarting --status dead)"'
    )
    return {"command": {"run": run, "changes": True}}, {}, "some run and none has stopped, not: that they answer"


def check_of(command: str) -> tuple[Entry, Mapping[str, str], str] | None:
    """The check that this command makes, its open questions, what it does not prove; None where it proves nothing."""
    bare, folder = command.strip(), ""
    if compose := _COMPOSE_PS.fullmatch(bare):
        return _compose_of(compose[1])
    if moved := _CD.fullmatch(bare):
        folder, bare = moved[1], moved[2]
    formats = _FORMATS.fullmatch(bare) is not None
    if " ..." in bare or _WRITES.search(bare) or _does_more(bare) or not (formats or _asserts(bare)):
        return None
    asks: dict[str, str] = {}
    run = with_blanks(bare, asks)
    if _in_quotes(run) or "`" in run:
        return None
    unproved = "it ended with 0 here and now, not: more than it looks at"
    if formats:
        run, unproved = (
            f"{run} && git -P diff --exit-code",
            "nothing is left to format; it fails beside other changes, too",
        )
    if folder:
        run = f"cd {folder} && {run}"
    reads = only_reads(filled(run, dict.fromkeys(names_in(run), "x")))
    return {"command": {"run": run} if reads else {"run": run, "changes": True}}, asks, unproved


def asserts(command: str) -> bool:
    """Whether this command ends with 0 when something holds, and else does not, and does nothing beside that."""
    bare = moved[2] if (moved := _CD.fullmatch(command.strip())) else command.strip()
    return not _does_more(bare) and _asserts(bare)


def _does_more(command: str) -> bool:
    """Whether it does something beside looking, or does not end."""
    bare = re.sub(r"((?:cargo|flutter|swift|dotnet|zig) .*)--release\b", r"\1", command)
    found = _NEVER.search(bare) or _BESIDE.search(bare) or _SERVE.match(bare) or _REACHES_OUT.match(bare)
    return found is not None or command.endswith("&")


def _asserts(command: str) -> bool:
    """Whether each of its simple commands asserts something."""
    return all(_ASSERTS.fullmatch(each.strip()) for each in re.split(r"&&|;", command))


def _is_whole(code: str) -> bool:
    code = code.removeprefix("$ ")
    last = code.split("&&")[-1].strip()
    if _COMPOSE_PS.fullmatch(code):
        return True
    if (_ASSERTS.fullmatch(last) or _FORMATS.fullmatch(last)) is None:
        return False
    if _BARE_SCRIPT.fullmatch(code):
        return False  # a file, in a list of files
    return " " in code or "/" not in code or code.startswith("./")


def _escaped(command: str) -> str:
    """Braces that are the shell's, and would be a placeholder of a checks file: none is left."""
    return re.sub(r"(?<![\$\{])\{([a-z][a-z0-9-]*)\}(?!\})", r"<\1>", command)


def _asked(blank: re.Match[str], asks: dict[str, str]) -> str:
    written = next(each for each in blank.groups() if each)
    name = re.sub(r"[^a-z0-9]+", "-", written.lower()).strip("-") or "value"
    name = "version" if name == "x-y-z" else name
    name = name if name[0].isalpha() else f"n-{name}"
    asks[name] = f"What is {blank[0]}?"
    return f"{{{name}}}"


def with_blanks(text: str, asks: dict[str, str]) -> str:
    """The text with its blanks as placeholders, which `asks` takes."""
    return _BLANK.sub(lambda blank: _asked(blank, asks), _escaped(text))


def _in_quotes(run: str) -> bool:
    return any("{" in each for each in re.findall(r"'[^']*'|\"[^\"]*\"", run))
