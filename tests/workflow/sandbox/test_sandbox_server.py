"""The server: it outlives its starter, survives a kill, and is one per directory."""

import contextlib
import fcntl
import hmac
import json
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError

from state.extras import install_extra
from tests.worlds.sandbox_world import DOCUMENT, TRUST, alarm, stack_of, table, topic
from tests.worlds.warm_sandbox import real_servers
from workflow.sandbox import control, kept_port
from workflow.sandbox.callers import TOKEN, proof
from workflow.sandbox.errors import SandboxRefused

pytestmark = pytest.mark.slow
RESOURCES = stack_of(
    Topic=topic(),
    Users=table(
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}, SSESpecification={"SSEEnabled": True}
    ),
    Throttled=alarm({"Ref": "Users"}, AlarmActions=[{"Ref": "Topic"}]),
)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    directory = tmp_path / "phasegate" / "sandbox"
    yield directory
    control.stop(directory)


@pytest.fixture
def real() -> Iterator[None]:
    """Servers of this test begin as they do for a user; those of the others are forked (`warm_sandbox`)."""
    with real_servers():
        yield


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a server that has ended; nobody changes it."""
    directory = tmp_path_factory.mktemp("stopped") / "sandbox"
    control.start(directory)
    control.stop(directory)
    return directory


@pytest.fixture
def left(stopped: Path, home: Path) -> Path:
    """As a server that has ended leaves it."""
    shutil.copytree(stopped, home)
    return home


def client(info: control.SandboxInfo, service: str, region: str = "us-east-1") -> Any:
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=info.endpoint_url,
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",
        config=Config(retries={"total_max_attempts": 1}),
    )


def review(cloudformation: Any) -> str:
    made = cloudformation.create_change_set(
        StackName="s", ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=json.dumps(RESOURCES)
    )
    for _ in range(2):
        cloudformation.describe_change_set(ChangeSetName=made["Id"])
    return str(made["Id"])


def status(cloudformation: Any) -> str:
    return str(cloudformation.describe_stacks(StackName="s")["Stacks"][0]["StackStatus"])


def poll(cloudformation: Any) -> str:
    for _ in range(20):
        if not status(cloudformation).endswith("IN_PROGRESS"):
            break
    return status(cloudformation)


def wait_for_end(lock_file: TextIO) -> None:
    """Return when the kernel has let go of the server's lock: the process is gone."""
    with lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)


def kill(info: control.SandboxInfo, home: Path) -> None:
    os.kill(info.pid, signal.SIGKILL)
    wait_for_end((home / "server.lock").open())


