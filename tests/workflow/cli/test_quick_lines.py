"""Five verbs as they are mostly typed are understood without click, and done by what click's commands call."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from state import read_journal
from state.errors import Waiting
from state.events import from_line
from state.read_before import ReadBefore
from tests.worlds.command_world import CommandWorld
from tests.worlds.run_world import RunWorld
from workflow.cli import acting, approve, done, group, log, looking, resume, status
from workflow.cli.main import run
from workflow.cli.next_line import Standing
from workflow.cli.quickly import quickly
from workflow.engine.engine import Settings
from workflow.service.drive import Driving

# modules, and git processes
APPROVE = (322, 3)  # 314 when this was written, on Python 3.11, and 475 when each part of the engine loaded the others
RESUME = (337, 4)
QUICK = [
    ["status"],
    ["log"],
    ["-C", "d", "status"],
    ["-C", "d", "-C", "e", "log", "run-1", "--json"],
    ["status", "--json", "run-1"],
    ["status", ""],
    ["approve", "--digest", "599f111"],
    ["-C", "d", "approve", "--digest", "599f111", "run-1"],
    ["approve", "run-1", "--digest", "599f111"],
    ["approve", "--digest", ""],
    ["done"],
    ["done", "--no-files"],
    ["done", "run-1", "--no-files", "--no-files"],
    ["-C", "d", "done", "--path", "a file", "run-1", "--path", ""],
    ["done", "--path", "a", "--no-files"],
    ["resume"],
    ["-C", "d", "resume", "run-1"],
]
FOR_CLICK = [
    [],
    ["-C"],
    ["-C", "d"],
    ["-C", "-d", "status"],
    ["-Cd", "status"],
    ["--no-input", "status"],
    ["runs"],
    ["status", "--watch"],
    ["status", "--js"],
    ["status", "a", "b"],
    ["status", "--", "a"],
    ["log", "-h"],
    ["status", "--digest", "599f111"],
    ["approve"],
    ["approve", "run-1"],
    ["approve", "--digest"],
    ["approve", "--digest", "-h"],
    ["approve", "--digest=599f111"],
    ["approve", "--digest", "599f111", "--digest", "599f112"],
    ["approve", "--digest", "599f111", "--sign"],
    ["approve", "--digest", "599f111", "a", "b"],
    ["approve", "--json", "--digest", "599f111"],
    ["--no-input", "approve", "--digest", "599f111"],
    ["done", "--path"],
    ["done", "--path", "-a"],
    ["done", "--path", "--no-files"],
    ["done", "--path=a"],
    ["done", "a", "b"],
    ["done", "--no-file"],
    ["done", "--take-back"],
    ["done", "--path", "a", "--run", "all"],
    ["done", "--", "a"],
    ["resume", "--help"],
    ["resume", "--json"],
    ["resume", "--until", "2"],
    ["resume", "a", "b"],
    ["resume", "--", "a"],
]


@pytest.mark.parametrize("words", QUICK, ids=" ".join)
def test_a_line_as_it_is_mostly_typed_is_quick(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert quickly(words) is None  # no run is kept here: where else it may be is looked for by click's
    for home in (".", "d", "e"):
        (tmp_path / home / ".phasegate" / "run-1").mkdir(parents=True)
    assert quickly(words) is not None


@pytest.mark.parametrize("words", FOR_CLICK, ids=lambda words: " ".join(words) or "nothing")
def test_any_other_line_is_for_click(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for home in (".", "d", "-d"):
        for run_id in ("run-1", "a", "--"):  # so that a word is passed over for what it is, not for want of a run
            (tmp_path / home / ".phasegate" / run_id).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert quickly(words) is None


def test_while_a_shell_completes_everything_is_for_click(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_PHASEGATE_COMPLETE", "bash_complete")
    assert quickly(["status"]) is None


@pytest.mark.parametrize("words", QUICK, ids=" ".join)
def test_click_understands_a_quick_line_in_the_same_way(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def note(at: Standing, run_id: str | None, digest: str = "", **options: object) -> int:
        asked = {name: value for name, value in options.items() if value and value != Driving()}
        seen.append((at.directory, at.no_input, run_id, digest, asked))
        return 0

    for place in (acting, approve, done, log, looking, resume, status):
        for name in ("give_approval", "go_on", "hand_in", "show_status", "show_log"):
            monkeypatch.setattr(place, name, note, raising=False)
    assert run(words) == 0
    assert group.by_click(words, Standing()) == 0
    assert len(seen) == 2
    assert seen[0] == seen[1]


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["status", "log"])
def test_a_quick_line_loads_no_click_and_starts_no_process(tmp_path: Path, verb: str) -> None:
    world = RunWorld(tmp_path)
    with world.start() as engine:
        engine.drive()
    loaded = loaded_by("-C", str(world.root), verb)
    assert loaded.isdisjoint({"click", "inspect", "ipaddress", "subprocess", "urllib.parse", "uuid"})
    assert len(loaded) < 185  # 173 when this was written, on Python 3.11, and 208 with click


def loaded_by(*words: str) -> set[str]:
    """The modules that a process of its own has loaded at the end of this command."""
    code = "import sys; from workflow.cli.main import run; run(sys.argv[1:]); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-c", code, *words], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.slow
def test_a_verdict_and_the_way_to_the_wait_load_no_more_than_they_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = CommandWorld(tmp_path, runbook=b"# Shop\n\n- [ ] 1. Build it\n- [ ] 2. Ship it\n")
    for words, code in ((["run", "tasks.md"], 3), (["done", "--no-files"], 0)):
        assert world(*words).code == code
    digest = json.loads(world("status", "--json").out)["waiting_for"]["digest"]
    here = ["-C", str(world.root)]
    trace = tmp_path / "trace"
    monkeypatch.setenv("GIT_TRACE2_EVENT", str(trace))

    to_the_wait = loaded_by(*here, "resume")
    assert len(to_the_wait) < RESUME[0]
    assert trace.read_text().count('"event":"start"') <= RESUME[1]
    trace.unlink()

    for name in ("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"):
        monkeypatch.setenv(name, "eve@example.com")
    verdict = loaded_by(*here, "approve", "--digest", digest)
    assert len(verdict) < APPROVE[0]
    assert trace.read_text().count('"event":"start"') <= APPROVE[1]
    assert json.loads(world("status", "--json").out)["tasks"][0]["status"] == "approved"

    # what another kind of task, or another verdict, is for
    others = {
        "click",
        "difflib",
        "git",
        "inspect",
        "ipaddress",
        "pydantic",
        "tempfile",
        "shutil",
        "yaml",
        "phases.manual.run_scripts",
        "workflow.doors.aws.client",
        "workflow.doors.git.stored_bytes",
    }
    others |= {
        "workflow.engine.rollback_plan",
        "workflow.engine.policy_review",
        "workflow.doors.masking",
        "transitions",
    }
    assert (to_the_wait | verdict).isdisjoint(others)
    assert verdict.isdisjoint({"workflow.engine.task_execution", "workflow.views.review", "workflow.views.boxes"})


@pytest.mark.slow
def test_a_run_that_is_shared_nowhere_begins_without_what_judges_settings(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=b"# Shop\n\n- [ ] 1. Build it\n")
    loaded = loaded_by("-C", str(world.root), "run", "tasks.md")
    assert "workflow.engine.by_hand" in loaded  # it came as far as its first task
    assert loaded.isdisjoint({"pydantic", "yaml", "git", "botocore", "workflow.service.meeting_place"})


def test_a_dataclass_made_without_inspect_gets_it_when_it_asks() -> None:
    code = (
        "import sys, workflow.cli; from dataclasses import dataclass; before = 'inspect' in sys.modules\n"
        "@dataclass\nclass A:\n    a: int\nimport inspect; print(before, A.__doc__, inspect.signature(A))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == "False A(a: int) (a: int) -> None\n"


def test_a_path_made_without_the_reader_of_addresses_gets_it_when_it_is_told_as_one() -> None:
    code = (
        "import sys, workflow.cli; from pathlib import Path; before = 'urllib.parse' in sys.modules\n"
        "print(before, Path('/a b').as_uri()); import urllib.parse; print(urllib.parse.quote('c d'))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == "False file:///a%20b\nc%20d\n"


@pytest.mark.slow
def test_of_many_runs_the_one_that_is_meant_is_found_by_reading_it_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = RunWorld(tmp_path)
    with world.start() as engine:
        engine.drive()
        of_the_first = len(engine.journal.events)
    over = world.root / ".phasegate" / world.run_id
    for number in range(30):
        shutil.copytree(over, over.with_name(f"shed-20200101-0000{number:02}"))
    (world.root / "tasks.md").write_bytes((world.root / "tasks.md").read_bytes().replace(b"[x]", b"[ ]"))
    world.git("add", "-A")
    world.git("commit", "-q", "-m", "many")
    world.person.absent = True
    with world.start(Settings(answers={"colour": "green"})) as engine:
        with pytest.raises(Waiting):
            engine.drive()
        under_way, written = engine.run.run_id, len(engine.journal.events)
    read = 0
    real = from_line

    def counted(line: bytes) -> object:
        nonlocal read
        read += 1
        return real(line)

    monkeypatch.setattr(read_journal, "from_line", counted)
    monkeypatch.setattr(read_journal, "_BEFORE", ReadBefore())  # as in a process of its own
    assert run(["-C", str(world.root), "status"]) == 0
    assert capsys.readouterr().out.startswith(f"{under_way}: ")
    assert read == written
    shutil.rmtree(world.root / ".phasegate" / under_way)
    read = 0
    monkeypatch.setattr(read_journal, "_BEFORE", ReadBefore())
    assert run(["-C", str(world.root), "status"]) == 0
    assert capsys.readouterr().out.startswith(f"{over.name}: complete")
    assert read == of_the_first
