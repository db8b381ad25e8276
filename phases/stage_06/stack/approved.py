"""What did leaving task 3.1 approve? The facts that task 3.2 has to act on, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from phases.stage_06.inputs.recorded import Configured, NextUpdate


@dataclass(frozen=True, slots=True)
class Approved:
    """The approved change set and where it belongs.

    Attributes:
        change_set_arn: of the change set that may be executed.
        changes_sha256: what it does (`ChangeSet.digest`).
        kind: CREATE or UPDATE.
        nothing_to_change: the stack was as the template says already.
        reverts: it puts back what was changed in the account, and leaves the stack's template and parameters.
    """

    account: str
    region: str
    stack_name: str
    stack_id: str
    change_set_arn: str
    changes_sha256: str
    kind: Literal["CREATE", "UPDATE"]
    nothing_to_change: bool
    parameters: Mapping[str, str]
    reverts: bool = False

    @classmethod
    def by_task(cls, data: Configured) -> Approved:
        """From the data that task 3.1 left."""
        return cls(
            account=data["account"],
            region=data["region"],
            stack_name=data["stack_name"],
            stack_id=data["stack_id"],
            change_set_arn=data["change_set_arn"],
            changes_sha256=data["changes_sha256"],
            kind=data["change_set_type"],
            nothing_to_change=data["nothing_to_change"],
            parameters=dict(data.get("reverts", data["parameters"])),
            reverts="reverts" in data,
        )

    @classmethod
    def nothing_more(cls, data: Configured) -> Approved:
        """Where it goes and as what, with nothing left to execute."""
        return replace(cls.by_task(data), nothing_to_change=True, parameters=dict(data["parameters"]), reverts=False)

    @classmethod
    def of_next(cls, data: Configured, proposed: NextUpdate) -> Approved:
        """A further update of the chain, from what task 3.1 and the task before left."""
        return cls(
            account=data["account"],
            region=data["region"],
            stack_name=data["stack_name"],
            stack_id=proposed["stack_id"],
            change_set_arn=proposed["change_set_arn"],
            changes_sha256=proposed["changes_sha256"],
            kind="UPDATE",
            nothing_to_change=False,
            parameters=dict(data["parameters"]),
        )
