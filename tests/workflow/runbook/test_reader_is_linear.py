"""Does reading take twice as long for twice the runbook, and not longer, also when it was made to hurt?

Counted, not timed: Python and C calls of one read. The nasty documents would take minutes with one quadratic pattern,
and have seconds.
"""

from __future__ import annotations

import sys

import pytest

from state.errors import BadInput
from workflow.runbook.marks import changes_besides_marks, flip_all
from workflow.runbook.reader import read_runbook


def tasks(count: int) -> bytes:
    lines = ["# Plan", ""]
    for number in range(count):
        label = f"{number // 10 + 1}.{number % 10 + 1}"
        if number % 10 == 0:
            lines.append(f"- [ ] {number // 10 + 1}. Part")
        lines += [f"  - [ ] {label} Task", "    - a detail with `make it`", f"    - _Requirements: {label}_", ""]
    return "\n".join(lines).encode()


def phases(count: int) -> bytes:
    return b"# D\n" + b"".join(b"## Phase %d: P\n- [ ] a\n\n" % number for number in range(1, count + 1))


def sections(count: int) -> bytes:
    return b"# L\n" + b"".join(b"## S%d\n\nIf it fails:\n- [ ] a\n- [ ] b\n\n" % number for number in range(count))


def calls(data: bytes) -> int:
    count = 0

    def profile(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        read_runbook(data, name="p", path="p.md")
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.slow
@pytest.mark.parametrize("make", [tasks, phases, sections], ids=["tasks", "phases", "sections"])
def test_twice_the_runbook_takes_twice_the_calls(make: object) -> None:
    assert callable(make)
    calls(make(20))  # caches of the regular expressions
    once, twice = calls(make(400)), calls(make(800))
    assert 1.9 < twice / once < 2.1


N = 100_000
NASTY = {
    "one line of openings": "- [ ] 1. a" + " <!--" * N,
    "one line of backticks": "- [ ] 1. a `" + "``" * N + " <!--",
    "runs of backticks": "- [ ] 1. " + " ".join("`" * (number % 7 + 1) for number in range(N)),
    "openings on every line": "- [ ] 1. a\n" + "b <!--\n" * N,
    "one paragraph": "- [ ] 1. a\n" + "b\n" * N,
    "one bullet": "- [ ] 1. a\n  - b\n" + "    c\n" * N,
    "deep nesting": "".join(" " * depth + "- [ ] a\n" for depth in range(1, 800)),
    "one level": "- [ ] 1. a\n" + "  - [ ] b\n" * (N // 10),
    "same title": "- [ ] a\n" * (N // 10),
    "long id": "- [ ] 1" + ".1" * N + " a\n- [ ] 2. b",
    "long number": "- [ ] " + "1" * N + ". a\n- [ ] 2. b\n\n# Phase " + "1" * N + ": x",
    "many bullets": "- " * N + "[ ] 1. a",
    "quotes": "- [ ] 1. a\n  - **COMMIT**: " + "“" * N + "'" * N,
    "stars": "- [ ] 1. " + "*" * N + "\n  - **Property 1: " + "*" * N + "a",
    "brackets": "# Phase 1: a" + "(1" * N + "\n- [ ] b\n# Phase 2: " + "( " * N + ")",
    "signs": "# Phase 1: a" + "✅" * N + "b\n# Phase 2: " + "- " * N,
    "spaces": "# a" + " " * N + "#" * N + " " * N + "b\n- [ ]" + " " * N + "1." + " " * N + "-" + " " * N,
    "blank lines under headings": "# L\n## If\n" + "\n" * (N // 10) + "### S\n- [ ] a\n" * (N // 100),
    "comments between": "- [ ] 1. a\n" + "<!-- c -->\n" * N + "- [ ] 2. b",
    "an unclosed fence": "- [ ] 1. a\n```\n" + "~~~\n" * N,
    "an open quotation": "- [ ] 1. a\n  ```bash\n" + "  echo 'a\n" * N + "  ```",
    "placeholders": "- [ ] 1. a\n  ```bash\n  x " + "[a<b" * N + "\n  ```",
    "not UTF-8": "- [ ] 1. a" + "\udcff" * N,
}


@pytest.mark.slow
@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", NASTY)
def test_a_document_made_to_hurt_is_read_all_the_same(name: str) -> None:
    data = NASTY[name].encode("utf-8", "surrogateescape")
    try:
        plan = read_runbook(data, name="p", path="p.md")
    except BadInput as refused:
        assert refused.problems
        return
    after = flip_all(data, [box for task in plan.tasks for box in task.boxes()])
    assert changes_besides_marks(data, after, plan) == []
