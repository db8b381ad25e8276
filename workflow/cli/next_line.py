"""What is to be typed next, as it works where the person stands? The one door by which `next:` lines are printed.

Rules:
- A command of ours gets the `-C DIR` that was given. A command of git's or on files names paths as seen from the top of
  the repository, so it goes there, also from a directory below it; so does one of ours with `--path` or a runbook.
- What goes on with a run takes the answers file along that this process was given: its answers hold for the run.
- `phasegate resume` names the run that this process has in hand: several may be unfinished.
- An editor is typed as `$EDITOR`, and as `${EDITOR:-vi}` where no EDITOR is set: typed as printed, both open the file.
- Only commands are touched, where one begins: at the beginning of a line, after `&&`, `or:`, `then:`; never a remark.
- A command inside of other words (what is told while a run goes on, a refusal) stands behind a colon.
- What a terminal would not show as itself is spelt, so that it can be typed as it is printed, and makes no line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from shlex import quote
from typing import TYPE_CHECKING

from state.cheap_classes import dataclass
from state.errors import PhasegateError
from state.printable import printable_line
from workflow.cli.say import say
from workflow.cli.verbs import VERBS
from workflow.service.run_at_hand import answers_at_hand, run_at_hand
from workflow.views.run_words import FOR_FIELDS, runs_quoted

if TYPE_CHECKING:
    from pathlib import Path

LOOK = "git status   # what phasegate was refused there, git says in its own words"  # where a refusal names nothing
FIRST, FURTHER = "next: ", "      "
_QUOTED = r"'[^']*'|\"[^\"]*\""
_BEGINS = r" {3}# | && | \|\| |\b(?:or|then): |\bthen (?=phasegate )|; "
_PARTS = f"{_QUOTED}|(?P<begins>{_BEGINS})"  # this and those below are compiled where there is a line to look at
_REMARK = "   # "
_OWN_NEXT = "; next: "  # in a problem of several, before its command
_GOES_ON = r"^resume(?= -|$)"  # with no run's id behind it
# one of ours that names a runbook by its path from the top
_NAMES_A_RUNBOOK = r"(?i)^(?:run|plan|init|questions|checks) .*\.(?:md|markdown)(?:['\" ]|$)"
# what goes on with a run, and is not given another answers file, or none
_TAKES_ANSWERS = r"(?:resume|done) (?!.*--(?:answers|take-back|ask-again)\b)"
_OF_OURS = r"(?<=: )phasegate .*"  # in a line of other words, to its end
_EDITOR = "${EDITOR:-vi}"
# commands that are named with paths in the repository
_ON_FILES = ("cat", "find", "ls", "$EDITOR", "cp", "mv", "rm", "iconv")


@dataclass(slots=True)
class Standing:
    """Where a command works, as it was typed; one for each command line.

    Attributes:
        directory: of `-C DIR`, as seen from the process; "" when none was given.
        no_input: whether nobody is to be asked, although there may be a terminal.
    """

    directory: str = ""
    no_input: bool = False

    @property
    def path(self) -> Path:
        from pathlib import Path  # here, so that `--help` starts without it

        return Path(self.directory)

    def below(self, directory: str) -> None:
        """Go on in this directory, as seen from that one."""
        self.directory = os.path.normpath(self.path / directory)


def directory_given(arguments: Sequence[str]) -> str:
    """The DIR of the last `-C DIR` before the verb; "" when there is none."""
    return _before_and_verb(arguments)[0]


def verb_given(arguments: Sequence[str]) -> str:
    """The first word that is neither an option nor the DIR of `-C DIR`; "" when there is none."""
    return _before_and_verb(arguments)[1]


def _before_and_verb(arguments: Sequence[str]) -> tuple[str, str]:
    directory, words = "", iter(arguments)
    for word in words:
        if word == "-C":
            directory = next(words, "")
        elif word.startswith("-C"):
            directory = word.removeprefix("-C")
        elif not word.startswith("-"):
            return directory, word
    return directory, ""


def say_next(at: Standing, *commands: str, err: bool = True) -> None:
    """Print commands that may be typed now, one a line, on standard error; remarks behind three blanks and a `#`."""
    say(next_lines(at, *commands), err=err, commands=True)


def say_goes_on(at: Standing, run_id: str, *, is_asked: bool) -> None:
    """Print what goes on with a run after a verdict; `is_asked`: whether a terminal had the question, and does so."""
    goes_on = f"phasegate resume {run_id}"
    watch = f"phasegate status {run_id} --watch   # nothing is to be typed: the terminal that asked goes on by itself"
    say_next(at, watch if is_asked else goes_on)


def say_refusal(at: Standing, error: PhasegateError) -> None:
    """Print what was refused, and what is to be typed now, on standard error."""
    say("phasegate: " + inside_a_line(at, "\n".join(_with_own_next(at, line) for line in error.lines())), err=True)
    say_next(at, *(error.next_command or LOOK).split(f"\n{FURTHER}"))


def _with_own_next(at: Standing, line: str) -> str:
    """A problem that names a command of its own, as it works where the person stands."""
    problem, begins, command = line.partition(_OWN_NEXT)
    return problem + begins + typed_here(at, command) if begins else line


def next_lines(at: Standing, *commands: str) -> str:
    """The commands as they work where the person stands; the first one behind `next: `."""
    top = _top(at)
    return FIRST + f"\n{FURTHER}".join(_line(_typeable(each), at.directory, top) for each in commands)


def all_typed_here(at: Standing, commands: str) -> str:
    """The commands of a refusal, one a line, as they work where the person stands."""
    return f"\n{FURTHER}".join(typed_here(at, each) for each in commands.split(f"\n{FURTHER}"))


def typed_here(at: Standing, command: str) -> str:
    """One command as it works where the person stands, for a line of other words."""
    return _line(_typeable(command), at.directory, _top(at))


def inside_a_line(at: Standing, text: str) -> str:
    """Other words with a command of ours in them, behind a colon, as it works where the person stands.

    What echoes a command that is run (`$ ...`) stays as it is.
    """
    if not at.directory or "phasegate " not in text:
        return text
    return "\n".join(
        line if line.lstrip().startswith("$") else re.sub(_OF_OURS, lambda found: typed_here(at, found[0]), line)
        for line in text.split("\n")
    )


def _top(at: Standing) -> str:
    """The top of the repository as seen from the process, "" for where it is; as typed where that says the same."""
    from workflow.service.workspace import workspace_of  # here, so that `--help` starts without it

    try:
        top = workspace_of(at.path)
        if top == at.path.resolve():
            return at.directory
        found = os.path.relpath(top)
    except (PhasegateError, OSError, ValueError):
        return at.directory  # no repository, or no directory: git says so
    return "" if found == "." else found


def _line(line: str, directory: str, top: str) -> str:
    """One line of commands, each as it works here."""
    parts, begun, is_command = [], 0, True
    for found in re.finditer(_PARTS, line):
        if found["begins"] is None:
            continue
        segment = line[begun : found.start()]
        parts += [_command(segment, directory, top) if is_command else segment, found[0]]
        begun, is_command = found.end(), found[0] != _REMARK
    whole = "".join([*parts, _command(line[begun:], directory, top) if is_command else line[begun:]])
    return whole.replace(FOR_FIELDS, "") if " --answers " in whole.partition(_REMARK)[0] else whole


def _command(segment: str, directory: str, top: str) -> str:
    """One command, as it works here; what is none stays as it is."""
    name, _, rest = segment.partition(" ")
    if name == "phasegate" and rest.split(" ")[0] in VERBS:
        return _of_ours(rest, directory, top)
    if name == "$EDITOR" and not os.environ.get("EDITOR"):
        segment = f"{_EDITOR} {rest}"
    if not top:
        return segment
    if _is_on_files(name, segment):
        return _in_subshell(segment, _holds(rest, directory, top))
    return f"git -C {_word(top)} {rest}" if name == "git" and rest else segment


def _of_ours(rest: str, directory: str, top: str) -> str:
    """One command of ours, as it works here; `rest`: from its verb on."""
    place = top if " --path " in rest or re.match(_NAMES_A_RUNBOOK, rest) else directory
    if run_id := run_at_hand():  # there may be other unfinished ones
        rest = re.sub(_GOES_ON, lambda _found: f"resume {_word(run_id)}", rest)
    if (answers := answers_at_hand()) and re.match(_TAKES_ANSWERS, rest):
        given = f"{rest.rstrip(' ,')} --answers {_word(answers)}"
        rest = f"{given}{rest[len(rest.rstrip(' ,')) :]}"
    return f"phasegate -C {_word(place)} {rest}" if place else f"phasegate {rest}"


def _is_on_files(name: str, segment: str) -> bool:
    """Whether a command names paths in the repository, so that it works at the top only."""
    return name in _ON_FILES or (name == "git" and " > " in segment) or " >> .phasegate/" in segment


def _holds(path: str, directory: str, top: str) -> str:
    """Where the path is that a command names: at the top, or where the person works, as a checks file may be."""
    at_top, below = os.path.join(top, path), os.path.join(directory, path)  # noqa: PTH118
    return directory if os.path.lexists(below) and not os.path.lexists(at_top) else top


def _in_subshell(segment: str, place: str) -> str:
    """The command in that directory; a comma behind it stays outside."""
    if not os.path.isdir(place):  # noqa: PTH112
        return segment
    command = segment.rstrip(" ,;")
    return f"(cd -- {_word(place)} && {command}){segment[len(command) :]}"


def _typeable(command: str) -> str:
    """The command in one line that a terminal shows as it is: quoted words with other signs are spelt."""
    return printable_line(re.sub(_QUOTED, lambda word: _seen(word[0]), runs_quoted(command)))


def _seen(quoted: str) -> str:
    return _word(quoted[1:-1]) if quoted[0] == "'" and _odd(quoted) else quoted


def _word(text: str) -> str:
    """The text as one word of a shell; what a terminal would not show as itself is spelt by printf."""
    return f"\"$(printf '{''.join(map(_spelt, os.fsencode(text)))}')\"" if _odd(text) else quote(text)


def _odd(text: str) -> bool:
    return printable_line(text) != text or "\t" in text


def _spelt(byte: int) -> str:
    sign = chr(byte)
    return sign if sign.isascii() and (sign.isalnum() or sign in "/._-+,:=@ ") else f"\\{byte:03o}"
