"""How is a deployment taken back? R2 to R6, after the plan of the rollback (R1) was approved.

Rules:
- What is taken back is what this run's history says was done, the latest first; what failed halfway or is in doubt
  counts as done.
- Each command is an effect, asked about when it was cut off; what no command takes back, a person says about.
- What holds data is removed or written only by the team's own command, or when a person says so.
- A run that did nothing outside has nothing to take back: each step says so and is left like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps

from phases.aws_deploy.act.commands import exit_check, once, record
from phases.aws_deploy.act.notices import notify
from phases.aws_deploy.live.alarms import DRILL_OVER, find_alarm
from phases.aws_deploy.paths import DEPLOYMENT_COPY, ROLLBACK_RECORD, SNAPSHOT
from phases.aws_deploy.recover.backups import restore_beside, table_status
from phases.aws_deploy.recover.executed_effects import ExecutedEffects, executed_effects
from phases.aws_deploy.spec.load_target import DeploymentTarget, load_target
from phases.aws_deploy.spec.recorded import Ran, TakenBack
from phases.aws_deploy.verify.alarm_data import ALARM_WITHOUT_DATA, without_data
from phases.aws_deploy.verify.attestations import attestation, attested
from phases.aws_deploy.verify.configuration_changes import changes
from phases.aws_deploy.verify.items import ROLLBACK_NOTICE
from phases.aws_deploy.verify.resources import configuration_of, not_read, tagged
from phases.aws_deploy.verify.watch import now
from phases.documents.json_document import parse_json
from phases.documents.markdown import bullets, checks_table, code, document, table, verdict
from phases.step import AfterCrash, Check, Question, ReviewSection, StepContext, Work, any_failed, step
from state.counted import counted
from state.errors import StepFailed
from state.evidence import Verdict

Taking = Callable[[StepContext, DeploymentTarget, ExecutedEffects], Work]


def _with_history(taking: Taking) -> Callable[[StepContext], Work]:
    """The step's function: nothing to do when nothing was done, else with the target and what was done."""

    @wraps(taking)
    def run(ctx: StepContext) -> Work:
        history = ctx.history()
        if not history:
            return Work([Check("nothing to take back", "what was done outside", "nothing was done outside", "pass")])
        return taking(ctx, load_target(ctx), executed_effects(history))

    return run


@step("R2", "Tell people", writes=[DEPLOYMENT_COPY], after_crash=AfterCrash.ASK_THE_WORLD)
@_with_history
def tell_people(ctx: StepContext, on: DeploymentTarget, done: ExecutedEffects) -> Work:
    """Send the notice that the deployment is stopped and taken back."""
    subject = f"{on.deployment.name} in {on.deployment.environment} is being taken back"
    told = notify(ctx, on, ROLLBACK_NOTICE, "taking-back", subject, _facts(ctx, on), without_topic="note")
    return Work([*on.checks, *told])


@step("R3", "Take back the components", writes=[DEPLOYMENT_COPY], after_crash=AfterCrash.ASK_THE_WORLD)
@_with_history
def take_back_components(ctx: StepContext, on: DeploymentTarget, done: ExecutedEffects) -> Work:
    """Run the rollback command of each component that was deployed, the last one first."""
    checks = [*on.checks, *_monitoring(ctx, on, done)]
    commands = {each.name: each.rollback for each in on.deployment.components}
    outputs: dict[str, Ran] = {}
    for name in done.components:
        command = commands.get(name)
        if command is None:
            checks.append(_by_hand(ctx, f"component {name}", f"taken-back-{name}"))
            continue
        outputs[name] = once(ctx, on, f"back-{name}", command, component=name)
        checks.append(exit_check(f"component {name}", outputs[name]))
        if checks[-1].verdict == "fail":
            break  # what was deployed before it may be needed by it
    if not done.components:
        checks.append(Check("components", "those that were deployed", "none was deployed", "pass"))
    return Work(checks, {"outputs": outputs})


@step("R4", "Take back the infrastructure", writes=[DEPLOYMENT_COPY], after_crash=AfterCrash.ASK_THE_WORLD)
@_with_history
def take_back_infrastructure(ctx: StepContext, on: DeploymentTarget, done: ExecutedEffects) -> Work:
    """Run the infrastructure's rollback command where its other command was run; else ask what a person did."""
    command = on.deployment.infrastructure.rollback
    if not done.applied:
        return Work([*on.checks, _by_hand(ctx, "infrastructure changed by hand", "taken-back-infrastructure")])
    if command is None:
        return Work([*on.checks, _by_hand(ctx, "infrastructure", "taken-back-infrastructure")])
    question = Question(
        "take-back-infrastructure",
        f"Take the infrastructure back by `{command}`? Say 'yes', or 'no' when it stays as it is.",
        default="yes",
        choices=("yes", "no"),
        suggest=False,
    )
    if ctx.ask(question) == "no":
        seen = f"stays, says {ctx.given_by(question.name)}"
        return Work([*on.checks, Check("infrastructure", "taken back, or stays on purpose", seen, "attested")])
    told = _last_notice(ctx, on)  # the command may take the topic along
    output = once(ctx, on, "back-infrastructure", command)
    return Work([*on.checks, *told, exit_check("infrastructure", output)], {"outputs": {"infrastructure": output}})


