"""The deployed service is right in every item that checks answer, and one wrong thing makes exactly that item fail.

The account is asked once for each profile; then single answers, files and commands are changed, and all is judged anew.
What rests on the same thing is said by name: items that follow from others, that look a name up, or that are one fact.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from phases.manual.boxes import box_checks
from phases.manual.hand_work import command_id
from phases.step import Check
from state.model import PlannedTask
from state.task_boxes import boxes_of, own_commands
from tests.worlds.checklist_world import Heard, Looked, checks, plan

pytestmark = pytest.mark.slow

Edit = Callable[[Looked], Looked]
DEV = "infrastructure/config/dev.json"
FIVE = ("authorizer", "connection-handler", "heartbeat-handler", "disconnect-handler", "refresh-handler")
OWN_COMMANDS = {13, 25, 26}  # `make install` and the like: the document's own, which its boxes hold
CANNOT = {64, 82}
IF_IT_FAILS = set(range(154, 175))  # the way back
COMPLETED = {179, 187, 196}
VERIFIED = {180, 188, 197}
TESTED = {181}
MADE_WRONG = 77  # boxes, each by one wrong thing


@dataclass(frozen=True)
class Wrong:
    """One wrong thing: `line` must fail by it; `also` are the lines that rest on the same."""

    line: int
    edit: Edit
    also: frozenset[int] = frozenset()


def answer(service: str, operation: str, change: Callable[[Any], None], about: str = "") -> Edit:
    """An answer of AWS with something changed; `about`: what stands in the call's parameters."""

    def edit(looked: Looked) -> Looked:
        heard: Heard = looked.heard
        found = [call for call in heard if call[:2] == (service, operation) and about in call[2]]
        assert found, (service, operation, about)
        for call in found:
            pages = heard[call]
            assert isinstance(pages, list), pages
            for page in pages:
                change(page)
        return looked

    return edit


def member(*path: str | int, to: object) -> Callable[[Any], None]:
    """Sets the member at this path."""

    def change(page: Any) -> None:
        for part in path[:-1]:
            page = page[part]
        page[path[-1]] = to

    return change


def entry(name: str, key: str, value: str, *path: str, to: object) -> Callable[[Any], None]:
    """Sets a member of the one entry of a list that has this key."""

    def change(page: Any) -> None:
        (found,) = [each for each in page[name] if each.get(key) == value]
        member(*path, to=to)(found)

    return change


def without(name: str, key: str, value: str) -> Callable[[Any], None]:
    """Takes the entry of a list with this key out."""

    def change(page: Any) -> None:
        left = [each for each in page[name] if each.get(key) != value]
        assert len(left) == len(page[name]) - 1
        page[name] = left

    return change


def file(path: str, content: bytes | None) -> Edit:
    def edit(looked: Looked) -> Looked:
        files = {name: data for name, data in looked.files.items() if name != path}
        return replace(looked, files=files if content is None else {**files, path: content})

    return edit


def setting(path: str, **changed: str) -> Edit:
    """A configuration with other values."""

    def edit(looked: Looked) -> Looked:
        return file(path, json.dumps({**json.loads(looked.files[path]), **changed}).encode())(looked)

    return edit


def command(begins: str, code: int, output: str = "") -> Edit:
    def edit(looked: Looked) -> Looked:
        (found,) = [each for each in looked.commands if each.startswith(begins)]
        return replace(looked, commands={**looked.commands, found: (code, output)})

    return edit


def actions(about: str, taken: str) -> Edit:
    """A role without this action."""

    def change(page: Any) -> None:
        for statement in page["PolicyDocument"]["Statement"]:
            given = statement["Action"]
            statement["Action"] = [each for each in ([given] if isinstance(given, str) else given) if each != taken]

    return answer("iam", "get_role_policy", change, about)


def denied(action: str) -> Callable[[Any], None]:
    """A role that is denied this beside what it is allowed."""

    def change(page: Any) -> None:
        page["PolicyDocument"]["Statement"].append({"Effect": "Deny", "Action": action, "Resource": "*"})

    return change


