"""Which tools look at the module, and what do their exit codes mean? Each runs where it is installed, else says so.

A tool that is not there is "not checked": never a pass, and no policy opens the gate behind it.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from shlex import quote
from typing import Any

from phases.step import Check, CommandResult, StepContext
from state.counted import counted

TESTS = "tests/infrastructure"


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool, as a checkpoint runs it.

    Attributes:
        program: looked up on the path; its command runs where it is found.
        version: the command that prints its version.
        command: run in the workspace; exit code 0 passes.
        unknown: says of a result why nothing was checked, "" where the exit code tells.
        found: what the tool found where it passes.
        places: `FILE:LINE` of what it refuses.
    """

    name: str
    program: str
    version: str
    command: str
    unknown: Callable[[CommandResult], str] = field(default=lambda _result: "")
    found: Callable[[CommandResult], str] = field(default=lambda _result: "no problem")
    places: Callable[[CommandResult], list[str]] = field(default=lambda result: places_in(result.output))


# `--> FILE:LINE` of zizmor, `Location: FILE:LINE` of detect-secrets, `FILE:LINE:COLUMN: ...` of the others;
# `on FILE line LINE` of Terraform (its messages may be broken by the lines around them)
_PLACE = re.compile(r"(?:^|[\s(])([\w./-]*[\w-]):(\d+)(?=[:\s),]|$)", re.MULTILINE)
_TERRAFORM_PLACE = re.compile(r"\bon ([\w./-]+) line (\d+)")
_HUNK = re.compile(r"^--- (?:old/)?([\w./-]+)\n\+\+\+ .*\n@@ -(\d+)", re.MULTILINE)  # of terraform fmt -diff
SHOWN = 5  # places that are named, of which a file's first one is enough to look


def places_in(output: str) -> list[str]:
    """`FILE:LINE` of what a tool says, each once, in its order."""
    found = [match for form in (_PLACE, _TERRAFORM_PLACE, _HUNK) for match in form.findall(output)]
    return list(dict.fromkeys(f"{path.removeprefix('./')}:{line}" for path, line in found))


def _places_of_checkov(result: CommandResult) -> list[str]:
    failed = [
        each for answer in _answers_of_checkov(result) for each in answer.get("results", {}).get("failed_checks", [])
    ]
    found = (f"{each['repo_file_path'].lstrip('/')}:{each['file_line_range'][0]}" for each in failed)
    return list(dict.fromkeys(found))


def _answers_of_checkov(result: CommandResult) -> list[dict[str, Any]]:
    """Its answers, one for each directory and framework. Raises ValueError for what is no JSON."""
    answers: list[dict[str, Any]] = []
    rest = result.output.strip()
    while rest or not answers:  # one after the other
        answered, end = json.JSONDecoder().raw_decode(rest)
        rest = rest[end:].lstrip()
        answers += answered if isinstance(answered, list) else [answered]
    return answers


def _last_line(result: CommandResult) -> str:
    return (result.output.strip().splitlines() or [""])[-1]


def _not_run(result: CommandResult) -> str:
    """What the module's validate.py says of why nothing was validated: its exit code 3."""
    return _last_line(result) if result.exit_code == 3 else ""


def _no_inputs(result: CommandResult) -> str:
    return "not run: zizmor found no workflow" if result.exit_code == 3 else ""


def _left_out(result: CommandResult) -> str:
    """Why checkov's answer says nothing: it leaves a file out that it cannot parse, and ends with 0 all the same."""
    try:
        summaries = [each.get("summary", each) for each in _answers_of_checkov(result)]
    except ValueError:
        return f"not run: checkov ended with {result.exit_code} and without an answer in JSON"
    unread = sum(each.get("parsing_errors", 0) for each in summaries)
    if unread:
        return f"not checked: checkov could not parse {unread} file(s)"
    seen = sum(each.get("resource_count", 0) for each in summaries)
    return "" if seen else "not checked: checkov found no resource"


# Sources: terraform fmt and validate: https://developer.hashicorp.com/terraform/cli/commands (0 good; fmt -check 3, 2);
# yamllint: 0 good, 1 errors (docs, "Configuration"); actionlint: 0, 1 problems, 2, 3 could not run (docs/usage.md);
# shellcheck: 0, 1 problems, 2 and more could not run (shellcheck(1)); hadolint: 0, 1; promtool: 0, 1 (its --help);
# zizmor: 0, 11 to 14 by severity, 3 no inputs (docs.zizmor.sh/usage/#exit-codes); checkov: 0, 1 (its CLI reference),
# and `parsing_errors` and `resource_count` of its JSON; detect-secrets-hook: 0, 1 (its README, "pre-commit").
TOOLS = (
    Tool(
        "terraform fmt", "terraform", "terraform version", "terraform fmt -no-color -check -diff -recursive terraform"
    ),
    Tool(
        "terraform validate",
        "terraform",
        "terraform version",
        f"python3 -B {TESTS}/schema/validate.py",
        _not_run,
        _last_line,
    ),
    Tool(
        "yamllint",
        "yamllint",
        "yamllint --version",
        "yamllint --strict --format parsable --config-file .yamllint.yaml .github monitoring",
    ),
    Tool("actionlint", "actionlint", "actionlint -version", "actionlint .github/workflows/*.yml"),
    Tool("zizmor", "zizmor", "zizmor --version", "zizmor --offline --no-progress --color never .github", _no_inputs),
    Tool(
        "checkov",
        "checkov",
        "checkov --version",
        "checkov --config-file .checkov.yaml --quiet --compact --output json 2>/dev/null",
        _left_out,
        places=_places_of_checkov,
    ),
    Tool(
        "detect-secrets",
        "detect-secrets-hook",
        "detect-secrets-hook --version",
        f"git ls-files -z terraform ci cd scripts monitoring docs {TESTS} .github infrastructure.yaml Makefile"
        " | xargs -0 detect-secrets-hook",
    ),
    Tool("shellcheck", "shellcheck", "shellcheck --version", "shellcheck --format gcc scripts/*.sh"),
    Tool("hadolint", "hadolint", "hadolint --version", "hadolint ci/Dockerfile"),
    Tool(
        "promtool",
        "promtool",
        "promtool --version",
        "[ ! -f monitoring/prometheus/rules_test.yml ] || promtool test rules monitoring/prometheus/rules_test.yml",
    ),
)


