"""The promise itself: killed anywhere, the run goes on, and nothing is done twice or lost."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.worlds.end_state import assert_good_end

ROOT = Path(__file__).parents[2]
AT_ONCE = str(min(os.cpu_count() or 2, 4))
KINDS = (  # of points; an enumeration that misses one of them has lost its eyes
    r"write \.phasegate/\S+/journal\.jsonl \(run-started\): (nothing|one byte|half|all) written",
    r"write \.phasegate/\S+/journal\.jsonl \(commit-intended\): (nothing|one byte|half|all) written",
    r"write artifacts/stage-06/\.dynamodb-infrastructure\.yaml\.phasegate-draft: half written",
    r"write tasks\.md: (nothing|one byte) written",
    r"make directory artifacts/stage-06: made",
    r"create \.phasegate/\S+/journal\.jsonl: created",
    r"sync (tasks\.md|artifacts/stage-06|\.phasegate/\S+/journal\.jsonl)",
    r"sync \.phasegate/\S+/journal\.jsonl; lost: \.phasegate/\S+/journal\.jsonl",
    r"rename to artifacts/stage-06/06_working_log\.md(: renamed)?",
    r"git (commit|add): (not started|ended, nobody knows)",
    r"cloudformation (create|execute)_change_set: (not sent|done, reply lost)",
    r"dynamodb (put|update|delete)_item: (not sent|done, reply lost)",
    r"make directory \.phasegate/\S+/journal(/00)?: made; lost",
    r"create \.phasegate/\S+/journal/00/\d\d\.jsonl: created; lost",
    r"sync \.phasegate/\S+/journal/00; lost: \.phasegate/\S+/journal/00/\d\d\.jsonl",
    r"write \.phasegate/\S+/journal/00/\d\d\.jsonl \(task-started\): (nothing|one byte|half|all) written",
    r"/00: made > sync \.phasegate/\S+/journal$",
    r"/01\.jsonl: created > sync \.phasegate/\S+/journal/00",
    r"/01\.jsonl \(task-started\): half written > truncate \.phasegate/\S+/journal/00/01\.jsonl(: cut off)?",
    r"\(effect-intended\): all written > sync \.phasegate/\S+/journal/00/05\.jsonl",
    r"half written > truncate \.phasegate/\S+/journal\.jsonl(: cut off)?",
    r"git commit: ended, nobody knows > git reset: (not started|ended, nobody knows)",
    r"\d+ t1_1: committed",
)


@pytest.mark.slow
@pytest.mark.timeout(0 if "EACH_POINT" in os.environ else 1800)  # each by itself: as long as the machine takes
def test_a_power_cut_at_any_point_of_a_run_ends_as_if_there_had_been_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [sys.executable, "-W", "error", "-m", "tests.worlds.enumerate_cuts", str(tmp_path), "--at-once", AT_ONCE]
    # points whose worlds are equal byte for byte (all written, then synced) have one end, and from each commit on a new
    # process is followed to the run's end, as from every thousandth point; `make power-cuts` tries each point by
    # itself, and follows every hundredth to the end
    command += [] if os.environ.get("EACH_POINT") else ["--once-per-world", "--to-end", "1000"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    points = found["points"]
    different = [f"{name}: {'; '.join(differing)}" for name, differing in points if differing]
    with capsys.disabled():
        sys.stderr.write(f"\npower cut: {len(points)} points, {len(points) - len(different)} identical ends\n")
    assert_good_end(found["end"])
    assert not different, "\n".join([f"{len(different)} of {len(points)} points end differently:", *different])
    names = [name for name, _ in points]
    missed = [kind for kind in KINDS if not any(re.search(kind, name) for name in names)]
    assert not missed
    assert len({name.partition(" ")[0] for name in names}) == found["all"]
