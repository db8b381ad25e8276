"""Differences of bytes in hand: whole, in order, and whatever any repository's configuration says."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflow.doors.git.two_versions import differences

pytestmark = pytest.mark.slow


def test_each_pair_has_its_own_lines_and_equal_ones_have_none() -> None:
    pairs = [(b"same\n", b"same\n"), (b"a\nb\n", b"a\nc\n"), *[(b"", b"new %d\n" % n) for n in range(11)]]
    found = differences(pairs)
    assert found[0] == []
    assert found[1] == ["@@ -1,2 +1,2 @@", " a", "-b", "+c"]
    assert [lines[-1] for lines in found[2:]] == [f"+new {n}" for n in range(11)]


def test_a_file_that_goes_and_a_line_without_its_end() -> None:
    assert differences([(b"gone\n", b""), (b"x\n", b"x")]) == [
        ["@@ -1 +0,0 @@", "-gone"],
        ["@@ -1 +1 @@", "-x", "+x", "\\ No newline at end of file"],
    ]


def test_lines_that_look_like_a_differences_own_are_lines() -> None:
    after = b"diff --git a/0 b/0\n@@ -1 +1 @@\n--- a/1\n+++ b/1\n"
    (lines,) = differences([(b"", after)])
    assert [line[1:] for line in lines[1:]] == after.decode().splitlines()
    assert all(line.startswith("+") for line in lines[1:])


def test_what_is_no_utf_8_is_an_escape_and_a_carriage_return_stays() -> None:
    (lines,) = differences([(b"", b"caf\xe9\r\n")])
    assert lines[-1] == "+caf\\xe9\r"


def test_a_difference_of_many_lines_is_whole() -> None:
    before = b"".join(b"%d\n" % n for n in range(5_000))
    (lines,) = differences([(before, before.replace(b"7\n", b"x\n"))])
    assert sum(line.startswith("+") for line in lines) == before.count(b"7\n")


def test_nothing_to_compare_starts_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert differences([]) == []
    assert differences([(b"a", b"a")]) == [[]]


def test_attributes_and_settings_of_a_person_hide_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "attributes").write_text("* -diff\n")
    settings = {
        "core.attributesFile": str(tmp_path / "attributes"),
        "diff.external": "false",
        "color.diff": "always",
        "diff.context": "0",
        "diff.mnemonicPrefix": "true",
        "diff.noprefix": "true",
    }
    monkeypatch.setenv("GIT_CONFIG_COUNT", str(len(settings)))
    for number, (name, value) in enumerate(settings.items()):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", name)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", value)
    assert differences([(b"a\nb\n", b"a\nc\n"), (b"", b"new\n")]) == [
        ["@@ -1,2 +1,2 @@", " a", "-b", "+c"],
        ["@@ -0,0 +1 @@", "+new"],
    ]
