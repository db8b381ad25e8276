"""How does the account survive its server? All of moto's backends and our stacks, in one file.

Rules:
- One line of JSON says what it is and which moto made it, the next is a seal over all else, the rest is a pickle.
  Another moto's is refused: its objects may mean something else.
- The file holds code that is run when it is read. It is read only when its seal was made with this user's own secret:
  one that came with a clone or an archive was not.
- Written as a whole and synced (`Disk.write_atomic`): after a kill there is the old one or the new one.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import os
import pickle
import stat
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import cloudpickle
import moto
import moto.backends
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from moto.core.base_backend import BackendDict

from state.files import Disk
from workflow.sandbox.cloudformation.stacks import Region
from workflow.sandbox.errors import SandboxRefused
from workflow.sandbox.machine_secret import machine_secret

VERSION = 2
FORGET = "phasegate sandbox stop --forget"


class NotSaved(SandboxRefused):
    """The account works, but cannot be kept on disk as it is."""


def private_key(exported: bytes) -> Any:
    """The key that was exported into a snapshot."""
    return serialization.load_der_private_key(exported, None)


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    """cloudpickle, and what it cannot keep: KMS's private keys (every encrypted table has one), Lambda's index."""

    def reducer_override(self, thing: Any) -> Any:
        if isinstance(thing, (RSAPrivateKey, EllipticCurvePrivateKey)):
            exported = thing.private_bytes(
                serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            return private_key, (exported,)
        if isinstance(thing, WeakValueDictionary):
            # Its values are held by others that are in the snapshot too.
            return WeakValueDictionary, (dict(thing),)
        return super().reducer_override(thing)


def save(path: Path, regions: dict[str, Region]) -> None:
    """Write the account as it is now. Nothing else may change it meanwhile: moto is not thread safe.

    Raises:
        NotSaved: when a backend holds something that cannot be kept; the file stays as it was.
    """
    services: dict[str, dict[str, dict[str, Any]]] = {}
    for backends in BackendDict._instances:
        # The class's package is the name under which moto finds the service again.
        module = backends.backend.__module__.split(".")[1]
        services[module] = {account: dict(in_account.items()) for account, in_account in backends.items()}
    header = {"phasegate-sandbox": VERSION, "moto": moto.__version__}
    content = io.BytesIO()
    try:
        _Pickler(content).dump({"services": services, "regions": regions})
    except (pickle.PicklingError, TypeError) as error:
        raise NotSaved(f"sandbox snapshot not written: {error}; in use: {', '.join(sorted(services))}") from error
    line = json.dumps(header).encode() + b"\n"
    seal = _seal(line, content.getbuffer())
    Disk(path.parent).write_atomic(path, b"".join((line, seal, b"\n", content.getbuffer())))


def load(path: Path) -> dict[str, Region]:
    """Put moto's backends back and return CloudFormation's regions; nothing when there is no snapshot.

    Raises:
        SandboxRefused: when the file is another version's, somebody else's, or damaged.
    """
    try:
        status = path.lstat()
    except FileNotFoundError:
        return {}
    _require_own(path, status)
    line, _, rest = path.read_bytes().partition(b"\n")
    seal, _, body = rest.partition(b"\n")
    try:
        header = json.loads(line)
    except ValueError as error:
        raise SandboxRefused(f"sandbox snapshot refused: {path} has no header", next_command=FORGET) from error
    expected = {"phasegate-sandbox": VERSION, "moto": moto.__version__}
    if header != expected:
        raise SandboxRefused(
            f"sandbox snapshot refused: {path} was written by {header}, this is {expected}", next_command=FORGET
        )
    if not hmac.compare_digest(seal, _seal(line + b"\n", body)):
        raise SandboxRefused(
            f"sandbox snapshot refused: {path} does not carry the seal of this user on this machine: it came from "
            "elsewhere, or is damaged",
            next_command=FORGET,
        )
    try:
        content = pickle.loads(body)
    except (pickle.UnpicklingError, EOFError, AttributeError, ImportError) as error:
        raise SandboxRefused(f"sandbox snapshot refused: {path} is damaged: {error}", next_command=FORGET) from error
    for module, accounts in content["services"].items():
        backends = moto.backends.get_backend(module)
        for account, regions in accounts.items():
            for region, backend in regions.items():
                backends[account][region] = backend
    found: dict[str, Region] = content["regions"]
    return found


def _require_own(path: Path, status: os.stat_result) -> None:
    """Raise SandboxRefused unless it is a plain file that nobody else can write."""
    if not stat.S_ISREG(status.st_mode):
        raise SandboxRefused(f"sandbox snapshot refused: {path} is no plain file", next_command=FORGET)
    if status.st_uid != os.getuid() or status.st_mode & 0o022:
        raise SandboxRefused(
            f"sandbox snapshot refused: {path} can be written by others (mode {status.st_mode & 0o777:o}, "
            f"owner {status.st_uid}; expected mode 600, owner {os.getuid()})",
            next_command=FORGET,
        )


def _seal(line: bytes, body: bytes | memoryview) -> bytes:
    """What only who has this user's secret can make of these bytes, in hex. Source: RFC 2104 (HMAC, with SHA-256)."""
    made = hmac.new(machine_secret(), line, hashlib.sha256)
    made.update(body)
    return made.hexdigest().encode()
