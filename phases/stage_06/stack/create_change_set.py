"""How does a change set come into being, and go again when it is rejected?

Rules:
- Made once per attempt: its name and its token come from run, task and attempt.
- Only the capabilities that the template needs are acknowledged: none for tables, alarms and a topic.
- A template too long to be sent inline is sent in its shortest form; one still too long goes to a bucket that a
  person names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from phases.aws import AwsError, AwsPort
from phases.stage_06.inputs.recorded import Proposed
from phases.stage_06.paths import TEMPLATE
from phases.stage_06.stack.change_set import (
    PENDING,
    REVERT_DRIFT,
    TABLE,
    ChangeSet,
    change_set_names,
    describe_change_set,
)
from phases.stage_06.stack.early_validation import early_validation, problems_found
from phases.stage_06.stack.stacks import OURS, operation_name, refuse_when_busy
from phases.step import Question, StepContext
from phases.tried_answers import problem_with_bucket
from state.errors import StepFailed
from state.files import sha256
from state.path_word import path_word

SANDBOX_BUCKET = "phasegate-sandbox-templates-"  # and the region: the bucket that the sandbox brings
POLL = 2  # [s]
POLLS = 300  # ten minutes; a change set of 500 resources takes about one


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is asked of CloudFormation.

    Attributes:
        kind: CREATE, UPDATE or IMPORT.
        parameters: template parameter -> value.
        imports: logical id -> name of the tables that an IMPORT takes over.
        template: what is proposed, when it is not the approved template as a whole.
        suffix: what the names of change set and effect say beside run, task and attempt.
        reverts: what was changed in the account is put back, and the stack keeps its template and parameters.
    """

    stack_name: str
    kind: str
    parameters: Mapping[str, str]
    imports: Mapping[str, str] = field(default_factory=dict)
    template: bytes | None = None
    suffix: str = ""
    reverts: bool = False


def create_change_set(ctx: StepContext, aws: AwsPort, proposal: Proposal) -> ChangeSet:
    """Create this attempt's change set, wait until it is worked out, and describe it.

    An empty one is returned like any other (`ChangeSet.empty`).
    Raises StepFailed when the stack is busy, or CloudFormation cannot work the change set out: with what early
    validation found.
    """
    importing = proposal.kind == "IMPORT"
    name = operation_name(ctx, proposal.suffix)
    more: dict[str, object] = {"ResourcesToImport": _to_import(proposal.imports)} if importing else {}
    capabilities: list[str] = []
    if proposal.reverts:
        more |= {"UsePreviousTemplate": True, "DeploymentMode": REVERT_DRIFT}
    else:
        source = template_source(ctx, aws, proposal.template)
        capabilities = aws.call("cloudformation", "validate_template", **source).get("Capabilities", [])
        more |= source

    def create() -> dict[str, str]:
        try:
            made = aws.call(
                "cloudformation",
                "create_change_set",
                StackName=proposal.stack_name,
                ChangeSetName=name,
                ChangeSetType=proposal.kind,
                ClientToken=name,
                Description=f"phasegate run {ctx.run_id}, task {ctx.task.id}, attempt {ctx.attempt}",
                Parameters=[
                    {
                        "ParameterKey": key,
                        **({"UsePreviousValue": True} if proposal.reverts else {"ParameterValue": value}),
                    }
                    for key, value in proposal.parameters.items()
                ],
                Capabilities=capabilities,
                Tags=[OURS],
                **more,
            )
        except AwsError as error:
            refuse_when_busy(error, proposal.stack_name, ctx.run_id)
            raise
        return {"change_set_arn": made["Id"], "stack_id": made["StackId"]}

    def find() -> dict[str, str] | None:
        found = describe_change_set(aws, name, proposal.stack_name)
        return {"change_set_arn": found.arn, "stack_id": found.stack_id} if found else None

    intent = {"stack_name": proposal.stack_name, "region": aws.region, "change_set": name, "type": proposal.kind}
    kind = f"{proposal.suffix}-".lstrip("-")
    effect = f"create-{kind}change-set"
    made = ctx.effect(effect, intent, create, find, Proposed)
    return wait_until_created(ctx, aws, made["change_set_arn"])


