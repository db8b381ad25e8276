"""How long do 100 signatures of a run take to be looked at, side by side, against one after the other? By the clock.

Processor time is the same: each is a process of ssh-keygen. To reach: 1.2 x the number of processors less.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from rows import Row, show

from gates.approval import signed_text
from gates.policy import GatePolicy
from gates.policy_change import SigningKeys, key_lines
from state.evidence import Approval, By
from state.task_state import TaskState, TaskStatus
from workflow.audit.signature_checks import Signatures
from workflow.doors.ssh_signature import NAMESPACE, SshSignatures

WHO = By("Ada <ada@example.com>", "ada", "here")
POLICY = GatePolicy(allowed_signers="signers")
DIGEST, NONCE = "0" * 64, "nonce"


def signed(place: Path) -> tuple[SigningKeys, TaskState]:
    """A key, and a task whose approval it signed."""
    key = place / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    text = signed_text(run="run-1", task="t1", attempt=1, digest=DIGEST, nonce=NONCE)
    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", NAMESPACE, "-f", str(key)]
    signature = subprocess.run(command, input=text, capture_output=True, check=True).stdout.decode()
    state = TaskState("t1", TaskStatus.DONE, attempt=1)
    state.request = cast(Any, SimpleNamespace(digest=DIGEST, nonce=NONCE))
    at = datetime.now(UTC)
    state.approvals = [Approval(DIGEST, NONCE, WHO, "command", admits=True, at=at, signature=signature)]
    lines = f"ada@example.com {key.with_suffix('.pub').read_text()}".encode()
    return SigningKeys(key_lines(lines)), state


def rows(quick: bool) -> Iterator[Row]:
    """One row, by the clock."""
    number = 4 if quick else 100
    with tempfile.TemporaryDirectory() as scratch:
        keys, state = signed(Path(scratch))
        standing = SimpleNamespace(files=POLICY.files, rules=SimpleNamespace(keys=keys))
        counted = SimpleNamespace(at_gate=lambda *_given: [standing])
        world = (None, None, SimpleNamespace(is_of_0_1=False, run_id="run-1"), counted, SshSignatures(Path(scratch)))

        def looked(at_once: bool) -> float:
            wrong: list[object] = []
            began = time.perf_counter()
            with Signatures(*cast(Any, (*world, wrong.append))) as signatures:
                if at_once:
                    begun = [signatures.begin(state, POLICY, None) for _ in range(number)]
                    _ = [signatures.given(state, POLICY, None, each) for each in begun]
                else:
                    for _ in range(number):
                        signatures.given(state, POLICY, None, signatures.begin(state, POLICY, None))
            assert not wrong, wrong
            return time.perf_counter() - began

        alone, together = looked(False), looked(True)
    processors = os.cpu_count() or 1
    yield Row(f"{number} signatures, by the clock", alone, together, "one by one", 1.2 / min(processors, number))


if __name__ == "__main__":
    show(rows)
