"""A task's number and title in one line: each is said once."""

from __future__ import annotations

import pytest

from state.task_name import number_and_title


@pytest.mark.parametrize(
    ("number", "title", "expected"),
    [
        ("1.1", "Build it", "1.1 Build it"),
        ("", "Smoke tests", "Smoke tests"),
        ("T-24h", "T-24h", "T-24h"),
        ("T-24h", "T-24h (optional)", "T-24h (optional)"),
        ("Phase 1", "Look", "Phase 1 Look"),
        ("2", "2 pods are up", "2 2 pods are up"),
    ],
)
def test_each_is_said_once(number: str, title: str, expected: str) -> None:
    assert number_and_title(number, title) == expected
