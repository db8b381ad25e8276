"""The stage's last task: does every box of the output validation checklist hold, by looking again?

Rules:
- A box is ticked by code, never by trust in an earlier task: artifacts are read again, the template is made again from
  the contract, AWS is asked again.
- The names of a box's checks begin with its bold title; a box that nobody checks fails, and so does a check that found
  nothing to compare.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from phases.checks.answered import answering
from phases.contract.model import Contract
from phases.documents.markdown import FAILED, checks_table, verdict
from phases.stage_06 import paths
from phases.stage_06.chapters.documented import documented
from phases.stage_06.chapters.guide_checks import guide_checks
from phases.stage_06.inputs import rests_on
from phases.stage_06.inputs.recorded import Configured, ContractRead
from phases.stage_06.live import live_schema
from phases.stage_06.live.live_deployment import LiveDeployment, at_deployment, read_deployment
from phases.stage_06.stack.deployment_target import PROJECT_PARAMETER
from phases.stage_06.stack.stacks import UPDATABLE, Stack, find_stack, stack_resources
from phases.step import AfterCrash, Check, ReviewSection, StepContext, Work, compare, step
from state.files import sha256
from state.line_endings import as_approved

if TYPE_CHECKING:
    from phases.stage_06.template.template_shape import Template

TITLE = "Output Validation Checklist"


@step(
    "",
    TITLE,
    reads=[path for path, _ in paths.DOCUMENTS if path != paths.WORKING_LOG],  # no step writes the log, the engine does
    after_crash=AfterCrash.REDO,  # it only looks
    inputs=rests_on.everything,
)
def validate_outputs(ctx: StepContext) -> Work:
    """Check every box again: artifacts, template, answers, live tables and documents."""
    facts = StageFacts(ctx)
    checks = [] if ctx.task.items else [compare("boxes to check", "at least one", "none")]
    for item in ctx.task.items:
        look = BOXES.get(item.title.casefold())
        found = list(look(facts)) if look else [compare("a check of this item", "one", "no check for this item")]
        checks += [replace(check, name=f"{item.title}: {check.name}") for check in found]
    return Work(checks=checks, review=[ReviewSection(TITLE, f"{verdict(checks)}\n\n{checks_table(checks)}")])


@dataclass
class StageFacts:
    """What several boxes look at, looked up once."""

    ctx: StepContext

    @cached_property
    def deployment(self) -> LiveDeployment:
        return read_deployment(self.ctx)

    @cached_property
    def contract(self) -> Contract:
        from phases.contract.reader import read_contract

        return read_contract(self.ctx.read(paths.CONTRACT), path=self.ctx.place(paths.CONTRACT), under_way=True)

    @cached_property
    def template(self) -> Template:
        from phases.stage_06.template.template import load_template

        return load_template(self.ctx.read(paths.TEMPLATE), path=self.ctx.place(paths.TEMPLATE))

    @property
    def has_project(self) -> bool:
        """Whether somebody was asked for the project; runs that began before that have a template without it."""
        return PROJECT_PARAMETER in self.ctx.data("3.1", Configured)["parameters"]

    @cached_property
    def template_checks(self) -> list[Check]:
        from phases.stage_06.template.template_comparison import compare_with_contract

        return compare_with_contract(self.template, self.contract, upto="2.1")

    @cached_property
    def live_checks(self) -> list[Check]:
        """The live schema of every table, field by field."""
        return [
            check for each in self.deployment.tables for check in live_schema.compare_table(each.planned, each.live)
        ]

    @cached_property
    def stack(self) -> Stack | None:
        return find_stack(at_deployment(self.ctx), self.deployment.stack_id)


def artifact_organization(facts: StageFacts) -> Iterable[Check]:
    wanted = [facts.ctx.place(path) for path, _ in paths.DOCUMENTS]
    missing = [path for path in wanted if not facts.ctx.exists(path) or not facts.ctx.read(path).strip()]
    yield _none(f"missing or empty in {PurePosixPath(wanted[0]).parent}", missing)
    data = [path for path in wanted if path.endswith(".json") and path not in missing]
    yield _none("files that are not JSON", [path for path in data if not _is_json(facts.ctx.read(path))])


def migration_contract(facts: StageFacts) -> Iterable[Check]:
    from phases.stage_06.template.template import render

    started = facts.ctx.data("1.1", ContractRead)
    seen = facts.contract.sha256
    yield compare(
        "contract that task 1.1 checked, SHA-256",
        started["contract_sha256"],
        seen,
        where=facts.ctx.place(paths.CONTRACT),
    )
    source = started["contract"]
    read = facts.ctx.read(source)  # in a clone git may have given it other line ends than the contract was read with
    yield compare("its source, SHA-256", seen, sha256(as_approved(read, seen) or read), where=source)
    again, written = (
        sha256(render(facts.contract, source=facts.ctx.place(paths.CONTRACT), project=facts.has_project)),
        sha256(facts.ctx.read(paths.TEMPLATE)),
    )
    yield compare(
        "template made again from the contract, SHA-256", again, written, where=facts.ctx.place(paths.TEMPLATE)
    )


def table_configuration(facts: StageFacts) -> Iterable[Check]:
    from phases.stage_06.template.template_comparison import KEYS

    yield _all("keys in the template", answering([KEYS], facts.template_checks))
    yield _all("live keys", answering([live_schema.KEYS], facts.live_checks))


def gsi_configuration(facts: StageFacts) -> Iterable[Check]:
    from phases.stage_06.template.template_comparison import INDEXES

    yield _all("indexes in the template", answering([INDEXES], facts.template_checks))
    yield _all("live indexes", answering([live_schema.INDEXES], facts.live_checks))


def safety_settings(facts: StageFacts) -> Iterable[Check]:
    from phases.stage_06.template.template_comparison import SAFETY

    yield _all("in the template", answering([SAFETY], facts.template_checks))
    deployed = {
        name: (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy"))
        for name, resource in _deployed_template(facts)["Resources"].items()
        if resource["Type"] == "AWS::DynamoDB::Table"
    }
    loose = [name for name, policies in deployed.items() if policies != ("Retain", "Retain")]
    yield _none("deployed tables without Retain", loose if deployed else ["the deployed template has no table"])
    open_ = [each.name for each in facts.deployment.tables if not each.live.get("DeletionProtectionEnabled")]
    yield _none("live tables without deletion protection", open_)


def template_validation(facts: StageFacts) -> Iterable[Check]:
    from phases.stage_06.template.limits import limit_checks
    from phases.stage_06.template.lint import lint_checks

    written = facts.ctx.read(paths.TEMPLATE)
    yield _all("cfn-lint", lint_checks(written, region=facts.deployment.region, path=facts.ctx.place(paths.TEMPLATE)))
    yield _all("limits", limit_checks(facts.template, written))
    same = facts.template == _deployed_template(facts)
    yield compare("deployed template", "the one in the file", "the one in the file" if same else "another one")


def user_confirmation(facts: StageFacts) -> Iterable[Check]:
    """What a person answered, what was shown for approval, and what stands now: three sources that must agree."""
    answers, approved = facts.ctx.answers(), facts.ctx.data("3.1", Configured)
    stack = facts.stack
    yield compare("region answered, deployed to", answers.get("region", "no answer"), facts.deployment.region)
    yield compare("stack answered, approved", answers.get("stack-name", "no answer"), approved["stack_name"])
    yield compare("stack approved, deployed", approved["stack_name"], stack.name if stack else "gone")
    seen = dict(stack.parameters) if stack else "gone"
    yield compare("parameters approved, deployed", dict(approved["parameters"]), seen)


def successful_deployment(facts: StageFacts) -> Iterable[Check]:
    status = facts.stack.status if facts.stack else "gone"
    yield Check("stack", " or ".join(sorted(UPDATABLE)), status, "pass" if status in UPDATABLE else "fail")
    states = {}
    for each in facts.deployment.tables:
        live = {gsi["IndexName"]: str(gsi.get("IndexStatus")) for gsi in each.live.get("GlobalSecondaryIndexes", [])}
        states[each.name] = each.live["TableStatus"]
        states.update({f"{each.name}.{index}": live.get(index, "not there") for index in each.index_names})
    unready = [f"{name} {state}" for name, state in states.items() if state != "ACTIVE"]
    yield _none("tables and indexes that are not active", unready)


def contract_compliance(facts: StageFacts) -> Iterable[Check]:
    yield _all("live tables against the contract", facts.live_checks)


def documentation(facts: StageFacts) -> Iterable[Check]:
    summary = facts.ctx.read(paths.SUMMARY).decode()
    resources = stack_resources(at_deployment(facts.ctx), facts.deployment.stack_id)
    yield _all(facts.ctx.place(paths.SUMMARY), documented(summary, facts.deployment, resources, facts.ctx.answers()))
    texts = [facts.ctx.place(path) for path, _ in paths.DOCUMENTS if path.endswith(".md") and path != paths.WORKING_LOG]
    failing = [path for path in texts if FAILED in facts.ctx.read(path).decode()]
    yield _none("documents that report a failure", failing)


def integration_guide(facts: StageFacts) -> Iterable[Check]:
    guide = facts.ctx.read(paths.INTEGRATION_GUIDE).decode()
    yield _all(facts.ctx.place(paths.INTEGRATION_GUIDE), guide_checks(guide, facts.deployment))


BOXES: Mapping[str, Callable[[StageFacts], Iterable[Check]]] = {
    "artifact organization": artifact_organization,
    "migration contract": migration_contract,
    "table configuration": table_configuration,
    "gsi configuration": gsi_configuration,
    "safety settings": safety_settings,
    "template validation": template_validation,
    "user confirmation": user_confirmation,
    "successful deployment": successful_deployment,
    "contract compliance": contract_compliance,
    "documentation": documentation,
    "integration guide": integration_guide,
}


def _deployed_template(facts: StageFacts) -> Template:
    """What CloudFormation holds as the stack's template; boto3 gives JSON as data and YAML as text."""
    from phases.stage_06.template.template import load_template

    body = at_deployment(facts.ctx).call(
        "cloudformation", "get_template", StackName=facts.deployment.stack_id, TemplateStage="Original"
    )["TemplateBody"]
    return load_template(body.encode()) if isinstance(body, str) else load_template(json.dumps(body).encode())


def _none(name: str, found: Sequence[str]) -> Check:
    """A check that passes when nothing was found."""
    return compare(name, "none", ", ".join(found) or "none")


def _all(name: str, checks: Sequence[Check]) -> Check:
    """Many checks as one; what failed is spelled out, and no check at all is a failure."""
    failed = [f"{each.name}: {each.seen}, expected {each.expected}" for each in checks if each.verdict == "fail"]
    passed = len(checks) - len(failed)
    seen = f"{passed} of {len(checks)}" + (f"; {'; '.join(failed)}" if failed else "")
    good = bool(checks) and not failed
    return Check(name, f"{len(checks) or 'some'} checks without a failure", seen, "pass" if good else "fail")


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True


STEPS = (validate_outputs,)
