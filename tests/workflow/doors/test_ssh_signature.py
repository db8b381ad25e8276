"""Signatures by the real ssh-keygen: the good one verifies, and each bad one is refused for its own reason."""

from __future__ import annotations

import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from state.errors import BadInput
from tests.worlds.approval_world import ADA, AT, BOB, EVE, Keys
from workflow.doors.ssh_signature import SshSignatures, read_armour, verify

TEXT = b"phasegate approval\nrun r\n"
ADDRESS = "ada@example.com"


def fault(
    keys: Keys,
    allowed: str,
    *,
    by: str = ADA,
    text: bytes = TEXT,
    namespace: str = "phasegate",
    at: datetime = AT,
    revoked: str = "",
) -> str | None:
    made = keys.sign(by, TEXT, namespace)
    return verify(allowed.encode(), ADDRESS, text, made, at=at, revoked_keys=revoked.encode())


def test_a_good_signature_verifies(keys: Keys) -> None:
    assert fault(keys, keys.allow(ADA)) is None
    assert fault(keys, keys.allow(BOB) + keys.allow(ADA)) is None
    assert fault(keys, keys.allow(ADA), revoked=keys.public(BOB)) is None


def test_it_is_refused_when_it_is_for_another_text(keys: Keys) -> None:
    assert "signs another text than this approval" in (fault(keys, keys.allow(ADA), text=TEXT + b" ") or "")


def test_it_is_refused_when_the_key_is_another_persons(keys: Keys) -> None:
    why = fault(keys, keys.allow(ADA) + keys.allow(BOB), by=BOB) or ""
    assert "which is not a key of ada@example.com" in why
    fingerprint = subprocess.run(
        ["ssh-keygen", "-lf", str(keys.file(BOB))], capture_output=True, text=True, check=True
    ).stdout.split()[1]
    assert fingerprint in why


def test_it_is_refused_when_the_person_is_not_listed(keys: Keys) -> None:
    assert fault(keys, keys.allow(BOB)) == "ada@example.com is not in the allowed signers"
    assert fault(keys, "") == "ada@example.com is not in the allowed signers"


def test_it_is_refused_when_it_was_made_for_something_else(keys: Keys) -> None:
    assert fault(keys, keys.allow(ADA), namespace="git") == "it was made for 'git', expected 'phasegate'"


def test_it_is_refused_when_the_key_is_allowed_for_something_else(keys: Keys) -> None:
    assert "is not allowed for 'phasegate'" in (fault(keys, keys.allow(ADA, 'namespaces="git"')) or "")


def test_it_is_refused_when_the_key_is_revoked(keys: Keys) -> None:
    assert "is revoked" in (fault(keys, keys.allow(ADA), revoked=keys.public(ADA)) or "")


def test_it_is_judged_by_the_time_of_the_approval(keys: Keys) -> None:
    until = keys.allow(ADA, f'valid-before="{AT:%Y%m%d%H%M}"')
    assert fault(keys, until, at=AT - timedelta(minutes=1)) is None
    assert "was not valid at 2026-01-02 12:01" in (fault(keys, until, at=AT + timedelta(minutes=1)) or "")
    since = keys.allow(ADA, f'valid-after="{AT:%Y%m%d%H%M}"')
    assert "was not valid at 2026-01-02 11:59" in (fault(keys, since, at=AT - timedelta(minutes=1)) or "")


