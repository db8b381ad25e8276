"""Every form of docs/masking.md is masked; what only looks like one stays readable; time grows with the text."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worlds.secret_samples import FORMS, HARMLESS, SHA
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
    assert not [name for name in re.findall(r"(?m)^\| ([^|`]+) \|", page) if name not in FORMS and name not in HEADS]


HEADS = ("form", "---")


@pytest.mark.parametrize("text", HARMLESS, ids=range(len(HARMLESS)))
def test_what_only_looks_like_a_secret_stays_readable(text: str) -> None:
    assert mask(text) == text


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
