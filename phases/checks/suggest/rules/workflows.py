"""Rules for what runs at GitHub by the words of a deployment's list: jobs, triggers, what is enabled."""

from __future__ import annotations

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.continuous import COMMIT
from phases.checks.suggest.rules.entries import called
from state.json_values import Json

_WORKFLOW = {"workflow": Name("Which file of .github/workflows is it?", code=True, pattern=r"[\w.-]+\.ya?ml")}
_GITHUB = r"(?i)github|\bworkflows?\b|\bgh\b"
_PASSED = (
    r"(?: (?:is|are|has|have|was|were))?(?: (?:all|now))?(?: successfully)? (?:pass(?:es|ed|ing)?|green|success(?:ful)?"
    r"|succeed(?:s|ed)?|complete[ds]?(?: successfully)?|finished(?: successfully)?)"
)
_NONE_FAILED = (
    "length([?conclusion=='success']) > `0` && length([?conclusion!='success' && conclusion!='skipped'"
    " && conclusion!='neutral']) == `0`"
)
_OF_WORKFLOW = "gh run list --workflow {workflow} --commit {commit} --json "
_ITS_NAME = (
    r"(?P<which>(?!all\b|every\b|each\b|no\b|cron\b|batch\b|migration\b|kubernetes\b|k8s\b)"
    r"[A-Za-z][\w/-]*(?: [A-Za-z][\w/-]*){0,2})"
)


def _asked(run: str, expression: str, expect: Json) -> dict[str, Json]:
    return {"command": {"run": run, "changes": True}, "expression": expression, "expect": expect}


RULES = (
    Rule(
        "all jobs of a workflow",
        rf"all (?:of the |the |required )*jobs{_PASSED}",
        _asked(f"{_OF_WORKFLOW}conclusion", _NONE_FAILED, {"equals": True}),
        "its runs of this commit that there are, not: what its jobs that were skipped would do",
        ("All jobs passing", "All jobs successful"),
        ("All jobs filled", "Jobs passing", "All jobs passed on to Ada"),
        context="operations",
        around=r"(?i)github|\bactions\b",
        names={**_WORKFLOW, **COMMIT},
    ),
    Rule(
        "job of a workflow",
        rf"{_ITS_NAME} job{_PASSED}",
        _asked(
            "gh run view {run-id} --json jobs",
            "jobs[?name=='{job-name}'].conclusion",
            {"equals": ["success"]},
        ),
        "it ended well in this run, not: in others",
        ("Docker build job successful", "Docker build job passed"),
        ("All jobs passed", "Cron job completed", "Build jobs agreed"),
        context="operations",
        around=r"(?i)github|\bactions\b",
        document=r"(?is)\A(?!.*\bkubectl\b.*\bjobs?\b).*",
        names={
            "run-id": Name("What is the number of the run at GitHub?"),
            "job-name": Name("What is the {} job called at GitHub?", group="which", pattern=r"(?!)"),
        },
    ),
    Rule(
        "workflow that was started",
        rf"(?:GitHub Actions )?(?:{_ITS_NAME} )?workflow(?: (?:is|was|gets|run))? (?:triggered|started|kicked off"
        r"|runs|ran)(?: automatically)?",
        _asked(f"{_OF_WORKFLOW}databaseId", "[].databaseId", "present"),
        "it has a run of this commit, not: how that ended, and not what started it",
        ("GitHub Actions workflow triggered", "Deploy workflow was triggered", "GitHub Actions workflow started"),
        ("Workflow explained", "Workflow triggered by a fault of the agents", "All workflows triggered"),
        context="operations",
        around=_GITHUB,
        names={**_WORKFLOW, **COMMIT},
    ),
    Rule(
        "workflow that a push started",
        rf"(?:GitHub Actions )?(?:{_ITS_NAME} )?workflow(?: (?:is|was|gets|run))? (?:triggered|started|runs|ran)"
        r"(?: automatically)? (?:by|on|after) (?:the |a )?push(?:es)?",
        _asked(f"{_OF_WORKFLOW}event", "[?event=='push'].event", "present"),
        "a push of this commit started it, not: how that ended",
        ("Docker build workflow triggered on push", "GitHub Actions workflow started by the push"),
        ("Workflow triggered on demand", "Workflow explained on push"),
        context="operations",
        around=_GITHUB,
        names={**_WORKFLOW, **COMMIT},
    ),
    Rule(
        "workflow of a name that ended well",
        rf"(?:GitHub Actions )?{_ITS_NAME} workflow(?: run)?{_PASSED}",
        _asked(f"{_OF_WORKFLOW}conclusion", _NONE_FAILED, {"equals": True}),
        "its runs of this commit, not: what each of its jobs did",
        ("Container image publishing workflow completed", "Infrastructure workflow passed"),
        ("All workflows passed", "Approval workflow agreed", "Deploy workflow passed to Ada"),
        context="operations",
        around=_GITHUB,
        names={**_WORKFLOW, **COMMIT},
    ),
    Rule(
        "workflow that deploys on a push",
        r"(?:GitHub Actions|CI/CD|CI|the pipeline) (?:deploys|deployed|runs)(?: successfully)?(?: on (?:the )?"
        r"(?:next )?push(?:es)? to (?P<branch>main|master|develop))",
        _asked(
            "gh run list --workflow {workflow} --commit {commit} --branch $branch --event push --json conclusion",
            _NONE_FAILED,
            {"equals": True},
        ),
        "its runs that this commit started there, not: that what it deployed works",
        ("GitHub Actions deploys successfully on next push to main", "CI/CD deploys on push to main"),
        ("GitHub Actions deploys", "GitHub Actions explained on push to main"),
        context="operations",
        document=r"(?i)github",
        names={**_WORKFLOW, **COMMIT},
    ),
    Rule(
        "Actions of GitHub are on",
        r"GitHub Actions(?: (?:is|are))? (?:enabled|turned on|active)(?: (?:for|in|on) (?:the |this |your )?"
        r"(?:repository|repo))?",
        _asked("gh api repos/{{owner}}/{{repo}}/actions/permissions", "enabled", {"equals": True}),
        "they may run, not: that one does",
        ("GitHub Actions is enabled", "GitHub Actions enabled for the repository"),
        ("GitHub Actions reviewed", "GitHub Actions workflow enabled"),
        context="any",
    ),
    Rule(
        "workflows that GitHub shows",
        r"(?:all )?(?:GitHub )?workflows(?: (?:are))? (?:visible|listed|shown|appear(?:ing)?|show up) in (?:the )?"
        r"(?:GitHub )?Actions(?: tab)?",
        _asked("gh workflow list --all --json path", "[].path", {"contains-each": "{workflow-paths}"}),
        "each of these is known there, not: that it was ever run",
        ("Workflows visible in Actions tab", "All workflows are listed in the GitHub Actions tab"),
        ("Workflows visible to customers", "Actions visible"),
        context="any",
        names={"workflow-paths": called("workflows' files (.github/workflows/ci.yml)")},
    ),
)
