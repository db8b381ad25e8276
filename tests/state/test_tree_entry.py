"""Entries of a tree: what a journal may hold of them, and what is told of two that differ."""

from __future__ import annotations

from typing import Any

import pytest

from state.json_values import Json, Misread
from state.tree_entry import TreeEntry, difference, differences, entries_in, missing

FILE: dict[str, Json] = {"path": "tool.sh", "mode": "100644", "type": "file", "blob": "0a" * 20}
GONE: dict[str, Json] = {"path": "tool.sh", "mode": "000000", "type": "missing", "blob": None}


@pytest.mark.parametrize(
    "body",
    [
        FILE,
        {**FILE, "mode": "100755"},
        {**FILE, "mode": "120000", "type": "link"},
        {**FILE, "blob": None},
        {**FILE, "blob": None, "before": "0b"},
        GONE,
        {**FILE, "of a later release": [1]},
    ],
)
def test_an_entry_is_written_as_it_was_read(body: dict[str, Json]) -> None:
    assert TreeEntry.from_json(body).to_json() == body


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"mode": "100664"}, "mode"),
        ({"mode": "120000"}, "mode"),
        ({"mode": "160000", "type": "submodule"}, "type"),
        ({"mode": "040000", "type": "directory"}, "type"),
        ({"type": "missing"}, "mode"),
        ({**GONE, "blob": "0a"}, "blob"),
        ({"blob": 1}, "blob"),
        ({"before": None}, "before"),
        ({"path": ""}, "path"),
    ],
)
def test_a_mode_that_does_not_belong_to_its_type_is_damage(change: dict[str, Json], where: str) -> None:
    with pytest.raises(Misread) as refusal:
        TreeEntry.from_json({**FILE, **change})
    assert refusal.value.where == where


def test_a_path_stands_in_a_commit_once() -> None:
    body: dict[str, Json] = {"entries": [FILE, {**FILE, "mode": "100755"}]}
    with pytest.raises(Misread, match="each path once"):
        entries_in(body, "entries")


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ({}, ""),
        ({"mode": "100755"}, "it was a file, mode 100644, and is a file, mode 100755 (executable)"),
        ({"mode": "120000", "type": "link"}, "it was a file, mode 100644, and is a symbolic link, mode 120000"),
        ({"mode": "040000", "type": "directory", "blob": None}, "it was a file, mode 100644, and is a directory"),
        ({"mode": "000000", "type": "missing", "blob": None}, "it was a file, mode 100644, and is not there"),
        ({"mode": "000000", "type": "a FIFO", "blob": None}, "it was a file, mode 100644, and is a FIFO"),
        ({"blob": "0b" * 20}, "it was blob 0a0a0a0, and is 0b0b0b0"),
    ],
)
def test_what_differs_is_said_by_name(seen: dict[str, Any], said: str) -> None:
    expected = TreeEntry.from_json(FILE)
    found = difference(expected, TreeEntry(**{**FILE, **seen}))
    assert found == (f"tool.sh was changed: {said}" if said else "")


def test_what_is_there_although_it_was_removed_differs_and_bytes_that_are_not_said_may_be_any() -> None:
    there = TreeEntry.from_json(FILE)
    assert difference(missing("tool.sh"), there) == (
        "tool.sh was changed: it was not there, and is a file, mode 100644"
    )
    assert differences([TreeEntry("tool.sh", "100644", "file", None)], {"tool.sh": there}) == []
    assert len(differences([there], {})) == 1
