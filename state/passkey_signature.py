"""What does a passkey leave of an approval? Credential, authenticator data, client data, signature: read and written.

Rules:
- The four are the bytes that the browser gave, as base64url without padding. A text that other bytes than its own
  would be written as (a spare bit set, a pad) is damage: no character of it can be another unnoticed.
- Whether it is good is not looked at here: `workflow.policy.passkeys`.

Source: https://www.w3.org/TR/webauthn-3/, "AuthenticatorAssertionResponse".
"""

from __future__ import annotations

import binascii

from state import json_values as j
from state.cheap_classes import dataclass
from state.json_values import Fields, Json

LARGEST = 16 * 1024  # characters of one field: authenticators write some hundreds


@dataclass(frozen=True, slots=True)
class PasskeySignature:
    """One assertion of a passkey. `id`: of the credential, as base64url; the other three as bytes."""

    id: str
    authenticator_data: bytes
    client_data: bytes
    signature: bytes

    @classmethod
    def from_json(cls, body: Fields) -> PasskeySignature:
        if not body.keys() <= _FIELDS:
            raise j.misread(body, min(body.keys() - _FIELDS), f"none but {', '.join(sorted(_FIELDS))}")
        _bytes(body, "id")
        data = (_bytes(body, "authenticator_data"), _bytes(body, "client_data"), _bytes(body, "signature"))
        return cls(j.text(body, "id"), *data)

    def to_json(self) -> dict[str, Json]:
        return {
            "id": self.id,
            "authenticator_data": base64url(self.authenticator_data),
            "client_data": base64url(self.client_data),
            "signature": base64url(self.signature),
        }


Signature = str | PasskeySignature  # armoured, SSH; or a passkey's; "" for none
_FIELDS = frozenset(("id", "authenticator_data", "client_data", "signature"))


def signature_in(body: Fields, version: int) -> Signature:
    """The signature that an event carries, in its field `signature` or `passkey`; "" for none."""
    if "passkey" not in body:
        return j.text_if_any(body, "signature")
    if version == 1 or "signature" in body:
        raise j.misread(body, "passkey", "none in a run of format 1, and none beside `signature`")
    return j.part(body, "passkey", PasskeySignature.from_json)


def signature_fields(given: Signature) -> dict[str, Json]:
    """As an event carries it; nothing for none."""
    if isinstance(given, PasskeySignature):
        return {"passkey": given.to_json()}
    return {"signature": given} if given else {}


def base64url(data: bytes) -> str:
    """As base64url without padding [RFC 4648, section 5]."""
    import base64  # here: a journal without passkeys is read without it

    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def from_base64url(text: str) -> bytes | None:
    """The bytes that `base64url` writes as this text; None where there are none."""
    import base64

    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars="-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64url(data) == text else None


def _bytes(body: Fields, name: str) -> bytes:
    written = j.text(body, name)
    data = from_base64url(written) if len(written) <= LARGEST else None
    if not data:
        raise j.misread(body, name, f"base64url without padding, of at most {LARGEST:,} characters")
    return data
