"""Who committed the keys that a run began with? They judge its gates, and no gate was about them: listed, not judged.

Rules:
- Of each key it is the newest commit, the run's base or one before it, since which its line stands in the file.
- A key that came under the run counts once it was approved, or is a finding (`policy_trail`, `counted_policies`).
"""

from __future__ import annotations

from collections.abc import Iterator

from gates.policy_change import key_lines, passkey_lines, whose
from state.printable import as_name, printable_line
from workflow.audit.facts import Repository
from workflow.audit.file_history import FileHistory, Version
from workflow.audit.findings import Report, Unprovable
from workflow.policy.policy_history import Held


def check_keys_at_start(repository: Repository, files: FileHistory, base: str, held: Held, report: Report) -> None:
    """List them, file by file. `held`: what the run's base holds."""
    for path in held.signer_files:
        if brought := "; ".join(map(_said, _brought(repository, files, base, path, held))):
            message = f"who put the keys into {as_name(path)} that the run began with: {brought}"
            report(Unprovable("keys-at-start", message))


def _brought(
    repository: Repository, files: FileHistory, base: str, path: str, held: Held
) -> Iterator[tuple[Version, list[str]]]:
    """Commits, newest first, with the lines that each of them brought and that the base still has."""
    left = _lines(held.data.get(path, b""))
    for version in files.versions(base, path) if left else ():
        before, after = (_lines(_data(repository, blob)) for blob in (version.old, version.new))
        if new := left & (after - before):
            yield version, sorted(new)
            left -= new


def _said(brought: tuple[Version, list[str]]) -> str:
    version, lines = brought
    keys = ", ".join(printable_line(whose(line)) for line in lines)
    cut = ", with which this clone begins: or one before it" if version.cut_off else ""
    return f"{keys} (commit {version.sha[:10]} by {printable_line(version.author)}{cut})"


def _lines(data: bytes) -> frozenset[str]:
    return key_lines(data) | passkey_lines(data)[0]


def _data(repository: Repository, blob: str) -> bytes:
    held = repository.get(blob) if blob else None
    return held.data if held is not None else b""
