"""`done` beside commands that fail, are edited or left out: what is kept, what is refused, and who may approve then."""

from __future__ import annotations

import json
from pathlib import Path
from unittest import mock

import pytest

from tests.worlds.by_hand import FROZEN, OPEN, PEOPLE, STRICT, answers, by, digest, events, made, said, ticks, words
from tests.worlds.command_world import CommandWorld
from tests.worlds.journals import journal_events

ONE = b"# Cut over\n\n## T-24h\n- [ ] Passes (`sh check.sh one`)\n\n## T-0\n- [ ] Switched\n"
TASK = b"# Cut over\n\n- [ ] 1. Check\n  ```sh\n  sh check.sh one\n  ```\n  ```sh\n  true\n  ```\n"


@pytest.mark.parametrize("runbook", [ONE, TASK])
def test_no_policy_opens_a_gate_on_an_edited_command(tmp_path: Path, runbook: bytes) -> None:
    world = made(tmp_path, runbook, OPEN)
    name = ("t1" if runbook is TASK else "t_24h") + "_command_1"
    assert by("Robot", world, "done", "--no-files", "--run", "all").code == 3
    told = by("Robot", world, "resume", *answers(world, **{f"{name}_failed_1": "edit", f"{name}_edited_2": "true"}))
    assert told.code == 3, told
    (worked,) = events(world, "worked")
    check = next(each for each in worked["checks"] if each["name"].startswith("command 1"))
    assert (check["verdict"], check["seen"].endswith("(run 2 times), edited: true")) == ("not-checked", True)
    assert events(world, "approved") == []
    assert "x" not in ticks(world)


def test_a_box_whose_command_was_edited_waits_for_its_approver(tmp_path: Path) -> None:
    world = made(tmp_path, ONE)
    by("Robot", world, "done", "--no-files", "--run", "all")
    by("Robot", world, "resume", *answers(world, t_24h_command_1_failed_1="edit", t_24h_command_1_edited_2="true"))
    told = by("Bob", world, "approve", "--digest", digest(world))
    assert (told.code, "box 1 needs a person's word first" in told.error) == (2, True)
    assert by("Bob", world, "approve", "--digest", digest(world), "--attest", "1").code == 0
    assert world("resume").code == 3
    assert (ticks(world), world("audit").code) == ("x ", 0)


@pytest.mark.parametrize("policy", ["", STRICT])
def test_whoever_drove_what_another_began_does_not_approve_it(tmp_path: Path, policy: str) -> None:
    world = made(tmp_path, policy=policy)
    assert by("Bob", world, "done", "--no-files", "--box", "1=yes", "--run", "1").code == 3
    given = answers(world, t_24h_command_1_failed_1="edit", t_24h_command_1_edited_2="true", t_24h_command_2="skip")
    assert by("Robot", world, "resume", *given).code == 3
    for name in ("Robot", "Bob"):
        told = by(name, world, "approve", "--digest", digest(world), "--attest", "2", "--attest", "3")
        assert (told.code, "ran this task" in told.error) == (2, True), told.error
    told = by("Cleo", world, "approve", "--digest", digest(world), "--attest", "2", "--attest", "3")
    assert told.code == 0, told.error
    assert world("resume").code == 3
    assert world("audit").code == 0


def test_the_audit_finds_an_approval_by_who_drove(tmp_path: Path) -> None:
    world = made(tmp_path, ONE, policy=STRICT)
    (world.root / "one").touch()
    file = world.root.parent / "run.yaml"
    file.write_text("t-24h-command-1: run\n")
    with mock.patch("workflow.engine.gatekeeper.operators_of", lambda run, state: [run.start.by.git]):
        assert by("Robot", world, "resume", "--answers", str(file)).code == 3
        assert by("Bob", world, "done", "--no-files", "--run", "1").code == 0
        by("Bob", world, "approve", "--digest", digest(world))
        assert world("resume").code == 3
    told = world("audit")
    assert (told.code, "approver-is-operator" in told.out + told.error) == (1, True), told


