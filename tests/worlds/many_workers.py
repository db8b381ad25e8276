"""Many runs at one remote for its workers: ordered by one push, and looked at when all wait for their first gate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch

from state.evidence import By
from tests.worlds.approval_world import ADA
from tests.worlds.barn import WORKFLOWS
from tests.worlds.workers import SANDBOX, Workers
from workflow.meeting.moves import Move
from workflow.meeting.orders import Order
from workflow.runs.workflow_catalog import KNOWN
from workflow.service import orders
from workflow.service.meeting_place import place_of
from workflow.service.runner_key import signing_with

AT_ONCE = 250  # orders in a push


@contextmanager
def known_barn() -> Iterator[None]:
    """In the block, this process knows the workflows of the barn."""
    with patch.dict(KNOWN, WORKFLOWS):
        yield


def many_orders(world: Workers, runs: Sequence[str]) -> Sequence[str]:
    """These runs are ordered, each by a signed commit of its own, some hundred in a push."""
    place, root = place_of(world.ada.root), world.ada.root
    signing = signing_with(root, None)
    for at in range(0, len(runs), AT_ONCE):
        moves: list[Move] = []
        for run in runs[at : at + AT_ONCE]:
            order = Order(run, "barn-by-name", "", {}, SANDBOX, "", By(ADA, "ada", "here"))
            commit = orders._commit(root, order, world.base, signing)
            moves += [Move(place.names.of("todo", run), "", commit), Move(place.names.branch(run), "", world.base)]
        place.remote.push(moves)
    return runs


def wrong_at_first_gate(world: Workers, runs: Sequence[str]) -> list[str]:
    """What is not as where each of these was begun once, and waits."""
    found = [f"{run}: {state}" for run, (state, _) in world.place.runs("todo", "working", "stopped").items()]
    calls = Counter(world.lines_of("calls"))
    calls.subtract(world.lines_of("refused"))
    return found + [f"{run}: {calls[f'{run}/wood']} calls" for run in runs if calls[f"{run}/wood"] != 1]
