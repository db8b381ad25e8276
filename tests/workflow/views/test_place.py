"""What does the line above a page say?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from workflow.views.place import Place

PLACE = Place(3, 14, False, "Deploy", "r-1", 1, "main", sandbox=False)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "Task 3 of 14 · Deploy · run `r-1` · branch `main`"),
        ({"section": "", "attempt": 2}, "Task 3 of 14 · run `r-1` · attempt 2 · branch `main`"),
        ({"in_rollback": True, "section": ""}, "Rollback, step 3 of 14 · run `r-1` · branch `main`"),
        ({"sandbox": True, "account": "1", "region": "eu-west-1"}, "… · branch `main` · sandbox eu-west-1"),
        ({"sandbox": True}, "… · branch `main` · sandbox"),
        ({"account": "123456789012", "region": "eu-west-1"}, "… · branch `main` · account 123456789012 eu-west-1"),
        ({"region": "eu-west-1"}, "… · branch `main` · account not known eu-west-1"),
        ({"section": "x\n### Checks"}, r"Task 3 of 14 · `x\n### Checks` · run `r-1` · branch `main`"),
    ],
)
def test_it_says_what_is_known(changes: dict[str, object], line: str) -> None:
    said = replace(PLACE, **changes).line()  # type: ignore[arg-type]
    assert said.endswith(line.removeprefix("…"))
    assert "\n" not in said
