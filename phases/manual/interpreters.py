"""Which program runs a fence? By the language that its info string names; inline code and a bare fence are `sh`'s.

Rules:
- A shell stops at the first command that fails: `-e`; bash and zsh also look at every part of a pipeline
  (`-o pipefail`). POSIX's `sh` has no such option (POSIX.1-2017, `set`), so there the last part of a pipeline counts.
- zsh reads none of its start-up files but /etc/zshenv (`-f`); bash and sh read none when they run a script.
- A language that names no shell in particular (`shell`, `console`) is `sh`: the same everywhere, with or without bash.
- Python stops at the first exception by itself. It reads the script from its input, so that modules beside the runbook
  are found as they are by `python` in that directory.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from state.cheap_classes import dataclass
from state.model import Command

NOT_FOUND = "is not found on PATH"
SESSIONS = frozenset({"console", "terminal", "shell-session", "shellsession"})  # prompts with output between them


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A program that runs scripts.

    Attributes:
        programs: its names, the first one that is found counts.
        options: what it is started with.
        is_shell: whether it takes a script line by line, and commands are known by their lines.
    """

    programs: tuple[str, ...]
    options: tuple[str, ...]
    is_shell: bool = True

    @property
    def name(self) -> str:
        """As people write it."""
        return self.programs[0]

    @property
    def call(self) -> str:
        """How it is started, without the script: `bash -e -o pipefail`."""
        return " ".join((self.name, *self.options))

    def found(self, environment: Mapping[str, str]) -> str | None:
        """Path of the program on this PATH; None where there is none of them."""
        path = environment.get("PATH")
        return next((found for each in self.programs if (found := shutil.which(each, path=path))), None)

    def missing(self, environment: Mapping[str, str]) -> str:
        """That it is not here, in words; "" where it is."""
        return f"{self.name} {NOT_FOUND}" if self.found(environment) is None else ""


_SH = Interpreter(("sh",), ("-e",))
_BASH = Interpreter(("bash",), ("-e", "-o", "pipefail"))
_ZSH = Interpreter(("zsh",), ("-f", "-e", "-o", "pipefail"))
_PYTHON = Interpreter(("python3", "python"), ("-u", "-"), is_shell=False)

_LANGUAGES: Mapping[str, Interpreter] = {
    **dict.fromkeys(("", "sh", "shell", *SESSIONS), _SH),
    "bash": _BASH,
    "zsh": _ZSH,
    **dict.fromkeys(("python", "python3", "py"), _PYTHON),
}


def plain_language(info: str) -> str:
    """The language of an info word: `{.bash}` and `Bash` are `bash`."""
    return info.strip("{}.").lower()


def missing_here(command: Command, environment: Mapping[str, str]) -> str:
    """Which program a command's fence waits for, in words; "" where it can be run."""
    interpreter = interpreter_of(command.language)
    return interpreter.missing(environment) if interpreter is not None else ""


def interpreter_of(info: str) -> Interpreter | None:
    """What runs a fence with this info word ("" for inline code); None where its language is none that is run."""
    return _LANGUAGES.get(plain_language(info))