@step("R5", "Bring data back", writes=[DEPLOYMENT_COPY], after_crash=AfterCrash.ASK_THE_WORLD)
@_with_history
def bring_data_back(ctx: StepContext, on: DeploymentTarget, done: ExecutedEffects) -> Work:
    """Restore the backups that a person asks for, each into a table beside the damaged one."""
    checks, restored = [*on.checks], {}
    for backup in done.backups:
        name = str(backup["table"])
        question = Question(
            f"restore-{name}",
            f"Is the data of {name} damaged? 'yes' restores its backup {backup['arn']} into a table beside it; 'no' "
            "leaves it.",
            default="no",
            choices=("yes", "no"),
            suggest=False,
        )
        if ctx.ask(question) == "no":
            seen = f"not damaged, says {ctx.given_by(question.name)}"
            checks.append(Check(f"data of {name}", "whole, or restored", seen, "attested", str(backup["arn"])))
            continue
        check, restored[name] = restore_beside(ctx, on.aws, backup)
        checks.append(check)
    if not done.backups:
        checks.append(Check("data", "backups of this run", "none was made", "note"))
    return Work(checks, {"restored": restored})


@step(
    "R6",
    "See that it is stable, and write it down",
    writes=[DEPLOYMENT_COPY, ROLLBACK_RECORD],
    after_crash=AfterCrash.ASK_THE_WORLD,
)
@_with_history
def verify_and_document(ctx: StepContext, on: DeploymentTarget, done: ExecutedEffects) -> Work:
    """Compare with what was there before, look at alarms and tables, write the record, and tell people again."""
    compared, differences = _differences(ctx, on)
    checks = [
        *on.checks,
        *_tables(on, done),
        *_alarms(on),
        compared,
        attested(
            ctx,
            "stability",
            "a person's word",
            attestation("rollback-stable", "Is it stable again, and how was that seen?", "nothing else was seen"),
        ),
        attested(
            ctx,
            "lessons",
            "a person's word",
            attestation("rollback-lessons", "What led to this, and what keeps it from coming again?", "not known yet"),
        ),
    ]
    if not any_failed(checks):
        subject = f"{on.deployment.name} in {on.deployment.environment} was taken back"
        checks += notify(ctx, on, ROLLBACK_NOTICE, "taken-back", subject, _facts(ctx, on), without_topic="note")
    rows = [(code(arn), code(field), code(old), code(new)) for arn, field, old, new in differences]
    outputs = {**_outputs(ctx, "R3"), **_outputs(ctx, "R4")}
    restored = _of(ctx, "R5").get("restored", {})
    ctx.write(
        ROLLBACK_RECORD,
        document(
            f"{on.deployment.name} in {on.deployment.environment} was taken back",
            f"Run {code(ctx.run_id)}. Reason: {_of(ctx, 'R1').get('reason', '')}. {verdict(checks)}",
            "## What was taken back",
            *[record(name, output) for name, output in outputs.items()],
            bullets([f"{code(name)} is restored as {code(copy)}" for name, copy in restored.items()]),
            "## What differs from before",
            table(("Resource", "Field", "Before the deployment", "Now"), rows),
            "## Checks",
            checks_table(checks),
        ),
    )
    return Work(
        checks, {}, [ReviewSection("What differs from before", table(("Resource", "Field", "Before", "Now"), rows))]
    )


def _facts(ctx: StepContext, on: DeploymentTarget) -> dict[str, str]:
    return {
        "reason": str(_of(ctx, "R1").get("reason", "")),
        "environment": on.deployment.environment,
        "account": on.account,
        "region": on.region,
        "run": ctx.run_id,
    }


def _last_notice(ctx: StepContext, on: DeploymentTarget) -> list[Check]:
    """Tell people while the topic is certain to be there: what comes after the infrastructure may reach nobody."""
    subject = f"{on.deployment.name} in {on.deployment.environment}: the components are back, the infrastructure goes"
    facts = {**_facts(ctx, on), "next": "the infrastructure is taken back; this topic may go with it"}
    return list(notify(ctx, on, ROLLBACK_NOTICE, "before-infrastructure", subject, facts, without_topic="note"))


