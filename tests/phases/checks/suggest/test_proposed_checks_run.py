"""Proposals for what answers over HTTP, for a cluster and for logs are checks that pass, fail or are not checked.

A real HTTP server answers on loopback; a `kubectl` on PATH prints what the real one printed.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from phases.checks.evaluate import Outcome, evaluate
from phases.checks.suggest.write import checks_file
from tests.worlds.checking import MODELS, written
from tests.worlds.checklists import TITLES, suggested
from tests.worlds.step_world import Answering
from workflow.doors.commands import CommandDoor
from workflow.service.workspace_here import WorkspaceHere

CLUSTER, OPERATIONS = TITLES["kubernetes"], TITLES["operations"]


def looked(place: Path, item: str, *, title: str = OPERATIONS, **known: str) -> Outcome:
    """What comes of the check that is proposed for an item, its questions answered, looked at here."""
    found = suggested(f"# {title}\n\n## Prometheus\n\n- [ ] {item}\n")
    (proposal,) = found.proposals
    assert proposal.asks.keys() == {each.replace("_", "-") for each in known}
    entry = json.loads(json.dumps(proposal.entry))
    variables = {name.replace("_", "-"): value for name, value in known.items()}
    (check,) = written({"id": "it", "name": "It", **entry}).filled(variables).checks
    here = WorkspaceHere(place, CommandDoor(), Answering({}), changes=True)  # type: ignore[arg-type]
    return evaluate(check, None, here=here, wait=lambda _seconds: None)


class Service(BaseHTTPRequestHandler):
    """Answers from `pages`: a path -> a code and a body; 404 for all others."""

    pages: ClassVar[dict[str, tuple[int, str]]] = {}

    def do_GET(self) -> None:
        code, body = self.pages.get(self.path, (404, ""))
        self.send_response(code)
        self.send_header("Strict-Transport-Security", "max-age=9")
        if self.path == "/safe":
            self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body.encode())

    do_HEAD = do_GET

    def log_message(self, *_words: object) -> None: ...


@pytest.fixture
def service() -> Iterator[str]:
    Service.pages = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join(10)
    server.server_close()


@pytest.mark.parametrize(
    ("body", "state"),
    [('{"status": "ok"}', "passed"), ('{"status": "down"}', "failed"), ("{}", "failed"), ("ok", "not checked")],
)
def test_a_field_of_an_answer(tmp_path: Path, service: str, body: str, state: str) -> None:
    Service.pages["/health"] = (200, body)
    assert looked(tmp_path, '`/health` returns `{"status": "ok"}`', base_url=service).state == state


@pytest.mark.parametrize(("code", "state"), [(401, "passed"), (200, "failed"), (500, "failed")])
def test_a_code_that_is_wanted(tmp_path: Path, service: str, code: int, state: str) -> None:
    Service.pages["/admin"] = (code, "")
    assert looked(tmp_path, "`/admin` returns 401 without a token", base_url=service).state == state


@pytest.mark.parametrize(("path", "state"), [("/safe", "passed"), ("/bare", "failed")])
def test_headers_of_security(tmp_path: Path, service: str, path: str, state: str) -> None:
    Service.pages[path] = (200, "")
    names = "strict-transport-security x-content-type-options"
    assert looked(tmp_path, "Security headers present", site_url=service + path, header_names=names).state == state


def targets(*health: str) -> str:
    given = [{"labels": {"job": "shop-api"}, "scrapeUrl": f"http://{n}", "health": h} for n, h in enumerate(health)]
    return json.dumps({"status": "success", "data": {"activeTargets": given, "droppedTargets": []}})


@pytest.mark.parametrize(
    ("health", "state"), [(("up", "up"), "passed"), (("up", "down"), "failed"), ((), "failed")], ids=str
)
@pytest.mark.parametrize("item", ["All Prometheus targets UP", "`shop-api` target UP"])
def test_targets_of_prometheus(tmp_path: Path, service: str, item: str, health: tuple[str, ...], state: str) -> None:
    Service.pages["/api/v1/targets"] = (200, targets(*health))
    assert looked(tmp_path, item, prometheus_url=service).state == state


def rules(*states: str) -> str:
    given = [{"name": f"r{n}", "type": "alerting", "state": each} for n, each in enumerate(states)]
    return json.dumps({"status": "success", "data": {"groups": [{"name": "shop", "rules": given}] if given else []}})


@pytest.mark.parametrize(
    ("states", "loaded", "silent"),
    [
        (("inactive", "inactive"), "passed", "passed"),
        (("inactive", "firing"), "passed", "failed"),
        ((), "failed", "failed"),
    ],
    ids=str,
)
def test_rules_and_alerts_of_prometheus(
    tmp_path: Path, service: str, states: tuple[str, ...], loaded: str, silent: str
) -> None:
    Service.pages["/api/v1/rules"] = (200, rules(*states))
    assert looked(tmp_path, "Alert rules loaded", prometheus_url=service, alert_rules="r0").state == loaded
    assert looked(tmp_path, "Alert rules loaded", prometheus_url=service, alert_rules="r0 r9").state == "failed"
    assert looked(tmp_path, "No alerts firing in Prometheus", prometheus_url=service).state == silent


@pytest.mark.parametrize(("body", "state"), [('{"database": "ok"}', "passed"), ('{"database": "failing"}', "failed")])
def test_grafana_has_its_database(tmp_path: Path, service: str, body: str, state: str) -> None:
    Service.pages["/api/health"] = (200, body)
    assert looked(tmp_path, "Grafana accessible", grafana_url=service).state == state


def test_what_does_not_answer_does_not_pass(tmp_path: Path) -> None:
    gone = "http://127.0.0.1:9"  # the discard service, which nobody runs
    assert looked(tmp_path, "All Prometheus targets UP", prometheus_url=gone).state != "passed"
    assert looked(tmp_path, "Grafana accessible", grafana_url=gone).state != "passed"


@pytest.fixture
def kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a `kubectl` that prints `printed` beside it, and ends with the code in `code`."""
    program = tmp_path / "kubectl"
    program.write_text(f"#!/bin/sh\ncat '{tmp_path}/printed'\nexit \"$(cat '{tmp_path}/code')\"\n")
    program.chmod(0o755)
    (tmp_path / "code").write_text("0")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