def test_words_and_files_and_commands_of_a_done_that_pauses_are_kept(tmp_path: Path) -> None:
    world = made(tmp_path)
    (world.root / "F").write_text("left\n")
    told = by("Bob", world, "done", "--path", "F", "--box", "1=n/a:no freeze", "--run", "all")
    assert told.code == 3
    assert (words(world), said(world)["t-24h-command-2"]) == ({"box 1": "not-applicable"}, "run")
    for name in ("one", "two"):
        (world.root / name).touch()
    assert by("Bob", world, "resume", *answers(world, t_24h_command_1_failed_1="again")).code == 3
    assert "F" in [each["path"] for each in events(world, "worked")[0]["artifacts"]]
    assert by("Cleo", world, "approve", "--digest", digest(world)).code == 0


def test_a_file_that_a_paused_command_still_writes_is_handed_in_when_it_came(tmp_path: Path) -> None:
    world = made(
        tmp_path, b"# Cut over\n\n- [ ] 1. Make\n  ```sh\n  test -e one && echo made > F\n  test -e one\n  ```\n"
    )
    assert by("Bob", world, "done", "--path", "F", "--run", "1").code == 3
    (world.root / "one").touch()
    assert by("Bob", world, "resume", *answers(world, t1_command_1_failed_1="again")).code == 3
    assert "F" in [each["path"] for each in events(world, "worked")[0]["artifacts"]]


def test_a_named_file_that_never_came_is_refused_and_can_be_named_otherwise(tmp_path: Path) -> None:
    world = made(tmp_path, b"# Cut over\n\n- [ ] 1. Make\n  ```sh\n  test -e one\n  ```\n")
    assert by("Bob", world, "done", "--path", "F", "--run", "1").code == 3
    (world.root / "one").touch()
    told = by("Bob", world, "resume", *answers(world, t1_command_1_failed_1="again"))
    assert (told.code, "F: is not there" in told.error) == (2, True), told.error
    assert by("Bob", world, "done", "--no-files", "--run", "1").code == 0
    assert events(world, "worked")[0]["artifacts"] != []


@pytest.mark.parametrize("how", ["failed", "not run", "left", "edited"])
def test_a_yes_to_a_box_that_was_looked_at_in_vain_is_refused(tmp_path: Path, how: str) -> None:
    world = made(tmp_path)
    if how != "not run":
        assert by("Bob", world, "done", "--no-files", "--box", "1=yes", "--run", "1").code == 3
    if how in ("left", "edited"):
        rest = {"left": {"left": "why"}, "edited": {"edited_2": "true"}}[how]
        given = {f"t_24h_command_1_{name}": text for name, text in rest.items()}
        action = "skip" if how == "left" else "edit"
        assert by("Bob", world, "resume", *answers(world, t_24h_command_1_failed_1=action, **given)).code == 3
    before = world.files()
    told = by("Bob", world, "done", "--no-files", "--box", "1=yes", "--box", "2=yes")
    assert (told.code, "--box 2=yes is refused" in told.error) == (2, True), told.error
    assert world.files() == before


def test_a_yes_of_an_answers_file_ticks_no_box_whose_command_was_left(tmp_path: Path) -> None:
    world = made(tmp_path, ONE)
    given = {"t_24h_command_1_failed_1": "skip", "t_24h_command_1_left": "why", "t_24h_box_1": "yes"}
    told = by("Bob", world, "done", "--no-files", "--run", "1", *answers(world, **given))
    assert (told.code, "box 1 has a command or a check of its own" in told.error) == (2, True), told.error
    assert words(world) == {}
    assert by("Bob", world, "resume").code == 3
    assert len(events(world, "worked")) == 1


def test_nothing_is_recorded_as_skipped_by_a_done_that_pauses(tmp_path: Path) -> None:
    world = made(tmp_path)
    assert by("Bob", world, "done", "--no-files", "--box", "1=yes", "--run", "2").code == 3
    assert "skip" not in said(world).values()
    (world.root / "one").touch()
    (world.root / "two").touch()
    again = answers(world, t_24h_command_2_failed_1="again")
    told = by("Bob", world, "done", "--no-files", "--run", "all", *again)
    assert told.code == 0, told.error
    assert said(world)["t-24h-command-1"] == "run"
    assert "is not used" not in told.error


