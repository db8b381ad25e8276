"""What does the stack tell other stacks and people? The template's Outputs and their names.

Per table three outputs, each exported as `<stack name>-<output name>` so that an application's stack can import
it: `UsersTableName`, `UsersTableArn`, `UsersTableStreamArn`. Then `AlarmTopicArn` and `DashboardName`.
The deployed truth is read back by these names only: `output_names`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phases.contract.model import Contract
from phases.stage_06.template.logical_ids import logical_id

if TYPE_CHECKING:
    from phases.stage_06.template.template_shape import Properties

ALARM_TOPIC_ARN = "AlarmTopicArn"
DASHBOARD_NAME = "DashboardName"
OUTPUTS_PER_TABLE = 3
OUTPUTS_OF_STACK = 2


def output_names(table_name: str) -> tuple[str, str, str]:
    """The names of the table's outputs: (its name, its ARN, its stream's ARN)."""
    base = logical_id(table_name)
    return f"{base}Name", f"{base}Arn", f"{base}StreamArn"


def build_outputs(contract: Contract) -> dict[str, Properties]:
    """The Outputs section, tables in the contract's order."""
    outputs: dict[str, Properties] = {}
    for table in contract.tables:
        name, arn, stream = output_names(table.name)
        resource = logical_id(table.name)
        outputs[name] = _output(f"Name of table {table.name}", {"Ref": resource}, name)
        outputs[arn] = _output(f"ARN of table {table.name}", {"Fn::GetAtt": [resource, "Arn"]}, arn)
        outputs[stream] = _output(f"ARN of the stream of {table.name}", {"Fn::GetAtt": [resource, "StreamArn"]}, stream)
    outputs[ALARM_TOPIC_ARN] = _output("ARN of the topic that alarms go to", {"Ref": "AlarmTopic"}, ALARM_TOPIC_ARN)
    outputs[DASHBOARD_NAME] = _output("Name of the CloudWatch dashboard", {"Ref": "Dashboard"}, DASHBOARD_NAME)
    return outputs


def _output(description: str, value: dict[str, object], name: str) -> dict[str, object]:
    # Fn::Sub, because a plain string would export the text "${AWS::StackName}" itself.
    return {"Description": description, "Value": value, "Export": {"Name": {"Fn::Sub": f"${{AWS::StackName}}-{name}"}}}
