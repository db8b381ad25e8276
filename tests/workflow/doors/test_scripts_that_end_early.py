"""A script that ends with 0 before its end, in real shells and in Python: what was not reached is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from phases.manual.early_ends import before_its_end
from tests.worlds.real_scripts import SHELLS, Scripts

EARLY = {
    "a guard": ("[ -e ci ] || exit 0\nfalse", [1]),
    "exec": ("exec true\nfalse", [1]),
    "exec of a shell": ("exec sh -c 'exit 0'\nfalse", [1]),
    "exit": ("exit 0\nfalse\n\nfalse", [1, 3]),
    "exit in the middle": ("echo a\nexit 0\n# why\nfalse", [3]),
    "in braces": ("{ exit 0; }\nfalse", [1]),
    "in a condition": ("if true; then\n  exit 0\nfi\nfalse", [3]),
    "in a loop": ("while :; do exit 0; done\nfalse", [1]),
    "in a function": ("main() {\n  exit 0\n}\nmain\nfalse", [4]),
    "in a file that is read": (". ./lib.sh\nfalse", [1]),
    "in eval": ("eval 'exit 0'\nfalse", [1]),
    "a signal that is caught": ("trap 'exit 0' TERM\nkill $$\nfalse", [2]),
    "a trap, more below": ("trap 'exit 0' EXIT\nfalse\nfalse", [2]),
    "a trap at the last line": ("trap 'exit 0' EXIT\nfalse", []),
    "a trap behind an exit": ("trap 'exit 0' EXIT\nexit 1", []),
    "a last group": ("{\n  exit 0\n  false\n}", []),
    "one line": ("exit 0; false", []),
    "a guard on the last line": ("[ -e ci ] || exit 0; false", []),
    "a last file that is read": (". ./lib.sh", []),
    "a here document without its end": ("cat <<EOF\nx\n EOF\nfalse", []),
    "the same before an exit": ("cat <<EOF\nx\n EOF\nfalse\nexit 0", []),
    "a shell that only reads": ("set -n\nfalse", []),
    "the same before an exit, spelt out": ("set -o noexec\nfalse\nexit 0", []),
}
WHOLE = {
    "a last exit": ("echo a\nexit 0", 0),
    "a last exit with a remark": ("echo a\nexit  # done\n# the end", 0),
    "a last exit with a variable": ('rc=0\nexit "$rc"', 0),
    "a last exec": ("echo a\nexec true", 0),
    "an exec that leads elsewhere": ("exec >log\necho a", 0),
    "a trap that clears up": ("trap 'echo bye' EXIT\ntrue", 0),
    "a failure with a trap that clears up": ("trap 'echo bye' EXIT\nfalse", 1),
    "a last test": ("test -f none && echo x", 1),
    "a guard that does not end it": ("true || exit 0\ntrue", 0),
    "what -e does not look at": ("set +e\nfalse", 1),
    "the author's words": ("false || true\n! true", 1),
    "set -e again": ("set +e\nfalse\nset -e\ntrue", 0),
    "strict options": ("set -C\nset -u\numask 777\ncd /\ntrue", 0),
    "in the background": ("true &\nwait", 0),
    "a here document": ("cat <<EOF\nexit 0\nEOF", 0),
    "a subshell": ("(exit 0)\ntrue", 0),
    "an error": ("exit 7\ntrue", 7),
}
CASES = [pytest.param(shell, *case, id=f"{shell}: {name}") for shell in SHELLS for name, case in EARLY.items()]


@pytest.fixture
def scripts(tmp_path: Path) -> Scripts:
    (tmp_path / "lib.sh").write_text("exit 0\n")
    return Scripts(tmp_path)


@pytest.mark.parametrize(("shell", "text", "unreached"), CASES)
def test_a_shell_that_ends_with_0_before_its_end_says_what_it_did_not_reach(
    scripts: Scripts, shell: str, text: str, unreached: list[int]
) -> None:
    result = scripts.run(shell, text)
    assert (result.exit_code, result.ended_early, list(result.unreached)) == (0, True, unreached)


@pytest.mark.parametrize(("shell", "early"), [("sh", True), ("bash", False)])
def test_return_ends_a_script_early_or_is_an_error(scripts: Scripts, shell: str, early: bool) -> None:
    if shell not in SHELLS:
        pytest.skip(f"{shell} is not here")
    result = scripts.run(shell, "return 0\nfalse")
    assert result.ended_early or result.exit_code != 0
    assert early or result.exit_code == 2


@pytest.mark.skipif("bash" not in SHELLS, reason="bash is not here")
def test_a_trap_of_failures_does_not_hide_one(scripts: Scripts) -> None:
    result = scripts.run("bash", "trap 'exit 0' ERR\nfalse")
    assert (result.exit_code, result.ended_early) == (0, True)


@pytest.mark.parametrize(
    ("shell", "text", "code"),
    [pytest.param(shell, *case, id=f"{shell}: {name}") for shell in SHELLS for name, case in WHOLE.items()],
)
def test_a_shell_that_came_to_its_end_is_as_it_was(scripts: Scripts, shell: str, text: str, code: int) -> None:
    result = scripts.run(shell, text)
    assert (result.exit_code, result.ended_early, list(result.unreached)) == (code, False, [])


@pytest.mark.parametrize("shell", SHELLS)
def test_the_mark_is_seen_nowhere(scripts: Scripts, shell: str) -> None:
    result = scripts.run(shell, "set -x\ntrue")
    assert [line for line in result.output.split("\n") if line not in ("$ set -x", "$ true")] == (
        ["+script:2> true"] if shell == "zsh" else ["+ true"]
    )


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_that_ended_early_leaves_nothing_for_the_next(scripts: Scripts, shell: str) -> None:
    assert scripts.run(shell, "X=1\n[ -e ci ] || exit 0\nX=2", keep="one").ended_early
    assert scripts.run(shell, "X=1\ntrue", keep="one").ended_early is False
    assert scripts.run(shell, "exit 0", goes_on="one").ended_early is False


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "unreached"),
    [
        ("import sys\nsys.exit(0)\nassert False", []),
        ("raise SystemExit\nprint('x')", [1]),
        ("import os\nos._exit(0)\n\nprint(\n  'x')", [3]),
        ("import sys\nif True:\n    sys.exit()\nfor x in 'ab':\n    assert False", []),
        ("def main():\n    exit()\nmain()\nraise ValueError", [3]),
        ("import atexit, os\natexit.register(lambda: os._exit(0))\nraise RuntimeError('x')", []),
        ("import atexit, os\natexit.register(lambda: os._exit(0))\nprint(\n  1 / 0\n)", []),
        ("import atexit, os\natexit.register(lambda: os._exit(0))\nraise SystemExit(3)", []),
        ("import atexit, os\natexit.register(lambda: os._exit(0))\nx = 1 / 0", []),
        ("import atexit, os\natexit.register(lambda: os._exit(0))\n1 / 0\nprint('x')", [3]),
        ("import os, sys\nsys.excepthook = lambda *a: os._exit(0)\nint('x')", []),
        ("import os\ndef main():\n    os._exit(0)\nmain()", []),
        ("import os\nos.execv('/bin/true', ['true'])", []),
        ("import threading\nt = threading.Thread(target=lambda: 1 / 0)\nt.start()\nt.join()", []),
        ("import atexit\natexit.register(lambda: 1 / 0)\nprint('x')", []),
    ],
)
def test_python_that_ends_with_0_before_its_last_statement_did_not_pass(
    scripts: Scripts, text: str, unreached: list[int]
) -> None:
    result = scripts.run("python", text)
    assert (result.exit_code, result.ended_early, list(result.unreached)) == (0, True, unreached)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "code", "failed"),
    [
        ("import sys\ndef main():\n    return 0\nsys.exit(main())", 0, None),
        ("raise SystemExit", 0, None),
        ("raise SystemExit(3)", 3, None),
        ("import sys\nsys.exit(False)", 0, None),
        ("print(\n  'a',\n)  # end\n\n# more", 0, None),
        ("import atexit, os\natexit.register(lambda: os._exit(0))\nprint('x')", 0, None),
        ("import atexit\natexit.register(lambda: print('bye'))\nprint('x')", 0, None),
        ("import sys\nsys.exit('no')", 1, None),
        ("print(\n  1 / 0\n)", 1, 1),
        ("'''said'''\nfrom __future__ import annotations", 0, None),
        ("for x in 'ab':\n    print(x)", 0, None),
        ("x = 1 \\", 0, None),
        ("if True:\n    print('a')\n# end", 0, None),
        ("print('\\d')\nprint('b')", 0, None),
        ("x = (1,", 1, 0),
        ("x = 1\n\nx.no()", 1, 2),
    ],
)
def test_python_that_came_to_its_last_statement_is_as_it_was(
    scripts: Scripts, text: str, code: int, failed: int | None
) -> None:
    result = scripts.run("python", text)
    assert (result.exit_code, result.failed, result.ended_early) == (code, failed, False)
    assert "script.end" not in result.output


def test_what_was_not_reached_is_named_with_its_line() -> None:
    commands = [{"line": 5, "exit_code": 0}, {"line": 6, "exit_code": None, "unreached": "make test"}]
    more = [*commands, {"line": 7, "exit_code": None, "unreached": "b"}]
    assert before_its_end({"ended_early": True, "commands": commands}) == (
        "before its end: line 6 (`make test`) was not reached"
    )
    assert before_its_end({"ended_early": True, "commands": more}).endswith("was not reached, nor 1 command below it")
    assert before_its_end({"ended_early": True, "commands": commands[:1]}) == (
        "before its end, inside of the command that begins at line 5"
    )
    assert before_its_end({"ended_early": True, "commands": "x"}) == "before its end, inside of the command"
    assert before_its_end({"exit_code": 0, "commands": more}) == ""
