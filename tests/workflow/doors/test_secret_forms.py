"""The anchors of a form stand in everything that it matches, so that looking for them first forgets no secret."""

from __future__ import annotations

import re
import string
import sys
import time
from itertools import product
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.worlds.secret_samples import FORMS, HARMLESS
from workflow.doors import masking
from workflow.doors.masking import ALL, mask
from workflow.doors.secret_forms import LONG, Form, Forms, Group, folded

GAP = "\0"  # anything, in what a pattern matches: no anchor holds it
BY_NAME = {form.name: form for form in ALL}


class Ways:
    """The ways to match a pattern without any anchor of one group: fixed characters, with GAP for all others."""

    def __init__(self, form: Form, group: Group) -> None:
        self.group = group
        self.as_it_is = any(anchor != anchor.lower() for anchor in group)
        parsed = re._parser.parse(form.written)  # type: ignore[attr-defined]
        self.found = self._sequence(parsed, bool(parsed.state.flags & re.IGNORECASE))

    def _sequence(self, parsed: Any, ignore_case: bool) -> set[str]:
        ways = {""}
        for op, value in parsed:
            after = self._one(str(op), value, ignore_case)
            both = (before + each for before, each in product(ways, after))
            ways = {_ends(way) for way in both if not any(anchor in way for anchor in self.group)}
        return ways

    def _one(self, op: str, value: Any, ignore_case: bool) -> set[str]:
        match op, value:
            case "LITERAL", int(code):
                return {self._character(code, ignore_case)}
            case "IN", [*members]:
                return self._of_a_set(members, ignore_case)
            case "BRANCH", (_, branches):
                return set().union(*(self._sequence(each, ignore_case) for each in branches))
            case "SUBPATTERN", (_, more, _, parsed):
                return self._sequence(parsed, ignore_case or bool(more & re.IGNORECASE))
            case (("MAX_REPEAT" | "MIN_REPEAT"), (0, most, parsed)):
                return {"", *self._sequence(parsed, ignore_case)} if most == 1 else {"", GAP}
            case (("MAX_REPEAT" | "MIN_REPEAT"), (*_, parsed)):
                return {f"{way}{GAP}" for way in self._sequence(parsed, ignore_case)}
            case ("ASSERT", (*_, parsed)):
                return {f"{GAP}{way}{GAP}" for way in self._sequence(parsed, ignore_case)}
            case (("AT" | "ASSERT_NOT"), _):
                return {""}
        return {GAP}

    def _of_a_set(self, members: Any, ignore_case: bool) -> set[str]:
        match [(str(kind), value) for kind, value in members]:
            case [("RANGE", (low, high))] if high - low < 10:
                return {self._character(code, ignore_case) for code in range(low, high + 1)}
            case few if len(few) <= 6 and all(kind == "LITERAL" for kind, _ in few):
                return {self._character(code, ignore_case) for _, code in few}
        return {GAP}

    def _character(self, code: int, ignore_case: bool) -> str:
        if self.as_it_is:
            return GAP if ignore_case else chr(code)
        return folded(chr(code))


def _ends(way: str) -> str:
    """What can still become part of an anchor: what is before the first gap, and what is after the last."""
    first, gap, rest = way.partition(GAP)
    return first + gap + rest.rpartition(GAP)[2]


def lacking(form: Form) -> list[str]:
    """Ways to match a form without an anchor of one of its groups."""
    return [f"{group}: {way!r}" for group in form.anchors for way in sorted(Ways(form, group).found)[:3]]


@pytest.mark.parametrize("name", ["GitHub token", "password in SQL", "user information of an address"])
def test_a_wrong_anchor_is_found(name: str) -> None:
    form = BY_NAME[name]
    assert not lacking(form)
    assert lacking(Form(name, form.written, (("gho_", "identified", "https://"), *form.anchors[1:])))


@pytest.mark.slow
def test_every_match_of_every_form_holds_its_anchors() -> None:
    assert {form.name: found for form in ALL if (found := lacking(form))} == {}


def test_a_group_has_capital_letters_in_all_of_its_anchors_or_in_none_and_only_the_first_has_some() -> None:
    """`lacking` and `Forms` look for a group in one of two texts."""
    for form in ALL:
        first, *others = form.anchors
        assert all(anchor == anchor.lower() for group in others for anchor in group), form.name
        assert len({anchor == anchor.lower() for anchor in first}) == 1, form.name


def test_no_anchor_is_put_together_by_masking() -> None:
    assert [a for form in ALL for group in form.anchors for a in group if "*" in a.replace(":*:", "")] == []


def test_a_form_of_one_word_has_no_blank_and_is_long_enough() -> None:
    for form in (form for form in ALL if form.one_word):
        assert re._parser.parse(form.written).getwidth()[0] >= LONG, form.name  # type: ignore[attr-defined]
        for text, _secret in FORMS.values():
            assert not any(re.search(r"\s", found[0]) for found in form.pattern.finditer(text)), form.name


@pytest.mark.slow
def test_what_a_pattern_takes_for_a_letter_is_folded_to_it() -> None:
    every = "".join(chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000)
    letters = re.findall(r"(?i)[a-z]", every)
    assert len(letters) > 52
    assert {character for letter in letters for character in folded(letter)} == set(string.ascii_lowercase)


def everything(text: str) -> str:
    """The text masked as if every form might be in it."""

    class All(Forms):
        def in_text(self, text: str) -> tuple[Form, ...]:
            return tuple(self)

    masker = masking._Masker((), All(ALL))
    return "\n".join(masker.line(line) for line in text.split("\n"))


@pytest.mark.parametrize("name", FORMS)
def test_each_form_comes_through(name: str) -> None:
    assert mask(FORMS[name][0]) == everything(FORMS[name][0])


PIECES = st.sampled_from([*(text for text, _secret in FORMS.values()), *HARMLESS, "password", "name: token", "***"])
CHANGES = st.tuples(st.integers(0, 400), st.sampled_from(["", " ", "\n", '"', ":", "=", "-", "\u212a", "\u017f", "S"]))


@pytest.mark.slow
@given(st.lists(PIECES, max_size=3), st.sampled_from(["", " ", "\n"]), st.lists(CHANGES, max_size=4), st.booleans())
@example(["pa\u017f\u017fword=hunter2", "api_\u212aey=hunter2"], "\n", [], False)
def test_looking_for_anchors_first_changes_nothing(
    pieces: list[str], between: str, changes: list[tuple[int, str]], upper: bool
) -> None:
    text = between.join(pieces)
    for place, character in changes:
        text = text[:place] + character + text[place + 1 :]
    text = text.upper() if upper else text
    assert mask(text) == everything(text)


@pytest.mark.slow
def test_a_line_of_five_million_characters_takes_seconds() -> None:
    for unit in ("a table in eu-west-1; ", "password ", "a=b:c "):
        began = time.process_time()
        assert mask(unit * (5_000_000 // len(unit)))
        assert time.process_time() - began < 30


def test_in_text_without_a_hint_no_form_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "The table Orders was created in eu-west-1 with pk HASH, sk RANGE; 3 checks passed.\n" * 40
    assert tuple(ALL.in_text(text)) == ()
    monkeypatch.setattr(masking._Masker, "line", None)  # no line is looked at
    assert masking._mask(text, ()) == text
