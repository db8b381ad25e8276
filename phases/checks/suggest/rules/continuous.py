"""Rules for what runs at the host of the code: runs of a commit, a branch, a pull request, one named workflow."""

from __future__ import annotations

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.any_order import in_any_order
from phases.checks.suggest.rules.entries import command
from state.json_values import Json

GREEN = r"green|pass(?:es|ed|ing)?|succeed(?:s|ed)?|succeeding|successful|success"
_ENDED = rf"{GREEN}|completed?|completes|finished|finishes"
_OF_CI = (
    r"went|turned|all|every|each|checks?|pipelines?|workflows?|jobs?|runs?|builds?|status|tests?|required|suites?|GitHub"
    r"|commit"
)
_CI = r"CI/CD|CI|GitHub actions?|GitHub workflows?|actions?|pipelines?|workflows?"
_BRANCH = r"(?P<branch>main|master|develop|trunk)|branch"
_NONE_FAILED: Json = (
    "length([?conclusion=='success']) > `0` && length([?conclusion!='success' && conclusion!='skipped'"
    " && conclusion!='neutral']) == `0`"
)
_NEWEST = "gh run list --commit $(git ls-remote origin refs/heads/{} | cut -c1-40) --json conclusion"
COMMIT = {"commit": Name("Which commit?", code=True, pattern=r"[0-9a-f]{7,40}")}
PULL_REQUEST = {
    "pull-request": Name(
        "What is the pull request's number, or its address in another repository?", code=True, pattern=r"\d+"
    )
}
_WORKFLOW = {"workflow": Name("Which file of .github/workflows is it?", code=True, pattern=r"[\w.-]+\.ya?ml")}


def _runs(run: str) -> dict[str, Json]:
    """None of these runs failed, and one at least succeeded."""
    return {"command": {"run": run, "changes": True}, "expression": _NONE_FAILED, "expect": {"equals": True}}


RULES = (
    Rule(
        "runs of a branch",
        r"(?=.*\b(?:main|master|develop|trunk)\b)" + in_any_order(_CI, GREEN, also=rf"{_BRANCH}|{_OF_CI}"),
        _runs(_NEWEST.format("$branch")),
        "the runs of its newest commit that there are, not: that every check ran",
        ("CI is green on the `main` branch", "CI on `main` is green"),
        ("CI is green on main and docs", "CI is not green on main", "CI reviewed on main"),
        context="operations",
    ),
    Rule(
        "runs of the protected branch",
        in_any_order(_CI, GREEN, "protected|default|release", also=rf"{_OF_CI}|branch"),
        _runs(_NEWEST.format("{ci-branch}")),
        "the runs of its newest commit that there are, not: that every check ran",
        ("CI is green on the protected branch", "CI passing on release branch"),
        ("CI is green for the release notes", "Branch protected in the pipeline"),
        context="operations",
        names={"ci-branch": Name("On which branch does it have to be green?")},
        around=r"(?i)\bbranch\b",
    ),
    Rule(
        "checks of a pull request",
        in_any_order(
            rf"{_CI}|checks?|tests?", GREEN, "PR|pull request", also=rf"{_OF_CI}|{_CI}|release|status|automated|request"
        ),
        command("gh pr checks {pull-request}", changes=True),
        "those that ran passed, not: that every check ran",
        ("GitHub actions on this PR are all passing", "All CI checks are green on the PR", "PR checks pass"),
        ("PR template passes review", "All tests of the PR agency pass", "PRs pass"),
        context="operations",
        names=PULL_REQUEST,
    ),
    Rule(
        "runs of a commit",
        in_any_order(_CI, GREEN, also=rf"{_OF_CI}|target|HEAD|tagged|tag|automated|GitLab"),
        _runs("gh run list --commit {commit} --json conclusion"),
        "the runs of this commit that there are, not: that every check ran",
        ("GitHub Actions CI is green on target commit", "All tests pass in GitHub Actions", "All CI jobs pass"),
        ("CI for the docs is green", "Actions agreed and green", "CI passes on all platforms"),
        context="operations",
        names=COMMIT,
        document=r"(?i)github|\bgh\b|actions|^(?!.*(?:gitlab|jenkins|circleci|bitbucket|azure pipelines))",
    ),
    Rule(
        "runs of a workflow",
        in_any_order(
            r"workflows?(?: file)?|\.github/workflows/[\w.-]+\.ya?ml",
            _ENDED,
            also=r"(?:\.github/workflows/)?(?P<file>[\w.-]+\.ya?ml)|GitHub|actions?|exists|run|runs|ran|job|CI",
        ),
        _runs("gh run list --workflow {workflow} --commit {commit} --json conclusion"),
        "its runs of this commit, not: what each of its jobs did",
        ("`release.yml` workflow completed successfully", "GitHub workflow completes successfully"),
        ("Workflow of the review passes to Ada", "`release.yml` workflow exists", "All workflows passed"),
        context="operations",
        names={**_WORKFLOW, **COMMIT},
    ),
    Rule(
        "workflow of a release",
        rf"(?:GitHub )?(?:actions? )?(?P<kind>release|publish|deploy|build|CD) workflow(?: run)?(?: (?:is|has|was))?"
        rf" (?:{_ENDED})(?: successfully)?(?: (?:for|on) (?:the )?(?:new )?(?:tag|release))?",
        _runs("gh run list --workflow {workflow} --commit {commit} --json conclusion"),
        "its runs of this commit, not: what each of its jobs did",
        ("Release workflow completed successfully", "Verify release workflow completes successfully"),
        ("Release workflow documented", "Workflow of the release team passes"),
        context="operations",
        names={**_WORKFLOW, **COMMIT},
    ),
    Rule(
        "workflow by its address",
        r"https://github\.com/(?P<owner>[\w.-]+/[\w.-]+)/actions/workflows/(?P<file>[\w.-]+\.ya?ml)(?: workflow)?"
        rf" (?:went |is |turned |has |was )?(?:{_ENDED})(?: successfully)?",
        _runs("gh run list -R $owner --workflow $file --commit {commit} --json conclusion"),
        "its runs of this commit, not: what each of its jobs did",
        ("Verify https://github.com/acme/shop/actions/workflows/promote.yml went green",),
        ("Run https://github.com/acme/shop/actions/workflows/promote.yml", "https://github.com/acme/shop went green"),
        context="any",
        names=COMMIT,
    ),
    Rule(
        "workflow file and its runs",
        r"(?:\.github/workflows/)(?P<file>[\w.-]+\.ya?ml)(?: workflow)?(?: is| exists and| is present and)?"
        rf" (?:{GREEN})(?: on (?:the )?(?P<branch>main|master|develop))?",
        _runs("gh run list --workflow $file --commit {commit} --json conclusion"),
        "its runs of this commit, not: what each of its jobs did",
        ("`.github/workflows/ci.yml` exists and passes", "`.github/workflows/test.yml` is green"),
        ("`.github/workflows/ci.yml` passes review", "`.github/workflows/ci.yml` exists"),
        context="operations",
        names=COMMIT,
    ),
)
