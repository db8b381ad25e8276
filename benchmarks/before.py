"""What did the same cost at an older commit? Its program and this one, in turn with each other and with the floor.

    python benchmarks --before [COMMIT]     # make bench BEFORE=COMMIT; c8c93f5, where none is named

The older one gets a checkout and an environment of its own under build/before, once, by its own constraints. Figures
are processor time, that of git's processes among it: medians of rounds in turn. What is measured is in before_rows.py.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from processor_time import process, processes_of
from rows import amount

ROOT = Path(__file__).parent.parent
DEFAULT = "c8c93f5"
EITHER = Path(__file__).with_name("either_program.py")
HEAD = ("work", "floor", "before", "now", "before", "now", "syncs", "processes", "the floor is")
WIDTHS = (50, 9, 9, 9, 9, 9, 12, 12)


@dataclass(frozen=True)
class Program:
    """phasegate as of one commit.

    Attributes:
        root: its checkout.
        python: of the environment in which it is installed.
    """

    root: Path
    python: str

    @property
    def command(self) -> str:
        return str(Path(self.python).with_name("phasegate"))

    def at(self, place: Path, *words: str) -> list[str]:
        """A command as it is typed in that directory."""
        return [self.command, "-C", str(place), *words]

    def type(self, place: Path, *words: str, code: int = 0) -> None:
        process(self.at(place, *words), expected=(code,))()

    def digest(self, place: Path) -> str:
        """What waits for approval there."""
        said = subprocess.run(self.at(place, "status", "--json"), capture_output=True, text=True, check=True).stdout
        return re.findall(r'"digest":\s*"([0-9a-f]{64})"', said)[0]

    def inside(self, act: str, *words: object) -> list[str]:
        """The command line of an act of either_program.py in this program's own Python."""
        return [self.python, str(EITHER), str(self.root), act, *map(str, words)]


@dataclass(frozen=True)
class Count:
    """What one piece of work takes beside time; None where nobody can count."""

    syncs: float | None
    processes: float | None


@dataclass(frozen=True)
class Compared:
    """One piece of work, before and now.

    Attributes:
        floor, before, now: [s, or as `unit` says]; `before` None where the older program cannot do it; `why` says it.
        least: what the floor is.
        counted: before and now.
    """

    work: str
    floor: float | None
    before: float | None
    now: float | None
    least: str
    counted: tuple[Count, Count] = (Count(None, None), Count(None, None))
    why: str = ""
    unit: str = "s"

    def cells(self) -> tuple[str, ...]:
        took = (self.before, self.now)
        times = [amount(each, self.unit) if each is not None else "cannot" for each in took]
        ratios = [f"{each / self.floor:.2f} x" if each is not None and self.floor else "" for each in took]
        floor = "" if self.floor is None else amount(self.floor, self.unit)
        syncs = _both([each.syncs for each in self.counted])
        processes = _both([each.processes for each in self.counted])
        return (self.work, floor, *times, *ratios, syncs, processes, self.least + (f"; {self.why}" if self.why else ""))


def _both(counts: Sequence[float | None]) -> str:
    """`12, 9`: before, now."""
    return "" if counts == [None, None] else ", ".join("-" if each is None else f"{each:.4g}" for each in counts)


def count(words: Sequence[str]) -> Count:
    """Syncs (with git's own; None without an strace) and git processes of a command that is typed once."""
    strace = shutil.which("strace")
    with tempfile.TemporaryDirectory() as scratch:
        traced = Path(scratch) / "traced"
        # with a filter it stops at no other call
        looks = ["-f", "--seccomp-bpf", "-qq", "-o", str(traced), "-e", "trace=fsync,fdatasync"]
        front = [strace, *looks] if strace else []
        processes = processes_of([*front, *words], Path(scratch) / "git")
        syncs = len(re.findall(r"f(?:data)?sync\(\d+", traced.read_text())) if strace else None
    return Count(syncs, processes)


def programs(commit: str) -> tuple[Program, Program]:
    """That of the commit, installed where it is not yet, and this one."""
    found = subprocess.run(
        ["git", "-C", str(ROOT), "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}"],
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        raise SystemExit(f"--before {commit}: no such commit here; a shallow clone: git fetch --unshallow")
    place = ROOT / "build" / "before" / found.stdout[:12]
    tree, done = place / "tree", place / ".installed"
    python = str(place / "venv" / "bin" / "python")
    if not done.exists():
        shutil.rmtree(place, ignore_errors=True)
        tree.mkdir(parents=True)
        files = subprocess.run(["git", "-C", str(ROOT), "archive", commit], stdout=subprocess.PIPE, check=True).stdout
        with tarfile.open(fileobj=BytesIO(files)) as archive:
            archive.extractall(tree, filter="data")
        subprocess.run([sys.executable, "-m", "venv", str(place / "venv")], check=True)
        pip = [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--editable"]
        constrained = {**os.environ, "PIP_CONSTRAINT": str(tree / "constraints.txt")}
        subprocess.run([*pip, f"{tree}[sandbox,test]"], env=constrained, stdout=sys.stderr, check=True)
        done.touch()
    return Program(tree, python), Program(ROOT, sys.executable)


def compared(commit: str, *, quick: bool) -> Iterator[Compared]:
    """Every row, as it is measured."""
    from before_rows import ROWS

    before, now = programs(commit)
    for rows in ROWS:
        with tempfile.TemporaryDirectory() as place:
            yield from rows(Path(place), before, now, quick=quick)