def _of(ctx: StepContext, task: str) -> TakenBack:
    """What that task left, {} when this rollback has none of it."""
    try:
        return ctx.data(task, TakenBack)
    except StepFailed:
        return {}


def _outputs(ctx: StepContext, task: str) -> Mapping[str, Ran]:
    return _of(ctx, task).get("outputs", {})


def _by_hand(ctx: StepContext, name: str, question: str) -> Check:
    asked = Question(
        question,
        f"There is no command that takes back the {name}. Look, then say 'taken back', or 'stays'.",
        default="stays",
        choices=("taken back", "stays"),
        suggest=False,
    )
    return attested(ctx, name, "taken back, or stays on purpose", asked)


def _monitoring(ctx: StepContext, on: DeploymentTarget, done: ExecutedEffects) -> list[Check]:
    """Alarms that were set off are put back; what was put up goes when a person says so."""
    checks = []
    for name in done.set_off:
        alarm = find_alarm(on.aws, name)
        if alarm is not None and ctx.run_id in str(alarm.get("StateReason")):
            on.aws.call("cloudwatch", "set_alarm_state", AlarmName=name, StateValue="OK", StateReason=DRILL_OVER)
            state = str((find_alarm(on.aws, name) or {"StateValue": "not there"})["StateValue"])
            put_back: Verdict = "pass" if state == "OK" else "not-checked"
            checks.append(Check(f"alarm {name}", "not left set off", f"put back to {state}", put_back))
    put_up = [*done.dashboards, *done.alarms]
    if not put_up:
        return checks
    question = Question(
        "remove-monitoring",
        f"Remove what was put up to watch it ({', '.join(put_up)})?",
        default="no",
        choices=("yes", "no"),
        suggest=False,
    )
    if ctx.ask(question) == "no":
        seen = f"stays, says {ctx.given_by(question.name)}"
        return [*checks, Check("monitoring", "removed, or stays on purpose", seen, "attested")]

    def remove() -> dict[str, object]:
        if done.dashboards:
            on.aws.call("cloudwatch", "delete_dashboards", DashboardNames=list(done.dashboards))
        if done.alarms:
            on.aws.call("cloudwatch", "delete_alarms", AlarmNames=list(done.alarms))
        return {"removed": put_up}

    ctx.effect("remove-monitoring", {"names": put_up}, remove, lambda: None)  # removing twice is the same as once
    return [*checks, Check("monitoring", "removed, or stays on purpose", f"removed: {', '.join(put_up)}", "pass")]


def _tables(on: DeploymentTarget, done: ExecutedEffects) -> list[Check]:
    """Each table that was there before the deployment is there."""
    states = {name: table_status(on.aws, name) for name in done.before}
    return [
        Check(f"table {name}", "ACTIVE", status, "pass" if status == "ACTIVE" else "fail", name)
        for name, status in states.items()
    ]


def _alarms(on: DeploymentTarget) -> list[Check]:
    return [_quiet(on, name) for name in on.deployment.watch.alarms]


def _quiet(on: DeploymentTarget, name: str) -> Check:
    """That the alarm is OK by what CloudWatch has seen; one that is gone, or has no data, says nothing."""
    alarm = find_alarm(on.aws, name)
    state = str(alarm["StateValue"]) if alarm else "not there any more"
    if state == "ALARM":
        return Check(f"alarm {name}", "OK", state, "fail")
    if alarm is None or state != "OK":
        return Check(f"alarm {name}", "OK", f"not checked: it is {state}", "not-checked")
    until = now()
    if without_data(on.aws, alarm, alarm.get("StateUpdatedTimestamp", until), until):
        return Check(f"alarm {name}", "OK", f"not checked: it is {state}, {ALARM_WITHOUT_DATA}", "not-checked")
    return Check(f"alarm {name}", "OK", state, "pass")


def _differences(ctx: StepContext, on: DeploymentTarget) -> tuple[Check, Sequence[tuple[str, str, str, str]]]:
    """What is not as phase 2 found it, and the check that says how much was compared."""
    name, expected = "configuration", "as phase 2 found it"
    before: dict[str, object] = parse_json(ctx.read(SNAPSHOT), path=SNAPSHOT).value if ctx.exists(SNAPSHOT) else {}
    now = configuration_of(on.aws, tagged(on.aws, on.deployment.inventory.tags), ctx.mask)
    found = changes(before, now)
    if not before or not_read(now):
        why = f"AWS does not say it of {', '.join(not_read(now))}" if before else "phase 2 found nothing"
        return Check(name, expected, f"not checked: {why}", "not-checked"), found
    seen = f"{len(found)} differences" if found else f"the same, of {counted(len(before), 'resource')}"
    return Check(name, expected, seen, "note" if found else "pass"), found


STEPS = (tell_people, take_back_components, take_back_infrastructure, bring_data_back, verify_and_document)
