"""Whose passkeys are these, and did one of them sign this text? The lines of the passkeys file that the policy names.

    {"address": "ada@example.com", "name": "Ada", "id": "...", "public_key": "...", "rp_id": "localhost",
     "origins": ["http://localhost:8471"], "enrolled_at": "2026-01-02T03:04:05.678Z", "enrolled_by": "Ada <ada@...>"}
    {"revoked": "..."}                                                                 each on one line

Rules:
- A passkey is looked up by the id of its credential; an id that two lines have is nobody's.
- The challenge is the SHA-256 of what is signed, and the origin one of its line's: a program on the same host can ask
  for a signature over any challenge, and only the origin that the browser wrote down tells.
- Client data may have members that nobody knows yet: it is parsed, and never compared with a template.
- The counter is that approval's own and compared with no other: what was signed once stays signed.
- The public key is a SubjectPublicKeyInfo, `id` and key are base64url without padding.

Source: https://www.w3.org/TR/webauthn-3/, sections 6.1 (authenticator data) and 7.2 (verifying an assertion).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from hmac import compare_digest
from urllib.parse import urlsplit

from gates.policy import address_of, email_of
from gates.policy_change import SigningKeys, passkey_fields, passkey_lines
from state import json_values as j
from state.cheap_classes import dataclass
from state.errors import BadInput, Problem
from state.json_line import read_object
from state.json_values import Fields, Misread
from state.passkey_signature import PasskeySignature, base64url, from_base64url
from state.path_word import path_word
from workflow.doors.public_key import fingerprint, is_public_key, verifies

PRESENT, VERIFIED = 1 << 0, 1 << 2  # flags of authenticator data: somebody was there; who they are was verified
SHORTEST = 37  # bytes of authenticator data: the hash of the RP id, flags, counter
HOST = 253  # characters of a name of DNS
LONGEST = 1400  # characters of a text in a line: the id of a credential has 1,023 bytes at most
NAME = "localhost"  # the one host at which browsers take passkeys without TLS


@dataclass(frozen=True, slots=True)
class Passkey:
    """One line: whose it is, and where it is good.

    Attributes:
        public_key: DER.
        rp_id: the host, or a domain above it, for which the authenticator keeps it.
        origins: of the pages that may ask for it.
        enrolled_at, enrolled_by: when, and who had it written down (`Name <address>`).
    """

    address: str
    name: str
    id: str
    public_key: bytes
    rp_id: str
    origins: tuple[str, ...]
    enrolled_at: str
    enrolled_by: str

    @property
    def identity(self) -> str:
        """Its holder as a git identity."""
        return f"{self.name} <{self.address}>"

    def to_line(self) -> str:
        """As the file has it, without the line's end."""
        said = {"address": self.address, "name": self.name, "id": self.id, "public_key": base64url(self.public_key)}
        where = {"rp_id": self.rp_id, "origins": list(self.origins)}
        when = {"enrolled_at": self.enrolled_at, "enrolled_by": self.enrolled_by}
        return json.dumps({**said, **where, **when}, ensure_ascii=False)


_FIELDS = frozenset(Passkey.__dataclass_fields__)


def passkeys_in(lines: Collection[str]) -> list[Passkey]:
    """The passkeys that these lines hold, as `passkey_lines` gives them; a line that is none is left out."""
    return [found for line in sorted(lines) if (found := _passkey(line)) is not None]


def read_passkeys(data: bytes, name: str) -> list[Passkey]:
    """The passkeys in the bytes of a file, without those that are revoked.

    Raises BadInput with every problem, each at `name:line`.
    """
    problems, found = list[Problem](), dict[str, Passkey]()
    for number, line in enumerate(data.decode("utf-8", "surrogateescape").splitlines(), 1):
        if not line.strip() or line.strip().startswith("#"):
            continue
        try:
            passkey = _read(line)
        except ValueError as error:
            problems.append(Problem(f"{name}:{number}", str(error)))
            continue
        if passkey is not None and passkey.id in found:
            problems.append(Problem(f"{name}:{number}", f"the passkey {passkey.id[:16]} is there twice"))
        if passkey is not None:
            found[passkey.id] = passkey
    if problems:
        raise BadInput(
            f"the passkeys in {name} are refused, so no gate opens that is judged by them",
            problems=problems,
            next_command=f"$EDITOR {path_word(name)}   # docs/approvals.md has what a line says",
        )
    gone = revoked_ids(passkey_lines(data)[1])
    return [each for each in found.values() if each.id not in gone]


def revoked_ids(lines: Collection[str]) -> set[str]:
    """The ids of passkeys that lines of revoked keys name."""
    return {id_ for line in lines if isinstance(id_ := passkey_fields(line).get("revoked"), str)}


def passkey_of(keys: SigningKeys, id_: str) -> Passkey | None:
    """The one passkey with this id; None where there is none, or more than one."""
    lines = [line for line in keys.allowed if passkey_fields(line).get("id") == id_]
    return _passkey(lines[0]) if len(lines) == 1 else None


def key_of_passkey(keys: SigningKeys, given: PasskeySignature) -> str:
    """The fingerprint of the key with that id, "" where there is none; one key is one, under whichever id."""
    found = passkey_of(keys, given.id)
    return fingerprint(found.public_key) if found else ""