def _to_import(tables: Mapping[str, str]) -> list[dict[str, object]]:
    """ResourcesToImport: each table by its identifier. Source: `ResourceToImport` in the API reference."""
    return [
        {"ResourceType": TABLE, "LogicalResourceId": name, "ResourceIdentifier": {"TableName": table}}
        for name, table in tables.items()
    ]


def wait_until_created(ctx: StepContext, aws: AwsPort, arn: str) -> ChangeSet:
    """The change set when CloudFormation has made up its mind. Raises StepFailed when it could not."""
    for _ in range(POLLS):
        found = describe_change_set(aws, arn)
        if found is None:
            raise StepFailed(
                f"change set {arn} is gone: somebody deleted it, or its stack",
                next_command=f"phasegate resume {ctx.run_id}   # makes a new one",
            )
        if found.status not in PENDING:
            if found.status == "CREATE_COMPLETE" or found.empty:
                return found
            raise StepFailed(
                f"CloudFormation could not work out change set {found.name} of stack {found.stack_name}: "
                f"{found.status}, {found.reason or 'no reason given'}",
                problems=problems_found(early_validation(aws, found.arn)),
                next_command=f"phasegate resume {ctx.run_id}   # when the cause is fixed",
            )
        ctx.wait(POLL)
    raise StepFailed(
        f"change set {arn} is still being worked out after {POLL * POLLS} s",
        next_command=f"aws cloudformation describe-change-set --change-set-name {arn}",
    )


def template_source(ctx: StepContext, aws: AwsPort, template: bytes | None = None) -> dict[str, str]:
    """How the template is handed over: `{"TemplateBody": text}`, or `{"TemplateURL": url}` beyond 51,200 bytes.

    The approved one, when no other is given.

    Raises StepFailed when it is longer than CloudFormation takes at all.
    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    """
    # Here, not above: both read the template's rules, which listing the steps does not need.
    from phases.stage_06.template.limits import MAX_BYTES, MAX_INLINE_BYTES
    from phases.stage_06.template.template import load_template, minified

    data = ctx.read(TEMPLATE) if template is None else template
    if len(data) <= MAX_INLINE_BYTES:
        return {"TemplateBody": data.decode()}
    text = min(data.decode(), minified(load_template(data)), key=lambda each: len(each.encode()))
    size = len(text.encode())
    if size <= MAX_INLINE_BYTES:
        return {"TemplateBody": text}
    if size > MAX_BYTES:
        path = ctx.place(TEMPLATE)
        raise StepFailed(
            f"{path} has {size:,} bytes at its shortest, CloudFormation takes {MAX_BYTES:,}",
            next_command=f"wc -c {path_word(path)}   # split the contract, and run the stage once for each part",
        )
    bucket = ctx.ask(
        Question(
            "template-bucket",
            f"The template has {size:,} bytes, more than CloudFormation takes inline. Which S3 bucket in {aws.region} "
            "may hold it while the change set is made?",
            default=f"{SANDBOX_BUCKET}{aws.region}" if aws.sandbox else None,
            problem_with=lambda said: problem_with_bucket(said, aws),
        )
    )
    key = f"phasegate/{ctx.run_id}/{sha256(text.encode())}"  # by content: sending it twice is sending it once
    aws.call("s3", "put_object", Bucket=bucket, Key=key, Body=text.encode())
    return {"TemplateURL": f"{aws.endpoint('s3')}/{bucket}/{key}"}


def discard_change_sets(aws: AwsPort, stack_name: str, prefix: str) -> list[str]:
    """Delete the stack's change sets whose names begin with `prefix`; returns their names."""
    names = [name for name in change_set_names(aws, stack_name) if name.startswith(prefix)]
    for name in names:
        aws.call("cloudformation", "delete_change_set", StackName=stack_name, ChangeSetName=name)
    return names
