"""Did this public key sign these bytes? The door to the library that verifies passkeys' signatures; it signs nothing.

Rules:
- Keys are SubjectPublicKeyInfo in DER, of the three kinds that authenticators make: P-256 (ES256), Ed25519 (EdDSA) and
  RSA from 2048 bits on (RS256). Any other key verifies nothing.
- Neither network nor program is needed, so that an audit can verify in any clone.

Source: https://www.iana.org/assignments/cose, "COSE Algorithms" -7, -8 and -257.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    PublicKey = EllipticCurvePublicKey | Ed25519PublicKey | RSAPublicKey

SMALLEST_RSA = 2048  # bits


def is_public_key(der: bytes) -> bool:
    """Whether signatures can be verified with it."""
    return _key(der) is not None


def fingerprint(der: bytes) -> str:
    """`SHA256:...` of the key, as ssh-keygen writes those of its own."""
    return f"SHA256:{base64.b64encode(hashlib.sha256(der).digest()).decode().rstrip('=')}"


def verifies(der: bytes, data: bytes, signature: bytes) -> bool:
    """Whether the signature over the data is this key's."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    key = _key(der)
    try:
        if isinstance(key, EllipticCurvePublicKey):
            key.verify(signature, data, ECDSA(SHA256()))
        elif isinstance(key, Ed25519PublicKey):
            key.verify(signature, data)
        elif key is not None:
            key.verify(signature, data, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return key is not None


@lru_cache(256)
def _key(der: bytes) -> PublicKey | None:
    """The key; None for bytes that are none, or one of another kind."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        return None
    if isinstance(key, Ed25519PublicKey):
        return key
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return key
    return key if isinstance(key, RSAPublicKey) and key.key_size >= SMALLEST_RSA else None