def elsewhere(part: str) -> Callable[[Any], None]:
    """A role whose resources with this in their names are others."""

    def change(page: Any) -> None:
        for statement in page["PolicyDocument"]["Statement"]:
            if part in statement["Resource"]:
                statement["Resource"] = statement["Resource"].replace(part, f"{part}another-")

    return change


def nobody_invokes(page: Any) -> None:
    policy = json.loads(page["Policy"])
    for statement in policy["Statement"]:
        statement["Principal"] = {"Service": "events.amazonaws.com"}
    page["Policy"] = json.dumps(policy)


def another_api_invokes(page: Any) -> None:
    policy = json.loads(page["Policy"])
    for statement in policy["Statement"]:
        source = statement["Condition"]["ArnLike"]
        source["AWS:SourceArn"] = "arn:aws:execute-api:us-east-1:123456789012:another/*/$connect"
    page["Policy"] = json.dumps(policy)


def another_function(name: str) -> Callable[[Any], None]:
    """An integration that calls another function than this one."""

    def change(page: Any) -> None:
        (found,) = [each for each in page["Items"] if f":{name}/" in each["IntegrationUri"]]
        found["IntegrationUri"] = found["IntegrationUri"].replace(name, f"{name}-old")

    return change


def of_tables() -> Iterator[Wrong]:
    lines = {"Sessions": (36, 37, 38), "Connections": (39, 40, 42), "RateLimits": (43, 44, 45)}
    for table, (active, forgets, billed) in lines.items():
        yield wrong(active, answer("dynamodb", "describe_table", member("Table", "TableStatus", to="CREATING"), table))
        for name, value in (("AttributeName", "createdAt"), ("TimeToLiveStatus", "DISABLED")):
            change = member("TimeToLiveDescription", name, to=value)
            yield wrong(forgets, answer("dynamodb", "describe_time_to_live", change, table))
        change = member("Table", "BillingModeSummary", "BillingMode", to="PROVISIONED")
        yield wrong(billed, answer("dynamodb", "describe_table", change, table))
    index = ("Table", "GlobalSecondaryIndexes", 0)
    keys = [{"AttributeName": "sessionId", "KeyType": "HASH"}]
    for name, value in (("IndexName", "sessionId-index"), ("IndexStatus", "CREATING"), ("KeySchema", keys)):
        yield wrong(41, answer("dynamodb", "describe_table", member(*index, name, to=value), "Connections"))


def of_functions() -> Iterator[Wrong]:
    for line, name in zip(range(56, 61), FIVE, strict=True):
        for setting_, value in (("MemorySize", 512), ("Timeout", 3), ("State", "Pending")):
            change = member(setting_, to=value)
            yield wrong(line, answer("lambda", "get_function_configuration", change, f"session-{name}-dev"))
        change = member("Role", to="arn:aws:iam::123456789012:role/admin-dev")
        yield wrong(62, answer("lambda", "get_function_configuration", change, f"session-{name}-dev"))
        yield wrong(62, actions(f"session-{name}-dev", "logs:PutLogEvents"))
        for part in (":log-group:", *([] if name == "authorizer" else [":table/"])):
            yield wrong(62, answer("iam", "get_role_policy", elsewhere(part), f"session-{name}-dev"))
        also = {86} if name in FIVE[2:] else set()  # one policy
        yield wrong(62, answer("iam", "get_role_policy", denied("dynamodb:*"), f"session-{name}-dev"), *also)
        group = f"/aws/lambda/session-{name}-dev"
        yield wrong(63, answer("logs", "describe_log_groups", without("logGroups", "logGroupName", group)))
        never = entry("logGroups", "logGroupName", group, "retentionInDays", to=None)
        yield wrong(63, answer("logs", "describe_log_groups", never))
        for change in (nobody_invokes, another_api_invokes):
            yield wrong(85, answer("lambda", "get_policy", change, f"session-{name}-dev"))
        for setting_, value in (*WATCHES_NOT, ("MetricName", "Duration"), ("Threshold", 1000)):
            watched = entry("MetricAlarms", "AlarmName", f"session-{name}-errors-dev", setting_, to=value)
            yield wrong(101, answer("cloudwatch", "describe_alarms", watched, "Prefix"))
    variables = ("Environment", "Variables")
    for name, variable in zip(FIVE, ("USER_POOL_ID", *["STAGE"] * 4), strict=True):
        change = member(*variables, variable, to="another")
        yield wrong(61, answer("lambda", "get_function_configuration", change, f"session-{name}-dev"))
    for name in FIVE[2:]:
        yield wrong(86, actions(f"session-{name}-dev", "execute-api:ManageConnections"))
        yield wrong(86, answer("iam", "get_role_policy", elsewhere("/prod/POST/"), f"session-{name}-dev"))


