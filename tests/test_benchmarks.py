"""The benchmarks still run: each is started at a tiny size and prints its ratios; together they are held to a time."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
FILES = [path.name for path in runpy.run_path(str(BENCHMARKS / "__main__.py"))["benchmarks"]()]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=280)


def test_there_are_benchmarks() -> None:
    assert "gated_task.py" in FILES


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_a_benchmark_imports_runs_at_a_tiny_size_and_prints_a_ratio(name: str) -> None:
    done = run(str(BENCHMARKS / name), "--quick")
    assert done.returncode == 0, done.stderr
    assert re.search(r"\d\.\d+ x\b", done.stdout), done.stdout


def test_make_bench_ends_when_its_time_is_over_and_names_who_took_it() -> None:
    done = run(str(BENCHMARKS), "--quick", "--within", "0.05")
    assert done.returncode == 1
    assert f"{FILES[0]} was not through when the 0.05 s were over" in done.stderr
