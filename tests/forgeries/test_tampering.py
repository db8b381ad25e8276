"""Whatever is done to a run afterwards is found, each by its own code."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from state.errors import StepFailed
from tests.worlds.forged_gates import FORGED
from tests.worlds.forged_runs import COMPLETE, HALFWAY
from tests.worlds.forger import Events, Forger, chained
from tests.worlds.forgeries import (
    COLOUR,
    RUNBOOK,
    Tamper,
    copy_forged_all_along,
    edited_and_committed,
    journal_line,
    removed,
    with_third_edited,
)
from tests.worlds.run_world import RunWorld
from workflow.audit.findings import CODES


@pytest.mark.parametrize(("tamper", "code"), [case[1:] for case in COMPLETE], ids=[case[0] for case in COMPLETE])
def test_in_a_complete_run_it_is_found_that(complete: Forger, tamper: Tamper, code: str) -> None:
    tamper(complete)
    assert code in complete.codes()


@pytest.mark.parametrize(("tamper", "code"), [case[1:] for case in HALFWAY], ids=[case[0] for case in HALFWAY])
def test_in_an_open_run_it_is_found_that(halfway: Forger, tamper: Tamper, code: str) -> None:
    tamper(halfway)
    assert code in halfway.codes()


def test_a_rewritten_history_is_found_by_an_anchor_kept_elsewhere_and_by_nothing_else(complete: Forger) -> None:
    anchor = complete.made()[1].sha
    assert complete.codes(anchor=anchor) == []
    complete.rewrite(of_note("nothing happened"))
    assert complete.codes() == []
    assert "whole-history" in [limit.code for limit in complete.audit().unprovable]
    assert complete.codes(anchor=anchor) == ["anchor-missing"]


def of_note(text: str) -> Callable[[Events], Events]:
    def edit(events: Events) -> Events:
        first = events[0]
        note = {"v": 2, "at": first["at"], "type": "noted", "text": text, "by": first["by"], "task": "ready"}
        return [first, note, *events[1:]]

    return edit


def test_an_anchor_in_the_history_with_another_journal_is_found(complete: Forger) -> None:
    journal_line(with_third_edited, commit=True)(complete)
    anchor = complete.made()[0].sha
    assert "anchor-differs" in complete.codes(anchor=anchor)


def test_every_code_of_a_finding_is_provoked_here() -> None:
    provoked = {code for _, _, code in [*COMPLETE, *HALFWAY]} | {"anchor-missing", "anchor-differs"}
    provoked |= {"policy-widened"}  # tests/workflow/audit/test_policy_trail.py
    provoked |= {"policy-approval-invalid"}  # tests/forgeries/test_policy_approvals.py
    provoked |= {"box-unanswered"}  # tests/workflow/audit/test_boxes_audited.py
    provoked |= {"field-unanswered"}  # tests/workflow/audit/test_fields_audited.py
    provoked |= {"checks-differ"}  # tests/workflow/audit/test_checks_audited.py
    provoked |= {"object-differs"}  # tests/workflow/audit/test_forged_objects_audited.py
    provoked |= {"event-differs"}  # tests/workflow/audit/test_events_audited.py
    provoked |= {"approval-not-repeated"}  # tests/workflow/audit/test_unchanged_audited.py
    provoked |= {"presence-missing", "author-differs", "agent-attempts"}  # tests/workflow/mcp/test_tools.py
    gates = {code for _, codes in FORGED.values() for code in codes}
    assert provoked | gates == set(CODES)


def test_nothing_is_found_by_the_forger_itself(complete: Forger) -> None:
    complete.rewrite(lambda events: events)
    assert complete.codes() == []
    assert subprocess.run(["git", "-C", complete.root, "status", "--porcelain"], capture_output=True).stdout == b""


def test_what_differs_in_a_journal_is_said_with_its_line(complete: Forger) -> None:
    journal_line(with_third_edited, commit=False)(complete)
    (finding,) = complete.audit().findings
    assert finding.message == "line 3 differs between the tip and the working tree"
    complete.commit("journal", complete.journal)
    said = [finding for finding in complete.audit().findings if finding.code == "journal-rewritten"]
    assert [(finding.commit, finding.message) for finding in said] == [
        (made.sha, f"line 3 differs between the tip and commit {made.sha[:10]}") for made in complete.made()
    ]


def test_lines_that_were_cut_off_are_named(complete: Forger) -> None:
    journal_line(lambda events: events[:-4], commit=False)(complete)
    (finding,) = complete.audit().findings
    count = len(complete.events()) + 4
    assert finding.message == f"the working tree lacks lines {count - 3} to {count}, which the tip has"


def test_the_commit_that_deleted_a_journal_is_named(complete: Forger) -> None:
    removed(".phasegate")(complete)
    (finding,) = [finding for finding in complete.audit().findings if finding.code == "journal-missing"]
    assert finding.commit == complete.git("rev-parse", "HEAD").strip()


def test_a_hook_that_puts_another_journal_into_a_commit_is_not_gone_on_with(tmp_path: Path) -> None:
    """The index is changed behind the run's back; the journal in the working tree goes on as it should."""
    world = RunWorld(tmp_path)
    with world.start() as engine:
        engine.segment()
        path = f".phasegate/{world.run_id}/journal/00/01.jsonl"
        hook = world.root / ".git/hooks/pre-commit"
        hook.parent.mkdir(exist_ok=True)
        edit = f"git show :{path} | sed 's/Ada/Eve/' | git hash-object -w --stdin"
        hook.write_text(f'#!/bin/sh\ngit update-index --cacheinfo "100644,$({edit}),{path}"\n')
        hook.chmod(0o755)
        with pytest.raises(StepFailed, match=r"journal/00/01\.jsonl was changed"):
            engine.segment()
        hook.unlink()
        engine.segment()
    assert Forger(world.root, world.run_id).audit().findings == []


