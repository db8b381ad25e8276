"""Every form of docs/masking.md is masked; what only looks like one stays readable; time grows with the text."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.worlds.secret_samples import FORMS, HARMLESS, LEFT_READABLE, SHA
from workflow.doors.masking import MASK, MaskedLines, mask

DOC = Path(__file__).parents[2] / "docs" / "masking.md"


def test_there_are_as_many_forms_as_there_were_tries() -> None:
    assert len(FORMS) >= 150
    assert len({text for text, _secret in FORMS.values()}) == len(FORMS)


@pytest.mark.parametrize("name", FORMS)
def test_each_form_is_masked_and_what_is_masked_stays_as_it_is(name: str) -> None:
    text, secret = FORMS[name]
    assert secret in text
    masked = mask(text)
    assert secret not in masked
    assert MASK in masked
    assert mask(masked) == masked


@pytest.mark.parametrize("name", FORMS)
def test_each_form_is_masked_within_a_sentence_and_as_a_stream(name: str) -> None:
    text, secret = FORMS[name]
    lines = MaskedLines()
    seen = [line for piece in text.encode() for line in lines.feed(bytes([piece]))] + list(lines.end())
    assert secret not in "\n".join(seen)
    assert "\n".join(seen) == mask(text)


def test_the_page_names_each_form() -> None:
    page = DOC.read_text()
    assert not [name for name in FORMS if f"| {name} |" not in page]
    named = re.findall(r"(?m)^\| ([^|`]+) \|", page)
    assert not [name for name in named if name not in FORMS | LEFT_READABLE and name not in HEADS]
    assert not FORMS.keys() & LEFT_READABLE.keys()


def test_the_page_has_what_is_left_readable_under_not_covered_with_its_text() -> None:
    page = DOC.read_text().partition("\n## Not covered\n")[2]
    assert not [name for name, sample in LEFT_READABLE.items() if f"| {name} | {shown(*sample)} |" not in page]


def shown(text: str, secret: str) -> str:
    """A sample as the page has it: `...` for the secret, ` / ` for a line end, invisible signs spelt."""
    told = text.replace(secret, "...").replace("\n", " / ").replace("|", "\\|")
    return f"`{told}`".replace("\u200b", "<U+200B>").replace("\uff1a", "<U+FF1A>")


@pytest.mark.parametrize("name", LEFT_READABLE)
def test_what_the_page_calls_not_covered_is_left_readable(name: str) -> None:
    """Where this is red, more is masked than the page says: the form belongs into the tables above."""
    text, secret = LEFT_READABLE[name]
    assert secret in text
    assert secret in mask(text)


HEADS = ("form", "---")


@pytest.mark.parametrize("text", HARMLESS, ids=range(len(HARMLESS)))
def test_what_only_looks_like_a_secret_stays_readable(text: str) -> None:
    assert mask(text) == text


# a word that begins without a quote goes on behind the `:` of a quoted piece in it
FORMS_THAT_MEET = ("- name: API_TOKEN\n  value: hunter2horse", '{"name": "DB_PASSWORD", "value": "hunter2horse"}')

PIECES = st.lists(
    st.sampled_from(
        [
            *(text for text, _secret in FORMS.values()),
            *HARMLESS,
            "***",
            '"',
            "\\",
            "'",
            ":",
            "=",
            " ",
            "\n",
            "password",
            "name",
        ]
    ),
    max_size=5,
)


@example(list(FORMS_THAT_MEET), "")
@given(PIECES, st.sampled_from(["", " ", "\n", ", "]))
def test_masking_twice_is_masking_once(pieces: list[str], between: str) -> None:
    once = mask(between.join(pieces))
    assert mask(once) == once


@given(PIECES, st.sampled_from([" ", "\n"]))
def test_no_digest_is_ever_masked(pieces: list[str], between: str) -> None:
    text = between.join([*(piece for piece in pieces if piece in HARMLESS[:1] or piece == "name"), f"sha256 {SHA}"])
    assert SHA in mask(text)


UNITS = [
    "a",
    "password",
    "password=",
    '"',
    "\\",
    "eyJ-",
    "name: token",
    "://a",
    "-----BEGIN ",
    "x.y-",
    "key=",
    " -u ",
    "1//0",
    "sk-",
    "value: '",
    "password='a ",
    "password=)",
    "password=a,",
    "password={",
    "password=$$",
    '"password":"a\\",',
    " 'a",
    "''",
    '\\\\\\"',
    "authorization: a=b,",
    "<token><![CDATA[",
    "x:1:a\\:",
    "docker login -p ",
]


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS)
def test_time_grows_with_the_length_of_a_line_and_no_faster(unit: str) -> None:
    """Ten times the text may take thirty times the time; a pattern that looks back for each place takes a hundred."""
    short, long = (_seconds(unit * (size // len(unit))) for size in (3_000, 30_000))
    assert long < 30 * short


def _seconds(text: str) -> float:
    began = time.process_time()
    mask(text)
    return max(time.process_time() - began, 0.001)
