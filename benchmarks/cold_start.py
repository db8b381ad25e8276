"""How long do the reading commands take from nothing, against bare Python in the same run?

Goal: `status` within 8 x bare Python. Whole processes, alternating, medians.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.worlds.run_world import RunWorld

RUNS = 15


def seconds(command: list[str]) -> float:
    # as installed, where Python has kept what it compiled
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return time.perf_counter() - start


def main() -> None:
    phasegate = str(Path(sys.executable).with_name("phasegate"))
    with tempfile.TemporaryDirectory() as place:
        world = RunWorld(Path(place))
        with world.start() as engine:
            engine.drive()
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "git rev-parse HEAD": ["git", "-C", str(world.root), "rev-parse", "HEAD"],
            "phasegate status": [phasegate, "-C", str(world.root), "status"],
            "phasegate log": [phasegate, "-C", str(world.root), "log"],
            "phasegate --help": [phasegate, "--help"],
            "phasegate plan tasks.md": [phasegate, "-C", str(world.root), "plan", "tasks.md"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for turn in range(RUNS + 1):
            for name, command in commands.items():
                taken = seconds(command)
                if turn:  # the first is a warm-up
                    times[name].append(taken)
    floor = statistics.median(times["python -c pass"])
    for name, taken in times.items():
        median = statistics.median(taken)
        print(f"{name:<26} {median * 1000:7.1f} ms  {median / floor:5.1f} x bare Python")


if __name__ == "__main__":
    main()
