"""What does deployment.yaml say? Its bytes become a `DeploymentSpec`, or every problem at once, each with its place.

Rules:
- Nothing is guessed: an unknown name, a wrong kind of value, a name given twice or a YAML alias is refused.
- A setting that is left out is not done; the phase that would need it says so, it does not pass.
Each setting is described in the commented file that `phasegate init aws-deploy` writes (`deployment.yaml` beside this).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from phases.aws_deploy.paths import DEPLOYMENT
from phases.aws_deploy.spec.durations import PATTERN
from phases.aws_deploy.verify.resources import LISTINGS
from phases.documents.regular_expression import problem_with
from phases.documents.yaml_document import Place, YamlDocument, in_order, said
from phases.documents.yaml_scalars import shortened
from state.errors import BadInput, Problem
from state.path_word import path_word

_ENDPOINT = re.compile(r"https://\S+|http://(127\.0\.0\.1|localhost)(:\d+)?(/\S*)?")

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
Text = Annotated[str, Field(min_length=1)]
Duration = Annotated[str, Field(pattern=PATTERN)]  # 90s, 15m, 24h, 2d


def _no_word(given: object) -> object:
    if isinstance(given, bool):
        raise ValueError("expected a number")
    return given


Number = Annotated[float, BeforeValidator(_no_word), Field(strict=False, ge=0, allow_inf_nan=False)]


def _inside(path: str) -> str:
    if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        raise ValueError("expected a path inside of the repository")
    return path


def _regular_expression(pattern: str) -> str:
    if why := problem_with(pattern):
        raise ValueError(f"not a regular expression: {why}")
    return pattern


File = Annotated[str, Field(min_length=1), AfterValidator(_inside)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Component(_Model):
    """One thing that is deployed; `needs` names components before it."""

    name: Name
    kind: Literal["data-pipeline", "ai-ml", "api"]
    deploy: Text
    smoke_test: Text
    rollback: Text | None = None
    needs: list[Name] = []


class Commands(_Model):
    """The project's own commands; each is run by `sh -c` in the repository."""

    quality: Text | None = None
    test: Text | None = None
    build: Text | None = None
    integration: Text | None = None
    security: Text | None = None


class Infrastructure(_Model):
    """`apply` is the team's own way of changing AWS; without it a person does it in the console."""

    apply: Text | None = None
    rollback: Text | None = None


class Inventory(_Model):
    """What to list: by tag, and by service. `names` is a shell pattern over names for the listing by service."""

    tags: dict[str, Text] = {}
    services: list[Text] = []
    names: Text = "*"


class Configuration(_Model):
    """The files of this environment, and how its resources are named (a regular expression over the whole name)."""

    files: list[File] = []
    naming: Annotated[str, AfterValidator(_regular_expression)] | None = None


class Backups(_Model):
    dynamodb_tables: list[Text] = []


class Metric(_Model):
    """A CloudWatch metric: `statistic` over the time that is looked at."""

    namespace: Text
    name: Text
    dimensions: dict[str, Text] = {}
    statistic: Literal["Sum", "Average", "Maximum", "Minimum", "SampleCount"] = "Sum"


class ErrorMetric(Metric):
    """A metric that may not be above `limit` in the time that is watched."""

    limit: Number = 0.0


class TrafficMetric(Metric):
    """A metric that says that it is used: below `at_least` in the time that is watched nothing was proved."""

    at_least: Annotated[float, BeforeValidator(_no_word), Field(strict=False, gt=0, allow_inf_nan=False)] = 1.0


class Watch(_Model):
    """What is watched, after the deployment and in the end. `error_terms` are looked for as they stand."""

    log_groups: list[Text] = []
    error_terms: list[Annotated[str, Field(pattern=r'^[^"]+$')]] = ["ERROR", "Exception", "Task timed out"]
    alarms: list[Text] = []
    metrics: list[ErrorMetric] = []
    traffic: list[TrafficMetric] = []
    after_deployment: Duration = "15m"
    duration: Duration = "24h"


class Probe(_Model):
    """A figure with a limit: from a command (the last line it prints) or from a metric."""

    name: Text
    about: Literal["database", "transfer", "response"]
    limit: Number
    unit: Text = "ms"
    command: Text | None = None
    metric: Metric | None = None


