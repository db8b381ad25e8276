"""Does nothing of a foreign text steer a terminal, hide or change places, and is nothing of it dropped?"""

from __future__ import annotations

import re
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.printable import as_name, as_names, printable, printable_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]8;;http://evil\x1b\\safe", r"\x1b]8;;http://evil\x1b\safe"),
        ("a\x08\x7fb", r"a\x08\x7fb"),
        ("\x9b2J", r"\x9b2J"),
        ("a\u2066b\u2069\u200e\u061c", r"a\u2066b\u2069\u200e\u061c"),
        ("pass\u200b\u200c\u2060word", r"pass\u200b\u200c\u2060word"),
        ("\ufeffA\u00adB", r"\ufeffA\xadB"),
        ("a\u2028b\u2029c\x85d", r"a\u2028b\u2029c\x85d"),
        ("\U000e0041", r"\U000e0041"),
        ("a\u3164b\u115f", r"a\u3164b\u115f"),
        ("good\rbad", r"good\rbad"),
        ("good\r", r"good\r"),
        ("good\u2800bad", r"good\u2800bad"),
        ("\u2800", r"\u2800"),
        ("\u2800\u2800", r"\u2800\u2800"),
        ("good\U00013441bad\U00013442", r"good\U00013441bad\U00013442"),
        ("rm\u00a0-rf\u2009/", r"rm\xa0-rf\u2009/"),
        ("\udc80", r"\udc80"),
        ("\ue000", r"\ue000"),
        ("a\ufe0f", r"a\ufe0f"),
        ("a\u200db", r"a\u200db"),
        ("\u200d", r"\u200d"),
        ("\ufe0f", r"\ufe0f"),
        ("a\u2026\ufe0fb", "a\u2026\\ufe0fb"),
        ("\u00b7\ufe0e", "\u00b7\\ufe0e"),
        ("\u00a9\u200d\u00a9", "\u00a9\\u200d\u00a9"),
        ("\u00a9\ufe0f\u200d\u2764", "\u00a9\ufe0f\\u200d\u2764"),
        ("\u00a9\ufe0e", "\u00a9\\ufe0e"),
        ("\U0001f525\ufe0f", "\U0001f525\\ufe0f"),
        ("\U0001f600\u200d\U0001f600", "\U0001f600\\u200d\U0001f600"),
        ("\u2764\u200d\U0001f525", "\u2764\\u200d\U0001f525"),
        ("a\U0001d159\U00016fe4\ufffcb", r"a\U0001d159\U00016fe4\ufffcb"),
    ],
)
def test_what_is_not_seen_as_itself_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == printable_line(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "a\tb",
        "\u6f22\u3000\u5b57",
        "\u6f22\u5b57 \u0939\u093f\u0928\u094d\u0926\u0940 \u05e9\u05dc\u05d5\u05dd",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        "\u2764\ufe0f\u200d\U0001f525",
        "1\ufe0f\u20e3",
        "\u00a9\ufe0f \U0001f525\ufe0e \u2800\u28ff \u2813\u2811\u2800\u2815",
        "\U0001f9d1\U0001f3fd\u200d\u2695\ufe0f \U0001f3f3\ufe0f\u200d\U0001f308 \U0001f408\u200d\u2b1b",
    ],
)
def test_what_people_write_stays(text: str) -> None:
    assert printable(text) == text


def test_lines_stay_lines_where_a_text_may_have_them() -> None:
    assert printable("a\r\nb\rc\n") == "a\nb\\rc\n"
    assert printable("a\r\n\r") == "a\n\\r"
    assert printable("a\r\r\nb\r") == "a\\r\nb\\r"
    assert "\n".join(map(printable_line, ["-a\r", "+a", ""])) == "-a\\r\n+a\n"
    assert printable_line("a\r\nb") == r"a\r\nb"


def test_no_control_or_format_character_of_unicode_is_hidden() -> None:
    every = [chr(code) for code in (*range(0x20000), *range(0xE0000, 0xE1000))]
    hidden = [each for each in every if category(each) in ("Cc", "Cf", "Zl", "Zp") and each != "\t"]
    assert len(hidden) > 200
    assert printable_line(f"a{'a'.join(hidden)}a").isascii()


@given(st.text())
def test_nothing_is_lost_and_twice_is_once(text: str) -> None:
    shown = printable_line(text)
    assert printable_line(shown) == shown
    assert len(shown) >= len(text)
    assert "\n" not in shown and "\r" not in shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\\x1bb", r"a\\x1bb"),
        ("a\x1bb", r"a\x1bb"),
        ("a\\\x1bb", r"a\\\x1bb"),
        ("a\\\\x1bb", r"a\\\\x1bb"),
        ("a\nb", r"a\nb"),
        ("a\\nb", r"a\\nb"),
        ("a\tb", r"a\tb"),
        (" a  b ", r"\x20a \x20b\x20"),
        ("docs/plan 1.md", "docs/plan 1.md"),
        ("caf\u00e9", "caf\u00e9"),
        ("a\u2800b\u3000c", r"a\u2800b\u3000c"),
        ("cafe\u0301", r"cafe\u0301"),
        ("\u212b", r"\u212b"),
    ],
)
def test_a_name_with_a_backslash_is_not_taken_for_an_escape(name: str, shown: str) -> None:
    assert as_name(name) == shown
    assert printable_line(shown) == shown


@given(st.text(alphabet="\\x1bnrtu20e \t\x1b\n\r\u202e\udc80\U000e0041"), st.text(alphabet="\\x1bnrtu20e \t\x1b\n\r"))
def test_no_two_names_are_shown_alike(one: str, other: str) -> None:
    assert (as_name(one) == as_name(other)) == (one == other)
    assert (as_names([one, other]) == as_names([other, one])) == (one == other)


@given(st.text(alphabet="\\x1bnt20e \t\x1b\n\u202e"))
def test_a_shown_name_can_be_read_back(name: str) -> None:
    escape = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([\\nrt]))")
    letters = {"\\": "\\", "n": "\n", "r": "\r", "t": "\t"}
    read = escape.sub(lambda at: letters[at[4]] if at[4] else chr(int(at[1] or at[2] or at[3], 16)), as_name(name))
    assert read == name
