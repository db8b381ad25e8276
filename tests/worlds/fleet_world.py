"""A fleet in Ada's clone, whose runs others take: a bare repository between them, each run in a sandbox of its own.

world = FleetWorld(tmp_path, keys, WAVES)
world.ada("fleet", "fleet.yaml", code=3)
world.completes("one")                       # a clone of Eve's takes the run that was ordered for it, Bob approves it
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from state.errors import Waiting
from tests.worlds.approval_world import EVE, Keys
from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.two_people import POLICY, At, TwoPeople
from tests.worlds.workspaces import git
from workflow.doors.git.meeting_place import GitRemote
from workflow.doors.git.plumbing import git_dir_of
from workflow.meeting.moves import Move
from workflow.meeting.orders import Order
from workflow.meeting.refs import Names
from workflow.meeting.schedule import Ready
from workflow.ports import Settings
from workflow.runs import begin
from workflow.runs.load_plan import load_plan
from workflow.sandbox import control
from workflow.service.doors import make_doors, sandbox_aws
from workflow.service.look_at_tips import Seen, look_at
from workflow.service.meeting_place import Kept, place_of
from workflow.service.met import Met, parked
from workflow.service.this_process import nobody, who_runs_this
from workflow.service.workspace import sandbox_directory

TABLE = """checks:
  - id: table-by-request
    name: The table is paid by request
    service: dynamodb
    operation: describe_table
    parameters: {TableName: release}
    expression: Table.BillingModeSummary.BillingMode
    expect: {equals: PAY_PER_REQUEST}
    tasks: ["1"]