@pytest.mark.parametrize("suffix", ["", "Z"], ids=["as it is", "with Z"])
@pytest.mark.parametrize("zone", ["EST5", "CET-1"])
def test_times_of_allowed_signers_are_utc_wherever_we_are(
    zone: str, suffix: str, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    until = keys.allow(ADA, f'valid-before="{AT:%Y%m%d%H%M}{suffix}"')
    assert fault(keys, until, at=AT - timedelta(minutes=1)) is None
    assert fault(keys, until, at=AT + timedelta(minutes=1)) is not None


BEGIN, END = "-----BEGIN SSH SIGNATURE-----\n", "\n-----END SSH SIGNATURE-----\n"


@pytest.mark.parametrize("text", ["", "yes", f"{BEGIN}!{END}", f"{BEGIN}aGFsbG8={END}", "\0", BEGIN], ids=repr)
def test_what_is_no_signature_is_refused(text: str) -> None:
    assert verify(b"", ADDRESS, TEXT, text, at=AT) == "it is not an SSH signature"


@pytest.mark.slow
def test_no_byte_of_a_signature_can_be_changed(keys: Keys) -> None:
    made = keys.sign(ADA, TEXT)
    start, end = made.index("\n") + 1, made.index("=\n-----END")
    for place in [place for place in range(start, end, 13) if made[place] != "\n"]:
        changed = made[:place] + ("A" if made[place] != "A" else "B") + made[place + 1 :]
        assert verify(keys.allow(ADA).encode(), ADDRESS, TEXT, changed, at=AT) is not None, place


def test_a_signature_says_which_key_made_it(keys: Keys) -> None:
    armour = read_armour(keys.sign(EVE, TEXT, "mail"))
    assert armour is not None
    assert armour.namespace == "mail"
    said = subprocess.run(["ssh-keygen", "-lf", str(keys.file(EVE))], capture_output=True, text=True, check=True).stdout
    assert armour.key == said.split()[1]


def test_without_ssh_keygen_it_says_what_to_install(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    made = keys.sign(ADA, TEXT)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BadInput, match=r"ssh-keygen was not found(.|\n)*openssh-client"):
        verify(b"", ADDRESS, TEXT, made, at=AT)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    monkeypatch.setenv("SSH_ASKPASS_REQUIRE", "never")
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    configure(tmp_path, "init", "-q")
    return tmp_path


def configure(repository: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(repository), *arguments], check=True)


def made_by(keys: Keys, person: str, signature: str) -> bool:
    allowed = f"{ADDRESS} {keys.public(person)}"
    return verify(allowed.encode(), ADDRESS, TEXT, signature, at=AT) is None


def test_the_key_is_the_one_given(repository: Path, keys: Keys) -> None:
    assert made_by(keys, BOB, SshSignatures(repository, keys.file(BOB)).sign(TEXT))


def test_the_key_is_gits_signing_key(repository: Path, keys: Keys) -> None:
    configure(repository, "config", "gpg.format", "ssh")
    configure(repository, "config", "user.signingkey", f"{keys.file(ADA)}.pub")
    assert made_by(keys, ADA, SshSignatures(repository).sign(TEXT))


def test_the_key_may_be_an_agents(repository: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    socket = repository / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.PIPE, text=True)
    assert agent.stdout is not None
    try:
        agent.stdout.readline()  # it prints its socket when that is there
        monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
        subprocess.run(["ssh-add", "-q", str(keys.file(EVE))], check=True, stdin=subprocess.DEVNULL)
        configure(repository, "config", "user.signingkey", f"key::{keys.public(EVE).strip()}")
        assert made_by(keys, EVE, SshSignatures(repository).sign(TEXT))
    finally:
        agent.terminate()
        agent.wait()
        agent.stdout.close()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "gpg.format is not ssh"),
        ({"user.signingkey": "0123ABCD"}, "gpg.format is not ssh"),
        ({"gpg.format": "ssh"}, "user.signingkey is not set"),
        ({"gpg.format": "ssh", "user.signingkey": "/nowhere/key.pub"}, "user.signingkey names /nowhere/key.pub"),
        ({"user.signingkey": "ssh-ed25519 AAAA"}, "ssh-keygen did not sign"),
    ],
    ids=["nothing", "an OpenPGP key", "no key", "a key that is gone", "a key that nobody holds"],
)
def test_without_a_key_it_says_how_to_get_one(repository: Path, settings: dict[str, str], said: str) -> None:
    for name, value in settings.items():
        configure(repository, "config", name, value)
    with pytest.raises(BadInput, match=r"next: (git config|ssh-add)") as refused:
        SshSignatures(repository).sign(TEXT)
    assert said in str(refused.value)


def test_a_key_file_that_is_not_there_is_named(repository: Path) -> None:
    with pytest.raises(BadInput, match=r"--key names .*nowhere, which is not there"):
        SshSignatures(repository, repository / "nowhere").sign(TEXT)
