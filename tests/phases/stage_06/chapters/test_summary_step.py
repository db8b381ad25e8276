"""Does the deployment summary hold everything that exists, and would it see what it left out?"""

from __future__ import annotations

import pytest

from phases.stage_06 import paths
from phases.stage_06.chapters.documented import documented
from phases.stage_06.live.live_deployment import read_deployment
from phases.stage_06.task_5_1_summary import write_summary
from phases.step import Work
from tests.worlds.deployed_world import STACK
from tests.worlds.step_world import StepWorld


def failed(work: Work) -> list[str]:
    return [check.name for check in work.checks if check.verdict == "fail"]


@pytest.mark.slow
def test_everything_that_was_deployed_is_documented(world: StepWorld) -> None:
    work = world.run(write_summary)

    text = world.read(paths.SUMMARY).decode()
    assert failed(work) == []
    assert "All 11 checks passed." in text
    for section in ("Monitoring", "Backup and restore", "Drift", "Updating", "Removing"):
        assert f"\n### {section}\n" in text
    assert "| `Customers` | PAY_PER_REQUEST | KMS, ENABLED | ENABLED | on | NEW_AND_OLD_IMAGES |" in text
    assert "| `AlarmEmail` | `ops@example.com` |" in text
    assert "| Entity | From | `CustomerId` | `Record` | Appears in |" in text
    assert "| `ORDER` | `orders` | `CUSTOMER#{customer_id}` | `ORDER#{ordered_at}#{id}` | `OrdersByStatus` |" in text


@pytest.mark.parametrize(
    ("left_out", "seen_by"),
    [
        ("`media-files`", "tables documented"),
        ("`arn:aws:dynamodb:eu-west-1:123456789012:table/Products`", "table ARNs documented"),
        ("`ByCategory`", "live indexes documented"),
        ("`Newsletter`", "attributes documented"),
        ("`AP7`", "access patterns documented"),
        ("`CustomersTableReadThrottle`", "stack resources documented"),
        ("`DashboardName`", "outputs documented"),
        ("`AlarmEmail`", "parameters recorded"),
        ("`region`", "answers recorded"),
    ],
)
def test_what_the_text_leaves_out_is_named(world: StepWorld, left_out: str, seen_by: str) -> None:
    world.run(write_summary)
    text = world.read(paths.SUMMARY).decode()
    resources = world.aws.call("cloudformation", "list_stack_resources", StackName=STACK)["StackResourceSummaries"]
    assert left_out in text

    checks = documented(text.replace(left_out, "it"), read_deployment(world.ctx()), resources, world.asked)

    assert [check.name for check in checks if check.verdict == "fail"] == [seen_by]
    assert left_out.strip("`") in next(check.seen for check in checks if check.verdict == "fail")
