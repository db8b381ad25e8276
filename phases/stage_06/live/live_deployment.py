"""What stands in the account? The deployment's facts as the documents need them, read back from AWS.

Identity and parameters come from what tasks 3.1 and 3.2 recorded; everything about a table is described live, so that
a document never repeats what we meant to deploy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from phases.aws import AwsPort, Incomplete
from phases.contract.model import Table
from phases.contract.reader import read_contract
from phases.stage_06.chapters.iam_policy import TableArns
from phases.stage_06.inputs.recorded import Configured
from phases.stage_06.paths import CONTRACT
from phases.stage_06.stack.last_update import last_update
from phases.step import StepContext

if TYPE_CHECKING:
    from phases.described_table import TableDescription


@dataclass(frozen=True, slots=True)
class DeployedTable:
    """A table of the contract with what DescribeTable answers for it.

    Attributes:
        planned: the table as the contract has it.
        live: the `Table` structure of DescribeTable.
    """

    planned: Table
    live: TableDescription

    @property
    def name(self) -> str:
        return self.planned.name

    @property
    def arn(self) -> str:
        """The table's ARN. Raises Incomplete when AWS's answer has none."""
        arn = str(self.live["TableArn"])
        if not arn.startswith("arn:"):
            raise Incomplete(
                f"AWS's answer to dynamodb describe_table has no ARN of table {self.name}: seen {arn!r}",
                service="dynamodb",
                operation="describe_table",
                next_command="phasegate resume   # asks again",
            )
        return arn

    @property
    def stream_arn(self) -> str:
        """The stream's ARN, or "" where streams are off."""
        return str(self.live.get("LatestStreamArn", ""))

    @property
    def index_arns(self) -> tuple[tuple[str, str], ...]:
        """Name and ARN of each live index, in the contract's order, what the contract does not have last.

        Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_dynamodb.html (resource types)
        """
        order = {index.name: at for at, index in enumerate(self.planned.indexes)}
        names = [str(index["IndexName"]) for index in self.live.get("GlobalSecondaryIndexes", [])]
        names.sort(key=lambda name: (order.get(name, len(order)), name))
        return tuple((name, f"{self.arn}/index/{name}") for name in names)

    @property
    def index_names(self) -> tuple[str, ...]:
        """The names of the contract's indexes, whether AWS names them or not, and of those that AWS names beside."""
        planned, live = (index.name for index in self.planned.indexes), (name for name, _arn in self.index_arns)
        return tuple(dict.fromkeys((*planned, *live)))

    @property
    def encryption(self) -> str:
        """As people say it. Without an SSEDescription the key is owned by AWS.

        Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
        """
        sse = self.live.get("SSEDescription")
        if not sse or sse.get("Status") not in ("ENABLED", "UPDATING"):
            return "AWS owned key"
        return f"{sse.get('SSEType', 'type not given')}, {sse['Status']}"

    def arns(self) -> TableArns:
        return TableArns(self.name, self.arn, tuple(arn for _, arn in self.index_arns))

    def wanted_arns(self) -> TableArns:
        """What a policy for the table has to cover: the contract's indexes, too, where AWS does not name them."""
        return TableArns(self.name, self.arn, tuple(f"{self.arn}/index/{name}" for name in self.index_names))


@dataclass(frozen=True, slots=True)
class LiveDeployment:
    """One deployed stack and its tables."""

    region: str
    account: str
    environment: str
    stack_name: str
    stack_id: str
    stack_status: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]
    contract_sha256: str
    template_sha256: str
    tables: tuple[DeployedTable, ...]
    place: Callable[[str], str] = str  # where a declared path lies in this run, as `StepContext.place`

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn` or `aws-us-gov`."""
        return self.tables[0].arn.split(":")[1]


def read_deployment(ctx: StepContext) -> LiveDeployment:
    """The deployment of this run. Raises NotFound when a table of the contract is gone."""
    configured, stack = ctx.data("3.1", Configured), last_update(ctx)
    contract = read_contract(ctx.read(CONTRACT), path=ctx.place(CONTRACT), under_way=True)
    aws = at_deployment(ctx)
    return LiveDeployment(
        region=stack["region"],
        account=stack["account"],
        environment=configured["environment"],
        stack_name=stack["stack_name"],
        stack_id=stack["stack_id"],
        stack_status=stack["stack_status"],
        parameters=dict(configured["parameters"]),
        outputs=dict(stack["outputs"]),
        contract_sha256=contract.sha256,
        template_sha256=configured["template_sha256"],
        tables=tuple(
            DeployedTable(table, aws.call("dynamodb", "describe_table", TableName=table.name)["Table"])
            for table in contract.tables
        ),
        place=ctx.place,
    )


def at_deployment(ctx: StepContext) -> AwsPort:
    """AWS in the region that was deployed to, which need not be the configured one."""
    return ctx.aws.at(last_update(ctx)["region"])
