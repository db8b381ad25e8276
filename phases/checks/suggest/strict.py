"""Which options does a command of an item need to fail where the item's words do not hold?

Rules:
- A formatter is asked whether it would change something, and changes nothing.
- "No warnings" needs the option that makes warnings fail; "no critical", "fix any high", the one that spares the rest.
- A tool that has no such option gets no proposal for those words.
"""

from __future__ import annotations

import re

from phases.checks.suggest.clause import without_code

_NO_WARNINGS = re.compile(
    r"(?i)\b(?:no|without|zero|0)(?: \w+){0,3},? (?:and )?(?:(?:no|zero|0) )?warnings?\b|\bwarning-free\b"
)
# severities that alone count, as an item says it
_SEVERE = re.compile(
    r"(?i)\b(?:(?P<high>high)\b(?:(?:,|/| and | or |/)+critical\b)?|critical(?:(?:,|/| and | or )+(?P<too>high))?)\b"
)
_LESS = re.compile(r"(?i)\b(?:moderate|medium|low)\b")
# (what the command looks like, what makes it ask that, "" where it asks it already)
_CHECKS_FORMAT: tuple[tuple[str, str], ...] = (
    (r"(cargo fmt(?: --all)?)", r"\1 --check"),
    (r"((?:uv run |poetry run )?black) ([\w./ ]+)", r"\1 --check \2"),
    (r"((?:uv run |poetry run )?ruff format)((?: [\w./]+)*)", r"\1 --check\2"),
    (r"((?:uv run |poetry run )?isort) ([\w./ ]+)", r"\1 --check-only \2"),
    (r"gofmt (?:-l|-w) ([\w./]+)", r'test -z "$(gofmt -l \1)"'),
    (r"((?:npx )?prettier) (?:--write|-w) ([\w./* ]+)", r"\1 --check \2"),
    (r"(terraform fmt)((?: -recursive)?)", r"\1 -check\2"),
    (r"(mix format)", r"\1 --check-formatted"),
    (r"(dotnet format)", r"\1 --verify-no-changes"),
)
_WARNINGS_FAIL: tuple[tuple[str, str], ...] = (
    (r"cargo clippy(?!.*-D ?warnings)([^|;&]*?)(?: -- .*)?", r"cargo clippy\1 -- -D warnings"),
    (r"(cargo (?:check|build|test|doc)\b.*)", r"RUSTFLAGS=-Dwarnings \1"),
    (r"((?:npx |pnpm |yarn )?eslint\b(?!.*--max-warnings).*)", r"\1 --max-warnings 0"),
    (r"(npm run lint)", r"\1 -- --max-warnings 0"),
    (r"((?:python3? -m )?pytest\b(?!.*-W ?error).*)", r"\1 -W error"),
    (r"(mkdocs build\b(?!.*--strict).*)", r"\1 --strict"),
    (r"(sphinx-build\b(?!.* -W\b).*)", r"\1 -W"),
    (r"(dotnet build\b(?!.*warnaserror).*)", r"\1 -warnaserror"),
    (r"(helm lint\b(?!.*--strict).*)", r"\1 --strict"),
    (r"(mix compile)", r"\1 --warnings-as-errors"),
)
_OF_SEVERITY: tuple[tuple[str, str, str], ...] = (  # command, for high and above, for critical alone
    (r"((?:npm|pnpm) audit\b(?!.*(?:--audit-level|fix)).*)", r"\1 --audit-level=high", r"\1 --audit-level=critical"),
    (r"(tfsec\b(?!.*--minimum-severity).*)", r"\1 --minimum-severity HIGH", r"\1 --minimum-severity CRITICAL"),
    (r"(snyk test\b(?!.*threshold).*)", r"\1 --severity-threshold=high", r"\1 --severity-threshold=critical"),
    (
        r"(trivy (?:image|fs|config|repo)\b)(?!.*--severity)((?:.* )?[\w./:<>-]+)",
        r"\1 --exit-code 1 --severity HIGH,CRITICAL\2",
        r"\1 --exit-code 1 --severity CRITICAL\2",
    ),
    (r"(grype\b(?!.*--fail-on).*)", r"\1 --fail-on high", r"\1 --fail-on critical"),
)
_SCANS = re.compile(
    r"(?:\S+ )*(?:audit|pip-audit|checkov|tfsec|trivy|grype|snyk|bandit|semgrep|govulncheck|safety|brakeman)\b"
)
_DEPLOY = re.compile(r"(.*manage\.py check --deploy)(?!.*--fail-level)(.*)")
_CD = re.compile(r"(cd [\w./-]+ && )?(.+)")


def strictly(command: str, text: str) -> str:
    """The command with the options that the item's text asks for; "" where its tool has none for those words.

    `text` is the item's; the command's own name of a severity, in backticks, is none of its words.
    """
    moved = _CD.fullmatch(command)
    folder, bare = (moved[1] or "", moved[2]) if moved else ("", command)
    said = without_code(text)
    for pattern, checks in _CHECKS_FORMAT:
        if found := re.fullmatch(pattern, bare):
            return folder + found.expand(checks)
    if deploys := _DEPLOY.fullmatch(bare):
        bare = f"{deploys[1]} --fail-level WARNING{deploys[2]}"
    if _NO_WARNINGS.search(said):
        bare = _with(_WARNINGS_FAIL, bare) or bare
    severe = _SEVERE.search(said)
    if severe is None or not _SCANS.match(bare):
        return folder + bare
    if _LESS.search(said):
        return ""
    asked = re.search(r"(?i)(?:level|severity|threshold|fail-on)[ =](?:high|critical)", bare)
    high = severe["high"] or severe["too"]
    for pattern, from_high, from_critical in _OF_SEVERITY:
        if found := re.fullmatch(pattern, bare):
            return folder + found.expand(from_high if high else from_critical)
    return folder + bare if asked else ""


def _with(forms: tuple[tuple[str, str], ...], command: str) -> str:
    """The command in the first of these forms that fits; "" where none does."""
    return next((found.expand(strict) for each, strict in forms if (found := re.fullmatch(each, command))), "")
