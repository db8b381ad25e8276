"""Which programs does a script of a shell name that are not found here? Told before it runs; it runs all the same.

    not_found_here("echo begin\nnosuchprog destroy")    # ["nosuchprog"]

Looked at are the first words of its lines, and of the parts of a line that is a plain one (`a && b`, `a | b`), on PATH.
Nothing is said where a shell alone can tell: of a word with `/` or `$`, of functions and aliases of the script, and of
a script that changes PATH or reads another one. So a fence that installs a program and goes on with it is run.
"""

from __future__ import annotations

import shutil

from phases.manual.shell_lines import command_lines
from phases.manual.shell_words import simple_commands
from phases.tried_answers import program_of
from state.late_pattern import late

_CHANGES_WHAT_IS_FOUND = late(r"(?m)\bPATH=|(?:^|[;&|]\s*)(?:source|\.|alias|eval|activate|enable)\s")
_FUNCTION = late(r"(?m)(?:^|[;&|]\s*)(?:function\s+([\w.-]+)|([\w.-]+)\s*\(\))")
_SETS = late(r"\s*[A-Za-z_]\w*\+?=")
_BUILTINS = """
    builtin caller compgen complete compopt declare dirs disown function help history let local logout mapfile popd
    pushd readarray select shopt suspend time typeset autoload setopt unsetopt whence where print
"""  # of bash and zsh, beside those of any shell
_OF_BASH_AND_ZSH = frozenset(_BUILTINS.split())


def not_found_here(text: str) -> list[str]:
    """The names, in order, each once."""
    return list(rows_not_found_here(text))


def rows_not_found_here(text: str) -> dict[str, int]:
    """The names, in order, each with the index of the line that names it first."""
    return {name: row for name, row in rows_of_programs(text).items() if shutil.which(name) is None}


def rows_of_programs(text: str) -> dict[str, int]:
    """The programs that a script names, here or not, likewise."""
    if _CHANGES_WHAT_IS_FOUND.search(text):
        return {}
    own = {name for found in _FUNCTION.findall(text) for name in found} | _OF_BASH_AND_ZSH
    lines = text.split("\n")
    first: dict[str, int] = {}
    for row in command_lines(lines):
        for name in _programs(lines[row]):
            first.setdefault(name, row)
    return {name: row for name, row in first.items() if name and "/" not in name and name not in own}


def _programs(line: str) -> list[str]:
    commands = simple_commands(line)
    if commands is None:  # a value that is worked out may have words of its own
        return [] if _SETS.match(line) else [program_of(line.strip())]
    first = (next((word for word in words if not _SETS.match(word)), "") for words in commands)
    return [program_of(word) for word in first if not word.count(" ")]
