"""Who signed this text? The door to ssh-keygen, which signs approvals and verifies them.

Rules:
- Namespace `phasegate`, always: a signature made for a git commit or a mail opens no gate.
- Keys are where OpenSSH has them: a file, an agent, a hardware key; nothing of a private key passes through here.
- Verifying needs no network, no agent and no repository: the allowed signers are handed in as bytes, so that an audit
  can take them from a commit. Times in that file are UTC.

Needs OpenSSH 8.9 or newer. Source: ssh-keygen(1), "ALLOWED SIGNERS"; PROTOCOL.sshsig for the armoured form.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from gates.approval import NAMESPACE
from state.cheap_classes import NamedTuple
from state.errors import BadInput
from workflow.doors.git.plumbing import look
from workflow.doors.ssh_key import plain_key, ssh_strings

BEGIN, END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
MAKE_A_KEY = "git config gpg.format ssh && git config user.signingkey ~/.ssh/id_ed25519.pub   # or --key FILE"


class Armoured(NamedTuple):
    """What a signature says of itself, unverified: fingerprint of its key (`SHA256:...`) and its namespace.

    The fingerprint is that of the key itself: a certificate has that of the key inside, as `ssh-keygen -l` has it.
    """

    key: str
    namespace: str


class SshSignatures:
    """Signs with `key` (a file, private or public half), else with git's `user.signingkey` of this workspace.

    Without `ask` ssh-keygen has nobody to ask for a passphrase.
    """

    def __init__(self, workspace: Path, key: Path | None = None, *, ask: bool = True) -> None:
        self._ask = ask
        self._workspace = workspace
        self._key = key

    def sign(self, message: bytes) -> str:
        """The armoured signature of the message. A passphrase or a touch is asked for by ssh-keygen itself.

        Raises BadInput when there is no ssh-keygen or no key, or when it refuses to sign.
        """
        with self._key_arguments() as arguments:
            done = _ssh_keygen(["-Y", "sign", "-n", NAMESPACE, *arguments], message, ask=self._ask)
        if done.returncode != 0:
            said = _words(done.stderr)
            raise BadInput(
                f"ssh-keygen did not sign the approval: {said}",
                next_command="ssh-add -l   # the keys that can sign; or name one: --key FILE",
            )
        return done.stdout.decode()

    @contextmanager
    def _key_arguments(self) -> Iterator[list[str]]:
        if self._key is not None:
            yield ["-f", str(_existing(self._key, "--key"))]
            return
        configured = self._configured("user.signingkey")
        literal = configured.removeprefix("key::")
        if configured.startswith(("key::", "ssh-", "ecdsa-", "sk-")):  # as git: the public key itself, held by an agent
            import tempfile  # here: few commands sign or verify

            with tempfile.TemporaryDirectory() as scratch:
                public = Path(scratch) / "signingkey.pub"
                public.write_text(f"{literal}\n")
                yield ["-U", "-f", str(public)]
            return
        if not configured or self._configured("gpg.format") != "ssh":
            raise BadInput(
                "no SSH key to sign with: git's gpg.format is not ssh, or user.signingkey is not set",
                next_command=MAKE_A_KEY,
            )
        yield ["-f", str(_existing(self._workspace / Path(configured).expanduser(), "user.signingkey"))]

    def _configured(self, name: str) -> str:
        return os.fsdecode(look(self._workspace, "config", "--get", name).stdout).strip()

    def verify(
        self,
        allowed_signers: bytes,
        principal: str,
        message: bytes,
        signature: str,
        *,
        at: datetime,
        revoked_keys: bytes = b"",
    ) -> str | None:
        """See the function below."""
        return verify(allowed_signers, principal, message, signature, at=at, revoked_keys=revoked_keys)

    def key_of(self, signature: str) -> str:
        """The fingerprint of the key that made it, unverified; "" when it is no signature."""
        armoured = read_armour(signature)
        return armoured.key if armoured else ""


def verify(
    allowed_signers: bytes,
    principal: str,
    message: bytes,
    signature: str,
    *,
    at: datetime,
    revoked_keys: bytes = b"",
) -> str | None:
    """None when `principal` signed exactly this message with a key that was allowed at that time; else why not.

    Args:
        allowed_signers: content of the file that says whose keys are whose.
        principal: the approver's e-mail address.
        at: when the approval was given; `valid-after` and `valid-before` of the allowed signers are held against it.
        revoked_keys: public keys one a line, or a KRL; what is in it verifies nothing, whenever it was signed.

    Raises BadInput when there is no ssh-keygen.
    """
    armoured = read_armour(signature)
    if armoured is None:
        return "it is not an SSH signature"
    if armoured.namespace != NAMESPACE:
        return f"it was made for {armoured.namespace!r}, expected {NAMESPACE!r}"
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        allowed, revoked, made = (Path(scratch) / name for name in ("allowed", "revoked", "signature"))
        allowed.write_bytes(allowed_signers)
        revoked.write_bytes(revoked_keys)
        made.write_text(signature)
        verification = [
            "-Y",
            "verify",
            "-n",
            NAMESPACE,
            "-I",
            principal,
            "-f",
            str(allowed),
            "-s",
            str(made),
            f"-Overify-time={at.astimezone(UTC):%Y%m%d%H%M%S}",
        ]
        done = _ssh_keygen([*verification, *(["-r", str(revoked)] if revoked_keys else [])], message)
        if done.returncode == 0:
            return None
        if _ssh_keygen(["-Y", "check-novalidate", "-n", NAMESPACE, "-s", str(made)], message).returncode != 0:
            return "it signs another text than this approval: another digest, nonce, attempt, task or run"
        if revoked_keys and _ssh_keygen(verification, message).returncode == 0:
            return f"its key {armoured.key} is revoked"
        if _ssh_keygen(["-Y", "match-principals", "-I", principal, "-f", str(allowed)], b"").returncode != 0:
            return f"{principal} is not in the allowed signers"
        said = _words(done.stderr).replace(str(allowed), "allowed signers")
    return _why_not_allowed(armoured.key, principal, at, said)


def is_principal(allowed_signers: bytes, principal: str) -> bool:
    """Whether a line of these names this person. Raises BadInput when there is no ssh-keygen."""
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        allowed = Path(scratch) / "allowed"
        allowed.write_bytes(allowed_signers)
        return _ssh_keygen(["-Y", "match-principals", "-I", principal, "-f", str(allowed)], b"").returncode == 0


def _why_not_allowed(key: str, principal: str, at: datetime, said: str) -> str:
    """Why a good signature of somebody who has keys counts nothing, by the words of ssh-keygen."""
    if "expired" in said or "not yet valid" in said:
        return f"its key {key} was not valid at {at:%Y-%m-%d %H:%M} UTC: {said}"
    if "not permitted" in said:
        return f"its key {key} is not allowed for {NAMESPACE!r}: {said}"
    return f"it was made with {key}, which is not a key of {principal} in the allowed signers"


def read_armour(signature: str) -> Armoured | None:
    """Key and namespace of an armoured signature; None when it is none.

    Source: PROTOCOL.sshsig of OpenSSH: "SSHSIG", uint32 version, string publickey, string namespace, ...
    """
    body = signature.strip().removeprefix(BEGIN)
    try:
        blob = base64.b64decode("".join(body.removesuffix(END).split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    if BEGIN not in signature or END not in signature or not blob.startswith(b"SSHSIG\0\0\0\1"):
        return None
    key, namespace = ssh_strings(blob[10:], 2)
    fingerprint = base64.b64encode(hashlib.sha256(plain_key(key)).digest()).decode().rstrip("=")
    return Armoured(f"SHA256:{fingerprint}", namespace.decode("utf-8", "replace"))


def _existing(path: Path, name: str) -> Path:
    if not path.is_file():
        raise BadInput(f"{name} names {path}, which is not there", next_command=MAKE_A_KEY)
    return path


def _ssh_keygen(arguments: Sequence[str], message: bytes, *, ask: bool = True) -> subprocess.CompletedProcess[bytes]:
    """Run it; without `ask` in a session of its own, so that it finds no terminal, and with no window either."""
    variables = {**os.environ, "LC_ALL": "C", "TZ": "UTC", **({} if ask else {"SSH_ASKPASS_REQUIRE": "never"})}
    try:
        return subprocess.run(
            ["ssh-keygen", *arguments],
            input=message,
            env=variables,
            capture_output=True,
            check=False,
            start_new_session=not ask,
        )
    except FileNotFoundError as error:
        raise BadInput(
            "ssh-keygen was not found on PATH; signed approvals are made and verified with it",
            next_command="apt-get install openssh-client   # or see https://www.openssh.com",
        ) from error


def _words(said: bytes) -> str:
    return " ".join(said.decode("utf-8", "replace").split())