VERSION = {
    "clientVersion": {"major": "1", "minor": "31", "gitVersion": "v1.31.2"},
    "kustomizeVersion": "v5.4.2",
    "serverVersion": {"major": "1", "minor": "29+", "gitVersion": "v1.29.8-eks-a737599", "platform": "linux/amd64"},
}


@pytest.mark.parametrize(
    ("item", "state"),
    [
        ("Kubernetes version 1.28+", "passed"),
        ("Kubernetes version 1.30+", "failed"),
        ("Cluster version is v1.29", "passed"),
        ("Cluster version is v1.31", "failed"),
    ],
)
def test_the_version_of_a_cluster_is_its_servers(kubectl: Path, item: str, state: str) -> None:
    (kubectl / "printed").write_text(json.dumps(VERSION))
    assert looked(kubectl, item, title=CLUSTER).state == state


def test_a_cluster_that_does_not_answer_has_no_version(kubectl: Path) -> None:
    (kubectl / "printed").write_text(json.dumps({"clientVersion": VERSION["clientVersion"]}))
    (kubectl / "code").write_text("1")
    assert looked(kubectl, "Kubernetes version 1.28+", title=CLUSTER).state != "passed"


@pytest.mark.parametrize(
    ("lines", "code", "state"),
    [
        ("started\nready\n", "0", "passed"),
        ("started\nERROR: no table\n", "0", "failed"),
        ("", "0", "failed"),
        ("", "1", "failed"),
    ],
)
def test_lines_of_pods_are_counted_and_silence_is_no_pass(kubectl: Path, lines: str, code: str, state: str) -> None:
    (kubectl / "printed").write_text(lines)
    (kubectl / "code").write_text(code)
    item = "No errors in pod logs"
    assert looked(kubectl, item, title=CLUSTER, namespace="shop", deployment="api").state == state


def listed(*items: dict[str, Any]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(items)})


def of_kind(status: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "x"}, "spec": spec, "status": status}


BALANCED = of_kind({"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}}, type="LoadBalancer")
SAFE = {"template": {"spec": {"containers": [{"securityContext": {"readOnlyRootFilesystem": True}}]}}}
OPEN = {"template": {"spec": {"containers": [{"securityContext": {}}]}}}


@pytest.mark.parametrize(
    ("item", "good", "bad"),
    [
        ("StatefulSets ready", of_kind({"readyReplicas": 2}, replicas=2), of_kind({"readyReplicas": 1}, replicas=2)),
        ("Jobs completed successfully", of_kind({"succeeded": 1}), of_kind({"failed": 1})),
        (
            "LoadBalancer service has external IP",
            BALANCED,
            of_kind({"loadBalancer": {}}, type="LoadBalancer"),
        ),
        ("Read-only root filesystem", of_kind({}, **SAFE), of_kind({}, **OPEN)),
        (
            "Certificates are ready",
            of_kind({"conditions": [{"type": "Ready", "status": "True"}]}),
            of_kind({"conditions": [{"type": "Ready", "status": "False"}]}),
        ),
    ],
)
def test_objects_of_a_namespace(kubectl: Path, item: str, good: dict[str, Any], bad: dict[str, Any]) -> None:
    states = []
    for items in ((good,), (good, bad), ()):
        (kubectl / "printed").write_text(listed(*items))
        states.append(looked(kubectl, item, title=CLUSTER, namespace="shop").state)
    assert states[0] == "passed"
    assert states[1] == "failed"
    assert states[2] != "passed"


def test_the_file_of_such_proposals_is_one_that_is_taken() -> None:
    from phases.checks.reader import read_checks

    items = ["All Prometheus targets UP", "Kubernetes version 1.28+", "No errors in pod logs", "Grafana accessible"]
    found = suggested(f"# {CLUSTER} (Prometheus)\n\n## Now\n\n" + "".join(f"- [ ] {each}\n" for each in items))
    assert len(found.proposals) == len(items)
    read_checks(checks_file(found).encode(), "list.checks.yaml", MODELS)