"""
BY_HAND = "# Release\n\n- [ ] 1. Release it\n"


def fleet_text(waves: str, *names: str, more: str = "") -> str:
    """A fleet file whose targets are all sandboxes, each with a directory of its name."""
    targets = "".join(f"  {name}: {{sandbox: true, directory: {name}}}\n" for name in names)
    return f"fleet: customers\nworkflow: release.md\n{more}targets:\n{targets}waves:\n{waves}"


class FleetWorld(TwoPeople):
    """See the module. `checks`: what stands beside the runbook that runs at each target."""

    def __init__(self, root: Path, keys: Keys, fleet: str, *, checks: str = "") -> None:
        self.clones: dict[str, At] = {}
        policy = POLICY.replace("{lease: 1s}", "{remote: origin, lease: 1s}")
        super().__init__(root, keys, policy=policy, further=((fleet, checks), lambda: self._fleet(fleet, checks)))

    def _fleet(self, fleet: str, checks: str) -> None:
        home = self.ada.root
        for line in fleet.splitlines():
            if "directory:" in line:
                self._target(home / line.strip().partition(":")[0], checks)
        (home / "fleet.yaml").write_text(fleet)
        self.ada.git("add", "-A")
        self.ada.git("commit", "-qm", "A fleet")
        (home / "fleet.fleet.md").write_text(self.ada("fleet", "fleet.yaml", "--runbook"))
        self.ada.git("add", "-A")
        self.ada.git("commit", "-qm", "Its runbook")
        self.ada.git("push", "-q", "origin", "main")
        self.bob.git("pull", "-q", "origin", "main")

    def _target(self, place: Path, checks: str) -> None:
        """A workspace of its own, with the policy of the fleet's, and the runbook that runs there."""
        place.mkdir()
        for name in ("phasegate.yaml", "signers", "runners", "passkeys"):
            shutil.copy(self.ada.root / name, place / name)
        (place / "release.md").write_text(BY_HAND)
        if checks:
            (place / "release.checks.yaml").write_text(checks)

    def close(self) -> None:
        for clone in self.clones.values():
            control.stop(sandbox_directory(clone.root), forget=True)

    @property
    def run(self) -> str:
        """The fleet's run."""
        return str(self.ada.json("fleet", "fleet.yaml", "--status")["run"])

    def targets(self) -> dict[str, dict[str, Any]]:
        """Each target as `--status --json` has it."""
        waves = self.ada.json("fleet", "fleet.yaml", "--status")["waves"]
        return {target["name"]: target for wave in waves for target in wave["targets"]}

    def ordered(self) -> dict[str, str]:
        """Target -> run, of those that were ordered."""
        return {name: target["run"] for name, target in self.targets().items() if target["run"]}

    def take(self, target: str) -> At:
        """A clone of Eve's begins the run that was ordered for this target, as its order has it."""
        self.first(("take", target), lambda: self._taken(target))
        return self.is_at(target)

    def _taken(self, target: str) -> str:
        self.begins_in(self.clone_at(target, f"at-{target}"), target)
        return ""

    def is_at(self, target: str) -> At:
        """The clone that has taken the run of this target."""
        clone = self.clones[target] = At(self.root / f"at-{target}" / target)
        return clone

    def clone_at(self, target: str, name: str) -> At:
        """A clone of Eve's, at the workspace of this target."""
        place = self._clone(name, EVE).root / target
        (place / ".phasegate").mkdir()
        return At(place)

    def begins_in(self, clone: At, target: str) -> None:
        run = self.ordered()[target]
        place = place_of(clone.root, "origin")
        ready = Ready(run, "todo", place.standing(run).tip)
        seen = look_at(place, [ready])[ready]
        assert isinstance(seen, Seen) and seen.order is not None
        clone.git("switch", "-q", "-c", f"phasegate/{run}", place.standing(run).branch)
        begins(clone.root, seen.order)

    def works(self, target: str, *, code: int = 0) -> str:
        """What the run of this target asks of a person is done; what was printed."""
        clone = self.clones.get(target) or self.take(target)
        return clone("done", "--no-files", "--run", "all", code=code)

    def approves(self, run: str, directory: str | None = None) -> None:
        """Bob approves what waits of this run, which is in this directory: that of its target."""
        if directory is None:
            directory = next((name for name, given in self.ordered().items() if given == run), "")
        bob = At(self.bob.root / directory)
        (bob.root / ".phasegate").mkdir(exist_ok=True)
        (waits,) = [each for each in bob.json("inbox")["waiting"] if each["run"] == run]
        bob("approve", run, "--remote", "--digest", str(waits["digest"]))

    def approved(self, target: str) -> None:
        """Bob approves what waits there, and the run goes on in its clone."""
        run = self.ordered()[target]
        self.approves(run, target)
        self.clones[target]("resume", run)

    def completes(self, *targets: str) -> None:
        for target in targets:
            self._completes(target)

    def _completes(self, target: str) -> None:
        if target in self.clones:
            self._completed(target)
        else:
            self.first(("completes", target), lambda: self._completed(target))
            self.is_at(target)

    def _completed(self, target: str) -> str:
        self.works(target)
        self.approved(target)
        return ""

    def goes_on(self, *, code: int = 3) -> str:
        """Ada's fleet goes on as far as it can; what was printed."""
        return self.first(("goes on", code), lambda: self.ada("fleet", "fleet.yaml", code=code))

    def wave_approved(self, *, code: int = 3) -> str:
        """Bob approves the wave that waits, and the fleet goes on."""
        self.approves(self.run)
        return self.goes_on(code=code)

    def tips(self) -> dict[str, str]:
        """Run -> commit of its branch at the remote."""
        listed = git(self.origin, "for-each-ref", "--format=%(refname) %(objectname)", "refs/heads/phasegate")
        return {line.split()[0].removeprefix(Names.branch("")): line.split()[1] for line in listed.splitlines()}

    def tip(self, run: str) -> str:
        """The commit that the run's ref is at, whatever its state."""
        listed = git(self.origin, "for-each-ref", "--format=%(refname) %(objectname)", "refs/phasegate")
        (found,) = [line.split()[1] for line in listed.splitlines() if line.split()[0].endswith(f"/{run}")]
        return found

    def audits(self, run: str) -> dict[str, Any]:
        """What the audit says of the run in a plain clone of its branch."""
        place = self.root / f"plain-{run}"
        subprocess.run(
            ["git", "clone", "-q", "-b", Names.branch(run).removeprefix("refs/heads/"), f"file://{self.origin}", place],
            check=True,
            capture_output=True,
        )
        directory = next((name for name, given in self.ordered().items() if given == run), "")
        done = phasegate(place / directory, "audit", run, "--json")
        return dict(json.loads(done.stdout)["runs"][0])

    def dies(self, at: int, *, behind: bool) -> None:
        """Ada's command dies at its so-maniest order: before its push, or behind it."""
        push, left = GitRemote.push, at

        def dies(remote: GitRemote, moves: Sequence[Move]) -> None:
            nonlocal left
            left -= "/todo/" in moves[0].ref
            if not left and not behind:
                os._exit(9)
            push(remote, moves)
            if not left:
                os._exit(9)

        with patch.object(GitRemote, "push", dies):
            done = phasegate(self.ada.root, "fleet", "fleet.yaml")
        assert done.returncode == 9, done.stdout + done.stderr

    def aws(self, target: str) -> Any:
        """DynamoDB of the sandbox that this target's run acts in."""
        door = sandbox_aws(self.clones[target].root)()
        return lambda operation, **fields: door.call("dynamodb", operation, **fields)

    def makes_table(self, target: str, **billing: Any) -> None:
        """What the runbook asks a person to do, in this target's sandbox."""
        key = {"AttributeName": "k", "AttributeType": "S"}
        schema = [{"AttributeName": "k", "KeyType": "HASH"}]
        billing = billing or {"BillingMode": "PAY_PER_REQUEST"}
        made = {"AttributeDefinitions": [key], "KeySchema": schema, **billing}
        self.aws(target)("create_table", TableName="release", **made)


def begins(workspace: Path, order: Order) -> None:
    """Claim the run that was ordered, begin it by its id, and leave it at the remote."""
    who, place = who_runs_this(workspace), place_of(workspace, "origin")
    Kept(workspace, order.run).begin("origin")
    meeting = Met(place, order.run, who, None)
    meeting.holding.claim(place.standing(order.run))
    doors = make_doors(workspace, who, nobody(), sandbox=order.target.sandbox)
    with patch.object(begin, "_new_id", lambda *_: order.run):
        engine = begin.start(
            workspace,
            load_plan(workspace, order.runbook, None),
            doors,
            Settings(order.answers),
            sandbox=order.target.sandbox,
            git_dir=git_dir_of(workspace),
            said=begin.Ordered(order.ordered_by, order.target),
        )
    with engine.journal, parked(meeting, engine):
        try:
            engine.drive()
        except Waiting:
            pass
