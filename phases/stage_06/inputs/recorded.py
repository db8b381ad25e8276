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


class TakenIn(TypedDict):
    """A setting that differs from what was deployed last, as it was seen, and who took it in."""

    seen: str
    by: str


class FirstUpdate(TypedDict):
    """A first update that leaves the stack's template and parameters, or adds to it the tables that it adopts."""

    kind: Literal["revert", "import"]
    parameters: dict[str, str]
    tables: list[str]


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
    taken_in: NotRequired[dict[str, TakenIn]]  # by the name of the check; absent where nothing was
    brought_back: NotRequired[dict[str, TakenIn]]  # likewise: what task 3.2 is to bring back
    first: NotRequired[FirstUpdate]  # where its change set does not bring the template: absent where it does
    updates: NotRequired[int]  # of the chain that its change set begins; absent where that is the only one
    monthly_cost_usd: NotRequired[float | str | None]


class NextUpdate(TypedDict):
    """The update that a task which executed one has proposed behind it."""

    change_set_arn: Arn
    changes_sha256: Hex
    stack_id: Arn
    left: int


class Deployed(TypedDict):
    """Left by 3.2, and by each further update."""

    account: Account
    region: Region
    stack_name: Line
    stack_id: Arn
    stack_status: Line
    outputs: dict[str, str]
    next: NotRequired[NextUpdate]
    taken_in: NotRequired[dict[str, TakenIn]]  # what changed in the account meanwhile and stays


class Summarised(TypedDict):
    """Left by 5.1. `probes`: false where it said that 5.2 writes nothing; absent where that writes."""

    probes: NotRequired[bool]


class Proposed(TypedDict):
    """What came of asking for a change set."""

    change_set_arn: Arn


class Place(TypedDict):
    """Where this run did something to a stack."""

    region: Region
    stack_name: Line


class Discarded(Place):
    """Where change sets were discarded, and their names."""

    deleted: list[str]
