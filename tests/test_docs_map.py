"""Does docs/README.md lead to every document, and to nothing that is not there? Has each decision its own number?"""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def test_every_document_is_on_the_map_once() -> None:
    text = (DOCS / "README.md").read_text("utf-8")
    linked = re.findall(r"\]\(([^)#]+)\)", text)
    assert [each for each in linked if not (DOCS / each).exists()] == []
    there = {path.name for path in DOCS.glob("*.md")} - {"README.md"}
    assert {each for each in linked if not each.startswith("../")} == there | {"decisions"}
    assert len(linked) == len(set(linked))


def test_decisions_are_numbered_one_by_one() -> None:
    numbers = sorted(int(path.name[:4]) for path in (DOCS / "decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
