"""Which file is the contract? Stage 02 leaves it in one of two places; a person says which when they differ.

Both the preflight (before the run) and task 1.1 ask here, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from phases.contract.model import Contract
from phases.stage_06.paths import CONTRACT_SOURCES
from phases.step import Check, Question
from state.errors import BadInput

WHICH = Question(
    name="contract",
    text="Two migration contracts are there and they differ. Which one is to be deployed?",
    choices=CONTRACT_SOURCES,
)


def candidates(read: Callable[[str], bytes | None]) -> dict[str, bytes]:
    """The contracts that are there, by path: one, or two that differ. `read` gives a file's bytes or None.

    Raises BadInput when there is none.
    """
    found = {path: data for path in CONTRACT_SOURCES if (data := read(path)) is not None}
    if not found:
        raise BadInput(
            f"there is no migration contract: looked for {' and '.join(CONTRACT_SOURCES)}, seen neither",
            next_command=f"cp FILE {CONTRACT_SOURCES[0]}   # the contract of stage 02; then the same command again",
        )
    if len(set(found.values())) == 1:
        first = CONTRACT_SOURCES[0]
        return {first: found[first]} if first in found else found
    return found


def check_contract(data: bytes, *, path: str) -> Contract:
    """The contract, good to be deployed by one stack. Raises BadInput with every problem."""
    # Inside: building a template is not needed for listing the steps.
    from phases.contract.reader import read_contract
    from phases.stage_06.template.limits import refuse_beyond_limits

    contract = read_contract(data, path=path)
    refuse_beyond_limits(contract, path=path)
    return contract


def lost_checks(contract: Contract) -> list[Check]:
    """A note for each setting that a contract of a run under way asks for in vain, for its approvers."""
    found = (text.partition(": ") for text in contract.lost)
    return [
        Check(f"lost from the contract {number}", "nothing", message, "note", where)
        for number, (where, _, message) in enumerate(found, start=1)
    ]


def preflight(read: Callable[[str], bytes | None], answers: Mapping[str, str]) -> None:
    """Refuse a run whose contract is missing or bad, before it starts. Writes nothing.

    With two different contracts and no answer yet, one good one is enough: task 1.1 asks which.

    Raises BadInput.
    """
    found = candidates(read)
    chosen = answers.get(WHICH.name)
    paths = [chosen] if chosen in found else list(found)
    refused: list[BadInput] = []
    for path in paths:
        try:
            check_contract(found[path], path=path)
        except BadInput as error:
            refused.append(error)
    if len(refused) == len(paths):
        raise refused[0]
