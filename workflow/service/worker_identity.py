"""Who may be a worker? An identity of its own: by whose key or name somebody approves works at nothing by itself."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

from gates.policy import email_of
from state.errors import BadInput
from state.evidence import By
from workflow.doors.git.handed_over import blob_named
from workflow.doors.ssh_key import plain_key
from workflow.doors.ssh_signature import SshSignatures
from workflow.policy.look_alikes import FILE
from workflow.policy.policy_file import read_policies


def require_no_approver(workspace: Path, by: By) -> None:
    """Raise BadInput where the worker's key, or its name, is one that approves: it has an identity of its own."""
    signers = list(_signers(workspace))
    email = email_of(by.git)
    named = [words[0] for words in signers if email in words[0].strip('"').split(",")]
    door = SshSignatures(workspace, None, ask=False)
    own = door.key_of(door.sign(b"phasegate worker"))
    keys = [words[0] for words in signers if own in map(fingerprint, words[1:])]
    if named or keys:
        what = f"the key {own}" if keys else f"the name {by.git}"
        raise BadInput(
            f"a worker approves nothing, and {what}, by which it would work, is in the allowed signers of {FILE} "
            f"as {(keys or named)[0]}",
            next_command="git config user.email worker-1@example.com   # in a clone of the worker's own\n"
            "      git config user.signingkey FILE   # a key of its own, named in runners",
        )


def _signers(workspace: Path) -> Iterator[list[str]]:
    """The words of each line of allowed signers, of any gate, as HEAD has them."""
    data = blob_named(workspace, f"HEAD:./{FILE}") or b""
    policies = read_policies(data, judged_before=True)
    for path in {policies.default.allowed_signers, *(each.policy.allowed_signers for each in policies.rules)} - {""}:
        lines = (blob_named(workspace, f"HEAD:./{path}") or b"").decode(errors="replace").splitlines()
        yield from (words for line in lines if (words := line.split()) and not words[0].startswith("#"))


def fingerprint(word: str) -> str:
    """`SHA256:...` of a key as it stands in a line, "" for any other word."""
    try:
        blob = base64.b64decode(word, validate=True)
    except ValueError:
        return ""
    return f"SHA256:{base64.b64encode(hashlib.sha256(plain_key(blob)).digest()).decode().rstrip('=')}" if blob else ""
