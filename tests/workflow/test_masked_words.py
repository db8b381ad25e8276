"""No way into journal, working log, reports, posts and progress passes the masker by; answers are refused instead."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from phases.step import Check, Question
from state.errors import BadAnswer, StepFailed
from tests.worlds.run_world import RunWorld
from workflow.doors.masking import mask
from workflow.engine.engine import Settings
from workflow.engine.masked_words import EXACT, masked_fields, masked_file
from workflow.ports import Approve, HandIn, Note, Pause, Reject

ROOT = Path(__file__).parents[2]
TOKEN = "ghp" + "_" + "a1B2" * 9
SAID = f"it is {TOKEN}, ok"
MASKED = "it is ***, ok"


@pytest.fixture
def world(tmp_path: Path) -> RunWorld:
    return RunWorld(tmp_path)


def everything(world: RunWorld) -> str:
    """Every byte that the run has written or committed."""
    files = [path for path in world.root.rglob("*") if path.is_file() and ".git/" not in path.as_posix()]
    return "\n".join([*(path.read_text() for path in files), world.git("log", "-p", "--all")])


def test_reasons_notes_and_comments_are_written_masked_and_the_run_goes_on(world: RunWorld) -> None:
    world.person.verdicts = [Note(f"note: {SAID}"), Reject(f"reject: {SAID}"), Pause()]
    with world.start() as engine, pytest.raises(Exception, match=r"waits|approv"):
        engine.drive()
    with world.reopen() as engine:
        engine.note(f"said: {SAID}")
        request = engine.run.tasks["t1_1"].request
        assert request is not None
        engine.approve(request.digest, "command", by=engine.doors.me, comment=f"comment: {SAID}")
        engine.drive(lambda task: task.id == "1.1")
        engine.abort(f"abort: {SAID}")
    written = everything(world)
    assert TOKEN not in written
    for kind in ("note", "reject", "said", "comment", "abort"):
        assert f"{kind}: {MASKED}" in written


def test_the_reason_of_a_skip_is_written_masked(tmp_path: Path) -> None:
    world = RunWorld(tmp_path, runbook=b"# Shed\n\n- [ ]* 1. Sand\n- [ ] 2. Paint\n")
    world.person.works = [HandIn((), "prompt", skip=f"skip: {SAID}")]
    with world.start() as engine:
        engine.drive()
    assert TOKEN not in everything(world)
    assert f"skip: {MASKED}" in everything(world)


def test_what_a_step_finds_is_masked_before_the_digest_is_made_so_that_the_approval_holds(world: RunWorld) -> None:
    world.failing = [Check("header", f"no {TOKEN}", f"seen {TOKEN}", "note", f"at {TOKEN}")]
    world.seen_outside = f"in stock {TOKEN}"
    world.during = lambda ctx: ctx.effect("call", {"with": TOKEN}, lambda: {"said": TOKEN}, lambda: None)
    with world.start() as engine:
        engine.drive()
        assert engine.complete
    assert TOKEN not in everything(world)
    assert TOKEN not in repr(world.person.views)
    assert "seen ***" in repr([view.worked for view in world.person.views])


def test_a_failure_is_told_and_recorded_without_its_secret(world: RunWorld) -> None:
    world.failing = [Check("header", "none", f"seen {TOKEN}", "fail")]
    with world.start() as engine, pytest.raises(StepFailed) as failed:
        engine.drive()
    assert TOKEN not in str(failed.value)
    assert "seen ***" in str(failed.value)
    assert TOKEN not in everything(world)


def test_files_posts_and_progress_of_a_step_are_masked(world: RunWorld) -> None:
    def during(ctx: object) -> None:
        ctx.progress(f"line {TOKEN}")  # type: ignore[attr-defined]
        ctx.post("https://example.com", {"text": SAID, "list": [SAID]})  # type: ignore[attr-defined]
        ctx.write("artifacts/shed/colour.md", SAID)  # type: ignore[attr-defined]
        assert (world.root / "artifacts/shed/colour.md").read_text() == MASKED

    world.during = during
    with world.start() as engine:
        engine.drive()
    assert "line ***" in world.person.lines
    assert world.posted == [("https://example.com", {"text": MASKED, "list": [MASKED]})]


@pytest.mark.parametrize("via", ["prompt", "answers-file"])
def test_an_answer_that_holds_a_secret_is_refused_and_nothing_is_written(world: RunWorld, via: str) -> None:
    world.during = lambda ctx: ctx.ask(Question("command", "Which command?"))
    world.person.answers["command"] = SAID
    given = {"command": SAID, "colour": "green"} if via == "answers-file" else {}
    with world.start(Settings(answers=given)) as engine, pytest.raises(BadAnswer) as refused:
        engine.drive()
    assert "answer to command refused: it holds a secret" in str(refused.value)
    assert f"phasegate resume {world.run_id} --answers" in refused.value.next_command
    assert TOKEN not in str(refused.value) + everything(world)
    world.person.answers["command"] = "deploy --token $DEPLOY_TOKEN"
    with world.reopen() as engine:
        engine.drive()
        assert engine.run.answers["command"] == "deploy --token $DEPLOY_TOKEN"


@pytest.mark.parametrize(
    ("name", "answer", "taken"),
    [
        ("db-password", "hunter2", False),
        ("api-token", "x", False),
        ("db-password", "$DB_PASSWORD", True),
        ("db-password", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db", True),
        ("secret-name", "prod/db", True),
        ("token-url", "https://example.com/token", True),
    ],
)
def test_a_question_that_is_named_like_a_secret_takes_its_place_only(
    world: RunWorld, name: str, answer: str, taken: bool
) -> None:
    world.during = lambda ctx: ctx.ask(Question(name, "Which?"))
    world.person.answers[name] = answer
    with world.start() as engine:
        if taken:
            engine.drive()
        else:
            with pytest.raises(BadAnswer, match="by its name it is a secret"):
                engine.drive()
    assert ("hunter2" in everything(world)) is False


def test_choices_are_no_secrets_whatever_the_question_is_called(world: RunWorld) -> None:
    world.during = lambda ctx: ctx.ask(Question("rotate-token", "Rotate?", choices=("yes", "no")))
    world.person.answers["rotate-token"] = "yes"
    with world.start() as engine:
        engine.drive()


def test_every_event_goes_through_the_door() -> None:
    """`Journal.append` is called where no words of anybody's are, and in `OpenRun.record`, which masks."""
    calls = [
        (path.relative_to(ROOT).as_posix(), function.name)
        for path in sorted((ROOT / "workflow").rglob("*.py"))
        if "append" in (source := path.read_text())  # to parse them all takes a second
        for function in ast.walk(ast.parse(source))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "append"
        if ast.unparse(node.func).endswith("journal.append")
    ]
    assert calls == [
        ("workflow/engine/open_run.py", "record"),
        ("workflow/runs/begin.py", "_start"),
    ]


