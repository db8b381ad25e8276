"""What a browser puts into a form of ours when a passkey has signed."""

from __future__ import annotations

import json

from state.passkey_signature import PasskeySignature, base64url


def brought(given: PasskeySignature) -> str:
    """As a browser writes it (`PublicKeyCredential.toJSON`)."""
    response = {
        "authenticatorData": base64url(given.authenticator_data),
        "clientDataJSON": base64url(given.client_data),
        "signature": base64url(given.signature),
        "userHandle": "AAAA",
    }
    more = {"rawId": given.id, "type": "public-key", "clientExtensionResults": {}}
    return json.dumps({"id": given.id, "response": response, **more})
