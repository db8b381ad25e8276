"""What others write into their messages is no finding, as long as it claims nothing of a run."""

from __future__ import annotations

import pytest

from tests.worlds.forger import Forger


@pytest.mark.parametrize(
    "message",
    [
        "reviewed\n\nApproved-by: Boss <boss@example.com>",
        "reviewed\n\napproved-by: Boss <boss@example.com>\nSigned-off-by: A <a@x.org>",
        "how it looks\n\nIt ends with\n\n    Phasegate-Run: RUN\n    Phasegate-Task: t2_1\n\nwhich names it.",
        "words on Phasegate-Task and Phasegate-Run: they are trailers",
        'Revert "words"\n\nThis reverts what the trailer Phasegate-Run: RUN says.',
    ],
)
def test_words_that_claim_nothing_are_sound(message: str, complete: Forger) -> None:
    complete.commit(message.replace("RUN", complete.run_id))
    assert complete.codes() == []
