"""Is what failed among all tests red by itself? A few are tried once more, alone, and those that pass are named.

    python -m tests.worlds.once_more CODE    # CODE: how the whole suite's pytest ended; ends as `make test` is to end

Why, and what it gives up: docs/decisions/0028-a-red-test-is-tried-once-more.md.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

FEW = 3  # tests; what more than these have in common is no accident
FAILED = 1  # pytest's exit code for tests that failed: https://docs.pytest.org/en/stable/reference/exit-codes.html
_NAMES = Path(".pytest_cache/v/cache/lastfailed")  # pytest's own list, written by its cache at the end of a run


def main(code: int) -> int:
    """Try what failed once more; the code to end with: 0 only where each of it passed alone."""
    names = sorted(json.loads(_NAMES.read_text(encoding="utf-8"))) if code == FAILED and _NAMES.exists() else []
    if not 0 < len(names) <= FEW:
        return code
    _say(f"\nonce more, alone: {', '.join(names)}")
    again = subprocess.run([sys.executable, "-m", "pytest", "-rA", "--show-capture=no", *names], check=False).returncode
    if again == 0:
        for name in names:
            _say(f"UNSTEADY: {name} failed among all tests (above) and passed alone: a race, to be found")
    return again


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()  # before what a child writes


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
