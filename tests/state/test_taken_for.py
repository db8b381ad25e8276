"""Names of ASCII signs are taken sign by sign, as all names are: the quick way and the long one say the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state import taken_for as module
from state.taken_for import taken_for


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_is_taken_for_what_the_general_way_says(name: str) -> None:
    assert taken_for(name) == module._taken_for(name)


@pytest.mark.parametrize("name", ["Phasegate-Run", "PHASEGATE-RUN", " Phasegate -Run\t", "Phase\x00gate-Run"])
def test_case_blanks_and_signs_that_are_not_seen_make_no_difference(name: str) -> None:
    assert taken_for(name) == taken_for("phasegate-run")


def test_letters_that_look_alike_are_one() -> None:
    assert taken_for("tasI0") == taken_for("taslo") == taken_for("tas|O")
    assert taken_for("taska") != taken_for("taskb")
