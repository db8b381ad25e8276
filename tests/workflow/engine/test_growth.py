"""A task costs the same however many came before it: counted. `benchmarks/growth.py --long` has 1,000 tasks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.growth import NAMES, costs

MORE = 1.1  # so many times what it cost before


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="nobody tells how much a process reads")
def test_a_later_task_reads_parses_opens_starts_syncs_and_keeps_no_more_than_an_early_one(tmp_path: Path) -> None:
    windows = {"early": range(6, 24), "late": range(56, 74)}  # as far into a directory, and two parts of the log each
    found = costs(tmp_path, 73, windows, part=8192, in_a_directory=25)
    early, late = found["early"], found["late"]
    assert early["events parsed"] == late["events parsed"] == 0  # what this process wrote it does not read again
    assert min(early[each] for each in NAMES if each != "events parsed") > 1  # nothing is counted by nobody
    grown = {name: (early[name], late[name]) for name in NAMES if late[name] > MORE * early[name]}
    assert grown == {}
