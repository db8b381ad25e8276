"""A policy or key that makes a gate easier to open while the run is under way is found; what is stricter is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.approval_world import BOB, EVE, ApprovalWorld, Keys
from tests.worlds.gates_world import POLICY, GateForger

pytestmark = pytest.mark.slow
Change = tuple[str, str]  # what is replaced in the policy, and by what


@pytest.fixture(scope="module")
def paused(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> ApprovalWorld:
    world = ApprovalWorld(tmp_path_factory.mktemp("paused"))
    (world.root / "keys").mkdir()
    files = {"keys/signers": keys.allow(BOB), "keys/revoked": keys.public(EVE)}
    world.commits_files({"phasegate.yaml": POLICY, **files})
    world.pauses()
    return world


@pytest.fixture
def run(paused: ApprovalWorld, tmp_path: Path) -> GateForger:
    return GateForger.of_copy(paused, tmp_path / "copy")


def commit(run: GateForger, path: str, data: str) -> None:
    run.write(path, data.encode())
    run.git("add", path)
    run.git("commit", "-q", "-m", "Tidy up")


WIDER: dict[str, Change] = {
    "fewer approvers": ("approvers: 2", "approvers: 1"),
    "somebody more": ("eve@example.com]", "eve@example.com, mallory@example.org]"),
    "everybody": ('    who: ["bob@*.com", eve@example.com]\n', ""),
    "the operator": ("operator_may_approve: false\n    expires", "operator_may_approve: true\n    expires"),
    "the operator, unless alone": ("    operator_may_approve: false\n    expires", "    expires"),
    "more time": ("expires: 4h", "expires: 5h"),
    "no signatures": ("signed: true", "signed: false"),
    "no person": ("signed: true", "signed: true\n    opened_by_policy: true"),
    "no revoked keys": ("    revoked_keys: keys/revoked\n", ""),
    "another rule before it": ("gates:\n", 'gates:\n  - gate: "1.*"\n'),
    "no rule": (POLICY, "gates: []\n"),
}
STRICTER: dict[str, Change] = {
    "more approvers": ("approvers: 2", "approvers: 3"),
    "somebody less": (", eve@example.com]", "]"),
    "less time": ("expires: 4h", "expires: 30m"),
    "a rule for nobody's gate": ("gates:\n", 'gates:\n  - {gate: "9", workflow: fence, who: ["*"]}\n'),
    "a comment": ("gates:\n", "# gates\ngates:\n"),
    "signed elsewhere too": (
        '  - gate: "1.2"\n',
        '  - gate: "1.2"\n    signed: true\n    allowed_signers: keys/signers\n',
    ),
}


@pytest.mark.parametrize("change", WIDER.values(), ids=WIDER)
@pytest.mark.parametrize("taken_back", [False, True])
def test_a_weaker_policy_is_found_though_it_is_taken_back(taken_back: bool, change: Change, run: GateForger) -> None:
    assert change[0] in POLICY
    commit(run, "phasegate.yaml", POLICY.replace(*change, 1))
    if taken_back:
        commit(run, "phasegate.yaml", POLICY)
    assert [(each.code, each.task) for each in run.audit().findings][:1] == [("policy-widened", "t1_1")]


@pytest.mark.parametrize("change", STRICTER.values(), ids=STRICTER)
def test_a_stricter_policy_is_no_finding_and_holds_at_once(change: Change, run: GateForger) -> None:
    assert change[0] in POLICY
    commit(run, "phasegate.yaml", POLICY.replace(*change, 1))
    assert run.codes() == []


def test_what_was_made_stricter_is_not_loosened_again_unseen(run: GateForger) -> None:
    commit(run, "phasegate.yaml", POLICY.replace("approvers: 2", "approvers: 3"))
    commit(run, "phasegate.yaml", POLICY)
    assert run.codes() == ["policy-widened"]


def test_a_key_more_is_found_and_a_key_less_is_not(run: GateForger, keys: Keys) -> None:
    commit(run, "keys/signers", "# nobody\n")
    commit(run, "keys/revoked", keys.public(EVE) + keys.public(BOB))
    assert run.codes() == []
    commit(run, "keys/signers", keys.allow(BOB) + keys.allow(EVE).replace("eve@", "bob@"))
    (found,) = run.audit().findings
    assert (found.code, found.task) == ("policy-widened", "t1_1")
    assert "more among the allowed signers" in found.message
    commit(run, "keys/signers", "")
    assert run.codes() == ["policy-widened"]


def test_a_revoked_key_that_counts_again_is_found(run: GateForger) -> None:
    commit(run, "keys/revoked", "")
    assert [each.message.split(";")[0] for each in run.audit().findings] == [
        "since this commit 1 revoked key counts again"
    ]


def test_a_policy_that_cannot_be_read_opens_nothing_and_what_follows_is_held_against_the_one_before(
    run: GateForger,
) -> None:
    commit(run, "phasegate.yaml", "default: {approvers: many}\n")
    assert "policy-widened" not in run.codes()
    commit(run, "phasegate.yaml", POLICY.replace("approvers: 2", "approvers: 1"))
    assert "policy-widened" in run.codes()
