"""Which key is this? One key is one, however a signature writes it: by itself, in a certificate, under another name.

Sources: RFC 4253, section 6.6 (`string name`, then the key's fields); PROTOCOL.certkeys of OpenSSH (a nonce stands
between the two, the certificate's own fields behind them); PROTOCOL.u2f (the fields of hardware keys); RFC 4251,
section 5 (`mpint`), of which OpenSSH takes leading zeros.
"""

from __future__ import annotations

_CERTIFICATE = "-cert-v01@openssh.com"
_FIELDS = {  # how many strings a key has behind its name
    "ssh-ed25519": 1,
    "ssh-rsa": 2,
    "ssh-dss": 4,
    "ecdsa-sha2": 2,
    "sk-ssh-ed25519": 2,
    "sk-ecdsa-sha2": 3,
}
_SAME = {  # other names that OpenSSH reads a key under, in lower case
    "rsa": "ssh-rsa",
    "rsa-sha2-256": "ssh-rsa",
    "rsa-sha2-512": "ssh-rsa",
    "dsa": "ssh-dss",
    "ed25519": "ssh-ed25519",
    "ed25519-sk": "sk-ssh-ed25519@openssh.com",
    "webauthn-sk-ecdsa-sha2-nistp256@openssh.com": "sk-ecdsa-sha2-nistp256@openssh.com",
}
_NUMBERS = ("ssh-rsa", "ssh-dss")  # keys whose fields are numbers


def ssh_strings(data: bytes, count: int) -> list[bytes]:
    """The first `count` of the length-prefixed strings; those that are not there are empty."""
    found = []
    for _ in range(count):
        size = int.from_bytes(data[:4], "big")
        found.append(data[4 : 4 + size])
        data = data[4 + size :]
    return found


def plain_key(blob: bytes) -> bytes:
    """The public key of this blob in its plain form; a blob of another kind of key is given back as it is."""
    name = ssh_strings(blob, 1)[0].decode("ascii", "replace")
    certified = name.endswith(_CERTIFICATE)
    if certified:
        name = name.removesuffix(_CERTIFICATE)
        name = f"{name}@openssh.com" if name.startswith(("sk-", "webauthn-")) else name
    name = _SAME.get(name.lower(), name)
    family = name.removesuffix("@openssh.com").partition("-nistp")[0]
    if family not in _FIELDS:
        return blob
    fields = ssh_strings(blob, _FIELDS[family] + 1 + certified)[1 + certified :]
    if family in _NUMBERS:
        fields = [_shortest(each) for each in fields]
    return b"".join(len(each).to_bytes(4, "big") + each for each in (name.encode(), *fields))


def _shortest(number: bytes) -> bytes:
    """An `mpint` that is not negative, without needless zeros in front."""
    number = number.lstrip(b"\0")
    return b"\0" + number if number[:1] >= b"\x80" else number
