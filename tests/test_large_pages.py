"""A process of the tests brings what it has into large pages, so that its forks are quick."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.worlds.forked_child import Outcome, start_child
from tests.worlds.large_pages import before_the_next_fork, in_small_pages, lie_in_large_pages

ENABLED = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def has_collapse() -> bool:
    """Linux 6.1 or newer, with large pages."""
    if sys.platform != "linux" or not ENABLED.is_file() or "[never]" in ENABLED.read_text():
        return False
    version = Path("/proc/sys/kernel/osrelease").read_text().split(".")
    return tuple(map(int, version[:2])) >= (6, 1)


@pytest.mark.slow
@pytest.mark.skipif(not has_collapse(), reason="not run: this kernel brings nothing into large pages when it is asked")
def test_what_a_process_has_is_in_large_pages_afterwards() -> None:
    def grown() -> list[Outcome]:
        held = [bytes([number % 256]) * 500 for number in range(300_000)]
        before = in_small_pages()
        lie_in_large_pages()
        assert held[-1] == bytes([299_999 % 256]) * 500
        return [("before", [str(before)]), ("after", [str(in_small_pages())])]

    seen = {name: int(size) for name, (size,) in start_child(grown).outcomes()}
    assert seen["before"] > 100_000 and seen["after"] < seen["before"] / 2, seen


@pytest.mark.slow
@pytest.mark.skipif(not has_collapse(), reason="not run: this kernel brings nothing into large pages when it is asked")
def test_it_is_done_before_the_next_fork_once() -> None:
    def grown_and_forked() -> list[Outcome]:
        sizes = []
        for ordered in (False, True, False):
            held = [bytes([number % 256]) * 500 for number in range(300_000)]
            if ordered:
                before_the_next_fork()
            seen = [in_small_pages()]
            start_child(list).outcomes()
            sizes.append(("", [str(size) for size in (*seen, in_small_pages(), len(held))]))
        return sizes

    shrunk = [int(after) < int(before) / 2 for _, (before, after, _) in start_child(grown_and_forked).outcomes()]
    assert shrunk == [False, True, False]
