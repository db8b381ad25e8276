"""What ran in an attempt that ended without a commit stays in the evidence, on the page and in the log."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from state.errors import RunbookEdited, Waiting
from tests.worlds.release_world import NONE, Release, checks, fence, ran
from workflow.ports import Approve, HandIn, Pause, Reject
from workflow.runs.apply_runbook_edit import apply_runbook_edit
from workflow.service.open_run import recover
from workflow.views.review_page import review_page

REPORT = "artifacts/shed/t1_commands.md"


def rejected(release: Release) -> None:
    """Start, have the first attempt's page rejected, and stop at the next one."""
    release.person.verdicts = [Reject("the page says too little")]
    release.person.works = [NONE, Pause()]
    release.waits("to be done by hand")


def skipped_now(release: Release) -> None:
    release.says(t1_command_1="skip")
    release.person.works = [NONE]
    release.person.verdicts = [Pause()]


def committed_log(release: Release) -> str:
    """Approve what is shown, and read the log of the commit."""
    release.person.verdicts = [Approve("prompt"), Pause()]
    release.person.works = [Pause()]
    with release.reopen() as engine, pytest.raises(Waiting, match="to be done by hand"):
        engine.drive()
    return (release.root / "artifacts/shed/working_log.md").read_text()


def test_a_command_that_ran_before_a_reject_is_told_where_it_is_not_run_again(tmp_path: Path) -> None:
    release = Release(tmp_path, "First `echo made | tee .git/made.txt`.")
    rejected(release)
    skipped_now(release)
    worked = release.goes_on()
    (command, *_) = worked.checks
    assert command.verdict == "not-checked"
    assert command.seen.startswith("not run in this attempt; ran in attempt 1: exit 0 after ")
    report = (release.root / REPORT).read_text()
    assert "Nothing." not in report
    assert "### Attempt 1, command 1: exit 0 after" in report
    assert "\nmade\n" in report
    assert "echo made | tee .git/made.txt" in report.split("### Attempt 1")[1]
    assert "Attempt 1, command 1: exit 0 after" in review_page(release.person.views[-1])
    assert ran(worked)[0]["earlier"][0]["attempt"] == 1  # type: ignore[index]
    log = committed_log(release)
    assert "- In attempt 1, command 1: exit 0 after" in log
    assert "not run in this attempt; ran in attempt 1: exit 0" in log


def test_what_was_edited_in_an_earlier_attempt_is_kept_as_it_ran(tmp_path: Path) -> None:
    release = Release(tmp_path, "First `ls nowhere`.", t1_command_1_failed_1="edit", t1_command_1_edited_2="ls .")
    rejected(release)
    skipped_now(release)
    seen = release.goes_on().checks[0].seen
    assert seen.startswith("not run in this attempt; ran in attempt 1: exit 0 after ")
    assert seen.endswith(", edited: ls .")
    report = (release.root / REPORT).read_text()
    assert "### Attempt 1, command 1: exit 2 after" in report
    assert "### Attempt 1, command 1, run 2: exit 0 after" in report
    assert ", edited before it ran\n" in report


def test_a_run_is_told_beside_one_of_this_attempt(tmp_path: Path) -> None:
    release = Release(tmp_path, "First `echo more >> .git/made.txt`.")
    rejected(release)
    release.person.works = [NONE]
    release.person.verdicts = [Pause()]
    worked = release.goes_on()
    assert checks(worked)["command 1: echo more >> .git/made.txt"] == ("pass", "exit 0")
    assert (release.root / ".git/made.txt").read_text() == "more\nmore\n"
    assert "- Attempt 1, command 1: exit 0 after" in review_page(release.person.views[-1])
    assert (release.root / REPORT).read_text().count("xit 0 after") == 2


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ("First `echo new`, then `echo one > .git/made.txt`.", "### Attempt 1, command 1: exit 0"),  # command 2 now
        ("First `echo other`.", "## Attempt 1, command 1: exit 0"),
        ("Nothing is left to be run.", "## Attempt 1, command 1: exit 0"),
    ],
)
def test_an_edit_of_the_runbook_takes_no_run_out(tmp_path: Path, after: str, told: str) -> None:
    release = Release(tmp_path, "First `echo one > .git/made.txt`.")
    release.is_shown()
    path = release.root / "tasks.md"
    path.write_bytes(path.read_bytes().replace(b"First `echo one > .git/made.txt`.", after.encode()))
    with release.reopen(work=False) as engine:
        with suppress(RunbookEdited):
            recover(engine, answers_too=False)
        apply_runbook_edit(engine)
    release.says(t1_command_1="skip", t1_command_2="skip")
    release.person.works = [NONE]
    release.person.verdicts = [Pause()]
    release.goes_on()
    report = (release.root / REPORT).read_text()
    assert "Nothing." not in report
    assert f"\n{told}" in report
    assert "ttempt 1, command 1: exit 0" in review_page(release.person.views[-1])
    assert "- In attempt 1, command 1: exit 0 after" in committed_log(release)


def test_values_that_are_filled_in_make_no_other_command_of_it(tmp_path: Path) -> None:
    release = Release(
        tmp_path,
        fence("echo <NAME> $STAGE_OF_IT"),
        fill_name="orders",
        t1_command_1_filled="run",
        fill_stage_of_it="beta",
    )
    rejected(release)
    skipped_now(release)
    assert "ran in attempt 1: exit 0" in release.goes_on().checks[0].seen


def test_a_task_that_is_skipped_after_its_command_ran_says_so(tmp_path: Path) -> None:
    release = Release(tmp_path, "First `echo one > .git/made.txt`.")
    path = release.root / "tasks.md"
    path.write_bytes(path.read_bytes().replace(b"1. Release it", b"1. Release it (optional)"))
    release.git("commit", "-qam", "It may be left out")
    rejected(release)
    release.person.works = [HandIn((), "prompt", "it is done already")]
    release.person.verdicts = [Pause()]
    release.goes_on()
    assert "exit 0" in (release.root / REPORT).read_text()
    assert "What ran all the same" in review_page(release.person.views[-1])
