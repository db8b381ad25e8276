"""The server's front: what is on disk before a call is answered, and what happens when it cannot be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import Client

from tests.worlds.sandbox_world import stack_of, table
from workflow.sandbox import front as front_module
from workflow.sandbox.callers import TOKEN
from workflow.sandbox.front import Front
from workflow.sandbox.inprocess import Sandbox
from workflow.sandbox.snapshot import NotSaved

KNOWN = {TOKEN: "token"}


class Desk:
    """A front over an account in this process, which counts its snapshots."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.saved = 0
        self.failure: Exception | None = None
        self.front = Front(DomainDispatcherApplication(create_backend_app), sandbox.account, "token", self._save)
        self.http = Client(self.front)

    def _save(self) -> None:
        if self.failure is not None:
            raise self.failure
        self.saved += 1

    def dynamodb(self, action: str, **request: Any) -> Any:
        return self.http.post(
            "/",
            data=json.dumps(request),
            headers={**signed("dynamodb"), "X-Amz-Target": f"DynamoDB_20120810.{action}"},
            content_type="application/x-amz-json-1.0",
        )

    def cloudformation(self, action: str, **request: str) -> Any:
        form = {"Action": action, "Version": "2010-05-15", **request}
        return self.http.post("/", data=form, headers=signed("cloudformation"))


def signed(service: str) -> dict[str, str]:
    scope = f"AKIA/20260101/us-east-1/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Sandbox() as sandbox:
        yield Desk(sandbox)


def test_a_change_is_saved_before_it_is_answered_and_a_look_is_not(desk: Desk) -> None:
    assert desk.dynamodb("CreateTable", **table()["Properties"]).status_code == 200
    assert desk.saved == 1
    assert json.loads(desk.dynamodb("ListTables").data) == {"TableNames": ["Users"]}
    assert desk.dynamodb("DeleteTable", TableName="Nobody").status_code == 400
    assert desk.cloudformation("ListStacks").status_code == 200
    assert desk.saved == 1


def test_the_items_of_a_large_account_are_saved_by_the_watch_and_everything_else_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front_module, "SNAPSHOT_BUDGET", -1.0)
    desk.dynamodb("CreateTable", **table()["Properties"])
    assert desk.saved == 1
    assert desk.dynamodb("PutItem", TableName="Users", Item={"pk": {"S": "1"}}).status_code == 200
    assert desk.saved == 1
    desk.front.save_if_dirty()
    desk.front.save_if_dirty()
    assert desk.saved == 2
    body = json.dumps(stack_of(Orders=table("Orders")))
    assert desk.cloudformation("CreateStack", StackName="s", TemplateBody=body).status_code == 200
    assert desk.saved == 3


@pytest.mark.parametrize(
    "failure", [NotSaved("a lock cannot be kept"), OSError(28, "No space left on device")], ids=["pickle", "disk"]
)
def test_a_snapshot_that_fails_is_told_by_health_and_the_call_is_answered(
    desk: Desk, failure: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.failure = failure
    assert desk.dynamodb("CreateTable", **table()["Properties"]).status_code == 200
    assert str(failure) in desk.http.get("/_phasegate/health", headers=KNOWN).json["unsaved"]
    assert str(failure) in capsys.readouterr().err
    desk.failure = None
    desk.dynamodb("CreateTable", **table("Orders")["Properties"])
    assert desk.http.get("/_phasegate/health", headers=KNOWN).json["unsaved"] == ""


def test_what_is_no_control_is_refused_by_name(desk: Desk) -> None:
    answer = desk.http.get("/_phasegate/secrets", headers=KNOWN)
    assert answer.status_code == 404 and "GET /_phasegate/secrets" in answer.json["error"]
    assert desk.http.post("/_phasegate/faults", data="{", headers=KNOWN).status_code == 400