def run_tool(ctx: StepContext, tool: Tool, within: str = "") -> Check:
    """What a tool says of the module, its command being run behind `within`. Raises StepFailed when it does not end."""
    if shutil.which(tool.program) is None:
        return Check(tool.name, "no problem", f"not run: {tool.program} not found", "not-checked", tool.command)
    result = ctx.run(f"{within}{tool.command}", timeout=900)
    version = (ctx.run(tool.version, timeout=60).output.strip().splitlines() or ["version not known"])[0]
    if reason := tool.unknown(result):
        return Check(tool.name, "no problem", reason, "not-checked", tool.command)
    if result.exit_code == 0:
        return Check(tool.name, "no problem", f"{tool.found(result)}, by {version}", "pass", tool.command)
    return _refused(tool, result, version)


def _refused(tool: Tool, result: CommandResult, version: str) -> Check:
    """That a tool refuses the module, at the places that it names; where it names none, its command stands there."""
    said = " ".join(result.output.split())[-600:]
    places = tool.places(result)
    more = [f"and {len(places) - SHOWN} more"] if len(places) > SHOWN else []
    where = ", ".join((*places[:SHOWN], *more)) or tool.command
    return Check(tool.name, "no problem", f"exit code {result.exit_code}, by {version}: {said}", "fail", where)


def test_command() -> str:
    """The module's own tests: by this interpreter where it has what they need, else by the one that make prepares."""
    needed = ("pytest", "hypothesis", "hcl2", "yaml")
    if all(find_spec(each) for each in needed):
        return f"make test PYTHON={quote(sys.executable)}"
    return "make test"


def run_tests(ctx: StepContext, within: str = "") -> tuple[list[Check], CommandResult | None]:
    """What the module's own tests say, and their output; `within` as in `run_tool`. Raises StepFailed as that."""
    command = test_command()
    if shutil.which("make") is None:
        return [Check("make test", "every test passes", "not run: make not found", "not-checked", TESTS)], None
    result = ctx.run(f"{within}{command}", timeout=1800)
    if result.exit_code:
        verdict = _red(result)
    else:
        verdict = Check("make test", "every test passes", _last_line(result) or "no output", "pass", TESTS)
    return [verdict, *_left_out_tests(result)], result


def _red(result: CommandResult) -> Check:
    """That the module's tests did not pass: which, what each said first, and `FILE:LINE` of each.

    Source: pytest's reports: a heading `___ TEST ___`, lines that begin with `E`, and at last `FILE:LINE: ERROR`.
    """
    parts = re.split(r"^_{3,} (.+?) _{3,}$", result.output, flags=re.MULTILINE)[1:]
    told, places = [], []
    for test, report in zip(parts[::2], parts[1::2], strict=True):
        why = re.search(r"^E +(\S.*)$", report, re.MULTILINE)
        told.append(f"{test}: {why[1]}" if why else test)
        places += re.findall(r"^([\w./-]+:\d+): ", report, re.MULTILINE)[-1:]
    if not told:
        told = [" ".join(result.output.split())[-600:] or "no output"]
    more = [f"and {len(told) - SHOWN} more"] if len(told) > SHOWN else []
    seen = "; ".join((f"exit code {result.exit_code}: {told[0]}", *told[1:SHOWN], *more))
    where = ", ".join((*dict.fromkeys(places[:SHOWN]), *more)) or TESTS
    return Check("make test", "every test passes", seen, "fail", where)


def _left_out_tests(result: CommandResult) -> list[Check]:
    """The module's tests that were not run, a check for each place: what passes beside them says nothing of them.

    Source: `-r s` of pytest's reference, `SKIPPED [COUNT] PATH:LINE: REASON`; the module's pytest.ini asks for it.
    """
    found = re.findall(r"^SKIPPED \[(\d+)\] ([^:\n]+):\d+: (.*)$", result.output, re.MULTILINE)
    return [
        Check(f"make test: {path}", f"{counted(int(count), 'test')} run", reason, "not-checked", TESTS)
        for count, path, reason in found
    ]
