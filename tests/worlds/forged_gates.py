"""Each way in which what a run recorded of a gate is forged, and the codes that find it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.worlds.approval_world import ADA, BOB, EVE
from tests.worlds.gates_world import MALLORY

Edit = Callable[[dict[str, Any]], object]


def on(type_: str, task: str, edit: Edit, by: str = "") -> Edit:
    """The edit, of events of this type and task (and person)."""

    def only(event: dict[str, Any]) -> object:
        hit = (event["type"], event.get("task")) == (type_, task) and by in ("", event.get("by", {}).get("git"))
        return edit(event) if hit else None

    return only


def policy(task: str, **changes: Any) -> Edit:
    return on("worked", task, lambda event: event["policy"].update(changes))


def named(person: str) -> Edit:
    return lambda event: event["by"].update(git=person)


def by_policy(event: dict[str, Any]) -> None:
    event.update(via="policy")
    named("policy")(event)


def without_eve(event: dict[str, Any]) -> object:
    on("approved", "t1_1", lambda each: each.update(admits=True), BOB)(event)
    return on("approved", "t1_1", lambda _: "drop", EVE)(event)


def good_for_longer(event: dict[str, Any]) -> None:
    event["request"]["expires_at"] = "2027-01-02T03:04:11.000Z"


FORGED: dict[str, tuple[Edit, set[str]]] = {
    "a stranger approved": (on("approved", "t1_2", named(MALLORY)), {"approver-not-allowed"}),
    "a stranger signed": (on("approved", "t1_1", named(MALLORY), BOB), {"approver-not-allowed", "signature-invalid"}),
    "the operator approved": (on("approved", "t1_2", named(ADA)), {"approver-is-operator"}),
    "the operator approved, in capitals": (
        on("approved", "t1_2", named("A <ADA@Example.com>")),
        {"approver-is-operator"},
    ),
    "half a quorum": (without_eve, {"approvers-missing"}),
    "the same person twice": (
        on("approved", "t1_1", named("Bobby <BOB@example.com>"), EVE),
        {"approvers-missing", "signature-invalid"},
    ),
    "a signature was taken off": (
        on("approved", "t1_1", lambda event: event.pop("signature") and None, BOB),
        {"signature-missing", "approvers-missing"},
    ),
    "a policy asked for one only": (policy("t1_1", approvers=1), {"policy-differs", "signature-invalid"}),
    "a policy asked for nobody in particular": (policy("t1_2", who=[]), {"policy-differs"}),
    "a policy let the operator": (policy("t1_2", operator_may_approve=True), {"policy-differs"}),
    "no terminal was there": (
        on("worked", "t2_1", lambda event: event.update(terminal=False)),
        {"policy-differs", "event-differs"},  # the second: it was handed in at one
    ),
    "a policy opened the gate": (policy("t1_2", opened_by_policy=True), {"policy-differs"}),
    "a policy asked for more": (policy("t2_1", who=["ada@example.com"]), {"policy-differs"}),
    "a policy file was another": (policy("t2_1", files={"phasegate.yaml": "0" * 64}), {"policy-differs"}),
    "a policy file was not there": (policy("t2_1", files={}), {"policy-differs"}),
    "a policy named one file more": (
        on("worked", "t2_1", lambda event: event["policy"]["files"].update(more="0" * 64)),
        {"policy-differs"},
    ),
    "a policy of another time": (policy("t2_1", quorum="simple majority"), {"policy-differs"}),
    "no policy was recorded": (on("worked", "t2_1", lambda event: event.pop("policy") and None), {"policy-differs"}),
    "it was good for longer": (on("worked", "t2_1", good_for_longer), {"expiry-differs"}),
    "a person is said to be the policy": (
        on("approved", "t2_1", lambda event: event.update(via="policy")),
        {"policy-did-not-open"},
    ),
    "the policy is said to be a person": (on("approved", "t2_1", named("policy")), {"policy-did-not-open"}),
}
