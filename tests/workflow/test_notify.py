"""Who is told when a gate waits, expires or is decided: over real webhooks and commands; a notice never stops a run."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue

import pytest

from phases.aws import AwsPort
from state.errors import BadInput, Waiting
from tests.worlds.repositories import first_commit
from tests.worlds.run_world import RunWorld
from tests.worlds.typed_commands import ENTER, ask, ended, typed, until
from workflow.doors.aws.client import AwsDoor
from workflow.engine.engine import Doors, Engine
from workflow.policy.policy_file import read_notify, read_policies
from workflow.ports import Pause
from workflow.sandbox.inprocess import Sandbox
from workflow.service import notify
from workflow.service.notify import notified
from workflow.service.served import gate_served, served


class Hook:
    """A webhook on this machine: what it was sent, and what it answers."""

    def __init__(self) -> None:
        self.got: Queue[bytes] = Queue()
        self.answer = 200
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hook.got.put(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(hook.answer)
                self.end_headers()

            def log_message(self, *_arguments: object) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/services/T0/very-secret"

    def texts(self) -> list[str]:
        return [json.loads(self.got.get_nowait())["text"] for _ in range(self.got.qsize())]


@pytest.fixture
def hook() -> Iterator[Hook]:
    found = Hook()
    thread = threading.Thread(target=found.server.serve_forever)
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


class World(RunWorld):
    aws: AwsPort | None = None

    def doors(self) -> Doors:
        doors, aws = super().doors(), self.aws
        return doors if aws is None else replace(doors, connect=lambda: aws)

    def settings(self, text: str) -> None:
        (self.root / "phasegate.yaml").write_text(text)
        self.git("add", "phasegate.yaml")
        self.git("commit", "-q", "-m", "Settings")

    def drive(self, engine: Engine) -> None:
        with notified(engine), pytest.raises(Waiting):
            engine.drive()

    def told(self) -> list[str]:
        return [line for line in self.person.lines if line.startswith("notify: ")]


@pytest.fixture
def world(tmp_path: Path) -> World:
    found = World(tmp_path)
    found.sandbox = False
    found.person.verdicts = [Pause()]
    return found


def test_a_gate_that_waits_and_its_decision_are_told(world: World, hook: Hook) -> None:
    world.settings(f"notify: {{webhook: '{hook.address}'}}\n")
    with world.start() as engine:
        world.drive(engine)
        name, digest = engine.run.run_id, engine.run.task("t1_1").request
    assert digest is not None
    (text,) = hook.texts()
    assert text.startswith(f"repo: {name}: 1.1 Choose a colour waits for approval until ")
    assert f"phasegate approve {name} --digest {digest.digest[:7]}" in text
    world.person.verdicts = [Pause()]
    with world.reopen() as engine:
        world.drive(engine)
    assert hook.texts() == []  # told once, not by each process that asks
    with world.reopen() as engine, notified(engine):
        engine.reject("a <!channel> colour")
    (text,) = hook.texts()
    assert "1.1 Choose a colour rejected by Ada &lt;ada@example.com&gt;: a &lt;!channel&gt; colour" in text


@pytest.mark.parametrize("base", ["https://gates.example.com", "http://localhost:8471"])
def test_the_gates_address_is_told_while_a_page_serves_it_behind_tls(base: str, world: World, hook: Hook) -> None:
    world.settings(f"notify: {{webhook: '{hook.address}', when: [waits]}}\n")
    with served({"the shed": world.root}, base), world.start() as engine:
        world.drive(engine)
        name = engine.run.run_id
    (text,) = hook.texts()
    address = f"{base}/r/the%20shed/{name}/gate"
    assert (f" UTC: {address} ; phasegate status " in text) is base.startswith("https:")
    assert ("localhost" in text) is False
    assert gate_served(world.root, name) == ""  # nobody serves it any more


def test_an_expired_gate_is_told_as_that(world: World, hook: Hook) -> None:
    world.settings(f"notify: {{webhook: '{hook.address}', when: [expires]}}\n")
    with world.start() as engine:
        world.drive(engine)
    world.clock.at += timedelta(days=2)
    world.person.verdicts = [Pause()]
    with world.reopen() as engine:
        world.drive(engine)
    (text,) = hook.texts()
    assert "1.1 Choose a colour expired: nobody decided before" in text


def test_a_command_gets_the_facts_and_its_failure_is_a_line(world: World) -> None:
    world.settings("notify: {command: 'echo \"$PHASEGATE_EVENT $PHASEGATE_TASK\" >> ../told; exit 3'}\n")
    with world.start() as engine:
        world.drive(engine)
    assert (world.root.parent / "told").read_text() == "waits 1.1\n"
    assert world.told()[0].startswith("notify: the command was not told: `echo ")
    assert "ended with 3" in world.told()[0]


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ("webhook: 'http://127.0.0.1:{closed}/x/very-secret'", "the webhook was not told: the webhook at 127.0.0.1"),
        ("webhook: $NO_SUCH_HOOK", "the webhook was not told: the variable that $NO_SUCH_HOOK names is not set"),
        (
            "sns: 'arn:aws:sns:eu-west-1:111122223333:gates'",
            "topic arn:aws:sns:eu-west-1:111122223333:gates was not told",
        ),
    ],
)
def test_what_cannot_be_delivered_stops_nothing(settings: str, line: str, world: World) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = free.getsockname()[1]
    world.settings(f"notify: {{{settings.replace('{closed}', str(closed))}}}\n")
    world.person.verdicts = []
    with world.start() as engine, notified(engine):
        engine.drive()
        assert engine.complete
    assert any(line in each for each in world.told())
    assert not any("very-secret" in each for each in world.person.lines)


def test_a_webhook_that_refuses_is_tried_once(world: World, hook: Hook) -> None:
    hook.answer = 500
    world.settings(f"notify: {{webhook: '{hook.address}', when: [waits]}}\n")
    with world.start() as engine:
        world.drive(engine)
    assert len(hook.texts()) == 1
    assert world.told() == ["notify: the webhook was not told: it answered 500"]


def test_a_way_that_does_not_answer_is_left_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify, "LIMIT", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, and never answers
        world.settings(f"notify: {{webhook: 'http://127.0.0.1:{silent.getsockname()[1]}/', when: [waits]}}\n")
        with world.start() as engine:
            world.drive(engine)
    assert world.told() == ["notify: the webhook was not told: no answer within 0.05 s"]


def test_no_secret_is_told(world: World, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", hook.address)
    world.settings("notify: {webhook: $HOOK}\n")
    with world.start() as engine:
        world.drive(engine)
        hook.texts()
        with notified(engine):
            engine.reject("the password=hunter2-and-more is wrong")
    (text,) = hook.texts()
    assert "hunter2" not in text


def test_a_sandbox_run_tells_nobody_outside_unless_it_is_asked_to(world: World, hook: Hook) -> None:
    world.sandbox = True
    world.settings(f"notify: {{webhook: '{hook.address}', command: 'touch ../told'}}\n")
    with world.start() as engine:
        world.drive(engine)
        assert hook.texts() == []
        assert not (world.root.parent / "told").exists()
        world.settings(f"notify: {{webhook: '{hook.address}', sandbox: true}}\n")
        with notified(engine):
            engine.reject("no")
    assert len(hook.texts()) == 1


def test_a_topic_gets_the_notice_in_its_own_region(world: World) -> None:
    world.sandbox = True
    with Sandbox() as sandbox:
        sns, sqs = sandbox.client("sns", "eu-central-1"), sandbox.client("sqs", "eu-central-1")
        topic, queue = sns.create_topic(Name="gates")["TopicArn"], sqs.create_queue(QueueName="told")["QueueUrl"]
        name = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=name)
        world.settings(f"notify: {{sns: '{topic}', when: [decided], sandbox: true}}\n")
        world.aws = AwsDoor(region="us-east-1", sandbox=True, session=sandbox.session("us-east-1"))
        with world.start() as engine:
            world.drive(engine)
            with notified(engine):
                engine.reject("the password=hunter2-and-more is wrong")
        (message,) = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
        body = json.loads(message["Body"])
    assert world.told() == []
    assert body["Message"].startswith(f"repo: {engine.run.run_id}: 1.1 Choose a colour rejected by Ada")
    assert body["Subject"] == body["Message"][: notify.SUBJECT]
    assert "hunter2" not in message["Body"]


@pytest.mark.slow
def test_the_bell_rings_at_a_terminal_when_a_gate_waits(tmp_path: Path) -> None:
    (tmp_path / "shed.md").write_text("# Shed\n\n- [ ] 1. Paint\n")
    (tmp_path / "phasegate.yaml").write_text("notify: {bell: true, when: [waits]}\n")
    first_commit(tmp_path)
    child = typed(tmp_path, "run", "shed.md")
    assert "\a" not in until(child, r"Is [^\n]* done\?[^\n]*a key, or")
    child.expect("pause: go on later")
    child.send("d" + ENTER)
    child.expect("\a")
    ask(child)
    child.send("p")
    assert ended(child) == 3


def test_what_is_not_committed_tells_nobody(world: World, hook: Hook) -> None:
    world.settings("notify: {bell: true}\n")
    with world.start() as engine:
        world.drive(engine)
        (world.root / "phasegate.yaml").write_text(f"notify: {{webhook: '{hook.address}'}}\n")
        with notified(engine):
            engine.reject("no")
    assert hook.texts() == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("notify: {webhook: 'http://example.com/x'}", "webhook: expected an https address (http to this machine only)"),
        ("notify: {when: [somehow]}", "when, entry 1: expected 'waits', 'expires' or 'decided', seen 'somehow'"),
        ("notify: {weebhook: x}", "weebhook"),
        ("notify: {sns: gates}", "sns: expected the ARN of a topic, seen 'gates'"),
        ("notify: {bell: maybe}", "bell: expected true or false, seen 'maybe'"),
        (
            "notify: {when: [waits, decidd]}",
            "when, entry 2: expected 'waits', 'expires' or 'decided', seen 'decidd'; did",
        ),
        (
            "notify: {when: waitz}",
            "when: expected a list of waits, expires, decided, seen 'waitz'; did you mean waits?",
        ),
        ("notify: {when: {waits: true}}", "when: expected a list of waits, expires, decided, seen {'waits': True}"),
        (
            "notify: {wehn: [waits]}",
            "'wehn' is not a setting here; there are: bell, command, sandbox, sns, webhook, when",
        ),
        ("notify: {webhook: [https://example.com/x]}", "webhook: expected an https address"),
    ],
)
def test_unsound_settings_are_refused_with_their_place(text: str, problem: str) -> None:
    with pytest.raises(BadInput) as error:
        read_policies(text.encode())
    (found,) = error.value.problems
    assert found.where.startswith("phasegate.yaml:1:")
    assert problem in found.message
    assert "example.com" not in found.message  # an address may be a secret


def test_settings_are_no_policy() -> None:
    plain, told = (
        read_policies(b"default: {approvers: 2}\n"),
        read_policies(b"default: {approvers: 2}\nnotify: {bell: true}\n"),
    )
    assert (plain.default, list(plain.rules)) == (told.default, list(told.rules))
    assert read_notify(b"default: {approvers: 2}\n") is None
    found = read_notify(b"notify: {bell: true}\n")
    assert found is not None
    assert (found.bell, found.sandbox, found.when) == (True, False, ["waits", "expires", "decided"])
