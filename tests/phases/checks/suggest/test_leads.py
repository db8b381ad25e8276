"""A label above a list that no heading names says what the list is about: a condition, a place, an environment."""

from __future__ import annotations

import pytest

from phases.checks.suggest import leads
from phases.checks.suggest.leads import is_label, leads_of
from tests.worlds.checklists import TITLES, suggested

HEAD = f"# {TITLES['operations']}\n\n## Now\n\n"


def said(text: str) -> list[str]:
    lines = text.split("\n")
    return [each.text for each in leads_of(lines, {len(lines) - 1})[len(lines) - 1]]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("**For the worker:**\n- [ ] a\n- [ ] b", ["**For the worker:**"]),
        ("Needed in `shop.toml`:\n\n- [ ] a\n\n- [ ] b", ["Needed in `shop.toml`:"]),
        ("Needed:\n\n```sh\nmake it:\n```\n\n- [ ] b", ["Needed:"]),
        ("1. **First:**\n   - [ ] a\n2. **Then:**\n   - [ ] b", ["2. **Then:**"[3:]]),
        ("If it fails:\n\n1. **Look:**\n   - [ ] b", ["If it fails:", "**Look:**"]),
        ("Prose that ends with a stop.\n\n- [ ] b", []),
        ("**Before:**\n\n## Now\n- [ ] b", []),
        ("**Before:**\n\nSome words of another thing.\n\n- [ ] b", []),
        ("- [ ] a:\n  - [ ] b", []),
    ],
)
def test_the_labels_above_a_box_are_those_of_its_list(text: str, labels: list[str]) -> None:
    assert said(text) == labels


def test_what_is_long_is_prose() -> None:
    assert is_label("Shop (**all** of it):")
    assert not is_label(f"{'word ' * 40}:")
    assert not is_label("Shop")


def test_parts_that_only_labels_tell_apart_never_share_a_question() -> None:
    items = "**Backend:**\n- [ ] `SHOP_KEY`\n\n**Frontend:**\n- [ ] `VITE_URL`\n"
    found = suggested(f"# Railway deployment checklist\n\n## Environment variables\n\n{items}").proposals
    assert [sorted(each.asks) for each in found] == [
        ["railway-backend-variable-names-command"],
        ["railway-frontend-variable-names-command"],
    ]


def test_variables_that_a_label_has_in_a_file_are_not_asked_of_a_host() -> None:
    title = "# Cloudflare deployment checklist\n\n## Variables\n\n"
    assert suggested(f"{title}Secrets of the worker:\n\n- [ ] `SHOP_KEY`\n").proposals
    assert not suggested(f"{title}Plain ones in `wrangler.toml`:\n\n- [ ] `SHOP_URL`\n").proposals


def test_what_stands_below_a_condition_is_left() -> None:
    assert not suggested(f"{HEAD}If the release goes wrong:\n\n- [ ] All tests pass\n").proposals
    assert suggested(f"{HEAD}If using GitHub:\n\n- [ ] All tests pass\n").proposals
    assert suggested(f"{HEAD}Then:\n\n- [ ] All tests pass\n").proposals


def test_a_label_names_the_thing_of_its_list() -> None:
    items = "**S3:**\n- [ ] Versioning enabled\n\n**Lambda:**\n- [ ] Timeout: 30 seconds\n"
    text = f"# {TITLES['aws']}\n\n## Resources\n\n{items}"
    assert [each.entry["operation"] for each in suggested(text).proposals] == [
        "get_bucket_versioning",
        "get_function_configuration",
    ]


def test_each_line_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def indent(line: str) -> int:
        looked.append(line)
        return len(line) - len(line.lstrip())

    monkeypatch.setattr(leads, "_indent", indent)
    lines = ["Needed first:", *["- [ ] a box"] * 300]
    found = leads_of(lines, range(1, 301))
    assert {each.text for above in found.values() for each in above} == {"Needed first:"}
    assert looked == lines
