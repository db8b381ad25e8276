"""What is said between a page and an authenticator? Options for the browser, and what it brought back, read.

Rules:
- The library (`webauthn`) judges an enrolment: challenge, origin, RP id, presence and verification of its holder, form
  and kind of the key. What an approval's signature is worth, the gate judges, and nothing here.
- What comes back is one text of a form, of a form's length; whatever is wrong with it is one refusal.

Source: https://www.w3.org/TR/webauthn-3/, sections 5.1.8 and 5.1.9 (the JSON of credentials).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from webauthn import generate_registration_options, options_to_json, verify_registration_response
from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from state.errors import BadInput
from state.json_line import read_object
from state.json_values import format_time, record, text
from state.passkey_signature import PasskeySignature, base64url, from_base64url
from workflow.service.passkeys import Passkey
from workflow.web.address import rp_id_of

KINDS = [COSEAlgorithmIdentifier.ECDSA_SHA_256, COSEAlgorithmIdentifier.EDDSA]
KINDS += [COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256]
AGAIN = "phasegate serve   # and open the page again"


def enrolling(origin: str, challenge: bytes, person: str, known: Sequence[Passkey]) -> str:
    """What a browser is asked to make a passkey by, as JSON; for this person, and on none of the known ones."""
    name, address = parts_of(person)
    options = generate_registration_options(
        rp_id=rp_id_of(origin),
        rp_name="phasegate",
        user_id=hashlib.sha256(address.lower().encode()).digest(),
        user_name=address,
        user_display_name=name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=from_base64url(each.id) or b"") for each in known],
        supported_pub_key_algs=KINDS,
    )
    return options_to_json(options)


def enrolled(written: str, origin: str, challenge: bytes, person: str, by: str) -> Passkey:
    """The passkey that a browser made for this person. Raises BadInput for anything that is none of this page's."""
    try:
        made = verify_registration_response(
            credential=written,
            expected_challenge=challenge,
            expected_rp_id=rp_id_of(origin),
            expected_origin=origin,
            require_user_verification=True,
            supported_pub_key_algs=KINDS,
        )
        key = decoded_public_key_to_cryptography(decode_credential_public_key(made.credential_public_key))
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:  # the library lets some through as they are
        raise BadInput(f"the passkey is refused, nothing was written: {error}", next_command=AGAIN) from error
    name, address = parts_of(person)
    return Passkey(
        address,
        name,
        base64url(made.credential_id),
        key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        rp_id_of(origin),
        (origin,),
        format_time(datetime.now(UTC)),
        by,
    )


def asking(origin: str, challenge: str, known: Sequence[str], *, user_verified: bool = True) -> str:
    """What a browser is asked to sign this challenge by, as JSON; with one of these passkeys, whichever without any."""
    verify = "required" if user_verified else "preferred"
    allow = [{"type": "public-key", "id": each} for each in known]
    asked = {"challenge": challenge, "rpId": rp_id_of(origin), "allowCredentials": allow, "userVerification": verify}
    return json.dumps({**asked, "timeout": 60_000})


def text_of_sign_in(origin: str, token: str) -> bytes:
    """What who signs in at a page of this origin signs; `token` is the challenge that it was given."""
    return f"phasegate sign-in\norigin {origin}\nchallenge {token}\n".encode()


def signature_in(written: str) -> PasskeySignature:
    """What a browser brought back of it, not looked at any further. Raises BadInput for what is none."""
    try:
        said = read_object(written.encode())
        response = record(said, "response")
        names = {"authenticator_data": "authenticatorData", "client_data": "clientDataJSON", "signature": "signature"}
        body = {"id": text(said, "id"), **{ours: text(response, theirs) for ours, theirs in names.items()}}
        return PasskeySignature.from_json(body)
    except ValueError as error:
        raise BadInput(f"what the browser sent is no signature of a passkey: {error}", next_command=AGAIN) from error


def parts_of(person: str) -> tuple[str, str]:
    """Name and address of `Name <address>`."""
    name, _, address = person.rpartition(" <")
    return name, address.rstrip(">")
