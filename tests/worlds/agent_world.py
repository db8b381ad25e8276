"""A repository in which an agent works by the tools of its server, and Ada approves at a terminal, or without one.

world = AgentWorld(tmp_path, policy="default: {attempts: 2}")
world.works("one.txt")                              # the file is written, and handed in
world.approves(at_terminal=True)                    # Ada, by `phasegate approve`
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import wait
from pathlib import Path
from typing import Any

from state.json_values import Json
from state.read_journal import read
from tests.worlds.journals import chained, in_files, journal_events
from tests.worlds.repositories import first_commit
from tests.worlds.workspaces import git
from workflow.audit import audit_workspace
from workflow.doors.terminal import Terminal
from workflow.mcp.tools import Ordered, Tools
from workflow.service.reject import reject
from workflow.service.this_process import who_runs_this
from workflow.service.verdict import Verdict, approve

RUNBOOK = "# Shed\n\n- [ ] 1. Choose a colour\n- [ ] 2. Order the paint\n"
BOXES = "# Cut over\n\n## T-24h\n- [ ] Freeze announced\n- [ ] Stack is up\n\n## T-0\n- [ ] Switched\n"
LONG = 60  # [s] for what is ordered
CLIENT = ("scripted", "1.0")
AGENT = "agent: scripted 1.0"


class AtOnce:
    """The tools, what is ordered by them waited for: each call gives what the agent is told at last."""

    def __init__(self, root: Path) -> None:
        self._tools = Tools(root)

    def __getattr__(self, name: str) -> Callable[..., dict[str, Json]]:
        def call(*given: Any, **named: Any) -> dict[str, Json]:
            found = getattr(self._tools, name)(*given, **named)
            if isinstance(found, Ordered):
                wait([found.work], timeout=LONG)
                found = found.told()
            return dict(found)

        return call


class AgentWorld:
    """See the module."""

    def __init__(
        self,
        root: Path,
        *,
        runbook: str = RUNBOOK,
        policy: str = "",
        files: Mapping[str, str] | None = None,
        name: str = "shed",
    ) -> None:
        self.root, self.name = root / name, name
        self.root.mkdir()
        there = {f"{name}.md": runbook, **({"phasegate.yaml": policy} if policy else {}), **(files or {})}
        for path, text in there.items():
            (self.root / path).write_text(text)
        first_commit(self.root)
        self.tools = AtOnce(self.root)

    def starts(self) -> dict[str, Json]:
        return self.tools.start(CLIENT, f"{self.name}.md", sandbox=False, answers={})

    def drives(self) -> dict[str, Json]:
        return self.tools.drive(CLIENT, None, {})

    def hands_in(
        self, *paths: str, boxes: tuple[str, ...] = (), attest: tuple[str, ...] = (), skip: str = "", **more: Any
    ) -> dict[str, Json]:
        given: dict[str, Any] = {
            "paths": paths,
            "boxes": boxes,
            "attest": attest,
            "runs": (),
            "skip": skip,
            "no_files": not paths and not skip,
            "answers": {},
            **more,
        }
        return self.tools.hand_in(CLIENT, None, **given)

    def works(self, path: str, text: str = "done\n") -> dict[str, Json]:
        """Write a file and hand it in; returns where the run stands then."""
        (self.root / path).write_text(text)
        return self.hands_in(path)

    @property
    def digest(self) -> str:
        """Of what waits, in full."""
        return str(self.events("worked")[-1]["request"]["digest"])

    def approves(self, *, at_terminal: bool, **given: Any) -> Verdict:
        person = Terminal(interactive=at_terminal)
        return approve(self.root, who_runs_this(self.root), person, None, self.digest, **given)

    def rejects(self, *, at_terminal: bool) -> None:
        reject(self.root, who_runs_this(self.root), Terminal(interactive=at_terminal), None, "not that green")

    @property
    def journal(self) -> Path:
        (found,) = (self.root / ".phasegate").glob("*/journal.jsonl")
        return found

    def events(self, type_: str) -> list[Mapping[str, Any]]:
        return [event.fields for event in read(self.journal) if event.type == type_]

    def opened(self) -> list[Mapping[str, Any]]:
        """The approvals that opened a gate."""
        return [event for event in self.events("approved") if event["admits"]]

    def commits(self) -> list[str]:
        """Author, committer and subject of the run's commits, oldest first."""
        return git(self.root, "log", "--reverse", "--format=%an <%ae>|%cn <%ce>|%s").splitlines()[1:]

    def findings(self) -> list[str]:
        return [f"{each.code}: {each.message}" for run in audit_workspace(self.root, None) for each in run.findings]

    def unprovable(self) -> list[str]:
        return [each.code for run in audit_workspace(self.root, None) for each in run.unprovable]

    def rewrites(self, change: Any) -> None:
        """Change the journal's events (a list of dicts) as a forger would: with the chain made anew."""
        events = journal_events(self.journal)
        change(events)
        for name, data in in_files(chained(events)).items():
            (self.journal.parent / name).write_bytes(data)
