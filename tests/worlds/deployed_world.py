"""A contract that is deployed: its stack in the in-process sandbox, and a StepWorld as it is after task 4.1."""

from __future__ import annotations

from pathlib import Path

from phases.contract.reader import read_contract
from phases.stage_06 import paths
from phases.stage_06.template.template import minified, render
from phases.stage_06.template.template_yaml import load_template
from state.files import sha256
from tests.worlds.reached import REACHED, keep
from tests.worlds.step_world import StepWorld
from workflow.doors.aws.client import AwsDoor
from workflow.sandbox.inprocess import ACCOUNT_ID, Sandbox

REGION = "eu-west-1"
STACK = "dynamodb-migration-stack-20260102-030405"
SOURCE = "artifacts/stage-02/migrationContract.json"
SAMPLE = Path(__file__).parents[2] / SOURCE
PARAMETERS = {"Project": "shop", "Environment": "dev", "AlarmEmail": "ops@example.com"}


def deployed_world(root: Path, sandbox: Sandbox, contract: bytes, *, run_id: str = "run-1") -> StepWorld:
    """Deploy the contract's template as it is and record what tasks 1.1 to 4.1 would have.

    Into an empty account this happens once a process (`reached.py`).
    """
    aws = AwsDoor(region=REGION, sandbox=True, session=sandbox.session(REGION))
    world = StepWorld(root, aws=aws, run_id=run_id)
    key = "" if sandbox.calls else f"deployed, {run_id}: {sha256(contract)}"
    if key in REACHED:
        REACHED[key].again(root, sandbox, world)
        return world
    read = read_contract(contract, path=SOURCE)
    template = render(read)
    for path, data in (
        (SOURCE, contract),
        (paths.CONTRACT, contract),
        (paths.TEMPLATE, template),
        (paths.PARAMETERS, b"[]\n"),
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    stack_id = aws.call(
        "cloudformation",
        "create_stack",
        StackName=STACK,
        TemplateBody=minified(load_template(template)),
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in PARAMETERS.items()],
    )["StackId"]
    assert sandbox.settle(STACK, REGION) == "CREATE_COMPLETE"
    stack = aws.call("cloudformation", "describe_stacks", StackName=stack_id)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    names = [table.name for table in read.tables]
    world.give_data("1.1", {"contract": SOURCE, "contract_sha256": sha256(contract), "tables": names})
    world.give_data(
        "3.1",
        {
            "account": ACCOUNT_ID,
            "region": REGION,
            "environment": "dev",
            "change_set_arn": f"arn:aws:cloudformation:{REGION}:{ACCOUNT_ID}:changeSet/proposed/1",
            "change_set_type": "CREATE",
            "changes_sha256": "0" * 64,
            "nothing_to_change": False,
            "stack_name": STACK,
            "stack_id": stack_id,
            "template_sha256": sha256(template),
            "parameters": PARAMETERS,
            "monthly_cost_usd": 3.2,
        },
        answers={"region": REGION},
    )
    world.give_data(
        "3.2",
        {
            "stack_name": STACK,
            "stack_id": stack_id,
            "stack_status": "CREATE_COMPLETE",
            "region": REGION,
            "account": ACCOUNT_ID,
            "outputs": outputs,
        },
    )
    if key:
        keep(key, root, sandbox, world)
    return world
