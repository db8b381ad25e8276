"""A small world with people who approve: keys made once, a policy that is committed, and runs that wait.

world = ApprovalWorld(tmp_path, policy="default: {approvers: 2}")
world.pauses()                                  # Ada's run waits for the approval of task 1.1
world.approves(BOB)                             # from another process
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gates.approval import NAMESPACE
from state.errors import Waiting
from state.fold import fold
from state.read_journal import read
from state.run_state import RunState
from tests.worlds.journals import journal_events, write_journal
from tests.worlds.run_world import RunWorld
from workflow.doors.ssh_signature import SshSignatures
from workflow.engine.engine import Doors, Engine, Settings
from workflow.engine.gatekeeper import text_to_sign
from workflow.engine.policy_review import PolicyVerdict

ADA, BOB, EVE = "Ada <ada@example.com>", "Bob <bob@example.com>", "Eve <eve@example.com>"
CAROL = "Carol <carol@example.com>"
SIGNED = "default: {signed: true, operator_may_approve: false, allowed_signers: signers, revoked_keys: revoked}\n"
AT = datetime(2026, 1, 2, 12, tzinfo=UTC)


class Keys:
    """A directory with a key of each person, made by ssh-keygen."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        for name in ("ada", "bob", "eve", "carol"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(directory / name)]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)

    def file(self, person: str) -> Path:
        return self.directory / person.split(" ", 1)[0].lower()

    def public(self, person: str) -> str:
        return self.file(person).with_suffix(".pub").read_text()

    def allow(self, person: str, options: str = f'namespaces="{NAMESPACE}"') -> str:
        """A line of an allowed-signers file."""
        return f"{person.split('<')[1].rstrip('>')} {options} {self.public(person)}"

    def sign(self, person: str, message: bytes, namespace: str = NAMESPACE) -> str:
        command = ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", str(self.file(person))]
        return subprocess.run(command, input=message, capture_output=True, check=True).stdout.decode()


class ApprovalWorld(RunWorld):
    """See the module. Ada runs; whoever is named approves."""

    def __init__(self, root: Path, *, policy: str = "", files: Mapping[str, str] | None = None) -> None:
        super().__init__(root)
        self.who = ADA
        self.key: Path | None = None
        if policy:
            self.commits_files({"phasegate.yaml": policy, **(files or {})})

    def commits_files(self, files: Mapping[str, str]) -> None:
        for path, text in files.items():
            (self.root / path).write_text(text)
        self.git("add", *files)
        self.git("commit", "-q", "-m", "A policy")

    def doors(self) -> Doors:
        by = {"git": self.who, "user": self.who.split(" ", 1)[0].lower(), "host": "here"}
        return replace(super().doors(), by=by, signatures=SshSignatures(self.root, self.key))

    @contextmanager
    def as_(self, person: str, key: Path | None = None) -> Iterator[None]:
        before = self.who, self.key
        self.who, self.key = person, key
        try:
            yield
        finally:
            self.who, self.key = before

    def pauses(self, settings: Settings | None = None) -> None:
        """Start Ada's run; it waits for the approval of task 1.1."""
        self.person.absent = True
        with self.start(settings or Settings(answers={"colour": "green"})) as engine, pytest.raises(Waiting):
            engine.drive()

    def approves(self, person: str, *, signature: str = "", comment: str = "") -> None:
        """As `phasegate approve` in another process would."""
        with self.as_(person), self.reopen(work=False) as engine:
            state = engine.run.current_task
            assert state is not None and state.request is not None
            engine.approve(state.request.digest, "command", by=engine.doors.me, signature=signature, comment=comment)

    def approves_policy(self, person: str, *, keys: Keys | None = None, signer: str = "") -> PolicyVerdict:
        """As `phasegate approve --policy` in another process would; signed with keys, by `signer`'s if given."""
        with self.as_(person), self.reopen(work=False) as engine:
            change = engine.policy_change()
            signature = keys.sign(signer or person, change.text_to_sign) if keys else ""
            return engine.approve_policy(change.digest, "command", by=engine.doors.me, signature=signature)

    def resumes(self, settings: Settings | None = None) -> Engine:
        """Ada's run goes as far as it can without anybody there; returns the engine, which is closed."""
        with self.reopen(settings) as engine:
            try:
                engine.drive()
            except Waiting as waiting:
                self.said = str(waiting)
            return engine

    @property
    def journal(self) -> Path:
        return self.root / ".phasegate" / self.run_id / "journal.jsonl"

    @property
    def state(self) -> RunState:
        return fold(read(self.journal))

    def to_sign(self) -> bytes:
        return text_to_sign(self.state)

    def events_of(self, type_: str) -> list[Mapping[str, Any]]:
        return [event.fields for event in read(self.journal) if event.type == type_]

    def rewrites(self, change: Any) -> None:
        """Change the journal's events (a list of dicts) as a forger would: with the chain made anew."""
        events = journal_events(self.journal)
        change(events)
        write_journal(self.journal, events)
