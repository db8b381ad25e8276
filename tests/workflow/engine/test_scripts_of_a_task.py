"""Commands of a task by hand: one fence is one script, filled in, run in real shells, and settled before the next."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from phases.manual.command_endings import Ending, ending_of
from phases.manual.hand_work import command_endings
from state.errors import StepFailed, Waiting
from state.event_types import Answered, EffectDone, HandedIn
from tests.worlds.release_world import Release, check, checks, fence, ran
from tests.worlds.run_world import RunWorld
from workflow.engine.by_hand import ByHand
from workflow.engine.step_context import ENDED, context_for
from workflow.ports import Finished, HandIn, HandView, Pause
from workflow.views.review_page import review_page
from workflow.views.task import work_page

SEED = Path(__file__).parents[4] / "shared" / "seeds" / "deployment-checklist.md"


# --- one fence is one script ---------------------------------------------------------------------------------------


def test_a_fence_is_one_script_and_its_variables_and_directory_hold_in_all_of_it(tmp_path: Path) -> None:
    release = Release(tmp_path, fence("X=$(echo one)", "mkdir deep; cd deep", "# why", "echo $X > out"))
    worked = release.is_shown()
    assert checks(worked) == {
        "command 1: X=$(echo one)": ("pass", "exit 0"),
        "files that changed": ("note", "deep/out: nobody named them, so they stay out of the commit"),
    }
    assert (release.root / "deep/out").read_text() == "one\n"
    assert ran(worked)[0]["runs"] == [
        {
            "exit_code": 0,
            "failed_line": None,
            "commands": [{"line": line, "exit_code": 0} for line in (6, 7, 9)],
        }
    ]


def test_it_stops_at_the_first_failure_and_the_evidence_has_the_line_of_the_runbook(tmp_path: Path) -> None:
    release = Release(
        tmp_path,
        fence("echo a", "test -f none || echo b", "false | cat", "touch never"),
        t1_command_1_failed_1="skip",
        t1_command_1_left="known, see OPS-1",
    )
    worked = release.is_shown()
    assert not (release.root / "never").exists()
    assert check(worked).seen.startswith("exit 1 at line 8 after ")
    assert check(worked).seen.endswith("left as it is: known, see OPS-1 (Ada <ada@example.com> (prompt))")
    assert check(worked).verdict == "not-checked"
    assert ran(worked) == [
        {
            "number": 1,
            "line": 6,
            "ending": "fail",
            "why": "known, see OPS-1 (Ada <ada@example.com> (prompt))",
            "runs": [
                {
                    "exit_code": 1,
                    "failed_line": 8,
                    "commands": [
                        {"line": 6, "exit_code": 0},
                        {"line": 7, "exit_code": None},  # bash went on, whatever its first part came to
                        {"line": 8, "exit_code": 1},
                    ],
                }
            ],
        }
    ]
    page = review_page(release.person.views[-1])
    assert "known, see OPS-1" in page


def test_nothing_of_a_fence_goes_into_the_next_one_unless_that_is_said(tmp_path: Path) -> None:
    show = fence('echo "[$X]" > "$OUT"; pwd >> "$OUT"')
    mark = "<!-- phasegate: same-shell -->\n"
    release = Release(
        tmp_path,
        fence("X=1", "cd /"),
        show.replace("$OUT", str(tmp_path / "new")).replace("$X", "${X:-}"),
        fence("X=1", "cd /"),
        "then `ls -a`",
        mark + show.replace("$OUT", str(tmp_path / "same")),
    )
    worked = release.is_shown()
    assert [verdict for verdict, _seen in checks(worked).values()] == ["pass"] * 5
    assert (tmp_path / "new").read_text() == f"[]\n{release.root}\n"
    assert (tmp_path / "same").read_text() == "[1]\n/\n"
    assert not list((release.root / ".git" / "phasegate" / "shells").rglob("fence-*"))  # nothing is left of them


def test_a_fence_whose_shell_has_not_passed_is_not_offered(tmp_path: Path) -> None:
    mark = "<!-- phasegate: same-shell -->\n"
    release = Release(tmp_path, fence("cd /"), mark + fence("touch never"), t1_command_1="skip")
    assert checks(release.is_shown())["command 2: touch never"] == (
        "not-checked",
        "not run: it goes on in the shell of line 6, which has not passed",
    )
    assert release.asked == ["t1-command-1"]


@pytest.mark.slow
def test_python_is_run_and_told_by_its_line(tmp_path: Path) -> None:
    release = Release(
        tmp_path,
        fence("import pathlib", "", "pathlib.Path('made').touch()", "raise SystemError('no')", language="python"),
        t1_command_1_failed_1="skip",
        t1_command_1_left="it is only a test",
    )
    assert release.is_shown().checks[0].seen.startswith("exit 1 at line 9 after ")
    assert (release.root / "made").exists()


def test_a_program_that_is_missing_is_named_and_its_fence_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = Release(tmp_path, fence("touch never", language="zsh"))
    tools = tmp_path / "bin"
    tools.mkdir()
    for program in ("git", "sh", "bash"):
        (tools / program).symlink_to(str(shutil.which(program)))
    monkeypatch.setenv("PATH", str(tools))
    assert checks(release.is_shown()) == {
        "command 1: touch never": ("not-checked", "not run: zsh is not found on PATH")
    }
    assert release.asked == ["t1-command-1-missing"]


def test_a_script_that_only_reads_is_one_whose_every_command_does(tmp_path: Path) -> None:
    release = Release(tmp_path, fence("ls", "git status"), fence("ls", "rm x"), fence("ls", language="python"))
    release.says(**{f"t1-command-{number}": "skip" for number in (1, 2, 3)})
    release.is_shown()
    assert release.person.asked == [("t1-command-1", "run"), ("t1-command-2", None), ("t1-command-3", None)]


@pytest.mark.skipif(not SEED.exists(), reason="the checklist is not here")
def test_the_checklist_of_a_deployment_runs_as_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its task 13.3 looks an API up in one command, and asks about it in the next two."""
    tools = tmp_path / "bin"
    tools.mkdir()
    stub = tools / "aws"
    stub.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {tmp_path}/calls\ncase "$*" in *ApiId*) echo a1b2c3;; esac\n')
    stub.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    text = SEED.read_text()
    section = text[text.index("### Task 13.3") : text.index("### Monitoring")].replace("###", "##")
    release = RunWorld(tmp_path, runbook=f"# Deploy\n\n{section}\n## After\n- [ ] tell them\n".encode())
    release.person.answers = {release.target().plan.tasks[0].key.replace("_", "-") + "-command-1": "run"}
    release.person.verdicts = [Pause()]
    with release.start() as engine, pytest.raises(Waiting, match="waits for approval"):
        engine.drive()
    calls = (tmp_path / "calls").read_text().splitlines()
    assert len(calls) == 4
    assert calls[2:] == [
        f"apigatewayv2 get-{what} --api-id a1b2c3 --region us-east-1" for what in ("routes", "authorizers")
    ]