def fault_of(keys: SigningKeys, who: str, text: bytes, given: PasskeySignature) -> str:
    """What is wrong with a passkey's signature over this text by this person (`Name <address>`); "" for nothing."""
    passkey = passkey_of(keys, given.id)
    if passkey is None:
        return f"no passkey that counts here has the id {given.id[:16]}"
    if given.id in revoked_ids(keys.revoked):
        return f"its passkey {given.id[:16]} is revoked"
    if passkey.address.lower() != email_of(who):
        return f"it was made with a passkey of {passkey.address}, which is not {address_of(who)}'s"
    return (
        _fault_of_client_data(passkey, text, given.client_data)
        or _fault_of_authenticator(passkey, given.authenticator_data, user_verified=keys.user_verified)
        or _fault_of_signature(passkey, given)
    )


def _fault_of_client_data(passkey: Passkey, text: bytes, client_data: bytes) -> str:
    try:
        said = read_object(client_data)
        type_, challenge, origin = (j.text(said, name) for name in ("type", "challenge", "origin"))
    except ValueError as error:
        return f"its client data cannot be read: {error}"
    if type_ != "webauthn.get":
        return f"it was made for {type_!r}, expected 'webauthn.get'"
    if challenge != challenge_of(text):
        return "it signs another text than this approval: another digest, nonce, attempt, task or run"
    if origin not in passkey.origins:
        return f"it was made on a page of {origin!r}, expected {' or '.join(passkey.origins)}"
    if said.get("crossOrigin", False) is not False:
        return "it was made in a frame within somebody else's page"
    return ""


def _fault_of_authenticator(passkey: Passkey, data: bytes, *, user_verified: bool) -> str:
    if len(data) < SHORTEST:
        return f"its authenticator data has {len(data)} bytes, expected {SHORTEST} or more"
    if not compare_digest(data[:32], hashlib.sha256(passkey.rp_id.encode()).digest()):
        return f"it was made for another host than {passkey.rp_id!r} (the RP id)"
    if not data[32] & PRESENT:
        return "nobody was there when it was made"
    if user_verified and not data[32] & VERIFIED:
        return "its holder was not verified by a finger, a face or a PIN, and the policy asks for that (user_verified)"
    return ""


def _fault_of_signature(passkey: Passkey, given: PasskeySignature) -> str:
    signed = given.authenticator_data + hashlib.sha256(given.client_data).digest()
    if verifies(passkey.public_key, signed, given.signature):
        return ""
    return f"it is no signature of the passkey {given.id[:16]} over its own data: a byte of it was changed"


def challenge_of(text: bytes) -> str:
    """What a browser is asked to have signed for this text: base64url of its SHA-256."""
    return base64url(hashlib.sha256(text).digest())


# --- one line ------------------------------------------------------------------------------------------------------


def _passkey(line: str) -> Passkey | None:
    try:
        return _read(line)
    except ValueError:
        return None


def _read(line: str) -> Passkey | None:
    """The passkey; None for a line that revokes one. Raises ValueError for any other line."""
    body = read_object(line.encode("utf-8", "surrogateescape"))
    if "revoked" in body:
        _only(body, frozenset(("revoked",)))
        _decoded(body, "revoked")
        return None
    _only(body, _FIELDS)
    for name in ("address", "name", "enrolled_by"):
        said = j.text(body, name)
        if not said.isprintable() or not said.strip() or (name != "enrolled_by" and set("<>") & set(said)):
            raise j.misread(body, name, "an address" if name == "address" else "a name")
    _decoded(body, "id")
    key = _decoded(body, "public_key")
    if not is_public_key(key):
        raise j.misread(body, "public_key", "a key by which P-256, Ed25519 or RSA signatures can be verified")
    j.time(body, "enrolled_at")
    texts = {name: j.text(body, name) for name in ("address", "name", "id", "rp_id", "enrolled_at", "enrolled_by")}
    origins = j.texts(body, "origins")
    for name, said in [*texts.items(), *(("origins", origin) for origin in origins)]:
        if len(said) > LONGEST:
            raise Misread(name, f"at most {LONGEST:,} characters", f"{len(said):,}")
    for why in _faults_of_origins(texts["rp_id"], origins):
        raise Misread("origins", why, j.shown(body["origins"]))
    return Passkey(public_key=key, origins=origins, **texts)


def _only(body: Fields, known: frozenset[str]) -> None:
    if body.keys() - known:
        raise j.misread(body, min(body.keys() - known), f"none but {', '.join(sorted(known))}")


def _decoded(body: Fields, name: str) -> bytes:
    found = from_base64url(j.text(body, name))
    if not found:
        raise j.misread(body, name, "base64url without padding")
    return found


def _faults_of_origins(rp_id: str, origins: Collection[str]) -> Iterator[str]:
    """What is wrong with where it is good: a page's host is the RP id, or below it; without TLS it is localhost."""
    if not origins:
        yield "one origin at least"
    for origin in origins:
        if not _is_good_at(origin, rp_id):
            yield f"origins such as https://{rp_id[:HOST]}"


def _is_good_at(origin: str, rp_id: str) -> bool:
    try:
        parts = urlsplit(origin)
        host = parts.hostname or ""
    except ValueError:
        return False
    guarded = origin.startswith("https://") or (origin.startswith("http://") and host == NAME)
    return guarded and not parts.path and (host == rp_id or host.endswith(f".{rp_id}"))
