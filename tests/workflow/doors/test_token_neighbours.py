"""A token that something touches is masked all the same: words, names, escapes, another token, on either side."""

from __future__ import annotations

import re

import pytest

from tests.worlds.secret_samples import AZ, B64, HEX, SHA, TOKENS
from workflow.doors.masking import MASK, MaskedLines, mask

IN_FRONT = {
    "an encoded equals sign": "?a%3D",
    "an encoded blank": "Bearer%20",
    "an encoded line end": "x%0A",
    "an encoded line end, small": "x%0a",
    "quoted-printable": "a=3D",
    "an escaped tab": "x\\t",
    "an escaped line end": "x\\n",
    "an escaped sign, hexadecimal": "a\\x3D",
    "an escaped sign of JSON": "a\\u003D",
    "a name with an underscore": "x_",
    "a digit": "1",
    "a word": "battery",
    "a word of another script": "пароль",
    "an equals sign": "a=",
}
BEHIND = {
    "nothing": "",
    "an encoded blank": "%20x",
    "an ampersand": "&x=1",
    "an escaped line end": "\\nx",
    "a word": "then",
    "a word with an underscore": "_then",
    "a number": "12",
    "another script": "пароль",
}
# docs/masking.md, "Not covered": what looks like a digest behind a word (`monkey-...`)
LEFT = {("Mailgun key", "a word")}
ENDS_WITH_A_WORD = re.compile(r"[A-Za-z-]$")


def core(token: str) -> str:
    """What is not to be read: its longest run of letters and digits, without eight at each end."""
    longest = max(re.findall(r"[A-Za-z0-9]+", token), key=len)
    return longest[8:-8] or longest


@pytest.mark.parametrize("touching", IN_FRONT)
def test_a_token_is_masked_whatever_touches_it_in_front(touching: str) -> None:
    left = set()
    for name, token in TOKENS.items():
        seen = mask(f"{IN_FRONT[touching]}{token} and so on")
        assert seen.endswith(" and so on"), name
        if core(token) in seen or MASK not in seen:
            left.add((name, touching))
    assert left == {each for each in LEFT if each[1] == touching}


@pytest.mark.parametrize("touching", BEHIND)
def test_a_token_is_masked_whatever_touches_it_behind(touching: str) -> None:
    for name, token in TOKENS.items():
        seen = mask(f"seen {token}{BEHIND[touching]}")
        assert core(token) not in seen, name
        assert seen.startswith(f"seen {MASK}"), name
        assert mask(seen) == seen, name


@pytest.mark.slow  # each with each
def test_two_tokens_that_touch_are_both_masked() -> None:
    shown = {
        (first, second, one)
        for first in TOKENS
        for second in TOKENS
        for one in (first, second)
        if core(TOKENS[one]) in mask(TOKENS[first] + TOKENS[second])
    }
    assert not {
        (first, second, one)
        for first, second, one in shown
        if not (one == "Mailgun key" and ENDS_WITH_A_WORD.search(TOKENS[first]))
    }


def test_the_forms_in_which_tokens_touch_in_logs_are_masked() -> None:
    token, key = "ghp" + "_0123456789abcdefghijABCDEFGHIJ012345", "AKIA" + "IOSFODNN7EXAMPLE"
    web = TOKENS["JSON web token"]
    for text in (f"%3D{token}", f"x_{token}", f"1{token}", f"battery{token}", f"\\t{token}", token + token):
        assert re.sub(r"^(%3D|x_|1|battery|\\t)", "", mask(text)) == MASK
    assert mask(f"a%3D{key} key_{key} {key}{key}") == f"a%3D{MASK} key_{MASK} {MASK}"
    assert mask(f"Bearer%20{web}") == f"Bearer%20{MASK}"
    lines = MaskedLines()
    assert [*lines.feed(b"output without a line end"), *lines.feed(token.encode()), *lines.end()] == [
        f"output without a line end{MASK}"
    ]


WORDS = [
    "EURASIANECONOMICCOMMISSION",
    "ASIAPACIFICOPERATIONSCENTRE",
    "VOLTAIREFOUNDATIONCENTRE",
    "journeyJournalEntries.controller-file.ts",
    "heyJourney2Entries.controllerOfAll.ts",
    "task-the-second-of-the-list-with-1-digit",
    f"task-{SHA[:40]}",
    f"disk-{SHA}",
    f"cache-key-{HEX * 2}",
    f"monkey-{HEX * 2}",
    f"key-{SHA}",
    f"pul-{SHA}",
    f"TASK{SHA}",
    f"dapi{SHA}",
    f"image:{SHA[:40]}-us1",
    f"{SHA}-us12",
    f"client_secret_{SHA}",
    "usb_secret_some_long_name_of_a_variable_2",
    "configd_the_name_of_a_setting_that_is_long_1",
    "wfm2_some_long_name_of_a_setting_that_goes_on",
    "outskey-for-something-that-is-long-1",
    "https://udp.st.example-of-a-long-host.internal.example.com",
    "MSG.internationalization_key.the_name_of_a_message_1",
    "com.NotificationServiceConfig.common.SomeVeryLongNameOfAClassThatGoesOn"[4:].lower(),
    "servicioDeConfiguracionDelUsuarioPrincipal",
    "123e4567-e89b-12d3-a456-426614174000",
    f"sha256-{B64[:43]}=",
    "half_" + SHA,
    "uint8_t_const_char8_the_value_of_the_register",
    f"x{AZ[:100]}",
]


@pytest.mark.parametrize("word", WORDS)
def test_a_word_or_a_digest_that_holds_a_beginning_is_none(word: str) -> None:
    """A boundary or an escape in front makes a token of what words are made of, as it always did."""
    if mask(word) == word:
        for before in ("a ", "%20", "x_"):
            assert mask(f"{before}{word}") == f"{before}{word}"
    assert mask(f"a{word}") == f"a{word}"


LOWER = {"sk-": "a1" * 20, "hf" + "_": "a1" * 17, "r8" + "_": "a1" * 18 + "a", "hvs" + ".": "a1" * 12, "LTAI": "A1" * 8}


@pytest.mark.parametrize("touching", [each for each in IN_FRONT if IN_FRONT[each][-1] not in "_1ydь"])
@pytest.mark.parametrize("beginning", LOWER)
def test_behind_an_escape_a_beginning_counts_as_behind_a_blank(beginning: str, touching: str) -> None:
    """Also where what follows is of one kind of letters only, which is no token behind a letter."""
    token = beginning + LOWER[beginning]
    assert mask(f"x {token}") == f"x {MASK}"
    assert mask(f"{IN_FRONT[touching]}{token}") == f"{IN_FRONT[touching]}{MASK}"
    assert mask(f"battery{token}") == f"battery{token}"