def of_the_api() -> Iterator[Wrong]:
    named = ("Items", "Name", "session-websocket-api-dev")
    rest = {61, 75, 76, 77, 78, 79, 80, 81, 83, 84, 85, 86, 117, 143}  # what looks its id up, or its endpoint
    yield wrong(74, answer("apigatewayv2", "get_apis", entry(*named, "Name", to="another")), *rest)
    yield wrong(75, answer("apigatewayv2", "get_apis", entry(*named, "ProtocolType", to="HTTP")))
    for line, route in zip(range(76, 80), ("$connect", "$disconnect", "heartbeat", "refreshConnection"), strict=True):
        for target in ("", "integrations/another"):
            change = entry("Items", "RouteKey", route, "Target", to=target)
            yield wrong(line, answer("apigatewayv2", "get_routes", change))
    for line, name in zip(range(76, 80), (FIVE[1], FIVE[3], FIVE[2], FIVE[4]), strict=True):
        yield wrong(line, answer("apigatewayv2", "get_integrations", another_function(f"session-{name}-dev")))
    authorizer = ("Items", "Name", "session-authorizer-dev")
    yield wrong(80, answer("apigatewayv2", "get_authorizers", entry(*authorizer, "AuthorizerType", to="JWT")))
    asks = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:"
    other = entry(*authorizer, "AuthorizerUri", to=f"{asks}session-refresh-handler-dev/invocations")
    yield wrong(80, answer("apigatewayv2", "get_authorizers", other))
    connect = ("Items", "RouteKey", "$connect")
    for name, value in (("AuthorizationType", "NONE"), ("AuthorizerId", "another")):
        yield wrong(81, answer("apigatewayv2", "get_routes", entry(*connect, name, to=value)))
    stage = ("Items", "StageName", "prod")
    yield wrong(83, answer("apigatewayv2", "get_stages", entry(*stage, "DeploymentId", to="")))
    limit = ("DefaultRouteSettings", "ThrottlingRateLimit")
    yield wrong(84, answer("apigatewayv2", "get_stages", entry(*stage, *limit, to=0)))


def all_off(page: Any) -> None:
    for alarm in page["MetricAlarms"]:
        alarm["ActionsEnabled"] = False


WATCHES_NOT: tuple[tuple[str, object], ...] = (
    ("ActionsEnabled", False),
    ("AlarmActions", []),
    ("AlarmActions", ["arn:aws:sns:us-east-1:123456789012:another"]),
)


