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


def quotes(count: int) -> bytes:
    return b"# L\n" + b"".join(
        b"## S%d\n\n> - [ ] a\n> words\n>\xc2\xa0- [ ] b\n\n" % number for number in range(count)
    )


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
@pytest.mark.parametrize("make", [tasks, phases, sections, quotes], ids=["tasks", "phases", "sections", "quotes"])
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
    "one quote": "- [ ] 1. a\n" + "> b\n" * N + "> - [ ] 2. c\n",
    "quotes of steps": "- [ ] 1. a\n" + "> - [ ] b\n\n" * (N // 10),
    "deep quotes": "> " * N + "- [ ] 1. a\n- [ ] 2. b\n",
    "wide blanks": "- [ ] 1. a\n" + "\u00a0" * N + "- [ ]\u3000" + "\u00a0" * N + "2. b\n",
    "underlines": "- [ ] 1. a\n" + "b\n---\n" * (N // 10),
    "links in a heading": "# " + "[a](" * N + "\n- [ ] 1. a\n## " + "![" * 400 + "[[a|" * 100 + "\n- [ ] 2. b\n",
    "marks in a heading": "# " + "*a_`" * 250 + "\n- [ ] 1. a\n## " + "<a {#" * 180 + "\n- [ ] 2. b\n",
    "many cases": "# L\n## A\n- [ ] a\n" + "If b:\n- [ ] c\n" * (N // 100) + "## B\n- [ ] d\n",
    "cases without an end": "# L\n## A\n- [ ] a\nIf " + ":*_ " * N + ":\n- [ ] c\n## B\n- [ ] d\n",
    "a long way back": "# L\n## A\n- [ ] a\n## " + "test " * N + "rollback\n- [ ] b\n",
    "many ways back": "# D\n## Phase 1: A\n- [ ] a\n" + "### Rollback\n- [ ] b\n" * (N // 100) + "## Phase 2: B\nc\n",
    "a long checkpoint": "- [ ] 1. " + "back end " * N + "checkpoint\n- [ ] 2. b",
    "heredocs": "- [ ] 1. a\n  ```bash\n" + "  cat <<'A' $x\n" * (N // 10) + "  ```",
    "variables": "- [ ] 1. a\n  ```bash\n  x " + "${a $b <c d {{e " * (N // 4) + "\n  read " + "a b " * N + "\n  ```",
    "HTML boxes": "- [ ] 1. a\n" + "<input " * N + 'type="checkbox"\n',
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
