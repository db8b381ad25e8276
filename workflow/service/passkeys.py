"""Which passkeys does a repository have, where is one more written down, and who signed in with one?

Rules:
- Whoever signs in does so by what HEAD holds: a line that nobody has committed lets nobody in.
- Enrolling writes a line into the file that the policy names, and nothing else: it counts once it is committed, and in
  a run under way once a signer of before has approved it, as every key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from gates.policy_change import SigningKeys
from state.errors import BadInput, PhasegateError
from state.files import Disk
from state.outside_file import POLICY, read_if_there
from state.passkey_signature import PasskeySignature
from workflow.doors.git.repository import GitDoor
from workflow.engine.counting_policy import GitStored
from workflow.policy.look_alikes import FILE
from workflow.policy.passkeys import Passkey as Passkey
from workflow.policy.passkeys import challenge_of as challenge_of
from workflow.policy.passkeys import fault_of, passkey_of, passkeys_in, read_passkeys
from workflow.policy.policy_history import Held, PolicyReader

USUAL = ".phasegate-passkeys"  # the name that is proposed for the file


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A passkey of a repository; `committed`: whether HEAD has it as it is here."""

    passkey: Passkey
    committed: bool


@dataclass(frozen=True, slots=True)
class PasskeysHere:
    """The passkeys of a repository.

    Attributes:
        file: where they are written down, "" where the policy names no file.
        problem: why they cannot be read, or "".
        commit: the command that commits what is not committed yet, or "".
    """

    file: str
    enrolled: Sequence[Enrolled] = ()
    problem: str = ""
    commit: str = ""


def passkeys_here(workspace: Path) -> PasskeysHere:
    """The passkeys as they lie in the workspace."""
    file = ""
    try:
        file = _file_of(workspace)
        found = read_passkeys(_data(workspace, file), file) if file else []
        committed = {each.id for each in passkeys_in(_keys(_held(workspace)).allowed)}
    except PhasegateError as error:
        return PasskeysHere(file, problem="; ".join([error.message, *map(str, error.problems)]))
    listed = [Enrolled(each, each.id in committed) for each in found]
    missing = any(not each.committed for each in listed)
    return PasskeysHere(file, listed, commit=_commit(file) if missing else "")


def enrol(workspace: Path, passkey: Passkey) -> PasskeysHere:
    """Write one passkey more into the file that the policy names; it is made where it is not there.

    Raises BadInput where the policy names none, where a line of it is none, and for a passkey that is there already.
    """
    file = _file_of(workspace)
    if not file:
        raise BadInput(
            f"{FILE} names no file for passkeys",
            next_command=f"$EDITOR {FILE}   # under default: passkeys: {USUAL}",
        )
    data = _data(workspace, file)
    found = read_passkeys(data, file)
    if any(each.id == passkey.id or each.public_key == passkey.public_key for each in found):
        raise BadInput(
            f"the passkey {passkey.id[:16]} is in {file} already", next_command=f"cat -- {quote(file)}   # has them all"
        )
    line = passkey.to_line().encode()
    read_passkeys(line, file)  # what is written is what is read
    begun = data if not data or data.endswith(b"\n") else data + b"\n"
    disk, place = Disk(workspace), workspace / file
    disk.make_directories(place.parent)
    disk.write_atomic(place, begun + line + b"\n")
    return passkeys_here(workspace)


def signed_in(workspace: Path, text: bytes, given: PasskeySignature) -> str:
    """Who signed this text with a passkey that HEAD has (`Name <address>`); "" for nobody."""
    keys = _keys(_held(workspace))
    found = passkey_of(keys, given.id)
    return found.identity if found and not fault_of(keys, found.identity, text, given) else ""


def counts_still(workspace: Path, id_: str) -> bool:
    """Whether HEAD still has the passkey with this id, unrevoked."""
    held = _held(workspace)
    return any(each.id == id_ for file, data in _files(held) for each in _readable(data, file))


def _held(workspace: Path) -> Held:
    git = GitDoor(workspace)
    return PolicyReader(GitStored(git)).held(git.head())


def _keys(held: Held) -> SigningKeys:
    """All passkeys that a commit holds, for whatever gate; a holder must be verified at each."""
    lines = [passkey.to_line() for file, data in _files(held) for passkey in _readable(data, file)]
    return SigningKeys(frozenset(lines))


def _files(held: Held) -> list[tuple[str, bytes]]:
    policies = held.policies
    rules = (policies.default, *(rule.policy for rule in policies.rules)) if policies else ()
    paths = dict.fromkeys(rule.passkeys for rule in rules if rule.passkeys)
    return [(path, held.data[path]) for path in paths if path in held.data]


def _readable(data: bytes, name: str) -> Sequence[Passkey]:
    try:
        return read_passkeys(data, name)
    except BadInput:
        return ()


def _file_of(workspace: Path) -> str:
    """The file that the policy here names: its default's, else that of the first gate that has one."""
    data = read_if_there(workspace / FILE, "policy", limit=POLICY, name=FILE)
    if data is None:
        return ""
    from workflow.policy.policy_file import read_policies  # pydantic and YAML, only where there is something to read

    policies = read_policies(data)
    named = (policies.default, *(rule.policy for rule in policies.rules))
    return next((policy.passkeys for policy in named if policy.passkeys), "")


def _data(workspace: Path, file: str) -> bytes:
    return read_if_there(workspace / file, "list of passkeys", limit=POLICY, name=file) or b""


def _commit(file: str) -> str:
    return f"git add -- {quote(file)} {FILE} && git commit -m 'A passkey' -- {quote(file)} {FILE}"