@pytest.mark.parametrize("path", ["journal.jsonl", "runbook.md"])
def test_what_was_taken_out_by_a_merge_and_put_back_names_the_merge(complete: Forger, path: str) -> None:
    where = f".phasegate/{complete.run_id}/{path}"
    complete.git("switch", "-q", "-c", "side", f"{complete.made()[0].sha}^")
    complete.commit("something else")
    complete.git("switch", "-q", "main")
    complete.git("merge", "-q", "--no-ff", "--no-commit", "side")
    kept = complete.read(where)
    complete.git("rm", "-q", "-f", "--", where)
    merge = complete.commit("merge side")
    complete.write(where, kept)
    complete.commit("and back", where)
    code = "journal-missing" if path == "journal.jsonl" else "runbook-copy-differs"
    assert (code, merge) in [(finding.code, finding.commit) for finding in complete.audit().findings]


def test_two_clones_with_journals_of_two_lengths_are_merged_without_a_finding(complete: Forger) -> None:
    complete.git("switch", "-q", "-c", "side", complete.made()[1].sha)
    complete.commit("something else")
    complete.git("merge", "-q", "--no-ff", "-m", "join", "main")
    assert complete.codes() == []


def test_in_a_bare_clone_the_same_is_found(complete: Forger, tmp_path: Path) -> None:
    for tamper in (
        edited_and_committed(".phasegate/RUN/runbook.md", b"walls", b"roof"),
        edited_and_committed(RUNBOOK, b"walls", b"roof"),
        edited_and_committed(COLOUR, b"green", b"pink"),
    ):
        tamper(complete)
    complete.git("clone", "-q", "--bare", str(complete.root), str(tmp_path / "bare.git"))
    assert Forger(tmp_path / "bare.git", complete.run_id).codes() == [
        "artifact-changed-later",
        "runbook-copy-differs",
        "runbook-edited",
    ]


def test_a_copy_that_never_was_the_runbook_is_said_with_both_digests(complete: Forger) -> None:
    copy_forged_all_along(complete)
    said = [finding.message for finding in complete.audit().findings if finding.code == "runbook-copy-differs"]
    assert any("the run started with" in message for message in said)


def test_a_merge_that_changes_what_neither_side_had_is_named(complete: Forger) -> None:
    complete.git("switch", "-q", "-c", "side", "main~1")
    complete.commit("something else")
    complete.git("switch", "-q", "main")
    complete.git("merge", "-q", "--no-ff", "--no-commit", "side")
    complete.replace(RUNBOOK, b"walls", b"roof")
    complete.replace(COLOUR, b"green", b"pink")
    merge = complete.commit("merge side", RUNBOOK, COLOUR)
    assert [(finding.code, finding.commit) for finding in complete.audit().findings] == [
        ("artifact-changed-later", merge),
        ("runbook-edited", merge),
    ]


ELSEWHEN = {"GIT_AUTHOR_NAME": "Eve", "GIT_AUTHOR_EMAIL": "eve@example.com", "GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z"}


@pytest.mark.parametrize("committer", [False, True])
def test_author_and_dates_of_the_last_commit_are_listed_and_of_an_earlier_one_found(
    complete: Forger, monkeypatch: pytest.MonkeyPatch, committer: bool
) -> None:
    """Nothing names the last commit: only an anchor, written down elsewhere, could."""
    for name, value in ELSEWHEN.items():
        monkeypatch.setenv(name.replace("AUTHOR", "COMMITTER") if committer else name, value)
    anchor = complete.git("rev-parse", "HEAD").strip()
    complete.amend_last()
    assert complete.git("rev-parse", "HEAD").strip() != anchor
    found = complete.audit()
    assert found.findings == []
    (limit,) = [each.message for each in found.unprovable if each.code == "whole-history"]
    assert "the author and times of the last one changed" in limit
    assert "anchor-missing" in complete.codes(anchor=anchor)
    complete.remake([(made.tree, made.message) for made in complete.made()])
    assert "commit-amended" in complete.codes()


@pytest.mark.parametrize(
    "path", [RUNBOOK, "artifacts/shed/working_log.md", ".phasegate/RUN/runbook.md", ".phasegate/.gitattributes"]
)
def test_the_last_intent_cannot_name_another_blob_than_its_commit_holds(complete: Forger, path: str) -> None:
    where = path.replace("RUN", complete.run_id)
    events = complete.events()
    (entry,) = [each for each in events[-1]["entries"] if each["path"] == where]
    entry["blob"] = "1" * 40
    complete.amend_last(files={complete.journal: chained(events)})
    differ = [finding.message for finding in complete.audit().findings if finding.code == "file-differs"]
    assert any(each.startswith(f"{where}: expected blob 1111111111") for each in differ)
