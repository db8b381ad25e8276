"""deployment.yaml is taken or refused as a whole, with the place of each fault."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import pytest

from phases.aws_deploy.spec.deployment_file import read_deployment
from phases.aws_deploy.workflow import AWS_DEPLOY, preflight
from state.errors import BadInput

SMALL = """name: shop
environment: test
components:
  - {name: stock, kind: data-pipeline, deploy: ./a, smoke_test: ./b}
  - {name: orders, kind: api, deploy: ./a, smoke_test: ./b, needs: [stock]}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(BadInput) as refused:
        read_deployment(text.encode())
    return [str(problem) for problem in refused.value.problems]


def test_a_small_file_is_enough() -> None:
    found = read_deployment(SMALL.encode())
    assert [each.name for each in found.components] == ["stock", "orders"]
    assert (found.watch.duration, found.watch.after_deployment) == ("24h", "15m")
    assert found.components[0].rollback is None


def test_what_init_writes_is_sound_and_so_is_every_setting_explained_in_it() -> None:
    text = files("phases.aws_deploy").joinpath("deployment.yaml").read_text("utf-8")
    plain = read_deployment(text.encode())
    everything = re.sub(r"(?m)^(\s*)# (?=\s*[a-z_]+:|\s*- )", r"\1", text)
    full = read_deployment(everything.encode())
    assert full.notification.webhook == "https://hooks.example.com/deployments"
    left_out = [name for name in type(full).model_fields if getattr(full, name) == getattr(plain, name)]
    assert left_out == ["name", "environment"]


def test_the_sample_is_sound() -> None:
    read = AWS_DEPLOY.sample().get
    preflight(read, {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            SMALL + "colour: green\n", "deployment.yaml:6:1: 'colour' is not a setting here", id="unknown name"
        ),
        pytest.param(SMALL.replace("kind: api", "kind: app"), "deployment.yaml:5:20: kind: expected", id="kind"),
        pytest.param(
            SMALL.replace("name: shop", "name: Shop"),
            "deployment.yaml:1:1: name: expected a text that matches",
            id="name",
        ),
        pytest.param(SMALL + "name: other\n", "deployment.yaml:6:1: 'name' is given twice", id="given twice"),
        pytest.param(
            SMALL + "watch: {duration: 1w}\n", "deployment.yaml:6:9: duration: expected a text that matches", id="week"
        ),
        pytest.param(SMALL + "watch: {duration: 24}\n", "deployment.yaml:6:9: duration: expected a text", id="24"),
        pytest.param(
            SMALL + "archive: [../secrets]\n",
            "deployment.yaml:6:11: archive, entry 1: expected a path inside",
            id="path that leads out",
        ),
        pytest.param(
            SMALL + "configuration: {naming: '(('}\n",
            "deployment.yaml:6:17: naming: not a regular",
            id="bad pattern",
        ),
        pytest.param(
            SMALL + "notification: {webhook: 'http://example.com/'}\n",
            "deployment.yaml:6:16: webhook: expected a text that",
            id="webhook without TLS",
        ),
        pytest.param(
            SMALL + "notification: {sns_topic: shop}\n",
            "deployment.yaml:6:16: sns_topic: expected",
            id="no ARN",
        ),
        pytest.param(
            SMALL.replace("needs: [stock]", "needs: [orders]"),
            "deployment.yaml:5:69: orders is not deployed",
            id="needs what comes later",
        ),
        pytest.param(
            SMALL.replace("name: orders", "name: stock"),
            "deployment.yaml:5:6: stock is a component already",
            id="component twice",
        ),
        pytest.param(
            SMALL + "inventory: {services: [mainframe]}\n",
            "deployment.yaml:6:24: mainframe cannot be listed",
            id="unknown service",
        ),
        pytest.param(
            SMALL + "performance: [{name: a, about: database, limit: 1}]\n",
            "deployment.yaml:6:16: expected either",
            id="probe without a way",
        ),
        pytest.param(
            SMALL.replace("components:", "parts:"), "deployment.yaml:1:1: 'components' is missing", id="missing"
        ),
        pytest.param("name: [\n", "deployment.yaml:2:1: not YAML", id="not YAML"),
        pytest.param(SMALL + "watch: {log_groups: &a [x], alarms: *a}\n", "deployment.yaml:6:29: aliases", id="alias"),
    ],
)
def test_a_fault_is_told_with_its_place(text: str, expected: str) -> None:
    assert any(problem.startswith(expected) for problem in problems(text)), problems(text)


def test_all_faults_are_told_at_once_in_order() -> None:
    found = problems(SMALL.replace("kind: api", "kind: app") + "colour: green\nwatch: {duration: 1w}\n")
    assert [problem.split(": ")[0] for problem in found] == [
        "deployment.yaml:5:20",
        "deployment.yaml:6:1",
        "deployment.yaml:7:9",
    ]


def test_values_of_tags_are_text_as_they_stand() -> None:
    found = read_deployment((SMALL + "inventory: {tags: {cost-centre: 0042, live: yes}}\n").encode())
    assert found.inventory.tags == {"cost-centre": "0042", "live": "yes"}


@pytest.mark.parametrize(("scope", "chosen"), [("all", ["stock", "orders"]), ("orders, stock", ["stock", "orders"])])
def test_the_scope_keeps_the_files_order(scope: str, chosen: list[str]) -> None:
    assert [each.name for each in read_deployment(SMALL.encode()).chosen(scope)] == chosen


def test_a_run_without_a_deployment_is_refused_before_it_begins() -> None:
    nothing: dict[str, Any] = {}
    with pytest.raises(BadInput, match="what is to be deployed") as refused:
        preflight(nothing.get, {})
    assert "phasegate init aws-deploy" in str(refused.value)
