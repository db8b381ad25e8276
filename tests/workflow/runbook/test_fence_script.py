"""How is a fence read as one script? Prompts, indentation, lines, languages, and what it goes on from."""

from __future__ import annotations

import pytest

from state.model import Command
from workflow.runbook.reader import read_runbook

MARK = "<!-- phasegate: same-shell -->"


def scripts(text: str) -> list[Command]:
    """The commands of a phase with this text behind its box, from line 5 on."""
    data = f"# Job\n## Phase 1: Do it\n- [ ] done\n\n{text}\n".encode()
    return list(read_runbook(data, name="job", path="job.md").tasks[0].commands)


def script(body: str, language: str = "bash") -> Command:
    (only,) = scripts(f"```{language}\n{body}\n```")
    return only


def where(command: Command) -> list[int]:
    """The line of each line of its text, counted from the opening of the fence that stands in line 5."""
    return [command.line_of(index) - 5 for index in range(len(command.text.split("\n")))]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("make\nmake test", "make\nmake test"),
        ("# first\n\nmake  # why\n\n# last\n", "# first\n\nmake  # why\n\n# last"),
        ("cat <<EOF > f\n  make\nEOF\nls", "cat <<EOF > f\n  make\nEOF\nls"),
        ("    for t in a b; do\n      echo $t\n    done", "for t in a b; do\n  echo $t\ndone"),
        ("\n\nmake\n\n", "make"),
    ],
    ids=["lines", "comments and blanks", "a heredoc", "indentation that all lines share", "blank lines around"],
)
def test_a_fence_is_one_script_as_it_is_written(body: str, text: str) -> None:
    assert script(body).text == text


def test_a_fence_knows_the_line_of_each_of_its_lines() -> None:
    assert where(script("\nmake\n\nmake test")) == [2, 3, 4]


@pytest.mark.parametrize(
    ("body", "text", "lines"),
    [
        ("$ make\nmade\n$ ls \\\n>  -l\nfile", "make\nls \\\n -l", [1, 3, 4]),
        ("$ cat <<EOF\n> a\n> EOF\na\n$ ls", "cat <<EOF\na\nEOF\nls", [1, 2, 3, 5]),
        ("$ ls | while read x; do\n>   echo $x\n> done\none", "ls | while read x; do\n  echo $x\ndone", [1, 2, 3]),
        ("$ echo 'a\n> b'\na\nb", "echo 'a\nb'", [1, 2]),
        ("(venv) ada@host:~/shop$ make\nmade\n[ada@host shop]$ ls\nfile", "make\nls", [1, 3]),
        ("Welcome\n$ make\nmade", "make", [2]),
        ("% make\nmade", "make", [1]),
    ],
    ids=["continued", "a heredoc", "a loop", "a quote", "prompts with names", "output first", "zsh's prompt"],
)
def test_in_a_session_prompts_are_taken_off_and_output_is_no_command(body: str, text: str, lines: list[int]) -> None:
    command = script(body, "console")
    assert (command.text, where(command)) == (text, lines)


def test_a_dollar_in_a_heredoc_makes_no_session_of_a_script() -> None:
    """The other lines would be taken for output, and left out without a word."""
    body = "make\ncat <<EOF > price\n$ 5\nEOF\nls"
    assert script(body).text == body


@pytest.mark.parametrize(
    ("language", "runs"),
    [
        *[(each, True) for each in ("sh", "bash", "zsh", "shell", "console", "shell-session", "python", "python3", "")],
        *[(each, True) for each in ("Bash", "{.bash}")],
        *[(each, False) for each in ("json", "fish", "powershell", "pycon", "text", "hcl")],
    ],
)
def test_what_the_info_string_names_says_whether_it_is_run(language: str, runs: bool) -> None:
    assert bool(scripts(f"```{language}\nmake it --now\n```")) is runs


def test_a_session_of_python_is_no_script() -> None:
    assert scripts("```python\n>>> 1 + 1\n2\n```") == []


def test_a_fence_of_comments_is_no_script() -> None:
    assert scripts("```bash\n# nothing to do\n```") == []


@pytest.mark.parametrize(
    ("between", "goes_on"),
    [
        (f"{MARK}\n", True),
        (f"{MARK}\n\nand then:\n\n", True),
        ("<!--phasegate:same-shell-->\n", True),
        ("  and then:\n\n", False),
        ("<!-- phasegate: other -->\n", False),
    ],
)
def test_a_fence_goes_on_in_the_shell_of_the_one_before_where_that_is_said(between: str, goes_on: bool) -> None:
    first, second = scripts(f"```bash\nX=1\n```\n\n{between}```bash\necho $X\n```")
    assert (first.same_shell, second.same_shell) == (False, goes_on)
    assert second.placeholders == (() if goes_on else ("$X",))


def test_a_mark_is_about_the_next_fence_alone() -> None:
    three = scripts(f"```bash\nX=1\n```\n{MARK}\n```bash\nY=2\n```\n```bash\nmake $X\n```")
    assert [each.same_shell for each in three] == [False, True, False]
    assert three[2].placeholders == ("$X",)


def test_what_two_fences_before_set_is_set() -> None:
    three = scripts(f"```sh\nX=1\n```\n{MARK}\n```sh\nY=2\n```\n{MARK}\n```sh\nmake $X $Y $Z\n```")
    assert three[2].placeholders == ("$Z",)


@pytest.mark.parametrize(
    ("body", "language", "places"),
    [
        ("deploy [name] --query 'S[].[name]'", "bash", ((7, "[name]"),)),
        ("# see [the wiki](x), <NAME>\ndeploy <NAME>", "bash", ((35, "<NAME>"),)),
        ("cat <<EOF > a\n# [section]\nEOF", "bash", ((16, "[section]"),)),
        ('x = [one for one in ()]; print(f"{x}", a < b > c)', "python", ()),
        ('upload("<bucket>", [key])', "python", ((8, "<bucket>"),)),
    ],
    ids=["none in a path of JMESPath", "none in a comment", "in a heredoc", "brackets of Python", "a text of Python"],
)
def test_placeholders_have_their_places(body: str, language: str, places: tuple[tuple[int, str], ...]) -> None:
    assert script(body, language).blanks == places


def test_a_fence_without_a_language_is_told_from_inline_code() -> None:
    assert [each.language for each in scripts("Run `make it`.\n\n```\nmake more\n```")] == ["", "sh"]
