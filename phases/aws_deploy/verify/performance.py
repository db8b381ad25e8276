"""Is it fast enough? Each probe's figure against its limit: from a command, or from a CloudWatch metric.

A figure in another unit than its limit proves nothing: 0.5 s is no less than 200 ms, and more than 200 of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from phases.aws_deploy.act.commands import looked
from phases.aws_deploy.live.answers import looked_at, not_checked
from phases.aws_deploy.spec.load_target import DeploymentTarget
from phases.aws_deploy.spec.recorded import Ran
from phases.aws_deploy.verify.figure import measured
from phases.checks.answered import Item
from phases.step import Check, StepContext

if TYPE_CHECKING:
    from phases.aws_deploy.spec.deployment_file import Probe

ABOUT = {
    "database": "database queries",
    "transfer": "data transfer",
    "response": "response times",
}
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*(\S*)")
# A unit as people write it, and as CloudWatch does. Source:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html (Unit)
UNITS = {"us": "Microseconds", "µs": "Microseconds", "ms": "Milliseconds", "s": "Seconds", "%": "Percent"}


def performance_checks(
    ctx: StepContext, on: DeploymentTarget, item: Item, since: datetime, until: datetime
) -> list[Check]:
    """A check a probe, and one for each kind that no probe is about."""
    checks = [_probe(ctx, on, item, probe, since, until) for probe in on.deployment.performance]
    probed = {probe.about for probe in on.deployment.performance}
    checks += [
        item.check(what, "a probe", "not checked: no probe is configured", "not-checked", "performance")
        for about, what in ABOUT.items()
        if about not in probed
    ]
    return checks


def trends(
    ctx: StepContext,
    on: DeploymentTarget,
    item: Item,
    since: datetime,
    until: datetime,
    before: Sequence[Sequence[str]],
) -> list[Check]:
    """Each probe once more, over the watch, beside what phase 5 saw of it (rows of name, limit, figure)."""
    first = {name.partition(" ")[2]: seen for name, _limit, seen in before}
    found = []
    for probe in on.deployment.performance:
        check = _probe(ctx, on, item, probe, since, until)
        name = check.name.partition(" ")[2]
        was = first.get(name, "nothing")
        found.append(replace(check, name=f"{item.number} trend of {name}", seen=f"{check.seen}; phase 5 saw {was}"))
    return found or [not_checked(item, "performance trends", "a probe", "no probe is configured", "performance")]


def _probe(ctx: StepContext, on: DeploymentTarget, item: Item, probe: Probe, since: datetime, until: datetime) -> Check:
    name = f"{ABOUT[probe.about]}: {probe.name}"
    expected = f"at most {probe.limit:g} {probe.unit}"
    if probe.command is not None:
        return item.claim(_printed(name, expected, probe, looked(ctx, on, probe.command)))
    metric = probe.metric
    assert metric is not None  # a file without both is refused

    def look() -> Check:
        found = measured(on.aws, metric, since, until)
        if found is None:
            return not_checked(item, name, expected, f"the metric has no datapoint since {since:%Y-%m-%d %H:%M} UTC")
        seen, unit = found
        if unit and probe.unit in UNITS and unit != UNITS[probe.unit]:
            return not_checked(item, name, expected, f"{seen:g} {unit}: the limit is in {probe.unit}")
        return item.check(name, expected, f"{seen:g} {probe.unit}", "pass" if seen <= probe.limit else "fail")

    return looked_at(look, item, name, expected)


def _printed(name: str, expected: str, probe: Probe, done: Ran) -> Check:
    last = str(done["output"]).strip().rpartition("\n")[2].strip()
    number = _NUMBER.fullmatch(last)
    if done["exit_code"] != 0 or number is None:
        return Check(name, expected, f"exit code {done['exit_code']}, no figure in the last line: {last!r}", "fail")
    seen, unit = float(number[1]), number[2]
    if unit not in ("", probe.unit):
        seen_so = f"not checked: the last line is {last!r}, the limit is in {probe.unit}"
        return Check(name, expected, seen_so, "not-checked")
    return Check(name, expected, f"{seen:g} {probe.unit}", "pass" if seen <= probe.limit else "fail")
