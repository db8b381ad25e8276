"""A fleet whose runs real workers take: processes of their own, at a bare repository, each target in its directory.

world = FleetOfWorkers(tmp_path, keys, WAVES, "one", "two")
world.fleet(code=3)                          # Ada orders, looks, and goes on
world.begin("w1")
world.over("one")                            # a worker begins it, Bob approves it, a worker commits it
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.worlds.approval_world import EVE, Keys
from tests.worlds.barn import PILE_RUNBOOK
from tests.worlds.workers import POLICY, Workers
from tests.worlds.workspaces import git


class FleetOfWorkers(Workers):
    """See the module."""

    def __init__(self, root: Path, keys: Keys, waves: str, *targets: str) -> None:
        super().__init__(root, keys, policy=POLICY.replace("{lease: 3s}", "{remote: origin, lease: 3s}"))
        home = self.ada.root
        for name in targets:
            (home / name).mkdir()
            for file in ("phasegate.yaml", "signers", "runners", "passkeys"):
                shutil.copy(home / file, home / name / file)
            (home / name / "barn.md").write_text(PILE_RUNBOOK)
        listed = "".join(f"  {name}: {{sandbox: true, directory: {name}}}\n" for name in targets)
        (home / "fleet.yaml").write_text(f"fleet: piles\nworkflow: pile\ntargets:\n{listed}waves:\n{waves}")
        (home / "fleet.fleet.md").write_text(self.fleet("--runbook"))
        self.ada.git("add", "-A")
        self.ada.git("commit", "-qm", "A fleet")
        self.ada.git("push", "-q", "origin", "main")
        self.bob.git("pull", "-q", "origin", "main")
        for name in targets:
            (self.bob.root / name / ".phasegate").mkdir()

    def does(self, place: Path, *words: str, code: int = 0) -> str:
        """The command, there; what it printed."""
        program = [sys.executable, "-m", "tests.worlds.barn", "-C", str(place), *words]
        done = subprocess.run(
            program, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=self.environment, check=False
        )
        assert done.returncode == code, f"{words}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout if "--json" in words or "--runbook" in words else done.stdout + done.stderr

    def fleet(self, *words: str, code: int = 0) -> str:
        return self.does(self.ada.root, "fleet", "fleet.yaml", *words, code=code)

    @property
    def status(self) -> Any:
        return json.loads(self.fleet("--status", "--json"))

    def ordered(self) -> dict[str, str]:
        """Target -> run."""
        lines = [line for wave in self.status["waves"] for line in wave["targets"]]
        return {line["name"]: line["run"] for line in lines if line["run"]}

    def over(self, *targets: str) -> None:
        """Bob approves what the workers bring to its gate, and they commit it."""
        runs = self.ordered()
        for name in targets:
            self.until(runs[name], "waiting")
            assert self.approve(runs[name], name)
        for name in targets:
            self.until(runs[name], "")

    def wave_approved(self, *, code: int = 3) -> str:
        """Ada's fleet shows its wave, Bob approves it, and the fleet goes on."""
        assert "waits for approval" in self.fleet(code=3)
        assert self.approve(str(self.status["run"]))
        return self.fleet(code=code)

    def mended(self, target: str) -> None:
        """Eve goes on with the run of this target in a clone of hers, to its gate."""
        run = self.ordered()[target]
        clone = self._clone(f"mends-{target}", EVE)
        clone.git("switch", "-q", f"phasegate/{run}")
        (clone.root / target / ".phasegate").mkdir(exist_ok=True)
        self.does(clone.root / target, "resume", run, code=3)

    def audited(self, run: str, directory: str = "") -> Any:
        """What the audit says in a plain clone of its branch."""
        place = self.root / f"plain-{run}"
        git(self.root, "clone", "-q", "-b", f"phasegate/{run}", f"file://{self.origin}", str(place))
        (found,) = json.loads(self.does(place / directory, "audit", run, "--json"))["runs"]
        return found