# --- commands, then files, then the page ---------------------------------------------------------------------------


def test_at_a_terminal_commands_come_first_then_the_files_with_what_they_changed(tmp_path: Path) -> None:
    release = Release(tmp_path, "Make `touch made.txt`.")
    views: list[HandView] = []

    def finished(view: HandView) -> Finished:
        views.append(view)
        assert not (release.root / "made.txt").exists()
        return Finished()

    def files(view: HandView) -> HandIn:
        views.append(view)
        return HandIn(list(view.changed()), "prompt")

    release.person.works = [finished, files]  # type: ignore[list-item]
    release.person.verdicts = []
    with release.start() as engine:
        engine.segment()
        handed = [event for event in engine.journal.events if isinstance(event, HandedIn)]
    assert [(view.commands_first, view.names_files) for view in views] == [(True, False), (True, True)]
    assert [event.paths for event in handed] == [("made.txt",)]
    assert "made.txt" in release.git("show", "--name-only", "--format=", "HEAD")


def test_a_resumed_run_goes_on_with_the_commands_that_were_begun_before_it_asks_for_the_work(tmp_path: Path) -> None:
    release = Release(tmp_path, "First `sh one.sh`.", t1_command_1_failed_1="pause")
    release.person.works = [lambda _view: Finished()]  # type: ignore[list-item, return-value]
    release.waits("paused")
    (release.root / "one.sh").write_text("true\n")
    release.says(t1_command_1_failed_1="again")
    release.person.works = [lambda view: HandIn((), "prompt") if release.asked else pytest.fail(str(view))]
    release.person.asked.clear()
    release.goes_on()


