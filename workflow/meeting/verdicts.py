"""What is a verdict that somebody gives in another clone? `verdict.json` in a commit on the tip that they read.

    {"v": 1, "run": ..., "task": "t3_1", "attempt": 2, "digest": "<64 hex>", "nonce": ..., "verdict": "approve",
     "by": {"git": ..., "user": ..., "host": ...}, "comment": ..., "signature": "-----BEGIN SSH SIGNATURE-----..."}

Rules:
- It says nothing without its signature: whoever can push makes such a commit. A passkey's is in the field `passkey`, as
  an event has it.
- An approval signs the text of every approval (docs/approvals.md); a rejection the same with `phasegate rejection` as
  its first line, and the SHA-256 of the reason as its last.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from state import json_values as j
from state.evidence import By
from state.json_line import read_object
from state.json_values import Json
from state.passkey_signature import Signature, signature_fields, signature_in

FILE = "verdict.json"
VERSION = 1
RUNS = 2  # the format of runs that are shared
LARGEST = 64 * 1024  # bytes of one
Kind = Literal["approve", "reject"]
_KINDS: Mapping[str, Kind] = j.words("approve", "reject")


@dataclass(frozen=True, slots=True)
class GivenVerdict:
    """A verdict as it is on the remote; `text` is the comment of an approval, the reason of a rejection."""

    run: str
    task: str
    attempt: int
    digest: str
    nonce: str
    verdict: Kind
    by: By
    text: str
    signature: Signature

    def to_bytes(self) -> bytes:
        body: dict[str, Json] = {"v": VERSION, "run": self.run, "task": self.task, "attempt": self.attempt}
        body |= {"digest": self.digest, "nonce": self.nonce, "verdict": self.verdict, "by": self.by.to_json()}
        body |= {"comment" if self.verdict == "approve" else "reason": self.text, **signature_fields(self.signature)}
        return json.dumps(body, ensure_ascii=False, indent=1).encode() + b"\n"

    @classmethod
    def from_bytes(cls, data: bytes) -> GivenVerdict:
        """Raises ValueError for what is none."""
        if len(data) > LARGEST:
            raise ValueError(f"a verdict has at most {LARGEST:,} bytes, this has {len(data):,}")
        body = read_object(data)
        if j.whole(body, "v", 1) != VERSION:
            raise ValueError(f"verdict version {body['v']}, this phasegate reads {VERSION}")
        kind = j.word(body, "verdict", _KINDS)
        return cls(
            j.file_name(body, "run"),
            j.key(body, "task"),
            j.whole(body, "attempt", 1),
            j.digest(body, "digest"),
            j.text(body, "nonce"),
            kind,
            j.part(body, "by", By.from_json),
            j.text_if_any(body, "comment") if kind == "approve" else j.text(body, "reason"),
            signature_in(body, RUNS),
        )
