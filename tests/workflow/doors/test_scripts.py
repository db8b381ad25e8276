"""A script in real shells and in Python: line by line, stopped at the first failure, and what the next one gets."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from state.errors import StepFailed
from tests.worlds.real_scripts import SHELLS, Scripts

ROOT = Path(__file__).parents[3]


@pytest.fixture
def scripts(tmp_path: Path) -> Scripts:
    return Scripts(tmp_path)


@pytest.mark.parametrize("shell", SHELLS)
def test_each_line_is_shown_when_it_runs_and_before_what_it_prints(scripts: Scripts, shell: str) -> None:
    text = "X=$(echo b)\n# why\n\necho $X >&2; cat <<EOF\nhere $X\nEOF\nfor i in 1 2; do\n  echo $i\ndone"
    result = scripts.run(shell, text)
    assert (result.exit_code, result.begun, result.failed) == (0, 9, None)
    assert scripts.shown == [
        "| $ X=$(echo b)",
        "| $ # why",
        "| $ echo $X >&2; cat <<EOF",
        "| > here $X",
        "| > EOF",
        "b",
        "here b",
        "| $ for i in 1 2; do",
        "| >   echo $i",
        "| > done",
        "1",
        "2",
    ]
    assert result.output == "\n".join(line.removeprefix("| ") for line in scripts.shown)


def test_a_line_is_shown_behind_all_that_was_printed_before(scripts: Scripts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflow.doors.commands._PIPE", 100)  # a pipe holds more than is read at once
    scripts.run("sh", "seq 1000\n:")
    assert scripts.shown[-2:] == ["1000", "| $ :"]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("text", "code", "begun", "failed"),
    [
        ("echo a\nfalse\necho never", 1, 2, 1),
        ("echo a\nexit 7\necho never", 7, 2, 1),
        ("echo a\nfor i in 1; do\n  false\ndone\necho never", 1, 4, 1),
        ("false || true\nif false; then :; fi\nfalse", 1, 3, 2),
        ("echo a\nkill -KILL $$\necho never", -signal.SIGKILL, 2, 1),
        ("exit 0\nfalse", 0, 1, None),
    ],
    ids=["a failure", "an exit", "in a loop", "not a test", "a signal", "an early end"],
)
def test_a_script_stops_at_the_first_failure_and_says_where(
    scripts: Scripts, shell: str, text: str, code: int, begun: int, failed: int | None
) -> None:
    result = scripts.run(shell, text)
    assert (result.exit_code, result.begun, result.failed) == (code, begun, failed)
    assert "never" not in "".join(line for line in scripts.shown if not line.startswith("|"))


@pytest.mark.parametrize(("shell", "code"), [("sh", 0), ("bash", 1), ("zsh", 1)])
def test_a_pipeline_fails_in_any_part_where_the_shell_can_say_so(scripts: Scripts, shell: str, code: int) -> None:
    if shell not in SHELLS:
        pytest.skip(f"{shell} is not here")
    assert scripts.run(shell, "false | cat").exit_code == code


@pytest.mark.skipif("bash" not in SHELLS, reason="bash is not here")
def test_the_shell_is_the_one_that_is_named(scripts: Scripts) -> None:
    text = "[[ abc == a* ]]\nlist=(one two)\necho ${list[1]}"
    assert scripts.run("bash", text).exit_code == 0
    assert scripts.shown[-1] == "two"


def test_an_error_of_the_shell_names_no_place_of_this_machine(scripts: Scripts) -> None:
    result = scripts.run("sh", "nosuchprogram")
    assert (result.exit_code, result.failed) == (127, 0)
    assert scripts.shown[-1].startswith("script: ")
    assert "/phasegate-" not in result.output


@pytest.mark.parametrize("shell", SHELLS)
def test_commands_of_a_script_have_nothing_to_read_and_do_not_eat_it(scripts: Scripts, shell: str) -> None:
    assert scripts.run(shell, "cat\nsh -c cat\necho end").exit_code == 0
    assert scripts.shown[-1] == "end"


@pytest.mark.parametrize("shell", SHELLS)
def test_variables_and_directory_end_with_a_script(scripts: Scripts, shell: str) -> None:
    scripts.run(shell, "X=1\nexport X\ncd /")
    scripts.run(shell, 'echo "[$X]"\npwd')
    assert scripts.shown[1::2] == ["[]", str(scripts.directory)]


@pytest.mark.parametrize("shell", SHELLS)
def test_they_go_on_where_that_is_said(scripts: Scripts, shell: str) -> None:
    first = "X='a b\n$c \"d\"'\nexport Y=1\nmkdir -p 'in here'\ncd 'in here'\nset -u\ntest -f none && echo never"
    result = scripts.run(shell, first, keep="one")
    assert (result.exit_code, result.failed) == (1, 6)  # as without it: the last line's exit code
    assert scripts.run(shell, 'echo "$X"\nsh -c \'echo "[$Y]"\'\npwd', goes_on="one", keep="two").exit_code == 0
    assert [line for line in scripts.shown if line[0] != "|"] == [
        "a b",
        '$c "d"',
        "[1]",
        str(scripts.directory / "in here"),
    ]
    assert scripts.run(shell, 'echo "$Y$X"', goes_on="two").exit_code == 0
    assert "1a b" in scripts.shown


def test_what_is_kept_for_the_next_script_is_this_users_alone(scripts: Scripts) -> None:
    scripts.run("sh", "TOKEN=1234567890", keep="one")
    files = sorted(scripts.kept.iterdir())
    assert [stat.S_IMODE(each.stat().st_mode) for each in (scripts.kept, *files)] == [0o700, 0o600, 0o600]
    assert "TOKEN" in files[0].read_text()


@pytest.mark.parametrize("text", ["cd /nowhere", "exit 0"], ids=["it failed", "it ended its shell"])
def test_a_script_without_the_one_before_is_not_run(scripts: Scripts, text: str) -> None:
    scripts.run("sh", text, keep="one")
    with pytest.raises(StepFailed, match="are not kept here"):
        scripts.run("sh", "touch ran", goes_on="one")
    assert not (scripts.directory / "ran").exists()


def test_what_a_script_kept_before_is_not_taken_for_a_later_run_of_it(scripts: Scripts) -> None:
    scripts.run("sh", "X=1", keep="one")
    scripts.run("sh", "false", keep="one")
    with pytest.raises(StepFailed, match="are not kept here"):
        scripts.run("sh", "echo $X", goes_on="one")


@pytest.mark.slow
def test_python_runs_whole_beside_the_runbook_and_says_where_it_failed(scripts: Scripts) -> None:
    (scripts.directory / "tools.py").write_text("def fails():\n    raise ValueError('no')\n")
    result = scripts.run("python", "import tools\nprint('one')\n\nfor each in 'ab':\n    tools.fails()\nprint('never')")
    assert (result.exit_code, result.failed) == (1, 4)
    assert "one" in scripts.shown
    assert scripts.shown[0] == "| $ import tools"
    assert scripts.shown[-1] == "ValueError: no"


def test_secrets_are_masked_in_what_is_run_and_in_what_it_prints(scripts: Scripts) -> None:
    token = "ghp_" + "a1B2" * 9
    result = scripts.run("sh", f"echo {token}\necho password=hunter22")
    assert token not in result.output
    assert "hunter22" not in result.output
    assert result.output.count("***") == 4


def test_a_script_that_does_not_end_is_ended_and_its_pipe_removed(
    scripts: Scripts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(StepFailed, match=r"`echo begun` had not ended after 0\.5 s"):
        scripts.run("sh", "echo begun\nsleep 600", timeout=0.5)
    assert list(tmp_path.glob("phasegate-*")) == []


def test_what_a_script_leaves_in_the_background_keeps_nobody_waiting(scripts: Scripts) -> None:
    assert scripts.run("sh", "sleep 600 & echo $! > pid\necho end").exit_code == 0
    os.kill(int((scripts.directory / "pid").read_text()), signal.SIGKILL)


def test_a_missing_program_is_refused_by_name(scripts: Scripts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(scripts.directory))
    with pytest.raises(StepFailed, match="bash is not found on PATH"):
        scripts.run("bash", "echo x")


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.worlds.real_scripts import Scripts
Scripts(Path(sys.argv[2])).run(sys.argv[3], Path(sys.argv[4]).read_text())
"""


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
def test_kill_9_leaves_the_command_that_runs_and_not_a_letter_of_the_next(
    scripts: Scripts, tmp_path: Path, shell: str
) -> None:
    """`f` alone would be a command, too, and the first letter is what the shell has already when it looks for more."""
    script, told = tmp_path / "text", tmp_path / "told"
    os.mkfifo(told)
    script.write_text('f() { touch "ran $*"; }\necho begun > told; read x < told; touch ended\nf all\n')
    driver = subprocess.Popen([sys.executable, "-c", KILLED, str(ROOT), str(tmp_path), shell, str(script)])
    told.read_text()  # returns when the second line runs
    family = subprocess.run(["ps", "-o", "pid=", "--ppid", str(driver.pid)], capture_output=True, text=True, check=True)
    driver.kill()
    driver.wait()
    answer = os.open(told, os.O_RDWR)  # the command may end now
    os.write(answer, b"x\n")
    watched = [int(pid) for pid in family.stdout.split()]
    assert watched
    deadline = subprocess.run(
        ["timeout", "20", "sh", "-c", "for p do while kill -0 $p 2>/dev/null; do sleep 0.02; done; done", "-"]
        + [str(pid) for pid in watched],
        check=False,
    )
    os.close(answer)
    assert deadline.returncode == 0, "the shell lives on"
    assert list(tmp_path.glob("ran*")) == []