@pytest.mark.usefixtures("real")
def test_a_killed_server_comes_back_in_the_middle_of_its_deployment(home: Path) -> None:
    info = control.start(home)
    cloudformation = client(info, "cloudformation")
    cloudformation.execute_change_set(ChangeSetName=review(cloudformation))
    assert status(cloudformation) == "CREATE_IN_PROGRESS"
    assert status(cloudformation) == "CREATE_IN_PROGRESS"
    kill(info, home)
    assert control.status(home) is None

    again = control.start(home)
    assert again.pid != info.pid
    cloudformation = client(again, "cloudformation")
    resources = cloudformation.list_stack_resources(StackName="s")["StackResourceSummaries"]
    seen = {r["LogicalResourceId"]: r["ResourceStatus"] for r in resources}
    assert seen == {"Topic": "CREATE_COMPLETE", "Users": "CREATE_IN_PROGRESS"}
    assert poll(cloudformation) == "CREATE_COMPLETE"
    kill(again, home)

    last = control.start(home)
    assert status(client(last, "cloudformation")) == "CREATE_COMPLETE"
    database = client(last, "dynamodb")
    backups = database.describe_continuous_backups(TableName="Users")["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert database.describe_table(TableName="Users")["Table"]["SSEDescription"]["Status"] == "ENABLED"
    assert client(last, "cloudwatch").describe_alarms()["MetricAlarms"][0]["Dimensions"][0]["Value"] == "Users"


def test_the_server_keeps_its_port_while_it_is_free(home: Path) -> None:
    first = control.start(home)
    assert first.endpoint_url == f"http://127.0.0.1:{first.port}"
    control.stop(home)
    second = control.start(home)
    assert (second.port, second.pid != first.pid) == (first.port, True)
    control.stop(home)
    with socket.create_server(("127.0.0.1", first.port)):
        third = control.start(home)
    assert third.port != first.port


@pytest.mark.parametrize("kept", [b"", b"80", b"99999", b"eighty", b"\xb2\xb2", b"1" * 40])
def test_a_kept_port_that_is_none_gives_way(home: Path, kept: bytes) -> None:
    home.mkdir(parents=True)
    (home / "port").write_bytes(kept)
    with kept_port.listen(home) as listening:
        port = listening.getsockname()[1]
    assert port >= 1024
    assert (home / "port").read_bytes() == str(port).encode()


@pytest.mark.usefixtures("real")
def test_starting_twice_at_once_gives_one_server(home: Path) -> None:
    found: list[control.SandboxInfo] = []
    threads = [threading.Thread(target=lambda: found.append(control.start(home))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3 and len(set(found)) == 1
    assert control.start(home) == found[0] == control.status(home)


def test_a_server_that_cannot_prove_itself_is_not_ours(home: Path) -> None:
    control.start(home)
    described = home / "server.json"
    truth = described.read_text()
    described.write_text(json.dumps({**json.loads(truth), "token": "another"}))
    assert control.status(home) is None
    described.write_text(truth)
    assert control.status(home) is not None


def test_nobody_is_called_on_the_port_of_a_server_that_is_gone(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        stranger.setblocking(False)
        described = {"pid": 1, "port": stranger.getsockname()[1], "token": "t", "started_at": "", "account": ""}
        (tmp_path / "server.json").write_text(json.dumps(described))
        (tmp_path / "server.lock").touch()
        assert control.status(tmp_path) is None
        with pytest.raises(BlockingIOError):
            stranger.accept()


def test_stopping_keeps_the_account_and_forgetting_does_not(home: Path) -> None:
    database = client(control.start(home), "dynamodb")
    properties = table()["Properties"]
    database.create_table(**properties)
    for number in range(20):
        database.put_item(TableName="Users", Item={"pk": {"S": str(number)}})
    assert control.stop(home) is True
    assert control.status(home) is None and control.stop(home) is False
    assert (home / "snapshot.bin").stat().st_mode & 0o777 == 0o600
    assert home.stat().st_mode & 0o777 == 0o700
    database = client(control.start(home), "dynamodb")
    assert database.scan(TableName="Users")["Count"] == 20
    control.stop(home, forget=True)
    assert client(control.start(home), "dynamodb").list_tables()["TableNames"] == []


def test_a_snapshot_of_every_service_that_is_used_comes_back(home: Path) -> None:
    info = control.start(home)
    client(info, "dynamodb").create_table(**table(SSESpecification={"Enabled": True})["Properties"])
    client(info, "sns").create_topic(Name="ops")
    client(info, "cloudwatch").put_dashboard(DashboardName="ops", DashboardBody="{}")
    client(info, "logs").create_log_group(logGroupName="/app")
    client(info, "s3").create_bucket(Bucket="plans")
    client(info, "s3").put_object(Bucket="plans", Key="a/b", Body=b"body")
    role = client(info, "iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    client(info, "iam").put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=json.dumps(DOCUMENT))
    code = {"ZipFile": b"PK\x05\x06" + b"\0" * 18}
    function = {"FunctionName": "f", "Runtime": "python3.11", "Role": role, "Handler": "a.b", "Code": code}
    client(info, "lambda").create_function(**function)
    api = client(info, "apigatewayv2").create_api(Name="api", ProtocolType="HTTP")["ApiId"]
    pool = client(info, "cognito-idp").create_user_pool(PoolName="people")["UserPool"]["Id"]
    amount = {"Amount": "10", "Unit": "USD"}
    budget = {"BudgetName": "b", "BudgetLimit": amount, "TimeUnit": "MONTHLY", "BudgetType": "COST"}
    client(info, "budgets").create_budget(AccountId=info.account, Budget=budget)
    assert control_get(info, "health")["unsaved"] == ""
    kill(info, home)

    info = control.start(home)
    assert client(info, "dynamodb").list_tables()["TableNames"] == ["Users"]
    assert len(client(info, "sns").list_topics()["Topics"]) == 1
    assert client(info, "cloudwatch").get_dashboard(DashboardName="ops")["DashboardBody"] == "{}"
    assert client(info, "logs").describe_log_groups()["logGroups"][0]["logGroupName"] == "/app"
    assert client(info, "s3").get_object(Bucket="plans", Key="a/b")["Body"].read() == b"body"
    assert client(info, "iam").list_role_policies(RoleName="r")["PolicyNames"] == ["p"]
    assert client(info, "lambda").get_function(FunctionName="f")["Configuration"]["Role"] == role
    assert client(info, "apigatewayv2").get_api(ApiId=api)["Name"] == "api"
    assert client(info, "cognito-idp").describe_user_pool(UserPoolId=pool)["UserPool"]["Name"] == "people"
    assert len(client(info, "budgets").describe_budgets(AccountId=info.account)["Budgets"]) == 1


def control_get(info: control.SandboxInfo, what: str, document: Any = None) -> Any:
    data = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(f"{info.endpoint_url}/_phasegate/{what}", data, {TOKEN: info.token})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def test_health_counts_requests_and_proves_whose_it_is(home: Path) -> None:
    info = control.start(home)
    client(info, "sts").get_caller_identity()
    health = control_get(info, "health")
    assert health == {
        "sandbox": "phasegate",
        "pid": info.pid,
        "proof": proof(info.token, "answer", ""),
        "account": "123456789012",
        "requests": 1,
        "unsaved": "",
        "unsent": {"total": 0, "latest": []},
    }


def test_a_lost_reply_breaks_the_connection_after_the_effect(home: Path) -> None:
    info = control.start(home)
    cloudformation = client(info, "cloudformation")
    change_set = review(cloudformation)
    control_get(info, "faults", {"lost_replies": {"ExecuteChangeSet": {}}})
    with pytest.raises(ConnectionClosedError):
        cloudformation.execute_change_set(ChangeSetName=change_set)
    assert control_get(info, "faults")["lost_replies"] == {}
    assert poll(cloudformation) == "CREATE_COMPLETE"


def test_another_motos_snapshot_is_refused_with_the_way_out(left: Path) -> None:
    home, snapshot = left, left / "snapshot.bin"
    header, _, body = snapshot.read_bytes().partition(b"\n")
    snapshot.write_bytes(json.dumps({**json.loads(header), "moto": "4.0.0"}).encode() + b"\n" + body)
    with pytest.raises(SandboxRefused) as error:
        control.start(home)
    assert str(snapshot) in error.value.message and "4.0.0" in error.value.message
    assert error.value.next_command == "phasegate sandbox stop --forget"
    control.stop(home, forget=True)
    assert control.start(home)


class Mark:
    """Unpickled, it makes a directory beside the snapshot."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (Path.mkdir, (self.path,))


def sealed_elsewhere(path: Path) -> bytes:
    """Of the right versions, with a seal of the right form that another secret made, and a pickle that would act."""
    header, _, _ = path.read_bytes().partition(b"\n")
    body = pickle.dumps(Mark(path.with_name("ran")))
    return header + b"\n" + hmac.new(b"s" * 32, header + b"\n" + body, "sha256").hexdigest().encode() + b"\n" + body


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.chmod(0o622), "can be written by others"),
        (lambda path: path.write_bytes(path.read_bytes()[:-20]), "does not carry the seal"),
        (lambda path: path.write_bytes(b"garbage"), "has no header"),
        (lambda path: path.write_bytes(sealed_elsewhere(path)), "does not carry the seal"),
        (
            lambda path: path.write_bytes(b'{"phasegate-sandbox": 1, "moto": "5"}\n' + pickle.dumps({})),
            "was written by",
        ),
    ],
    ids=["others could have written", "is cut off", "is something else", "was sealed elsewhere", "is of 0.1"],
)
def test_a_snapshot_is_refused_that(left: Path, spoil: Any, said: str) -> None:
    spoil(left / "snapshot.bin")
    with pytest.raises(SandboxRefused, match=said):
        control.start(left)
    assert control.status(left) is None
    assert not (left / "ran").exists()


@pytest.mark.usefixtures("real")
def test_a_missing_moto_is_said_with_the_command_that_mends_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A package that cannot be imported, ahead of the real one on the server's path.
    package = home.parent / "blocked" / "workflow_path"
    (package / "moto").mkdir(parents=True)
    (package / "moto" / "__init__.py").write_text("raise ImportError('No module named moto')\n")
    monkeypatch.setattr(control, "PACKAGE_PATH", f"{package}{os.pathsep}{control.PACKAGE_PATH}")
    with pytest.raises(SandboxRefused) as error:
        control.start(home)
    assert error.value.next_command == install_extra("sandbox")
    assert "server.log" in error.value.message


@pytest.mark.usefixtures("real")
def test_it_ends_by_itself_when_idle_and_keeps_the_account(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHASEGATE_SANDBOX_IDLE_SECONDS", "0.2")
    control.start(home)
    wait_for_end((home / "server.lock").open())
    assert control.status(home) is None
    assert (home / "snapshot.bin").exists() and not (home / "server.json").exists()


def test_it_ends_by_itself_when_its_directory_has_gone(home: Path) -> None:
    control.start(home)
    lock = (home / "server.lock").open()
    shutil.rmtree(home)
    wait_for_end(lock)
    assert not home.exists()


def test_a_directory_made_anew_is_not_written_by_the_server_of_the_old_one(home: Path) -> None:
    old = control.start(home)
    client(old, "dynamodb").create_table(**table("Old")["Properties"])
    old_lock = (home / "server.lock").open()
    shutil.rmtree(home)
    new = control.start(home)
    client(new, "dynamodb").create_table(**table("New")["Properties"])
    with contextlib.suppress(ProcessLookupError):  # it sees within a second that its directory has gone
        os.kill(old.pid, signal.SIGTERM)
    wait_for_end(old_lock)
    kill(new, home)
    assert client(control.start(home), "dynamodb").list_tables()["TableNames"] == ["New"]


def test_a_second_server_on_one_directory_is_refused(home: Path) -> None:
    control.start(home)
    second = subprocess.run(
        [sys.executable, "-m", "workflow.sandbox.server", str(home)], capture_output=True, text=True, check=False
    )
    assert second.returncode == 5 and "another sandbox server has" in second.stderr


@pytest.mark.usefixtures("real")
def test_a_directory_of_the_callers_does_not_stand_in_for_our_packages(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "workflow").mkdir()
    (tmp_path / "workflow" / "__init__.py").write_text("raise SystemExit('the wrong workflow')\n")
    monkeypatch.chdir(tmp_path)
    assert control.start(home).account == "123456789012"


def test_looking_needs_nothing_but_the_standard_library() -> None:
    code = "import sys; import workflow.sandbox.control; print(sorted({m.split('.')[0] for m in sys.modules}))"
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not [
        name for name in ("boto3", "botocore", "moto", "yaml", "cloudpickle", "werkzeug") if f"'{name}'" in seen
    ]