def of_monitoring() -> Iterator[Wrong]:
    yield wrong(97, answer("cloudwatch", "describe_alarms", all_off, "Prefix"), 101)
    names = {
        98: "session-creation-latency-dev",
        99: "session-connection-errors-dev",
        100: "session-active-sessions-dev",
    }
    for line, name in names.items():
        metric = (("MetricName", "Another"), ("Threshold", 2_000_000), ("ComparisonOperator", "LessThanThreshold"))
        for setting_, value in (*WATCHES_NOT, *metric, ("Dimensions", [])):
            change = member("MetricAlarms", 0, setting_, to=value)
            yield wrong(line, answer("cloudwatch", "describe_alarms", change, name))
    topics = member("Topics", to=[{"TopicArn": "arn:aws:sns:us-east-1:123456789012:another"}])
    yield wrong(102, answer("sns", "list_topics", topics), 103, 104, 123)
    listed = ("sns", "list_subscriptions_by_topic")
    yield wrong(103, answer(*listed, member("Subscriptions", 0, "Endpoint", to="nobody@example.com")))
    pending = member("Subscriptions", 0, "SubscriptionArn", to="PendingConfirmation")
    yield wrong(104, answer(*listed, pending), 123)  # one fact, asked about twice


def of_the_machine() -> Iterator[Wrong]:
    yield wrong(8, command("aws --version", 127))
    yield wrong(9, command("python3 --version", 0, "Python 3.10.14"))
    yield wrong(10, command("node --version", 0, "v16.20.2"))
    yield wrong(11, command("cdk --version", 127))
    yield wrong(12, command("python3 -c", 1, "/usr"))
    yield wrong(16, setting(DEV, account="210987654321"))
    yield wrong(17, setting(DEV, region="eu-west-1"))
    yield wrong(17, answer("ec2", "describe_regions", without("Regions", "RegionName", "us-east-1")))
    pool = ("UserPools", "Name", "session-users-dev")
    yield wrong(18, answer("cognito-idp", "list_user_pools", entry(*pool, "Name", to="another")), 19, 61, 127)
    client = ("UserPoolClients", "ClientName", "session-client-dev")
    yield wrong(19, answer("cognito-idp", "list_user_pool_clients", entry(*client, "ClientName", to="another")), 61)
    yield wrong(20, file(DEV, None), 16, 17, 21, 22, 103)
    yield wrong(20, file(DEV, b"{"), 16, 17, 21, 22, 103)
    for name, value in (("stage", ""), ("stage", "<stage>"), ("account", "your account")):
        also = {16} if name == "account" else set()
        yield wrong(21, setting(DEV, **{name: value}), *also)
    yield wrong(22, setting(DEV, alarmEmail="on-call@example.com or me"))
    yield wrong(27, command("make format", 1, "service/tokens.py | 2 +-"))
    bootstrap = member("Stacks", 0, "Outputs", to=[])
    yield wrong(30, answer("cloudformation", "describe_stacks", bootstrap, "CDKToolkit"))
    for status in ("ROLLBACK_COMPLETE", "UPDATE_IN_PROGRESS"):
        ended = member("Stacks", 0, "StackStatus", to=status)
        yield wrong(31, answer("cloudformation", "describe_stacks", ended, "CDKToolkit"))


def of_the_end() -> Iterator[Wrong]:
    outputs = "infrastructure/outputs/dev.json"
    yield wrong(116, file(outputs, b"{}"))
    yield wrong(117, file("infrastructure/endpoint-dev.txt", b"wss://another.execute-api.us-east-1.amazonaws.com\n"))
    for line, test in zip(range(126, 134), SMOKE, strict=True):
        yield wrong(line, command(f"python3 smoke/smoke.py {DEV} {test}", 1, f"{test} fails: it does not"))
    status = member("Users", 0, "UserStatus", to="FORCE_CHANGE_PASSWORD")
    yield wrong(127, answer("cognito-idp", "list_users", status))
    yield wrong(143, file("docs/websocket-endpoint.md", b"- dev: to come\n"))
    for content in (None, b"", b"[Add deployment notes here]\n"):
        yield wrong(147, file("docs/deployment-notes.md", content))


