"""On which lines of a shell script does a command begin, and is it whole at the end of a line?

Rules:
- Quotes, heredocs, continued lines, pipes and lists that go on, parentheses and compound commands keep lines together.
- What is told here is said of a script and never changes it: a place that is told wrongly makes a line of a report less
  exact, and no command another one. Only the prompts of a session are taken off by it.

Source: POSIX.1-2017, Shell Command Language, 2.3 Token Recognition, 2.4 Reserved Words, 2.7.4 Here-Document.
"""

from __future__ import annotations

from collections.abc import Sequence

from state.late_pattern import late

_HEREDOC = late(r"<<(-?)[ \t]*(?:'([^']+)'|\"([^\"]+)\"|\\?([\w.+-]+))")
_WORD = late(r"[^\s;|&(){}<>\"'\\`#]+|[{}]")
_OPENS = frozenset({"if", "for", "while", "until", "case", "select", "{"})
_CLOSES = frozenset({"fi", "done", "esac", "}"})
_BEFORE_A_COMMAND = frozenset({"do", "then", "else", "elif", "if", "while", "until", "!", "time", "{"})
_GOES_ON = late(r"(?:&&|\|\|?|\\)$")


class ShellLines:
    """Reads a script line by line."""

    def __init__(self) -> None:
        self._quote = ""
        self._heredocs: list[tuple[str, bool]] = []  # the word that ends it, and whether tabs may stand before that
        self._depth = 0  # of compound commands
        self._parentheses = 0
        self._goes_on = False

    def is_whole_after(self, line: str) -> bool:
        """Take the next line; whether every command that was begun is whole then."""
        if self._heredocs:
            word, tabs = self._heredocs[0]
            if (line.lstrip("\t") if tabs else line).rstrip() == word:
                del self._heredocs[0]
        else:
            code = self._scan(line).rstrip()
            self._goes_on = self._quote == "" and _GOES_ON.search(code) is not None
        return not (self._heredocs or self._quote or self._goes_on or self._depth > 0 or self._parentheses > 0)

    def _scan(self, line: str) -> str:
        """Bring the state behind this line, and return the line without its comment."""
        at, expects_command = 0, True
        while at < len(line):
            sign = line[at]
            if self._quote:
                at = self._in_quote(line, at)
            elif sign == "\\":
                at, expects_command = at + 2, False
            elif sign in "\"'`":
                self._quote, at, expects_command = sign, at + 1, False
            elif sign == "#" and (at == 0 or line[at - 1] in " \t;&|()"):
                return line[:at]
            elif line.startswith("<<", at) and not line.startswith("<<<", at) and (found := _HEREDOC.match(line, at)):
                self._heredocs.append((found[2] or found[3] or found[4], found[1] == "-"))
                at = found.end()
            elif sign in ";|&()":
                self._parentheses = max(self._parentheses + {"(": 1, ")": -1}.get(sign, 0), 0)
                at, expects_command = at + 1, True
            elif line.startswith(("$(", "${"), at):
                at += 1 if line[at + 1] == "(" else line.find("}", at) - at + 1 if "}" in line[at:] else 2
            elif found := _WORD.match(line, at):
                expects_command = self._word(found[0], expects_command=expects_command)
                at = found.end()
            else:
                at += 3 if line.startswith("<<<", at) else 1
        return line

    def _in_quote(self, line: str, at: int) -> int:
        if line[at] == "\\" and self._quote != "'":
            return at + 2
        if line[at] == self._quote:
            self._quote = ""
        return at + 1

    def _word(self, word: str, *, expects_command: bool) -> bool:
        """Take a word; whether a command may begin behind it."""
        if not expects_command:
            return False
        self._depth += (word in _OPENS) - (word in _CLOSES and self._depth > 0)
        return word in _BEFORE_A_COMMAND


def without_comments(lines: Sequence[str]) -> list[str]:
    """The lines, each as long as it is, with blanks for those that are a comment and nothing else."""
    kept: list[str] = []
    reader, whole = ShellLines(), True
    for line in lines:
        comment = whole and line.lstrip().startswith("#")
        kept.append(" " * len(line) if comment else line)
        whole = comment or reader.is_whole_after(line)
    return kept


def command_lines(lines: Sequence[str]) -> list[int]:
    """Indices of the lines at which a command begins: those of comments, blanks and continuations are left out."""
    begins: list[int] = []
    reader, whole = ShellLines(), True
    for index, line in enumerate(lines):
        if whole and (not line.strip() or line.lstrip().startswith("#")):
            continue
        if whole:
            begins.append(index)
        whole = reader.is_whole_after(line)
    return begins


# Behind these an exit code of 0 is not certain when the shell goes on: -e does not look at every part of them.
_TESTED = late(r"&&|\|\||(?:^|[;|(]\s*)!\s|&\s*$|^\s*(?:if|for|while|until|case|select|\{|\(|[\w-]+\s*\(\))")
_WITHOUT_E = late(r"(?m)^\s*(?:set\s+\+\w*e|set\s+\+o\s+errexit|setopt\s+no_?err_?exit|trap\b)")


def stops_when_it_fails(command: str, script: str) -> bool:
    """Whether a shell with `-e` would have ended in this command of the script if it had failed."""
    return _TESTED.search(command) is None and _WITHOUT_E.search(script) is None
