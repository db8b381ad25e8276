"""Which commands does a runbook show, cut where by grammar 1, and what in them is to be filled in?

How a fence is one script by grammar 2: `test_fence_script.py`.
"""

from __future__ import annotations

import pytest

from workflow.runbook.commands import fence_commands, inline_commands
from workflow.runbook.grammar import GRAMMAR_1, GRAMMAR_2, Grammar
from workflow.runbook.lines import scan
from workflow.runbook.report import Report


def commands(body: str, language: str = "bash", label: str = "", grammar: Grammar = GRAMMAR_2) -> list[str]:
    lines = scan(f"```{language}\n{body}\n```\n".encode(), Report(), grammar)
    return [command.text for command in fence_commands(lines, 0, label)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("make\nmake test", ["make", "make test"]),
        ("# first\nmake  # why\n\n# last", ["make  # why"]),
        ("aws s3 ls \\\n  --recursive\nmake", ["aws s3 ls \\\n  --recursive", "make"]),
        ("make &&\nmake test", ["make &&\nmake test"]),
        ("cat a |\n  sort", ["cat a |\n  sort"]),
        ("cat <<EOF > f\nmake\nEOF\nls", ["cat <<EOF > f\nmake\nEOF", "ls"]),
        ("cat <<-'END'\nmake\nEND\nls", ["cat <<-'END'\nmake\nEND", "ls"]),
        ('echo "one\ntwo"\nls', ['echo "one\ntwo"', "ls"]),
        ("echo 'it'\"'\"'s'\nls", ["echo 'it'\"'\"'s'", "ls"]),
        ("echo it\\'s\nls", ["echo it\\'s", "ls"]),
        ("for t in a b; do\n  echo $t\ndone\nls", ["for t in a b; do\n  echo $t\ndone", "ls"]),
        ("if [ -f x ]; then echo y; fi\nls", ["if [ -f x ]; then echo y; fi", "ls"]),
        ("f() {\n  ls\n}\nf", ["f() {\n  ls\n}", "f"]),
        ("$ make\nmade\n$ ls \\\n  -l\nfile", ["make", "ls \\\n  -l"]),
        ("  make\n  ls", ["make", "ls"]),
        ("cat <<EOF\nnever closed", ["cat <<EOF\nnever closed"]),
    ],
)
def test_by_grammar_1_a_block_is_cut_into_its_commands(body: str, expected: list[str]) -> None:
    assert commands(body, grammar=GRAMMAR_1) == expected


@pytest.mark.parametrize(
    ("grammar", "text", "line"), [(GRAMMAR_1, "make it", 5), (GRAMMAR_2, "# why\nmake it", 4)], ids=["1", "2"]
)
def test_a_command_knows_its_line_and_language(grammar: Grammar, text: str, line: int) -> None:
    lines = scan(b"text\n\n  ```sh\n  # why\n  make it\n  ```\n", Report(), grammar)
    (command,) = fence_commands(lines, 2, "")
    assert (command.text, command.line, command.language) == (text, line, "sh")


def test_a_fence_that_ends_with_the_file_has_all_its_commands() -> None:
    lines = scan(b"```sh\nmake it", Report(), GRAMMAR_2)
    assert [command.text for command in fence_commands(lines, 0, "")] == ["make it"]


@pytest.mark.parametrize(
    ("body", "language", "label"),
    [
        ('{"a": 1}', "json", ""),
        ("terraform apply", "hcl", ""),
        ("[what happened]", "", "Notes"),
        ("src/\n  main.py", "", "Layout"),
        ("aws said this", "", "**Expected Output:**"),
        ("aws said this", "bash", "Expected result:"),
    ],
)
def test_what_is_no_command_is_not_taken_for_one(body: str, language: str, label: str) -> None:
    assert commands(body, language, label) == []


def test_a_fence_without_a_language_is_taken_when_it_looks_like_a_command() -> None:
    assert commands("aws s3 ls", "") == ["aws s3 ls"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("installed (`make install`)", ["make install"]),
        ("run `./go.sh` and `git -P log`", ["./go.sh", "git -P log"]),
        ("run `$ make it`", ["make it"]),
        ("`expiresAt` in `infrastructure/config/dev.json`", []),
        ("``make it`` and `make more`", ["make it", "make more"]),
        ("``a `quoted` word`` and `SELECT * FROM t`", []),
    ],
)
def test_inline_code_is_a_command_when_it_looks_like_one(text: str, expected: list[str]) -> None:
    assert [command.text for command in inline_commands(text, 1, GRAMMAR_2)] == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("git push deploy/[environment]-[date]", ("[environment]", "[date]")),
        ("aws [service] get-[thing]", ("[service]", "[thing]")),
        ("aws x --stack-name <STACK>", ("<STACK>",)),
        ("aws x --stack-name ${STACK} ${STACK}", ("${STACK}",)),
        ("STACK=a; aws x ${STACK}", ()),
        ("STACK=${STACK}\naws x $STACK", ("${STACK}", "$STACK")),
        ('export STACK="$STACK"; aws x $STACK', ("$STACK",)),
        ("STACK=a\nSTACK=$STACK-b\naws x $STACK", ()),
        ("STACK=$STACKS\naws x $STACK", ("$STACKS",)),
        ("aws x --query 'Stacks[].[StackName]'", ()),
        ("aws x --query 'Items[?Name==`a`].Id'", ()),
        ("[ -f a ] && [[ -f b ]]", ()),
        ("grep '[a-z]' < in > out", ()),
        ("cat <<EOF\nx\nEOF", ()),
    ],
)
def test_placeholders_are_named_and_shell_syntax_is_not_one(body: str, expected: tuple[str, ...]) -> None:
    lines = scan(f"```bash\n{body}\n```\n".encode(), Report(), GRAMMAR_2)
    (command,) = fence_commands(lines, 0, "")
    assert command.placeholders == expected


def test_a_variable_assigned_earlier_in_the_block_is_no_placeholder() -> None:
    lines = scan(b"```bash\nexport ID=$(aws x)\naws y ${ID} ${OTHER}\n```\n", Report(), GRAMMAR_2)
    assert [command.placeholders for command in fence_commands(lines, 0, "")] == [("${OTHER}",)]
