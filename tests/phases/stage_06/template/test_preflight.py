"""Is the contract looked at before a run starts, and the one that will be used?"""

from __future__ import annotations

import pytest

from phases.stage_06.paths import CONTRACT_SOURCES
from phases.stage_06.template.contract_source import preflight
from state.errors import BadInput
from tests.worlds.contract_builder import encode, table

GOOD, BAD = encode(table()), encode(table(pk="Nope"))


def look(files: dict[str, bytes], answers: dict[str, str] | None = None) -> None:
    preflight(files.get, answers or {})


def test_a_good_contract_passes_the_preflight() -> None:
    look({CONTRACT_SOURCES[0]: GOOD})
    look({CONTRACT_SOURCES[1]: GOOD})


def test_a_missing_contract_stops_the_run_before_it_starts() -> None:
    with pytest.raises(BadInput, match="there is no migration contract") as refused:
        look({})
    assert refused.value.exit_code == 2


def test_a_bad_contract_stops_the_run_before_it_starts() -> None:
    with pytest.raises(BadInput, match="declared nowhere"):
        look({CONTRACT_SOURCES[0]: BAD})


def test_the_answer_says_which_of_two_contracts_is_looked_at() -> None:
    both = {CONTRACT_SOURCES[0]: BAD, CONTRACT_SOURCES[1]: GOOD}
    look(both, {"contract": CONTRACT_SOURCES[1]})
    with pytest.raises(BadInput):
        look(both, {"contract": CONTRACT_SOURCES[0]})


def test_two_contracts_without_an_answer_pass_unless_both_are_bad() -> None:
    look({CONTRACT_SOURCES[0]: BAD, CONTRACT_SOURCES[1]: GOOD})
    with pytest.raises(BadInput):
        look({CONTRACT_SOURCES[0]: BAD, CONTRACT_SOURCES[1]: BAD + b" "})