def test_what_a_done_left_out_is_recorded_with_the_evidence(tmp_path: Path) -> None:
    world = made(tmp_path)
    assert by("Bob", world, "done", "--no-files", "--box", "1=yes").code == 0
    assert said(world) == {"t-24h-command-1": "skip", "t-24h-command-2": "skip"}
    kinds = [event["type"] for event in journal_events(world.journal)]
    assert kinds[-1] == "worked"


def test_status_and_log_tell_the_command_that_failed_and_the_boxes(tmp_path: Path) -> None:
    world = made(tmp_path)
    assert by("Bob", world, "done", "--no-files", "--box", "1=yes", "--run", "all").code == 3
    told = world("status").out
    assert "\ncommand 1 failed: exit 1 at line 5\n  $ sh check.sh one\n" in told
    assert "1. Frozen   (yes, says Bob <bob@example.com> (command))" in told
    assert "effect-done      T-24h#1      command 1: exit 1 at line 5\n" in world("log").out
    failed = json.loads(world("status", "--json").out)["failed_command"]
    assert failed == {
        "name": "command 1",
        "ended": "exit 1 at line 5",
        "exit_code": 1,
        "script": "sh check.sh one",
    }
    by(
        "Bob",
        world,
        "resume",
        *answers(
            world,
            t_24h_command_1_failed_1="skip",
            t_24h_command_1_left="so",
            t_24h_command_2_failed_1="skip",
            t_24h_command_2_left="so",
        ),
    )
    assert "failed: exit 1" not in world("status").out
    assert json.loads(world("status", "--json").out)["failed_command"] is None


def test_whoever_has_a_command_run_that_another_answered_is_an_operator(tmp_path: Path) -> None:
    """Bob says that both are run; the first fails, and Cleo, who leaves that and resumes, has the second one run."""
    world = made(tmp_path, FROZEN.replace(b"sh check.sh two", b"touch ./two"), STRICT)
    assert by("Bob", world, "done", "--no-files", "--box", "1=yes", "--run", "all").code == 3
    file = answers(world, t_24h_command_1_failed_1="skip", t_24h_command_1_left="no need")
    assert by("Cleo", world, "resume", *file).code == 3
    ran = [event["by"]["git"] for event in events(world, "answered") if event.get("question") == "t-24h-command-2"]
    assert ran == [PEOPLE["bob"], PEOPLE["cleo"]]
    told = by("Cleo", world, "approve", "--digest", digest(world))
    assert (told.code, "ran this task" in told.error) == (2, True), told.error
    assert by("Robot", world, "approve", "--digest", digest(world), "--attest", "2").code == 0
    assert world("resume").code == 3
    assert world("audit").code == 0


def test_what_approves_is_printed_with_all_that_the_policy_asks_for(tmp_path: Path) -> None:
    policy = (
        "default: {operator_may_approve: false, approvers: 2, signed: true, allowed_signers: .signers, "
        "who: ['*@example.com']}\n"
    )
    world = CommandWorld(tmp_path, runbook=b"# A\n\n- [ ] 1. One\n- [ ] 2. Two\n")
    (world.root / "phasegate.yaml").write_text(policy)
    (world.root / ".signers").write_text(f"bob@example.com ssh-ed25519 {'A' * 68}\n")
    world.git("add", ".")
    world.git("commit", "-qm", "Policy")
    assert world("run", "tasks.md").code == 3
    told = by("Bob", world, "done", "--no-files")
    line = (
        f"phasegate approve {world.run_id} --digest {digest(world)} --key FILE   # 2 people, 0 by now, "
        "by *@example.com, by somebody else than Bob <bob@example.com>"
    )
    assert line in told.error, told.error
    assert line in world("status").out.replace(f" -C {world.root}", "")
    stopped = json.loads(world("resume", "--json").out.splitlines()[-1])
    assert stopped["approve"].replace(f" -C {world.root}", "") == line
    assert line in stopped["next"].replace(f" -C {world.root}", "")


