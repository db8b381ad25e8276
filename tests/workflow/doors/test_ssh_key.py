"""One key is one key: a certificate, another name and needless zeros change nothing of whose signature it is."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest

from tests.worlds.approval_world import ADA, BOB, EVE, SIGNED, ApprovalWorld, Keys
from workflow.doors.ssh_key import plain_key, ssh_strings
from workflow.doors.ssh_signature import read_armour
from workflow.engine.engine import Settings
from workflow.engine.gatekeeper import text_to_sign


def keygen(*arguments: str) -> str:
    return subprocess.run(["ssh-keygen", *arguments], check=True, capture_output=True, text=True).stdout


def blob(public: Path) -> bytes:
    return base64.b64decode(public.read_text().split()[1])


def packed(*fields: bytes) -> bytes:
    return b"".join(len(each).to_bytes(4, "big") + each for each in fields)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate authority, `ca`, and a key of each kind with two certificates over it."""
    root = tmp_path_factory.mktemp("keys")
    for kind, options in {"ca": ["ed25519"], "ed25519": ["ed25519"], "rsa": ["rsa"], "ecdsa": ["ecdsa"]}.items():
        keygen("-q", "-t", *options, "-N", "", "-C", kind, "-f", str(root / kind))
    return root


def certified(places: Path, kind: str, person: str) -> Path:
    """The key's certificate for this person, as the public half of a copy of the key."""
    copy = places / f"{kind}-as-{person}"
    copy.write_bytes((places / kind).read_bytes())
    copy.chmod(0o600)
    public = copy.with_suffix(".pub")
    public.write_bytes((places / f"{kind}.pub").read_bytes())
    keygen(
        "-q", "-s", str(places / "ca"), "-I", person, "-n", f"{person}@example.com", "-V", "always:forever", str(public)
    )
    return (places / f"{copy.name}-cert.pub").rename(public)


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa"])
def test_a_certificate_is_the_key_inside(places: Path, kind: str) -> None:
    plain = blob(places / f"{kind}.pub")
    certificate = blob(certified(places, kind, "bob"))
    assert certificate != plain
    assert plain_key(certificate) == plain_key(plain) == plain


def test_a_key_of_hardware_is_one_with_and_without_its_certificate() -> None:
    fields = (b"a public key", b"ssh:")
    certificate = packed(b"sk-ssh-ed25519-cert-v01@openssh.com", b"a nonce", *fields, b"what the authority says")
    plain = packed(b"sk-ssh-ed25519@openssh.com", *fields)
    assert plain_key(certificate) == plain_key(plain) == plain


@pytest.mark.parametrize("name", [b"ssh-rsa", b"rsa-sha2-256", b"rsa-sha2-512", b"RSA"])
def test_another_name_and_needless_zeros_make_no_other_key(places: Path, name: bytes) -> None:
    plain = blob(places / "rsa.pub")
    _name, exponent, modulus = ssh_strings(plain, 3)
    assert plain_key(packed(name, b"\0" + exponent, modulus)) == plain
    assert plain_key(packed(name, exponent, b"\0" + modulus)) == plain


def test_another_kind_and_what_is_no_key_stay_as_they_are() -> None:
    for data in (b"", b"\0\0\0\xff", packed(b"ssh-new@example.com", b"x")):
        assert plain_key(data) == data


@pytest.mark.slow
@pytest.mark.parametrize("second", ["another certificate", "the plain key"])
def test_one_private_key_makes_no_quorum_of_two(places: Path, tmp_path: Path, keys: Keys, second: str) -> None:
    bob = certified(places, "ed25519", "bob")
    eve = certified(places, "ed25519", "eve") if second == "another certificate" else places / "ed25519"
    allowed = f"*@example.com cert-authority {(places / 'ca.pub').read_text()}"
    allowed += f"eve@example.com {(places / 'ed25519.pub').read_text()}"
    policy = SIGNED.replace("{", "{approvers: 2, ", 1)
    world = ApprovalWorld(tmp_path, policy=policy, files={"signers": allowed + keys.allow(ADA), "revoked": ""})
    world.pauses(Settings(answers={"colour": "green"}))
    fingerprints = set()
    for person, key in ((BOB, bob), (EVE, eve)):
        with world.as_(person, key), world.reopen(work=False) as engine:
            made = engine.doors.signatures.sign(text_to_sign(engine.run))
        armoured = read_armour(made)
        assert armoured is not None
        fingerprints.add(armoured.key)
        world.approves(person, signature=made)
    world.resumes()
    assert "1 approval of" in world.said
    assert fingerprints == {keygen("-lf", str(places / "ed25519.pub")).split()[1]}
