"""Is what this clone signs signed by a runner? Looked at before anything that is signed is pushed: tips, orders, rooms.

Rules:
- It is judged as everybody judges it who reads it at the remote: by the runners of the same commit, by the same door.
- Who is none is refused before the push: a tip that nobody takes would leave the run to nobody, its holder included.
- The key is the clone's own (`user.signingkey`); a `--key` of a verdict signs that verdict.
"""

from __future__ import annotations

from pathlib import Path

from state.errors import BadInput, PhasegateError
from state.outside_file import INPUT, read_outside
from state.path_word import path_word
from state.printable import as_name
from workflow.doors.git.plumbing import look, prefix_of
from workflow.doors.git.tips import GitTips, Vouch, below, why_not_signed
from workflow.doors.ssh_signature import MAKE_A_KEY
from workflow.policy.look_alikes import FILE
from workflow.service.meeting_at import blob_at
from workflow.service.worker_identity import fingerprint


def runners_at(workspace: Path, commit: str, home: str | None = None) -> tuple[bytes, str]:
    """The allowed signers of tips as of this commit, and the file that names them. Raises BadInput where none does.

    `home`: the workspace whose phasegate.yaml says so, as the repository has it; None for this one.
    """
    from workflow.policy.policy_file import read_meeting

    named = read_meeting(blob_at(workspace, commit, FILE, home))[1]
    keys = blob_at(workspace, commit, named, home) if named else b""
    if not keys.strip():
        where = f"{prefix_of(workspace) if home is None else below(home, '')}{FILE} at {commit[:10]}"
        raise BadInput(
            f"{where} names no runners: expected `runners: FILE` with the keys of who may push runs, seen "
            f"{f'{named}, which is empty or not there' if named else 'none'}",
            next_command="phasegate doctor   # docs/remote.md says what is in that file",
        )
    return keys, named


def signing_with(workspace: Path, key: Path | None) -> list[str]:
    """Settings of git by which it signs tips: with this key, else with its own, which must be one of SSH.

    Raises BadInput where there is none.
    """
    if key is not None:
        return ["-c", "gpg.format=ssh", "-c", f"user.signingkey={key.absolute()}"]
    form, own = (_configured(workspace, name) for name in ("gpg.format", "user.signingkey"))
    if form != "ssh" or not own:
        raise BadInput("a run is pushed signed, and there is no SSH key to sign with", next_command=MAKE_A_KEY)
    return []


def own_key(workspace: Path) -> str:
    """`SHA256:...` of the key that this clone signs with, by its public half; "" where that is not known."""
    form, own = (_configured(workspace, name) for name in ("gpg.format", "user.signingkey"))
    if form != "ssh" or not own:
        return ""
    text = own.removeprefix("key::")
    if not own.startswith(("key::", "ssh-", "ecdsa-", "sk-")):
        file = workspace / Path(own).expanduser()
        public = file if file.suffix == ".pub" else file.with_name(f"{file.name}.pub")
        try:
            text = read_outside(public, "public key", limit=INPUT, name=public.name).decode(errors="replace")
        except (OSError, PhasegateError):
            return ""
    return next(filter(None, map(fingerprint, text.split())), "")


def _configured(workspace: Path, name: str) -> str:
    return look(workspace, "config", "--get", name).stdout.decode(errors="replace").strip()


def vouch(workspace: Path) -> Vouch:
    """Raises BadInput for a commit, made here, that no runner of the phasegate.yaml at that head has signed."""
    known: dict[str, tuple[bytes, str]] = {}  # by head: what a commit has stays

    def require(sha: str, head: str) -> None:
        if head not in known:
            known[head] = runners_at(workspace, head)
        keys, named = known[head]
        if why := why_not_signed(workspace, sha, keys):
            raise BadInput(
                f"this clone's key is not one of the runners, so nothing was pushed: expected one that "
                f"{as_name(named)} names at {head[:10]}, seen: {why}",
                next_command=f"git config user.signingkey FILE   # a key that {path_word(named)} names; "
                f"or whoever may change that adds this one\n      git show {head[:10]}:./{path_word(named)}   "
                "# who may push runs",
            )

    return require


def tips_of(workspace: Path, run_id: str, worker: str, key: Path | None = None) -> GitTips:
    """Makes the tips of a run, signed by this clone's key (or by `key`). Raises BadInput where there is none."""
    return GitTips(workspace, run_id, worker, signing_with(workspace, key), vouch(workspace))


def require_runner(workspace: Path, key: Path | None = None) -> None:
    """Before anything is begun or pushed: raise BadInput unless what is signed here is signed by a runner of HEAD."""
    runners_at(workspace, "HEAD")  # before any key is asked for
    tips_of(workspace, "", "", key).mark("phasegate: may this key push runs?")
