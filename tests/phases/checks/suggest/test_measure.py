"""How right are the proposals over whole checklists? Precision first, then a person's items, then coverage.

Beside each checklist stands what answers its items: `LINE: words of the check`, `LINE: ?` where a machine could answer
and nobody has to propose it. A line that is not listed is a person's.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.worlds.checklists import check_words, suggested_for
from tests.worlds.workspaces import SHARED

HERE = Path(__file__).parents[3] / "runbooks/checklists"
CHECKLISTS = sorted(HERE.glob("*.md"))
CLOUD = (
    *("ecs-service", "kubernetes-rollout", "serverless-shop", "terraform-landing-zone"),
    *("aws-payments", "ecs-orders", "k8s-search", "k8s-gateway", "serverless-media", "terraform-base"),
    *("aws-invoices", "ecs-chat", "k8s-billing"),
    *("ecs-tickets", "k8s-catalogue", "serverless-ingest"),
)
OWN = SHARED / "seeds/deployment-checklist.md"
# numbers of items, from 1, that CHECKLIST-ITEMS.md has as answered by AWS or by this machine
OWN_ANSWERABLE = {
    *range(1, 46),
    *range(47, 61),
    *range(66, 74),
    *range(75, 81),
    *(83, 84, 86, 87, 89, 92, 102, 103, 110, 111),
}


class Measure(NamedTuple):
    proposals: int
    wrong: list[str]
    persons: int
    answerable: int
    covered: int


def expected(path: Path) -> dict[int, str]:
    lines = path.with_suffix(".expected").read_text("utf-8").splitlines()
    return {int(line.split(": ", 1)[0]): line.split(": ", 1)[1] for line in lines}


def measured(paths: Iterable[Path]) -> Measure:
    proposals = persons = answerable = covered = 0
    wrong: list[str] = []
    for path in paths:
        found, wanted = suggested_for(path), expected(path)
        proposals += len(found.proposals)
        for each in found.proposals:
            words = wanted.get(each.item.line)
            if words is None or words not in ("?", check_words(each)):
                wrong.append(f"{path.name}:{each.item.line}: {each.item.text}: {check_words(each)}")
            covered += words is not None
        lines = {each.item.line for each in (*found.proposals, *found.others)}
        assert wanted.keys() <= lines, path.name
        answerable += len(wanted)
        persons += len(lines) - len(wanted)
    return Measure(proposals, wrong, persons, answerable, covered)


def test_there_are_checklists_of_other_kinds() -> None:
    assert len(CHECKLISTS) >= 34
    assert all(path.with_suffix(".expected").exists() for path in CHECKLISTS)


def test_proposals_are_right_and_a_persons_items_stay_a_persons() -> None:
    found = measured(CHECKLISTS)
    assert len(found.wrong) <= 0.02 * found.proposals, found.wrong
    assert len(found.wrong) <= 0.02 * found.persons, found.wrong


def test_more_than_half_of_what_a_machine_can_answer_is_proposed() -> None:
    cloud = measured(path for path in CHECKLISTS if path.stem in CLOUD)
    others = measured(path for path in CHECKLISTS if path.stem not in CLOUD)
    assert cloud.covered >= 0.65 * cloud.answerable
    assert others.covered >= 0.55 * others.answerable


def test_what_is_no_deployment_gets_no_proposal() -> None:
    assert suggested_for(HERE / "reading-group.md").proposals == ()


@pytest.mark.skipif(not OWN.exists(), reason="the user's checklist is not here")
def test_of_the_users_own_items_seventy_five_get_a_proposal_and_no_persons_item_does() -> None:
    found = suggested_for(OWN)
    every = sorted((*found.proposals, *found.others), key=lambda each: each.item.line)
    numbers = {each.item.line: number for number, each in enumerate(every, 1)}
    assert len(numbers) == 116
    proposed = {numbers[each.item.line] for each in found.proposals}
    assert len(OWN_ANSWERABLE) == 83
    assert len(proposed & OWN_ANSWERABLE) >= 75
    assert proposed <= OWN_ANSWERABLE
