"""What was meant by a slip? Verbs, workflows, runbooks, tasks and runs are named; nothing is taken for another."""

from __future__ import annotations

from pathlib import Path

import pytest

from state.nearest import hint, nearest
from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.repositories import first_commit
from tests.worlds.workspaces import git
from workflow.cli.main import run
from workflow.cli.next_line import Standing, inside_a_line

RUNBOOK = "# Shed\n\n- [ ] 1.1 Choose a colour\n- [ ] 1.2 Paint\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    found = tmp_path / "place"
    (found / "notes").mkdir(parents=True)
    (found / "shed.md").write_text(RUNBOOK)
    (found / "notes" / "later.md").write_text(RUNBOOK)
    first_commit(found)
    return found


def said(place: Path, capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 2) -> str:
    capsys.readouterr()
    assert run(["-C", str(place), *arguments]) == code
    shown = capsys.readouterr()
    return shown.err if code else shown.out


@pytest.mark.parametrize(
    ("arguments", "meant", "following"),
    [
        (["statsu"], "Did you mean status?", "phasegate status --help"),
        (["plan", "stage-60"], "did you mean stage-06?", "phasegate -C {place} plan stage-06"),
        (["plan", "shde.md"], "did you mean shed.md?", "phasegate -C {place} plan shed.md"),
        (["run", "shed"], "did you mean shed.md?", "phasegate -C {place} plan shed.md"),
        (["run", "shed.md", "--until", "1,1"], "did you mean 1.1?", "phasegate -C {place} plan shed.md"),
        (["init", "aws-deplyo"], "did you mean aws-deploy?", "phasegate -C {place} plan aws-deploy"),
        (["plan", "shed.md", "--jsno"], "--json", "phasegate plan --help"),
    ],
)
def test_a_slip_is_told_with_what_was_meant(
    arguments: list[str], meant: str, following: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = said(place, capsys, *arguments)
    assert meant in shown
    assert f"next: {following.format(place=place)}" in shown
    assert not (place / ".phasegate").exists()


def test_what_is_like_nothing_gets_no_hint(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "mean" not in said(place, capsys, "zzzzzz")
    assert "mean" not in said(place, capsys, "plan", "zzzzzz")
    assert (nearest("STATUS", ["status"]), nearest("x", ["status"])) == ("status", "")
    assert hint("x", []) == ""


def started(place: Path, capsys: pytest.CaptureFixture[str], runbook: str) -> str:
    assert run(["-C", str(place), "run", runbook]) == 3
    capsys.readouterr()
    known = {each.name for each in (place / ".phasegate").iterdir() if each.is_dir()}
    name = "notes-later" if "/" in runbook else "shed"
    return next(each for each in known if each.startswith(name))


@pytest.mark.slow
def test_the_beginning_of_a_runs_id_is_enough_everywhere(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shed, later = started(place, capsys, "shed.md"), started(place, capsys, "notes/later.md")
    assert said(place, capsys, "status", "sh", code=0).startswith(f"{shed}: ")
    assert said(place, capsys, "log", later[:-3], code=0)
    assert said(place, capsys, "note", "shed", "A remark", code=0) == f"{shed}: noted\n"
    assert said(place, capsys, "done", "sh", "--no-files", code=0).startswith(f"{shed}: 1.1 handed in")
    assert said(place, capsys, "reject", "sh", "--reason", "no", code=0).startswith(f"{shed}: ")
    assert f"run {shed}\n" in said(place, capsys, "resume", "sh", code=3)
    assert said(place, capsys, "abort", "notes", "--reason", "no", code=0).startswith(f"{later}: aborted")
    assert said(place, capsys, "audit", "notes", code=0).startswith(f"{later}")
    assert said(place, capsys, "rollback", "sh", "--reason", "no", code=3)


@pytest.mark.slow
def test_a_beginning_of_several_is_refused_and_a_whole_id_never_is(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shed = started(place, capsys, "shed.md")
    assert run(["-C", str(place), "abort", "--reason", "again"]) == 0
    assert run(["-C", str(place), "run", "shed.md"]) == 3
    both = sorted(each.name for each in (place / ".phasegate").iterdir() if each.is_dir())
    shown = said(place, capsys, "status", "shed")
    assert f"2 runs begin with 'shed', say which: {', '.join(both)}" in shown
    assert said(place, capsys, "status", shed, code=0).startswith(f"{shed}: aborted")
    assert "no run ''" in said(place, capsys, "status", "")
    assert f"did you mean {shed[:4]}" in said(place, capsys, "status", f"shde{shed[4:]}")


@pytest.mark.slow
def test_a_run_of_head_that_is_not_here_keeps_its_beginning(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import shutil

    shed = started(place, capsys, "shed.md")
    assert run(["-C", str(place), "abort", "--reason", "x"]) == 0
    shutil.rmtree(place / ".phasegate" / shed)
    shown = said(place, capsys, "status", "she", code=1)
    assert f"commits of run {shed} are here" in shown


def test_a_runbook_is_planned_from_anywhere(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EDITOR", raising=False)
    outside = place.parent / "outside"
    outside.mkdir()
    (outside / "own.md").write_text(RUNBOOK)
    assert said(place, capsys, "plan", str(outside / "own.md"), code=0).startswith("own: Shed (own.md, 2 states)")
    assert said(outside, capsys, "plan", "own.md", code=0).startswith("own: ")
    assert said(outside, capsys, "plan", "../place/notes/later.md", code=0).startswith("notes-later: ")
    monkeypatch.chdir(place / "notes")
    assert run(["plan", "later.md"]) == 0
    assert capsys.readouterr().out.startswith("notes-later: ")
    assert run(["plan", "../../outside/own.md"]) == 0
    assert run(["plan", "shed.md"]) == 0  # as seen from the top, as before
    (outside / "it is.md").write_text("# Nothing\n")
    assert run(["plan", "../../outside/it is.md"]) == 2
    assert f"${{EDITOR:-vi}} '{outside}/it is.md'" in capsys.readouterr().err
    assert run(["run", "../../outside/own.md"]) == 2  # its marks could not be committed


@pytest.mark.slow
def test_no_input_asks_nobody_in_a_terminal(place: Path) -> None:
    from tests.worlds.typed_commands import ended, typed

    for arguments in (["--no-input", "run", "shed.md"], ["resume", "--no-input"]):
        child = typed(place, *arguments)
        child.expect("done .*--path FILE")
        assert ended(child) == 3
    assert phasegate(place, "done", "--no-files").returncode == 0
    child = typed(place, "resume", "--no-input")
    child.expect("waits for approval|needs approval|approve")
    assert ended(child) == 3
    assert git(place, "log", "--format=%s").count("\n") == 1


def test_a_variable_that_fills_nothing_is_refused_and_a_profile_is_asked_for(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "shed.checks.yaml").write_text(
        "profiles:\n  dev: {values: {colour: red}}\n  live: {values: {colour: blue}}\n"
        "checks:\n  - {id: c, name: C, file: {path: '{colour}.txt'}, tasks: ['1.1']}\n"
    )
    shown = said(place, capsys, "checks", "shed.md", "--var", "profile=dev", "--var", "color=red")
    assert "--var color: no check of shed.checks.yaml has {color}; did you mean colour?" in shown
    assert f"next: phasegate -C {place} checks shed.checks.yaml --var profile=dev" in shown
    shown = said(place, capsys, "checks", "shed.md")
    assert "has the profiles dev, live, and none was chosen" in shown
    assert f"next: phasegate -C {place} checks shed.checks.yaml --var profile=dev" in shown
    said(place, capsys, "checks", "shed.md", "--var", "profile=live", code=0)
    said(place, capsys, "checks", "shed.md", "--var", "colour=green", code=0)


def test_a_command_inside_of_other_words_works_where_the_person_stands() -> None:
    at = Standing("d80")
    told = "Paint is done, as you said; to take that back: phasegate resume run-1 --ask-again paint-done"
    assert inside_a_line(at, told) == told.replace("phasegate resume", "phasegate -C d80 resume")
    echoed = "  $ echo it: phasegate resume run-1"
    assert inside_a_line(at, echoed) == echoed
    assert inside_a_line(Standing(), told) == told
