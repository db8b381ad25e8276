"""The deployment checklist's checks against the deployed service: each item's verdict, with any answer changed.

base = deployed(sandbox, "dev")          # asks the account once, and keeps what it answered
base.verdicts()                          # line of the box -> verdict
base.changed(edit).verdicts()            # with one answer, file or command changed; the account is not asked again
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from phases.aws import Answer, AwsError, AwsPort, NotFound
from phases.checks.answered import answering, names_of_item
from phases.checks.applying import applying
from phases.checks.ask_all import ask_all
from phases.checks.definition import Checks, Declared, DeclaredCheck
from phases.checks.evaluate import Outcome, evaluate
from phases.checks.local.of_the_run import BoxSeen, FollowsFrom, Of
from phases.checks.profiles import chosen, with_values
from phases.checks.read_once import ReadOnce
from phases.checks.reader import read_checks
from phases.deployment_checklist.sample import sample_files
from phases.deployment_checklist.workflow import CHECKS, beside, runbook_text
from phases.step import CommandResult
from state.evidence import Verdict
from state.model import Plan
from state.task_boxes import boxes_of
from tests.worlds.checking import MODELS, AnswersPages
from workflow.doors.aws.client import AwsDoor
from workflow.runbook.reader import read_runbook
from workflow.sandbox.inprocess import Sandbox

Call = tuple[str, str, str]  # service, operation, parameters as JSON
Heard = dict[tuple[str, ...], "list[Answer] | AwsError"]
Known = dict[tuple[str, ...], "tuple[list[Answer] | AwsError, Outcome]"]


@cache
def plan() -> Plan:
    return read_runbook(runbook_text(), name="deployment-checklist", path="deployment-checklist.md")


@cache
def checks() -> Checks:
    return read_checks(beside()[CHECKS], CHECKS, MODELS)


@dataclass
class Kept(AnswersPages):
    """An `AwsPort` that keeps what the account answers, or answers from what was kept."""

    heard: Heard
    behind: AwsPort | None = None
    sandbox: bool = True
    asked: list[Call] = field(default_factory=list)

    def pages(self, service: str, operation: str, **params: object) -> Iterator[Answer]:
        call = (service, operation, json.dumps(params, sort_keys=True))
        self.asked.append(call)
        if call not in self.heard and self.behind is None:
            raise NotFound("not there", service=service, operation=operation, code="NotFound")
        if call not in self.heard:
            assert self.behind is not None
            try:
                self.heard[call] = list(self.behind.pages(service, operation, **params))
            except AwsError as error:
                self.heard[call] = error
        found = self.heard[call]
        if isinstance(found, AwsError):
            raise found
        return iter(found)


@dataclass(frozen=True)
class Looked:
    """What there is to look at: AWS's answers, files, and how commands end (exit code, output).

    Attributes:
        behind: the account that is asked for what is not kept yet, or None.
        known: what came of checks before: a check whose answer has not changed is not judged again.
    """

    profile: str
    heard: Heard
    files: Mapping[str, bytes]
    commands: Mapping[str, tuple[int, str]]
    behind: AwsPort | None = None
    known: Known | None = None

    def changed(self, edit: Callable[[Looked], Looked]) -> Looked:
        known = {} if self.known is None else self.known
        return edit(replace(self, heard=copy.deepcopy(self.heard), files=dict(self.files), behind=None, known=known))

    def outcomes(self, asked: dict[str, Outcome] | None = None) -> tuple[dict[str, Outcome], int]:
        """What came of each check that applies, by its id, and how many calls were made; `asked`: of lookups, too."""
        values = with_values(chosen(checks().profiles, {"profile": self.profile}), {})
        found: dict[str, Outcome] = {}
        calls = 0
        for mine in _looked_at(self.profile):
            port = Kept(self.heard, self.behind)
            here = HereAsLooked(self, dict(found))

            def ask(check: Declared, aws: ReadOnce | None, here: HereAsLooked = here) -> Outcome:
                outcome = self._known(check)
                if outcome is None:
                    outcome = evaluate(check, aws, here=here, wait=lambda _seconds: None)
                    self._keep(check, outcome)
                here.found[check.id] = outcome
                if asked is not None:
                    asked[check.id] = outcome
                return outcome

            done = ask_all(checks(), mine, values, lambda port=port: port, ask)  # type: ignore[misc]
            found |= {each.check.id: each for each in done}
            calls += len(port.asked)
        return found, calls

    def _known(self, check: Declared) -> Outcome | None:
        """What came of this very check, where AWS answers as it did then."""
        key = _key(check)
        if self.known is None or key is None or key not in self.known:
            return None
        answered, outcome = self.known[key]
        return outcome if self.heard.get(key[:3]) == answered else None

    def _keep(self, check: Declared, outcome: Outcome) -> None:
        key = _key(check)
        if self.known is not None and key is not None and key[:3] in self.heard:
            self.known.setdefault(key, (copy.deepcopy(self.heard[key[:3]]), outcome))

    def verdicts(self) -> dict[int, Verdict]:
        """Line of each box that checks answer -> the worst verdict of those."""
        found, _calls = self.outcomes()
        return {line: verdict for line in _answered_by() if (verdict := verdict_at(line, found)) is not None}


def _key(check: Declared) -> tuple[str, ...] | None:
    """The call of a check, and all else that decides what comes of it; None where that is more than AWS's answer."""
    if not isinstance(check, DeclaredCheck) or check.expect.kind == "in-file":
        return None
    call = (check.operation.service, check.operation.name, json.dumps(check.parameters, sort_keys=True))
    return (*call, check.id, check.expression.text, str(check.expect))


