"""What do stage-06's tasks leave in the journal that later ones read back? The kinds of it: `phases/recorded.py`."""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict  # pydantic reads typing's own from Python 3.12 on only

from phases.recorded import Account, Arn, Hex, Line, Region


class ContractRead(TypedDict):
    """Left by 1.1."""

    contract: Line
    contract_sha256: Hex


class LayerLeft(TypedDict):
    """Left by 1.2, 1.3, 1.4 and 2.1."""

    template_sha256: Hex


class Configured(TypedDict):
    """Left by 3.1: what its approval is for."""

    account: Account
    region: Region
    environment: Line
    stack_name: Line
    stack_id: Arn
    change_set_arn: Arn
    change_set_type: Literal["CREATE", "UPDATE"]
    changes_sha256: Hex
    nothing_to_change: bool
    parameters: dict[str, str]
    template_sha256: Hex
    monthly_cost_usd: NotRequired[float | str | None]


class Deployed(TypedDict):
    """Left by 3.2."""

    account: Account
    region: Region
    stack_name: Line
    stack_id: Arn
    stack_status: Line
    outputs: dict[str, str]


class Proposed(TypedDict):
    """What came of asking for a change set."""

    change_set_arn: Arn


class Place(TypedDict):
    """Where this run did something to a stack."""

    region: Region
    stack_name: Line
