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
        kind: CREATE, UPDATE, or IMPORT of tables that are there.
        nothing_to_change: the stack was as the template says already.
        adopts: the tables that an IMPORT takes over.
        reverts: it puts back what was changed in the account, and leaves the stack's template and parameters.
    """

    account: str
    region: str
    stack_name: str
    stack_id: str
    change_set_arn: str
    changes_sha256: str
    kind: Literal["CREATE", "UPDATE", "IMPORT"]
    nothing_to_change: bool
    parameters: Mapping[str, str]
    reverts: bool = False
    adopts: tuple[str, ...] = ()

    @classmethod
    def by_task(cls, data: Configured) -> Approved:
        """From the data that task 3.1 left."""
        first = data.get("first")
        kind = first["kind"] if first else ""
        return cls(
            account=data["account"],
            region=data["region"],
            stack_name=data["stack_name"],
            stack_id=data["stack_id"],
            change_set_arn=data["change_set_arn"],
            changes_sha256=data["changes_sha256"],
            kind="IMPORT" if kind == "import" else data["change_set_type"],
            nothing_to_change=data["nothing_to_change"],
            parameters=dict(first["parameters"] if first else data["parameters"]),
            reverts=kind == "revert",
            adopts=tuple(first["tables"] if first else ()),
        )

    @classmethod
    def nothing_more(cls, data: Configured) -> Approved:
        """Where it goes and as what, with nothing left to execute."""
        whole = cls.by_task({key: value for key, value in data.items() if key != "first"})  # type: ignore[arg-type]
        return replace(whole, nothing_to_change=True)

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
