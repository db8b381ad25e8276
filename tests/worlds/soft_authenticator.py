"""An authenticator without a browser: it has a key, and signs what a page of ours, or another, would have signed.

bob = Authenticator(BOB)
world.commits_files({"phasegate.yaml": PASSKEYS, "passkeys": bob.line})
world.approves(BOB, signature=bob.signs(world.to_sign()))
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gates.policy import address_of
from state.passkey_signature import PasskeySignature, base64url
from workflow.policy.passkeys import PRESENT, VERIFIED, Passkey, challenge_of

ORIGIN = "http://localhost:8471"
PASSKEYS = "default: {signed: true, operator_may_approve: false, passkeys: passkeys}\n"
Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


def p256() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


class Authenticator:
    """See the module. `identity`: whose it is, as git writes it; each use counts one more."""

    def __init__(
        self, identity: str, key: Key | None = None, *, origin: str = ORIGIN, rp_id: str = "localhost"
    ) -> None:
        self.identity, self.origin, self.rp_id = identity, origin, rp_id
        self.key = key or p256()
        self.counter = 0
        self.id = base64url(hashlib.sha256(self.public_key).digest()[:20])

    @property
    def public_key(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def passkey(self) -> Passkey:
        name, where = self.identity.split(" <")[0], (self.origin,)
        at, by = "2026-01-02T03:04:05.000Z", "Ada <ada@example.com>"
        return Passkey(address_of(self.identity), name, self.id, self.public_key, self.rp_id, where, at, by)

    @property
    def line(self) -> str:
        """Its line in the passkeys file."""
        return self.passkey.to_line() + "\n"

    def signs(
        self,
        text: bytes,
        *,
        flags: int = PRESENT | VERIFIED,
        rp_id: str = "",
        client_data: Mapping[str, object] | None = None,
    ) -> PasskeySignature:
        """Its signature over this text; what a page elsewhere would have had signed, by what is given."""
        self.counter += 1
        head = hashlib.sha256((rp_id or self.rp_id).encode()).digest()
        data = head + bytes([flags]) + self.counter.to_bytes(4, "big")
        said = {"type": "webauthn.get", "challenge": challenge_of(text), "origin": self.origin, "crossOrigin": False}
        written = json.dumps({**said, **(client_data or {})}).encode()
        return PasskeySignature(self.id, data, written, self._sign(data + hashlib.sha256(written).digest()))

    def _sign(self, data: bytes) -> bytes:
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(data, ec.ECDSA(SHA256()))
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return self.key.sign(data)
        return self.key.sign(data, padding.PKCS1v15(), SHA256())