@cache
def _looked_at(profile: str) -> Sequence[Sequence[Declared]]:
    """The checks of each task that this profile leaves in."""
    found = chosen(checks().profiles, {"profile": profile})
    left = [task for task in plan().tasks if found is None or not found.leaves_out_task(task)]
    return [[each for each in applying(checks(), found, task).checks if each.belongs_to(task)] for task in left]


@cache
def _answered_by() -> Mapping[int, Sequence[str]]:
    """Line of each box -> the ids of the checks that answer it."""
    return {
        box.item.box.line: [each.id for each in answering(names_of_item(box.number, box.item), checks().checks)]
        for task in plan().tasks
        for box in boxes_of(task)
    }


def verdict_at(line: int, found: Mapping[str, Outcome]) -> Verdict | None:
    """The worst verdict on the box of this line; None where nothing looked at it."""
    verdicts = {found[each].verdict for each in _answered_by()[line] if each in found}
    worst: Sequence[Verdict] = ("fail", "not-checked", "note", "pass", "derived")
    return next((each for each in worst if each in verdicts), None)


class HereAsLooked:
    """Files and commands of `Looked`; a box that no check looks at counts as attested."""

    def __init__(self, looked: Looked, found: dict[str, Outcome]) -> None:
        self._looked, self.found = looked, found

    def read(self, path: str) -> bytes | None:
        return self._looked.files.get(path)

    def has_directory(self, path: str) -> bool:
        return any(name.startswith(f"{path}/") for name in self._looked.files)

    def run(self, command: str, *, changes: bool) -> CommandResult:
        code, output = self._looked.commands[command]
        return CommandResult(command, code, output, 0.1)

    def has_passed(self, _command: str) -> str:
        return ""

    def boxes(self, look: FollowsFrom) -> Sequence[BoxSeen]:
        seen = []
        for task in plan().tasks:
            whole = any(task.id == each or task.title == each for each in look.tasks)
            whole = whole or ("13.*" in look.tasks and task.id.startswith("13."))
            for box in boxes_of(task):
                line = box.item.box.line
                if whole or line in look.lines:
                    verdict = verdict_at(line, self.found) or "attested"
                    waits = any(self.found[each].waits_for for each in _answered_by()[line] if each in self.found)
                    if verdict == "not-checked":  # a person says that it does not apply, unless it waits for somebody
                        seen.append(BoxSeen(line, box.text, None if waits else "not-applicable"))
                    else:
                        seen.append(BoxSeen(line, box.text, verdict))
        return seen

    def sign_off(self, of: Of) -> str:
        return {"operator": "Ada <ada@example.com>", "approver": "whoever approves", "date": "2026-11-28"}[of]


