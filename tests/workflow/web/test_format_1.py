"""A run of release 0.1 is looked at on a page, and approved where it began: its journal has no word for a page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from state.evidence import Approval
from tests.worlds.golden_run import GoldenRun, unpack
from tests.worlds.journals import journal_bytes
from tests.worlds.page_world import Page

pytestmark = pytest.mark.slow
FIELDS = {"digest": "0" * 64, "nonce": "n", "by": {"git": "Ada <a@b>", "user": "a", "host": "h"}, "admits": True}


@pytest.fixture
def old(tmp_path: Path) -> Iterator[GoldenRun]:
    packed = Path(__file__).parents[2] / "golden/runs-0.1/in-review/workspace.tar.gz"
    with GoldenRun(unpack(packed, tmp_path / "run")).here() as run:
        yield run


def test_it_is_shown_and_not_approved(old: GoldenRun) -> None:
    page = Page(old.root)
    page.enters()
    assert page.get("/").status == page.get(page.run()).status == 200
    gate = page.get(page.gate())
    assert "It is not approved here: the run is of format 1" in gate.said()
    with pytest.raises(KeyError):
        gate.fields("approve")
    before = journal_bytes(old.journal)
    shown = [each for each in map(json.loads, before.splitlines()) if each["type"] in ("worked", "review-opened")]
    form = {**gate.fields("note"), "digest": shown[-1]["request"]["digest"], "confirmed": "yes"}
    told = page.post(f"{page.run()}/approve", form)
    assert (told.status, journal_bytes(old.journal)) == (409, before)
    assert "is of format 1, which cannot record an approval on a page" in told.said()
    assert page.faults == []


def test_its_journal_takes_no_such_approval() -> None:
    at = datetime(2026, 1, 2, tzinfo=UTC)
    assert Approval.from_json({**FIELDS, "via": "web"}, at, 2).via == "web"
    with pytest.raises(ValueError, match="via"):
        Approval.from_json({**FIELDS, "via": "web"}, at, 1)
