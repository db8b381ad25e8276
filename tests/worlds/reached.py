"""How far did a world get that began alike? The first one of a process gets there; the others go on from copies.

What is copied: the workspace, the account (as the sandbox's server keeps it on disk), the run, and what was called,
shown and posted on the way. Worlds that began alike come to the same, up to ids and times.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.worlds.step_world import StepWorld
from workflow.sandbox import snapshot
from workflow.sandbox.inprocess import Sandbox

REACHED: dict[str, Reached] = {}  # by how it began, and where it is


@dataclass(frozen=True)
class Reached:
    """See the module. `came` is what came of it."""

    place: Path
    run: StepWorld
    calls: list[tuple[str, str]]
    lines: list[str]
    posted: list[tuple[str, Mapping[str, Any]]]
    came: Any

    def again(self, root: Path, sandbox: Sandbox, world: StepWorld) -> None:
        """Have this workspace, account and run be there, too."""
        shutil.copytree(self.place / "workspace", root, symlinks=True, dirs_exist_ok=True)
        sandbox.account.regions.update(snapshot.load(self.place / "account"))
        sandbox.calls[:] = self.calls
        world.lines[:], world.posted[:] = self.lines, self.posted
        world.go_on_from(self.run)


def keep(key: str, root: Path, sandbox: Sandbox, world: StepWorld, came: Any = None) -> None:
    """Let others go on from here."""
    place = place_of_copies() / str(len(REACHED))
    shutil.copytree(root, place / "workspace", symlinks=True)
    snapshot.save(place / "account", sandbox.account.regions)
    run = StepWorld(place / "workspace", defaults=world.defaults, plan=world.plan)
    run.go_on_from(world)
    REACHED[key] = Reached(place, run, list(sandbox.calls), list(world.lines), list(world.posted), came)


def place_of_copies() -> Path:
    """The directory of this process's copies, which goes when it ends (and not with a child that it forked)."""
    if not _PLACE:
        made, maker = Path(tempfile.mkdtemp(prefix="phasegate-reached-")), os.getpid()
        atexit.register(lambda: os.getpid() == maker and shutil.rmtree(made, ignore_errors=True))
        _PLACE.append(made)
    return _PLACE[0]


_PLACE: list[Path] = []