class Placed(_Model):
    """A dashboard or an alarm by name; `file` is what to put there: a dashboard's body, PutMetricAlarm's fields."""

    name: Text
    file: File | None = None


class Alarm(Placed):
    about: Literal["errors", "performance", "cost"] = "errors"


class Monitoring(_Model):
    dashboards: list[Placed] = []
    alarms: list[Alarm] = []


class Notification(_Model):
    """Who is told: an SNS topic by ARN, a webhook by URL (HTTPS; HTTP on this machine only)."""

    sns_topic: Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$")] | None = None
    webhook: Annotated[str, Field(pattern=f"^(?:{_ENDPOINT.pattern})$")] | None = None


class Cost(_Model):
    """Limits for the deployment's own cost, by its tags where it has any: of a day, and of an hour."""

    daily_usd: Number | None = None
    hourly_usd: Number | None = None


class Contacts(_Model):
    support: Text | None = None
    escalation: Text | None = None
    critical: Text | None = None


class DeploymentSpec(_Model):
    """The whole file."""

    name: Name
    environment: Name
    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")] | None = None
    components: Annotated[list[Component], Field(min_length=1)]
    commands: Commands = Commands()
    infrastructure: Infrastructure = Infrastructure()
    inventory: Inventory = Inventory()
    configuration: Configuration = Configuration()
    backups: Backups = Backups()
    watch: Watch = Watch()
    performance: list[Probe] = []
    monitoring: Monitoring = Monitoring()
    notification: Notification = Notification()
    cost: Cost = Cost()
    contacts: Contacts = Contacts()
    archive: list[File] = []

    def chosen(self, scope: str) -> list[Component]:
        """The components of an answer to `scope`: all, or their names; in the file's order."""
        wanted = set(scope.replace(",", " ").split())
        return [each for each in self.components if scope == "all" or each.name in wanted]


def read_deployment(data: bytes, name: str = DEPLOYMENT) -> DeploymentSpec:
    """The deployment that the bytes of a deployment.yaml describe.

    Raises BadInput with every problem, each at `name:line:column`.
    """

    def refused(problems: Sequence[Problem]) -> BadInput:
        return BadInput(
            f"{name} is refused, so nothing runs",
            problems=in_order(problems),
            next_command=f"$EDITOR {path_word(name)}   # docs/aws-deploy.md has every setting",
        )

    document = YamlDocument(data, name, refused, _is_text)
    try:
        deployment = DeploymentSpec.model_validate(document.value)
    except ValidationError as error:
        found = [document.problem(each["loc"], said(each, _settings(each["loc"]))) for each in error.errors()]
        raise refused([*document.problems, *found]) from error
    problems = [*document.problems, *(document.problem(*each) for each in _contradictions(deployment))]
    if problems:
        raise refused(problems)
    return deployment


def _is_text(place: Place) -> bool:
    """Values of tags and dimensions are taken as written: `cost-centre: 0042` is text."""
    return len(place) > 1 and place[-2] in ("tags", "dimensions")


def _settings(place: Sequence[str | int]) -> list[str]:
    """The names that there are where this one was found."""
    model: type[BaseModel] = DeploymentSpec
    for name in place[:-1]:
        if isinstance(name, str) and name in model.model_fields:
            within = _models(model.model_fields[name].annotation)
            model = within[0] if within else model
    return sorted(model.model_fields)


def _models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]


def _contradictions(deployment: DeploymentSpec) -> Iterator[tuple[Place, str]]:
    """Place and reason for what is well-formed and still cannot be."""
    before: list[str] = []
    for at, component in enumerate(deployment.components):
        if component.name in before:
            yield ("components", at, "name"), f"{component.name} is a component already"
        for each, needed in enumerate(component.needs):
            if needed not in before:
                yield ("components", at, "needs", each), f"{shortened(needed)} is not deployed before {component.name}"
        before.append(component.name)
    for at, service in enumerate(deployment.inventory.services):
        if service not in LISTINGS:
            yield (
                ("inventory", "services", at),
                f"{shortened(service)} cannot be listed, expected some of {', '.join(LISTINGS)}",
            )
    for at, probe in enumerate(deployment.performance):
        if (probe.command is None) == (probe.metric is None):
            yield ("performance", at, "name"), "expected either a command or a metric"
