"""What others write into their messages is no finding, as long as it claims nothing of a run."""

from __future__ import annotations

import pytest

from tests.worlds.forger import Forger
from tests.worlds.forgeries import COLOUR, RUNBOOK


@pytest.mark.parametrize(
    "message",
    [
        "reviewed\n\nApproved-by: Boss <boss@example.com>",
        "reviewed\n\napproved-by: Boss <boss@example.com>\nSigned-off-by: A <a@x.org>",
        "how it looks\n\nIt ends with\n\n    Phasegate-Run: RUN\n    Phasegate-Task: t2_1\n\nwhich names it.",
        "how it is quoted\n\n> Phasegate-Run: RUN\n> Phasegate-Task: t2_1",
        "Phasegate run: 3 of 4 tasks are done\n\nPhasegate tasks = more to do",
        "f\u00fcr sp\u00e4ter\n\n    Phasegate-Run: RUN\n\nsteht so im Kommentar",
        "words on Phasegate-Task and Phasegate-Run: they are trailers",
        *(
            f"how it looks\n\n{fence}\n{blank}Phasegate-Run: RUN\nPhasegate-Task: t2_1\n{fence}{end}"
            for fence in ("```", "~~~", "~~~~")
            for blank in ("", "\n")
            for end in ("", "\n\nwhich names it.")
        ),
        "how it looks\n\n```\nPhasegate-Run: another-20260102-030405-0a1b2c3d\nPhasegate-Task: t2_1\n```",
        'Revert "words"\n\nThis reverts what the trailer Phasegate-Run: RUN says.',
    ],
)
def test_words_that_claim_nothing_are_sound(message: str, complete: Forger) -> None:
    complete.commit(message.replace("RUN", complete.run_id))
    assert complete.codes() == []


@pytest.mark.parametrize("path", [COLOUR, RUNBOOK, "more.txt"])
def test_a_teams_own_approvals_after_the_run_are_sound(path: str, complete: Forger) -> None:
    """But for the runbook's: an edit of it is told as one, and not as a forged approval."""
    file = complete.root / path
    complete.write(path, (file.read_bytes() if file.exists() else b"") + b"\nmore\n")
    complete.commit("words for it\n\nApproved-by: Boss <boss@example.com>", path)
    assert "trailer-forged" not in complete.codes()


@pytest.mark.parametrize("path", [RUNBOOK, "more.txt"])
def test_a_teams_own_approvals_during_the_run_are_sound(path: str, halfway: Forger) -> None:
    file = halfway.root / path
    halfway.write(path, (file.read_bytes() if file.exists() else b"") + b"\nmore\n")
    halfway.commit("words for it\n\nApproved-by: Boss <boss@example.com>", path)
    assert "trailer-forged" not in halfway.codes()


@pytest.mark.parametrize(
    "message",
    [
        "words\n\n```\n\nPhasegate-Run: RUN\nPhasegate-Task: t2_1",  # a fence that nothing closes
        "words\n\nSigned-off-by: A <a@x.org>\n```\nPhasegate-Run: RUN\nPhasegate-Task: t2_1\n```",
        "words\n\n```\ncode\n```\n\nPhasegate-Run: RUN\nPhasegate-Task: t2_1",
        "words\n\n~~~\nPhasegate-Run: RUN\nPhasegate-Task: t2_1\n```",
    ],
)
def test_what_git_takes_for_trailers_beside_fences_or_no_fence_quotes_is_found(message: str, complete: Forger) -> None:
    complete.commit(message.replace("RUN", complete.run_id))
    assert set(complete.codes()) & {"commit-duplicate", "trailer-forged"}
