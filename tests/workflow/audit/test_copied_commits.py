"""A copy of a run's commit is called what it is: a copy, an edited one, or something else that claims its task."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.worlds.forger import Forger
from tests.worlds.forgeries import COLOUR, RUNBOOK

Copy = Callable[[Forger], str]  # returns the id of the copy


def committed(run: Forger, tree: str, *parents: str, message: str) -> str:
    named = [word for parent in parents for word in ("-p", parent)]
    return run.git("commit-tree", tree, *named, "-F", "-", stdin=message.encode()).strip()


def edited_beside(run: Forger) -> str:
    first, *_, last = run.made()
    base = run.git("rev-parse", f"{first.sha}^").strip()
    copy = committed(run, run.tree_with(first.tree, {COLOUR: b"pink\n"}), base, message=first.message)
    run.go_to(committed(run, last.tree, last.sha, copy, message="join"))
    return copy


def edited_on_top(run: Forger, files: dict[str, bytes | None]) -> str:
    first, *_, last = run.made()
    copy = committed(run, run.tree_with(last.tree, files), last.sha, message=first.message)
    run.go_to(copy)
    return copy


EDITED = f"an edited copy of it, with another {COLOUR}"
COPIES: dict[str, tuple[Copy, str]] = {
    "edited, merged in": (edited_beside, EDITED),
    "edited, on top": (lambda run: edited_on_top(run, {COLOUR: b"pink\n"}), EDITED),
    "the runbook edited, on top": (
        lambda run: edited_on_top(run, {RUNBOOK: b"# Nothing\n"}),
        f"an edited copy of it, with another {RUNBOOK}",
    ),
    "taken away, on top": (lambda run: edited_on_top(run, {COLOUR: None}), EDITED),
    "another file": (lambda run: edited_on_top(run, {"more.txt": b"more\n"}), "it brings other files"),
    "nothing": (lambda run: edited_on_top(run, {}), "it brings nothing"),
}


@pytest.mark.parametrize("what", COPIES)
def test_a_copy_is_called_what_it_is_and_never_a_merge(what: str, complete: Forger) -> None:
    copy, says = COPIES[what]
    own = complete.made()[0].sha
    sha = copy(complete)
    found = complete.audit().findings
    (duplicate,) = [each for each in found if each.code == "commit-duplicate"]
    assert (duplicate.commit, duplicate.message) == (sha, f"claims the task of commit {own[:10]}: {says}")
    assert [each.message for each in found if "by a merge" in each.message] == []


def test_a_copy_on_another_base_that_is_as_it_was_is_a_copy(complete: Forger) -> None:
    first, *_, last = complete.made()
    base = complete.git("rev-parse", f"{first.sha}^").strip()
    other = committed(complete, f"{base}^{{tree}}", base, message="beside")
    copy = committed(complete, first.tree, other, message=first.message)
    complete.go_to(committed(complete, last.tree, last.sha, copy, message="join"))
    (duplicate,) = [each for each in complete.audit().findings if each.code == "commit-duplicate"]
    assert duplicate.message.endswith(": a copy of it")


def test_what_only_a_merge_changes_is_still_called_a_merge(complete: Forger) -> None:
    *_, last = complete.made()
    base = complete.git("rev-parse", f"{complete.made()[0].sha}^").strip()
    side = committed(complete, f"{base}^{{tree}}", base, message="beside")
    edited = complete.tree_with(last.tree, {RUNBOOK: b"# Nothing\n"})
    complete.go_to(committed(complete, edited, last.sha, side, message="join"))
    assert "runbook-edited" in complete.codes()