GO = b"# Go\n\n- [ ] 1. Tell\n- [ ] 2. Checkpoint - it works\n- [ ] 3. End\n"


def test_an_answers_file_in_the_repository_is_no_change_of_the_task(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=GO)
    assert world("run", "tasks.md").code == 3
    answers = world.root / "answers.yaml"
    answers.write_text('test-command: "none"\n')
    told = world("done", "--answers", str(answers))
    assert told.code == 0, told.error
    assert by("Bob", world, "approve", "--digest", digest(world)).code == 0
    told = world("resume", "--answers", str(answers))  # a checkpoint asks for work where files have changed
    assert (told.code, "task 2 waits for approval" in told.error) == (3, True), told.error
    assert "answers.yaml" not in world.git("show", "--name-only", "HEAD")


def test_an_answers_file_that_is_named_belongs_to_the_task(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=GO)
    world("run", "tasks.md")
    answers = world.root / "answers.yaml"
    answers.write_text('test-command: "none"\n')
    told = world("done", "--answers", str(answers), "--path", str(answers))
    assert told.code == 0, told.error
    assert "- `answers.yaml`" in world("status", "--review").out


def test_answers_files_of_earlier_commands_are_no_changes_of_the_task_either(tmp_path: Path) -> None:
    world = made(tmp_path)
    (world.root / "first.yaml").write_text("t-24h-command-1: run\n")
    assert world("resume", "--answers", str(world.root / "first.yaml")).code == 3
    for name in ("one", "two"):
        (world.root / name).touch()
    boxes = [word for number in (1, 2, 3) for word in ("--box", f"{number}=yes")]
    told = by("Bob", world, "done", "--run", "all", *boxes)  # nothing is said of files, and none is asked about
    assert told.code == 0, told.error
    assert [event["paths"] for event in events(world, "handed-in")] == [[]]


def test_a_file_that_no_command_can_make_right_is_refused_before_one_is_run(tmp_path: Path) -> None:
    world = made(tmp_path, b"# Ship\n\n- [ ] 1. Ship\n\n  ```sh\n  echo ran > ran.txt\n  ```\n")
    before = world.journal.read_bytes()
    told = by("Robot", world, "done", "--path", "tasks.md", "--path", "ran.txt", "--run", "all")
    assert told.code == 2
    assert "tasks.md: is phasegate's own to write" in told.error
    assert world.journal.read_bytes() == before
    assert not (world.root / "ran.txt").exists()
    assert by("Robot", world, "done", "--path", "ran.txt", "--run", "all").code == 0


@pytest.mark.parametrize("files", [(), ("--no-files",)])
def test_what_runs_the_commands_after_all_is_typed_as_it_is_printed(tmp_path: Path, files: tuple[str, ...]) -> None:
    world = made(tmp_path, TASK)
    (world.root / "one").touch()
    told = world("done", *files)
    assert (told.code, "commands 1, 2 not run; to run them after all, then" in told.error) == (0, True)
    back, again = (line.split("   #")[0].strip() for line in told.error.splitlines() if "phasegate done" in line)
    assert again.endswith("--run 1 --run 2")
    world.type(back)
    world.type(again)
    assert [each["ending"] for each in events(world, "worked")[-1]["data"]["commands"]] == ["pass", "pass"]


def test_what_is_said_of_a_run_that_is_over_ends_alike(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=TASK)
    assert world("run", "tasks.md", "--sandbox", "--yes", "--practice").code == 0
    over = ["done --no-files", "done --take-back", "approve --digest 1234567", "reject --reason x"]
    over += ["approve --digest 1234567 --attest 1", "note x", "abort --reason x"]
    for order in over:
        told = world(*order.split())
        assert (told.code, "next: phasegate" in told.error) == (2, True), (order, told.error)
    assert world("resume").code == 0