def deployed(sandbox: Sandbox, profile: str) -> Looked:
    """The service of this profile, deployed in this account, with all that its checklist looks at; asked once."""
    files = dict(sample_files())
    config = json.loads(files[f"infrastructure/config/{profile}.json"])
    _deploy(sandbox, files["infrastructure/template.yaml"].decode(), config)
    outputs = sandbox.client("cloudformation").describe_stacks(StackName=f"SessionManagement-{profile}")
    found = {each["OutputKey"]: each["OutputValue"] for each in outputs["Stacks"][0]["Outputs"]}
    _people(sandbox, profile, found)
    files |= {
        f"infrastructure/outputs/{profile}.json": json.dumps(found).encode(),
        f"infrastructure/endpoint-{profile}.txt": found["WebSocketEndpoint"].encode(),
        "docs/websocket-endpoint.md": f"- {found['WebSocketEndpoint']}\n".encode(),
    }
    looked = Looked(profile, {}, files, _commands(profile), AwsDoor(sandbox=True, session=sandbox.session()))
    looked.outcomes()
    return replace(looked, behind=None, known={})


def _deploy(sandbox: Sandbox, template: str, config: Mapping[str, str]) -> None:
    s3, cloudformation = sandbox.client("s3"), sandbox.client("cloudformation")
    bucket, name = f"code-{config['stage']}", f"SessionManagement-{config['stage']}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="code.zip", Body=_ZIP)
    values = {
        "Stage": config["stage"],
        "AlarmEmail": config["alarmEmail"],
        "CodeBucket": bucket,
        "CodeKey": "code.zip",
    }
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=template,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    assert sandbox.settle(name) == "CREATE_COMPLETE"
    if not any(stack["StackName"] == "CDKToolkit" for stack in cloudformation.describe_stacks()["Stacks"]):
        cloudformation.create_stack(StackName="CDKToolkit", TemplateBody=_TOOLKIT)
        assert sandbox.settle("CDKToolkit") == "CREATE_COMPLETE"


def _people(sandbox: Sandbox, profile: str, outputs: Mapping[str, str]) -> None:
    """The test user, and in production the domain and its record."""
    cognito, pool = sandbox.client("cognito-idp"), outputs["UserPoolId"]
    cognito.admin_create_user(UserPoolId=pool, Username="smoke-test", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username="smoke-test", Password="Aa1" + "x" * 20, Permanent=True)
    if profile != "production":
        return
    route53 = sandbox.client("route53")
    zone = route53.create_hosted_zone(Name="example.com.", CallerReference="1")["HostedZone"]["Id"]
    record = {"Name": "sessions.example.com.", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "x.y."}]}
    route53.change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    )
    sandbox.client("apigatewayv2").create_domain_name(
        DomainName="sessions.example.com",
        DomainNameConfigurations=[{"CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1"}],
    )


def _commands(profile: str) -> dict[str, tuple[int, str]]:
    config = f"infrastructure/config/{profile}.json"
    smoke = ("connect", "user", "token", "create", "join", "heartbeat", "disconnect", "refresh")
    active = "import sys; print(sys.prefix); sys.exit(sys.prefix == sys.base_prefix)"
    return {
        "aws --version": (0, "aws-cli/2.15.0 Python/3.11.6"),
        "python3 --version": (0, "Python 3.11.7"),
        "node --version": (0, "v20.20.2"),
        "cdk --version": (0, "2.1000.0 (build 1)"),
        f"python3 -c '{active}'": (0, "/repo/.venv"),
        "make format && git -P diff --exit-code --stat -- . ':!.phasegate' ':!artifacts'": (0, ""),
        "make test": (0, "OK"),
        **{f"python3 smoke/smoke.py {config} {each}": (0, f"{each} passes: it does") for each in smoke},
    }


_TOOLKIT = json.dumps(
    {
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "cdk"}}},
        "Outputs": {"BootstrapVersion": {"Value": "21"}},
    }
)
_ZIP = b"PK\x05\x06" + b"\0" * 18  # an empty archive. Source: APPNOTE.TXT, 4.3.16
