"""`done` without a terminal names at once all that has no answer, with the option for each, and writes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld, Told

pytestmark = pytest.mark.slow

RUNBOOK = b"""# Release

## Phase 1: Deploy
- [ ] Announced
- [ ] Built (`test -e built`)
- Deployed by: ____

```sh
echo [environment] > told.txt
```

### Exit Criteria
- It answers
- Nobody complains

## Phase 2: Close
- [ ] Closed
"""
FIELD = 'phase-1-field-1: "Ada"\n'


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    world = CommandWorld(tmp_path, runbook=RUNBOOK)
    assert world("run", "tasks.md").code == 3
    return world


def given(world: CommandWorld, text: str) -> tuple[str, str]:
    file = world.root.parent / "answers.yaml"
    file.write_text(text)
    return "--answers", str(file)


def refused(world: CommandWorld, *words: str) -> Told:
    """What `done` says where something has no answer; nothing at all is written then."""
    before = world.files()
    told = world("done", *words)
    assert world.files() == before
    return told


def test_everything_that_has_no_answer_is_named_at_once(world: CommandWorld) -> None:
    (world.root / "notes.txt").write_text("made\n")
    told = refused(world, "--run", "all")
    assert told.code == 2
    begins, ends = told.error.index("phasegate:"), told.error.index("next:")
    assert told.error[begins:ends] == (
        "phasegate: task Phase 1 has 1 changed file, 1 box, 2 exit criteria and 2 questions without an answer:\n"
        "files (--path FILE, or --no-files):\n"
        "  notes.txt\n"
        "boxes, each by itself (--box N=yes, N=no or N=n/a:REASON):\n"
        "  1. Announced   (no answer yet)\n"
        "  2. Built (`test -e built`)   (its command answers it: --run 1)\n"
        "exit criteria (--attest N, where it holds):\n"
        "  1. It answers\n"
        "  2. Nobody complains\n"
        "questions (--answers FILE):\n"
        "  fill-environment: What is [environment]? A command of Phase 1 has it, in line 9.\n"
        "  phase-1-field-1: Deployed by? It goes into line 6 of the runbook; an empty answer leaves it open.\n"
    )
    lines = [line.strip() for line in told.error[ends:].splitlines()]
    assert lines == [
        "next: echo 'phase-1-field-1: Ada' >> answers.yaml",
        "${EDITOR:-vi} answers.yaml   # add, each with its answer: fill-environment",
        f"phasegate done {world.run_id} --run all --path notes.txt --box 1=yes --attest 1 --attest 2 --answers "
        "answers.yaml   # where all of it is so",
    ]


def test_what_is_typed_as_printed_hands_the_work_in(world: CommandWorld) -> None:
    (world.root / "notes.txt").write_text("made\n")
    told = refused(world)
    lines = [line.removeprefix("next:").strip() for line in told.error.split("next:")[1].splitlines()]
    assert len(lines) == 2
    for line in lines:
        world.type(line)
    assert json.loads(world("status", "--json").out)["waiting_for"]["digest"] in world("status", "--review").out


def test_each_changed_file_is_in_the_command_up_to_five_of_them(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=b"# Shed\n\n- [ ] 1. Build\n- [ ] 2. Paint\n")
    assert world("run", "tasks.md").code == 3
    names = [f"{letter}.txt" for letter in "abcdef"]
    for many, name in enumerate(names, 1):
        (world.root / name).write_text("made\n")
        named = " ".join(f"--path {each}" for each in names[: min(many, 5)])
        remark = "or --no-files" if many == 1 else "only those that belong to the task; or --no-files"
        told = refused(world)
        assert (told.next, f"{named}   # {remark}\n" in told.error) == (f"phasegate done {world.run_id} {named}", True)


@pytest.mark.parametrize(
    ("words", "answers", "says", "code"),
    [
        (["--no-files", "--box", "1=yes", "--attest", "all"], "", "1 question", 3),
        (["--no-files", "--box", "1=yes", "--attest", "1"], FIELD, "1 exit criterion", 3),
        (["--no-files", "--attest", "all"], FIELD, "1 box", 2),
        (["--box", "1=yes"], "", "2 exit criteria and 1 question", 3),
    ],
)
def test_only_what_is_missing_is_named(
    world: CommandWorld, words: list[str], answers: str, says: str, code: int
) -> None:
    told = refused(world, *words, *(given(world, answers) if answers else ()))
    assert (told.code, f"task Phase 1 has {says} without an answer:" in told.error) == (code, True), told.error


def test_the_answers_file_that_was_given_is_the_one_to_add_to(world: CommandWorld) -> None:
    option, file = given(world, FIELD)
    told = refused(world, "--no-files", "--run", "all", "--box", "1=yes", "--attest", "all", option, file)
    assert f"next: ${{EDITOR:-vi}} {file}   # add, each with its answer: fill-environment\n" in told.error
    assert told.error.count("--answers") == 2  # in the heading and in the command, once each


def test_a_no_asks_for_no_field(world: CommandWorld) -> None:
    (world.root / "built").touch()
    told = world("done", "--no-files", "--box", "1=no", "--attest", "all")
    assert (told.code, "1 of" in told.error) == (5, True), told.error


def test_a_checkpoint_names_its_test_command_beside_the_rest(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=b"# A\n\n- [ ] 1. Checkpoint - it works\n  - Seen by: ____\n- [ ] 2. End\n")
    (world.root / "notes").write_text("made\n")  # where nothing changed a checkpoint asks for no work
    assert world("run", "tasks.md").code == 3
    told = refused(world, "--no-files")
    assert told.code == 3
    assert "  test-command: Which command runs the project's tests?" in told.error
    assert "  t1-field-1: Seen by?" in told.error


PROFILES = """profiles:
  small: {leaves-out: ["Phase 1"]}
  large: {leaves-out: ["Phase 2"]}
checks: []
"""


def test_what_the_profile_leaves_out_is_not_missing(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=RUNBOOK)
    (world.root / "tasks.checks.yaml").write_text(PROFILES)
    world.git("add", ".")
    world.git("commit", "-qm", "Checks")
    world("run", "tasks.md")
    told = refused(world, "--no-files")
    assert "  profile: Which profile is this for?" in told.error
    assert world("done", "--no-files", *given(world, "profile: small\n")).code == 0