def test_tests_that_fail_keep_the_commands_of_a_checkpoint_from_being_offered(tmp_path: Path) -> None:
    release = RunWorld(tmp_path, runbook=b"# R\n\n- [ ] 1. Checkpoint\n  - Then `touch made.txt`\n- [ ] 2. x\n")
    release.person.answers = {"test-command": "false", "t1-command-1": "run"}
    with release.start() as engine, pytest.raises(StepFailed):
        engine.drive()
    assert [name for name, _ in release.person.asked] == ["test-command"]


# --- for a box that its command answers ----------------------------------------------------------------------------


def test_how_each_command_ended_is_told_for_what_rests_on_it(tmp_path: Path) -> None:
    release = Release(
        tmp_path,
        "`true --one`, `false --two`, `true --three`, `cp ... x`.",
        t1_command_2_failed_1="skip",
        t1_command_2_left="because",
        t1_command_3="skip",
    )
    worked = release.is_shown()
    assert [each["ending"] for each in ran(worked)] == ["pass", "fail", "skipped", "not-run"]
    release.person.asked.clear()
    with release.reopen() as engine:
        task = engine.plan.tasks[0]
        context = context_for(engine.open_run, task, ByHand(engine.open_run).step(task))
        endings = command_endings(task, context)
    assert [ending_of(command, endings) for command in task.commands] == [
        *(Ending.PASS, Ending.FAIL, Ending.SKIPPED, Ending.NOT_RUN)
    ]
    assert release.asked == []  # and nothing was run: what is in the journal is told


# --- what a person reads of them -----------------------------------------------------------------------------------


def test_the_page_of_the_work_says_what_is_asked_for(tmp_path: Path) -> None:
    release = Release(
        tmp_path, "`touch <NAME>`, `cp ... x`.", fence("make"), "<!-- phasegate: same-shell -->\n" + fence("ls")
    )
    pages: list[str] = []
    release.person.works = [lambda view: pages.append(work_page(view)) or Pause()]  # type: ignore[list-item, func-returns-value]
    release.waits("to be done by hand")
    coming = pages[0].split("### Once it is done")[1]
    assert "- command 1 is offered (line 5): `touch <NAME>`; asks for <NAME>\n" in coming
    assert "- command 2 is offered (line 5): `cp ... x`; never run as it stands: ...\n" in coming
    assert ": `ls`; goes on in the shell of the fence before\n" in coming
    assert pages[0].count("touch <NAME>") == 2  # in the task's text, and where it is said what comes


def test_answers_are_events_like_others(tmp_path: Path) -> None:
    release = Release(tmp_path, "`touch <NAME>`.", fill_name="made", t1_command_1_filled="run")
    release.is_shown()
    with release.reopen() as engine:
        answered = [(event.question, event.answer) for event in engine.journal.events if isinstance(event, Answered)]
        done = [event.result for event in engine.journal.events if isinstance(event, EffectDone)]
    assert answered == [("t1-command-1", "run"), ("fill-name", "made"), ("t1-command-1-filled", "run")]
    assert [(each["program"], each["exit_code"]) for each in done] == [("sh -e", 0)]


def test_once_a_command_has_ended_something_else_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release, waited = Release(tmp_path, fence("true", "touch out")), list[str]()
    monkeypatch.setattr(release.person, "waiting", lambda text, _share=None: waited.append(text))
    release.is_shown()
    assert waited == ["$ true", "$ touch out", ENDED]
