"""Every refusal of the product offers a command to type, and every such command is one: no prose among its words.

Read from the sources. What stands behind three blanks and a `#` is a remark, and may say anything.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from state import errors
from tests.worlds.offered_commands import offered, text_of
from tests.worlds.sources import ROOT, modules
from workflow.sandbox import errors as sandbox_errors

REFUSALS = {
    name
    for module in (errors, sandbox_errors)
    for name, value in vars(module).items()
    if isinstance(value, type) and issubclass(value, errors.PhasegateError)
}
DEFINE = ("state.errors", "workflow.sandbox.errors")
PROGRAMS = {
    *("phasegate", "git", "pip", "aws", "$EDITOR", "PHASEGATE_DEBUG=1", "apt-get", "ssh-add", "iconv"),
    *("ls", "cat", "cp", "mv", "rm", "mkdir", "cd", "echo", "export", "kill", "wc", "locale", "date", "df", "createdb"),
}
PROSE = re.compile(r"[,;] |\b(or|then|see)\b|\.\.\.( |$)")
REFUSING = re.compile(rb"next_command|state\.errors|sandbox\.errors")  # to parse every file takes a second
OTHERS = "workflow/doors/git/"  # what git refused, it tells in its own words: `git status` is offered then
WITHOUT = {  # who raises it, and why it offers no command
    "workflow/audit/journals.py": "is a finding of the audit, never shown as a refusal",
    "workflow/doors/aws/errors.py": "a fault of ours",
    "workflow/engine/counting_policy.py": "a fault of ours: how the process was put together",
    "workflow/sandbox/inprocess.py": "for programs that are written with phasegate, which no command line starts",
    "workflow/mcp/arguments.py": "answers an agent: its next step is a tool with its arguments",
    "workflow/runbook/reader.py": "a fault of ours: a shape that the command line does not let in",
    "workflow/runbook/marks.py": "a fault of ours: a state of a box that nobody can give",
}


def refusals_without_a_command(tree: ast.AST) -> Iterator[int]:
    """The lines of calls that make a refusal of ours, and name no next command."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module in DEFINE]
    refusals = REFUSALS.intersection(alias.name for node in imports for alias in node.names)
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), keywords=keywords) if name in refusals:
                if not {"next_command", None} & {keyword.arg for keyword in keywords}:
                    yield node.lineno


def untypeable(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The lines of next commands that are none, with what is written there."""
    for value in offered(tree):
        for line in text_of(value).split("\n"):
            for command in re.split(r" && | \|\| ", line.split("   #")[0].strip()):
                program = command.split(" ")[0]
                if program not in {*PROGRAMS, "X", ""} or PROSE.search(re.sub(r"'[^']*'|\"[^\"]*\"", "", command)):
                    yield value.lineno, command


def sources() -> Iterator[tuple[str, ast.AST]]:
    for path in modules(ROOT).values():
        if REFUSING.search(source := path.read_bytes()):
            yield path.relative_to(ROOT).as_posix(), ast.parse(source)


@cache
def looked_at() -> tuple[set[str], list[str]]:
    """Refusals without a command, and commands that are none, of all sources: each is parsed once."""
    without, wrong = set(), []
    for name, tree in sources():
        without |= {f"{name}:{line}" for line in refusals_without_a_command(tree) if not name.startswith(OTHERS)}
        wrong += [f"{name}:{line}: {what}" for line, what in untypeable(tree)]
    return without, wrong


@pytest.mark.slow  # a second: half of the sources are parsed
def test_every_refusal_offers_a_command() -> None:
    found, _ = looked_at()
    assert {each for each in found if each.partition(":")[0] not in WITHOUT} == set()
    assert {each.partition(":")[0] for each in found} == set(WITHOUT)


@pytest.mark.slow  # a second: half of the sources are parsed
def test_every_command_that_is_offered_is_one() -> None:
    assert looked_at()[1] == []


@pytest.mark.parametrize(
    ("source", "is_wrong"),
    [
        ("BadInput('a', next_command='git status')", False),
        ("BadInput('a', next_command=f'git status {x} && phasegate resume   # or, then: see')", False),
        ("BadInput('a', next_command='git status\\n      phasegate resume' if x else 'ls *.md')", False),
        ("BadInput('a', next_command='git stash, then: phasegate resume')", True),
        ("BadInput('a', next_command='phasegate run ... --yes')", True),
        ("BadInput('a', next_command='name another path')", True),
        ("BadInput('a', next_command='git status\\n      see the docs')", True),
        ("BadInput('a')", True),
        ("StepFailed('a', problems=[])", True),
        ("ValueError('a')", False),
    ],
)
def test_what_is_wrong_is_seen(source: str, is_wrong: bool) -> None:
    tree = ast.parse(f"from state.errors import BadInput, StepFailed\n{source}")
    assert bool([*refusals_without_a_command(tree), *untypeable(tree)]) == is_wrong
