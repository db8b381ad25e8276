"""Lines of a list of packages are looked for in the file that stands right above them."""

from __future__ import annotations

import pytest

from tests.worlds.checklists import suggested


def _below(heading: str, item: str) -> list[dict[str, object]]:
    found = suggested(f"# Deployment\n\n## {heading}\n\n- [ ] {item}\n")
    return [dict(each.entry) for each in found.proposals]


def test_a_line_of_requirements_is_in_the_file() -> None:
    (entry,) = _below("Backend (`requirements.txt`)", "fastapi>=0.104.0")
    assert entry == {"file": {"path": "requirements.txt", "contains": "fastapi>=0.104.0"}}


def test_each_package_is_in_package_json() -> None:
    (entry,) = _below("Frontend (`web/package.json`)", "react and react-dom")
    assert entry["file"] == {"path": "web/package.json"}
    assert "'react'" in str(entry["expression"])
    assert "'react-dom'" in str(entry["expression"])


@pytest.mark.parametrize(
    ("heading", "item"),
    [
        ("Update `requirements.txt`", "fastapi>=0.104.0"),
        ("Backend (`requirements.txt`)", "all of them are pinned"),
        ("Backend packages", "fastapi>=0.104.0"),
        ("Remove from `package.json`", "react"),
    ],
)
def test_what_names_no_line_is_left(heading: str, item: str) -> None:
    assert _below(heading, item) == []


@pytest.mark.parametrize("item", ["Wildcard DNS configured \u2192 load balancer", "Domain is registered: `______`"])
def test_a_name_that_is_to_lead_somewhere_and_a_blank_are_left(item: str) -> None:
    assert _below("DNS", item) == []
