"""Whatever stands in the journal in the place of what a step reads back: of the kind it goes on with, or refused."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from phases.aws_deploy.spec import recorded as aws_deploy
from phases.manual.command_endings import RanCommand
from phases.recorded import as_recorded
from phases.stage_06.inputs import recorded as stage_06
from phases.step import PastEffect
from state.errors import JournalDamaged

PLACE = ".phasegate/run-1/journal.jsonl:7"
ARN = "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/0a1b"
HEX = "0a" * 32
RAN = {"command": "make", "exit_code": None, "seconds": 1.5, "output": ""}
BACKUP = {"table": "orders", "arn": ARN, "items": None, "key_schema": [{"AttributeName": "id", "KeyType": "HASH"}]}
DEPLOYED = {"account": "123456789012", "region": "eu-west-1", "stack_name": "shop", "stack_id": ARN}
GOOD: list[tuple[Any, dict[str, Any]]] = [
    (stage_06.ContractRead, {"contract": "artifacts/contract.json", "contract_sha256": HEX}),
    (stage_06.LayerLeft, {"template_sha256": HEX}),
    (
        stage_06.Configured,
        {
            **DEPLOYED,
            "environment": "dev",
            "change_set_arn": ARN,
            "change_set_type": "CREATE",
            "changes_sha256": HEX,
            "nothing_to_change": False,
            "parameters": {"Environment": "dev"},
            "template_sha256": HEX,
        },
    ),
    (stage_06.Deployed, {**DEPLOYED, "stack_status": "CREATE_COMPLETE", "outputs": {"TableName": "orders"}}),
    (stage_06.Proposed, {"change_set_arn": ARN}),
    (stage_06.Place, {"region": "us-gov-west-1", "stack_name": "shop"}),
    (
        aws_deploy.Analysed,
        {
            "name": "shop",
            "environment": "test",
            "region": "eu-west-1",
            "account": "123456789012",
            "caller_arn": "arn:aws:iam::123456789012:user/ada",
            "components": ["stock"],
        },
    ),
    (aws_deploy.Prepared, {"backups": [BACKUP]}),
    (aws_deploy.Infrastructure, {"rounds": [{"round": 1, "discrepancies": ["no table"]}], "cost": [["a", "b", "c"]]}),
    (aws_deploy.Application, {"deployed_commit": "0a1b2c3d4e", "cost": [], "seconds": {"deploy stock": 1.5}}),
    (aws_deploy.Validated, {"performance": [["5.2", "20 ms", "12.5 ms"]]}),
    (aws_deploy.Rehearsed, {"rehearsed_in": "test", "seconds": {"back": 2.5}}),
    (aws_deploy.Ran, RAN),
    (aws_deploy.BackedUp, {"arn": ARN, "items": 3}),
    (aws_deploy.OfTable, {"table": "orders"}),
    (aws_deploy.Restored, {"items": 3, "key_schema": BACKUP["key_schema"]}),
    (aws_deploy.Sent, {"message": 204}),
    (aws_deploy.SetOff, {"before": "OK", "at": "2026-01-02T03:04:05+00:00"}),
    (aws_deploy.Discrepancies, {"discrepancies": []}),
    (aws_deploy.Until, {"until": "2026-01-02T03:04:05+00:00"}),
    (aws_deploy.OfCommit, {"commit": "0a1b2c3d4e"}),
    (RanCommand, {"exit_code": 0, "seconds": 0.1, "output": "fine"}),
]
WRONG: list[Any] = [None, True, -1, 7.5, 10**30, "", "\0", "x\ny", [], [None], {}, {"a": 1}]


@pytest.mark.parametrize(("kind", "good"), GOOD, ids=lambda each: getattr(each, "__name__", ""))
def test_what_a_step_leaves_is_taken_and_a_field_that_is_missing_is_named(kind: Any, good: dict[str, Any]) -> None:
    assert as_recorded({**good, "later": 1}, kind, place=PLACE, field="data") == {**good, "later": 1}
    for name in good:
        less = {each: value for each, value in good.items() if each != name}
        with pytest.raises(JournalDamaged, match=rf"^{re.escape(PLACE)}: field `data\.{name}`: .*, seen nothing\n"):
            as_recorded(less, kind, place=PLACE, field="data")


@pytest.mark.parametrize(("kind", "good"), GOOD, ids=lambda each: getattr(each, "__name__", ""))
def test_a_value_of_another_kind_is_refused_with_line_and_field(kind: Any, good: dict[str, Any]) -> None:
    refused = 0
    for name in good:
        for wrong in WRONG:
            changed = copy.deepcopy(good)
            changed[name] = wrong
            try:
                as_recorded(changed, kind, place=PLACE, field="result")
            except JournalDamaged as error:
                assert error.message.startswith(f"{PLACE}: field `result.{name}"), error.message
                assert error.exit_code == 1 and error.next_command == (
                    "git -P log -p -- .phasegate/run-1/journal.jsonl   # look who changed it"
                )
                refused += 1
    assert refused >= 4 * len(good)


@pytest.mark.parametrize("wrong", ["", "eu west 1", "../eu", "eu-west-1\n", "EU-WEST-1", "\0"])
def test_a_region_that_is_none_reaches_no_client(wrong: str) -> None:
    with pytest.raises(JournalDamaged, match=r"field `intent\.region`: expected a region of AWS, seen"):
        PastEffect("3.1", "", 1, "x", {"region": wrong, "stack_name": "shop"}, None, (PLACE, "")).intended(
            stage_06.Place
        )


def test_an_effect_without_a_result_came_to_nothing_and_one_with_another_is_refused() -> None:
    effect = PastEffect("Phase 2", "", 1, "backup-orders", {"table": "orders"}, None, (PLACE, ""))
    assert effect.came_to(aws_deploy.BackedUp) is None
    done = PastEffect("Phase 2", "", 1, "backup-orders", {"table": "orders"}, {"arn": 7}, (PLACE, f"{PLACE}1"))
    with pytest.raises(JournalDamaged, match=r"jsonl:71: field `result\.arn`: .*, seen 7"):
        done.came_to(aws_deploy.BackedUp)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (aws_deploy.Restored, {"items": "3", "key_schema": []}),
        (aws_deploy.Sent, {"message": 204, "missing": "yes"}),
        (aws_deploy.Application, {"deployed_commit": "0a1b2c3d4e", "cost": [], "seconds": {"deploy stock": "1.5"}}),
        (RanCommand, {"exit_code": True, "seconds": 0.1, "output": ""}),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_nothing_is_made_to_fit(kind: Any, value: dict[str, Any]) -> None:
    with pytest.raises(JournalDamaged, match="field `result"):
        as_recorded(value, kind, place=PLACE, field="result")