def test_what_is_compared_is_never_changed_and_everything_else_is() -> None:
    fields = {**dict.fromkeys(EXACT, TOKEN), "reason": TOKEN, "deep": {"list": [{"text": SAID}], "number": 3}}
    done = masked_fields("noted", fields, mask, "phasegate resume run-1 --answers answers.yaml")
    assert done == {**fields, "reason": "***", "deep": {"list": [{"text": MASKED}], "number": 3}}


def test_a_file_that_is_read_by_programs_stays_one() -> None:
    body = {"text": f'a "quoted" {TOKEN} ü', "digest": "0" * 64, "n": [SAID, 1]}
    for ascii_ in (True, False):
        done = masked_file("a.json", json.dumps(body, indent=2, ensure_ascii=ascii_), mask)
        assert json.loads(done) == {"text": 'a "quoted" *** ü', "digest": "0" * 64, "n": [MASKED, 1]}
    template = "Password:\n  Type: String\n  NoEcho: true\nToken: x\n"
    assert masked_file("a.yaml", template, mask) == template
    assert masked_file("a.md", SAID, mask) == MASKED


def test_a_value_of_the_environment_is_masked_in_a_note(world: RunWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPLOY_TOKEN", "correct horse battery")
    world.person.verdicts = [Note("use correct horse battery"), Approve("prompt")]
    with world.start() as engine:
        engine.drive()
    assert "correct horse battery" not in everything(world)
    assert "use ***" in everything(world)