def of_production() -> Iterator[Wrong]:
    status = ("ContinuousBackupsDescription", "PointInTimeRecoveryDescription", "PointInTimeRecoveryStatus")
    for table in ("Sessions", "Connections", "RateLimits"):
        change = member(*status, to="DISABLED")
        yield wrong(136, answer("dynamodb", "describe_continuous_backups", change, table), 199)
    yield wrong(137, answer("apigatewayv2", "get_domain_names", member("Items", to=[])))
    other = member("ResourceRecordSets", to=[{"Name": "www.example.com."}])
    yield wrong(138, answer("route53", "list_resource_record_sets", other))
    yield wrong(139, answer("cloudwatch", "list_dashboards", member("DashboardEntries", to=[])))
    group = ("logGroups", "logGroupName", "/aws/lambda/session-authorizer-production")
    for name, also in (("retentionInDays", {63}), ("logGroupName", {63})):  # one group, asked about twice
        yield wrong(140, answer("logs", "describe_log_groups", entry(*group, name, to=None)), *also)


SMOKE = ("connect", "user", "token", "create", "join", "heartbeat", "disconnect", "refresh")


def wrong(line: int, edit: Edit, *also: int) -> Wrong:
    return Wrong(line, edit, frozenset(also))


def follow(lines: set[int], profile: str) -> set[int]:
    """The lines that follow from these failing, and apply in this profile."""
    found: set[int] = set()
    if any(36 <= line <= 104 for line in lines):
        found |= COMPLETED
    found |= VERIFIED if any(116 <= line <= 123 for line in lines) else set()
    found |= TESTED if any(25 <= line <= 27 or 126 <= line <= 133 for line in lines) else set()
    found |= {200} if any(97 <= line <= 104 for line in lines) else set()
    found |= {198} if any(136 <= line <= 140 for line in lines) else set()
    of_profile = {"dev": range(179, 185), "production": range(196, 206)}[profile]
    return {line for line in found if line in of_profile}


DEV_WRONGS = [
    *of_tables(),
    *of_functions(),
    *of_the_api(),
    *of_monitoring(),
    *of_the_machine(),
    *of_the_end(),
]
PRODUCTION_WRONGS = [*of_production()]
GOOD = ("pass", "derived")


@pytest.fixture
def dev(bases: Mapping[str, Looked]) -> Looked:
    return bases["dev"]


def bad(looked: Looked) -> set[int]:
    """The lines that are not as expected, but for what cannot be, and what is looked at only if it fails."""
    return {line for line, each in looked.verdicts().items() if each not in GOOD} - CANNOT - IF_IT_FAILS


@pytest.mark.parametrize("profile", ["dev", "production"])
def test_the_service_is_right_in_every_item_that_checks_answer(bases: Mapping[str, Looked], profile: str) -> None:
    assert bad(bases[profile]) == set()


def test_each_call_is_made_once_a_section(dev: Looked) -> None:
    found, calls = replace(dev, known=None).outcomes()
    asked = [outcome for outcome in found.values() if "service" in outcome.request]
    assert len(asked) > 80
    assert calls <= 70
    assert len(dev.heard) <= 45  # one a resource and question: three tables, five functions and roles, one API


@pytest.mark.parametrize(
    ("profile", "wrongs"), [("dev", DEV_WRONGS), ("production", PRODUCTION_WRONGS)], ids=["dev", "production"]
)
def test_one_wrong_thing_makes_exactly_that_item_fail(
    bases: Mapping[str, Looked], profile: str, wrongs: list[Wrong]
) -> None:
    missed = []
    for number, each in enumerate(wrongs):
        seen = bad(bases[profile].changed(each.edit))
        direct = {each.line, *each.also}
        if seen != direct | follow(direct, profile):
            missed.append((number, each.line, sorted(seen), sorted(direct | follow(direct, profile))))
    assert missed == []


def test_every_item_that_aws_or_the_machine_answers_was_made_wrong() -> None:
    known = {each.line for each in (*DEV_WRONGS, *PRODUCTION_WRONGS)}
    looked_at = {int(line) for line in re.findall(r"\bline: ([0-9]+)", _text())} - CANNOT - IF_IT_FAILS
    of_the_run = set(range(179, 206))
    assert looked_at - of_the_run - known == {123}  # the fact of 104, once more
    assert not known - looked_at
    assert not known & OWN_COMMANDS


