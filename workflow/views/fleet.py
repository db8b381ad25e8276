"""What is shown of a fleet: its plan, and where each of its runs is. As data, and as lines for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from phases.fleet.model import Fleet
from state.cheap_classes import dataclass
from state.counted import counted
from state.json_values import Json
from state.path_word import path_word
from state.printable import printable_line


@dataclass(frozen=True, slots=True)
class FleetPlan:
    """What would be ordered; `base`: the commit that each run begins at."""

    fleet: Fleet
    file: str
    remote: str
    base: str

    @property
    def following(self) -> Sequence[str]:
        return [f"phasegate fleet {path_word(self.file)}   # orders the first wave"]

    def lines(self) -> Sequence[str]:
        fleet = self.fleet
        found = [
            f"fleet {fleet.name}: {fleet.workflow} at {counted(len(fleet.targets), 'target')} in "
            f"{counted(len(fleet.waves), 'wave')}, from {self.base[:10]}, by remote {self.remote}",
            f"  at most {counted(fleet.runs, 'run')} at once, {fleet.per_account} in one account",
        ]
        for number, wave in enumerate(fleet.waves, 1):
            at_once = min(wave.at_most, fleet.runs, len(wave.targets))
            baked = f", {wave.bake} pass when they are over" if wave.bake else ""
            found.append(
                f"{number}. wave {wave.name}: {at_once} at once, stopped when "
                f"{counted(wave.stop_after_failures, 'run')} failed{baked}; then its gate"
            )
            for name in wave.targets:
                target = fleet.targets[name]
                below = f" in {target.directory}" if target.directory else ""
                as_profile = f", profile {target.profile}" if target.profile else ""
                answers = f", answers {', '.join(target.answers)}" if target.answers else ""
                found.append(f"   {name}: {target.at}{below}{as_profile}{answers}")
        return [printable_line(line) for line in found]

    def to_json(self) -> dict[str, Json]:
        waves: list[Json] = [
            {
                "name": wave.name,
                "at_most": min(wave.at_most, self.fleet.runs, len(wave.targets)),
                "bake": wave.bake.total_seconds(),
                "stop_after_failures": wave.stop_after_failures,
                "targets": [self._target(name) for name in wave.targets],
            }
            for wave in self.fleet.waves
        ]
        return {
            "fleet": self.fleet.name,
            "workflow": self.fleet.workflow,
            "remote": self.remote,
            "base": self.base,
            "limits": {"runs": self.fleet.runs, "per_account": self.fleet.per_account},
            "waves": waves,
        }

    def _target(self, name: str) -> dict[str, Json]:
        target = self.fleet.targets[name]
        return {
            "name": name,
            "target": target.at.to_json(),
            "directory": target.directory,
            "profile": target.profile,
            "answers": dict(target.answers),
        }


@dataclass(frozen=True, slots=True)
class TargetLine:
    """One target: `run` "" while nothing is ordered for it; else as `phases.elsewhere.RunThere`."""

    name: str
    run: str = ""
    state: str = ""
    because: str = ""
    commit: str = ""


@dataclass(frozen=True, slots=True)
class FleetStatus:
    """Where a fleet stands.

    Attributes:
        waves: name -> status of its task, and its targets.
        stopped: wave (or `all`) -> who said that it orders nothing more.
        outcome: of the fleet's run, "" while it goes on.
    """

    fleet: str
    file: str
    run: str
    outcome: str
    waves: Mapping[str, tuple[str, Sequence[TargetLine]]]
    stopped: Mapping[str, str]

    @property
    def following(self) -> Sequence[str]:
        if self.outcome:
            return [f"phasegate audit {path_word(self.run)}"]
        return [f"phasegate status {path_word(self.run)}", f"phasegate fleet {path_word(self.file)}   # goes on"]

    def lines(self) -> Sequence[str]:
        found = [f"fleet {self.fleet}: run {self.run}{f', {self.outcome}' if self.outcome else ''}"]
        for part, who in self.stopped.items():
            found.append(f"stopped by {who}: {'everything' if part == 'all' else f'wave {part}'}")
        for wave, (status, targets) in self.waves.items():
            found.append(f"wave {wave}: {status}")
            for each in targets:
                at = f"{each.state}{f' ({each.because})' if each.because else ''}" if each.run else "not ordered"
                found.append(f"  {each.name}: {at}{f'  {each.run}' if each.run else ''}")
        return [printable_line(line) for line in found]

    def to_json(self) -> dict[str, Json]:
        waves: list[Json] = [
            {
                "name": wave,
                "status": status,
                "targets": [
                    {
                        "name": each.name,
                        "run": each.run,
                        "state": each.state,
                        "because": each.because,
                        "commit": each.commit,
                    }
                    for each in targets
                ],
            }
            for wave, (status, targets) in self.waves.items()
        ]
        return {
            "fleet": self.fleet,
            "run": self.run,
            "outcome": self.outcome,
            "stopped": dict(self.stopped),
            "waves": waves,
        }
