"""Signatures are looked at side by side, as many at once as there are processors, and each keeps its own verdict."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Barrier, Lock
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gates.policy import GatePolicy
from gates.policy_change import SigningKeys
from state.errors import BadInput
from state.evidence import Approval, By
from state.task_state import TaskState, TaskStatus
from workflow.audit.findings import Finding, Unprovable
from workflow.audit.signature_checks import Signatures

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PROCESSORS = 4
POLICY = GatePolicy(allowed_signers="signers")


class Verifier:
    """Ends no look before as many are under way as there are processors; the fault of a signature is its own text."""

    def __init__(self) -> None:
        self.meet = Barrier(PROCESSORS, timeout=30)
        self.most = self._now = 0
        self._lock = Lock()

    def verify(self, _allowed: bytes, _who: str, _text: bytes, signature: str, **_given: object) -> str | None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        self.meet.wait()
        with self._lock:
            self._now -= 1
        if signature == "no ssh-keygen":
            raise BadInput("ssh-keygen was not found on PATH")
        return None if signature == "good" else signature

    def key_of(self, signature: str) -> str:
        return f"key of {signature}"


def waiting(number: int, *signatures: str) -> TaskState:
    by = By("Ada <ada@example.com>", "ada", "here")
    state = TaskState(f"t{number}", TaskStatus.DONE)
    state.request = cast(Any, SimpleNamespace(digest=f"{number:064x}", nonce=str(number)))
    state.approvals = [
        Approval(digest="d", nonce="n", by=by, via="command", admits=True, at=AT, signature=each, comment="")
        for each in signatures
    ]
    return state


@pytest.fixture
def processors(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("os.cpu_count", lambda: PROCESSORS)
    return PROCESSORS


def test_as_many_are_under_way_as_there_are_processors(processors: int) -> None:
    keys = SigningKeys(allowed=frozenset({"ada@example.com ssh-ed25519 AAAA"}))
    standing = SimpleNamespace(files=POLICY.files, rules=SimpleNamespace(keys=keys))
    counted, run = SimpleNamespace(at_gate=lambda *_: [standing]), SimpleNamespace(is_of_0_1=False, run_id="run-1")
    verifier, told = Verifier(), list[Finding | Unprovable]()
    states = [waiting(1, "good", "bad 1"), *(waiting(number, "good") for number in range(2, 7)), waiting(7, "bad 7")]
    states += [waiting(8, "no ssh-keygen", "", "good", "good")]
    assert sum(bool(each.signature) for state in states for each in state.approvals) % processors == 3
    states[-1].approvals.append(states[0].approvals[0])
    with Signatures(*cast(Any, (None, None, run, counted, verifier, told.append))) as signatures:
        begun = [signatures.begin(state, POLICY, None) for state in states]
        given = [signatures.given(state, POLICY, None, each) for state, each in zip(states, begun, strict=True)]
    assert verifier.most == processors
    faults = [[each.fault for each in of_one] for of_one in given]
    assert faults[0] == ["", "Ada <ada@example.com>: bad 1"]
    assert faults[1:6] == [[""]] * 5
    assert faults[6] == ["Ada <ada@example.com>: bad 7"]
    assert [bool(fault) for fault in faults[7]] == [True, False, False, False, False]
    assert [type(each) for each in told] == [Finding, Finding, Unprovable]