def _text() -> str:
    from phases.deployment_checklist.workflow import CHECKS, beside

    return beside()[CHECKS].decode()


WAY_BACK = {155: "events read", 170: "all is gone", 173: "tests pass again"}


def gone(looked: Looked, but_for: tuple[str, ...] = ()) -> Looked:
    """Nothing of what the way back has to remove is there, but for the answer to one call."""
    for call in calls_of(170, looked):
        if call != but_for:
            looked.heard.pop(call, None)
    return looked


def calls_of(line: int, looked: Looked) -> set[tuple[str, ...]]:
    """The calls by which the box of this line is answered."""
    (item,) = [item for task in plan().tasks for item in task.items if item.box.line == line]
    mine = [check.id for check in checks().checks if check.criterion == item.text]
    found, _calls = looked.outcomes()
    asked = [found[each].request for each in mine]
    return {(str(r["service"]), str(r["operation"]), json.dumps(r["parameters"], sort_keys=True)) for r in asked}


def not_back(looked: Looked) -> set[int]:
    verdicts = looked.verdicts()
    return {line for line in WAY_BACK if verdicts[line] not in GOOD}


def test_on_the_way_back_one_resource_that_is_left_makes_exactly_that_item_fail(dev: Looked) -> None:
    calls = calls_of(170, dev)
    assert len(calls) >= 9  # the stack, three tables, five functions
    assert not_back(dev) == {170}
    assert not_back(dev.changed(gone)) == set()
    for call in calls:
        assert not_back(dev.changed(lambda looked, call=call: gone(looked, call))) == {170}, call  # type: ignore[misc]


def test_on_the_way_back_events_that_nobody_has_and_tests_that_fail_make_exactly_theirs_fail(dev: Looked) -> None:
    nothing = answer("cloudformation", "describe_stack_events", member("StackEvents", to=[]))
    assert not_back(dev.changed(gone).changed(nothing)) == {155}
    failing = replace(dev.changed(gone), commands={**dev.commands, "make test": (1, "1 failed")})
    assert not_back(failing) == {173}


def test_a_command_of_the_documents_own_that_fails_makes_exactly_its_item_fail() -> None:
    seen = set()
    for task in plan().tasks:
        ended = {n: Check(f"command {n}", "exit 0", "exit 0", "pass", answers=(command_id(n),)) for n in of(task)}
        for number in ended:
            failed = {**ended, number: replace(ended[number], verdict="fail")}
            verdicts = {check.item: check.verdict for check in box_checks(task, list(failed.values()), {})}
            boxes = [box for box in boxes_of(task) if number in own_commands(task, box)]
            for box in boxes:
                assert {item for item, verdict in verdicts.items() if verdict == "fail"} == {box.id}
                good = {check.item: check.verdict for check in box_checks(task, list(ended.values()), {})}
                assert good[box.id] == "pass"
                seen.add(box.item.box.line)
    assert seen >= OWN_COMMANDS


def of(task: PlannedTask) -> range:
    return range(1, len(task.commands) + 1)


def test_how_many_items_a_machine_answers_and_was_wrong_about_once() -> None:
    """All that AWS or this machine answers; what is derived follows (`follow`), and the sign-offs are of the run."""
    wrongs = {each.line for each in (*DEV_WRONGS, *PRODUCTION_WRONGS)}
    assert len(wrongs | OWN_COMMANDS | set(WAY_BACK) | {123}) == MADE_WRONG


def test_there_are_116_items_and_each_is_somebodys() -> None:
    lines = {item.box.line for task in plan().tasks for item in task.items}
    assert len(lines) == 116
    named = {check.line for check in checks().checks if check.line}
    people = lines - named - OWN_COMMANDS - {170, 173}
    assert people == {*range(118, 123), 144, 145, 146, 154, 156, 157, 171, 172, 174, 182, *PEOPLE_LATER}


PEOPLE_LATER = {189, 190, 191, 201, 202}
