"""Which simple commands does a line for `sh` hold, word by word? None where that cannot be said without running it.

Rules:
- Known: words, quotes, backslashes, comments, `|`, `;`, `&&`, `||`, line ends, and output that is thrown away or joined
  (`2>&1`, `>/dev/null`).
- Everything that the shell would replace by something else, or do besides, is refused: `$` outside of single quotes,
  backticks, wildcards, braces, subshells, background jobs, here documents, redirections to and from files, and any
  control sign.

Source: POSIX.1-2017, Shell Command Language, 2.2 Quoting and 2.3 Token Recognition. What bash adds when it is `sh`
(brace expansion, `&>`, process substitution) is refused with the rest.
"""

from __future__ import annotations

from state.late_pattern import late

_BLANK = r"[ \t]+|\\\n"
_COMMENT = r"#[^\n]*"
_DISCARDED = r"(?:2>&1|1>&2|[12]?>[ \t]*/dev/null)(?=[ \t\n|;]|&&|\Z)"
_PASSED_OVER = late(f"{_BLANK}|{_COMMENT}|{_DISCARDED}")
_SEPARATOR = late(r"&&|\|\||[|;\n]")
_PLAIN = late(r"[^\s\x00-\x1f\x7f'\"\\|&;<>()$`*?\[\]{}!]+")
_NOT = late(r"(?<=[ \t])!=?(?=[ \t])")  # `test ! -e x`; in front of a command it is the shell's own
_ESCAPED = late(r"\\([^\n])")
_SINGLE = late(r"'([^']*)'")
_DOUBLE = late(r'"((?:[^"\\$`]|\\[\s\S])*)"')
_IN_DOUBLE = late(r'\\(["\\$`]|\n)')
_CONTROL = late(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def simple_commands(text: str) -> list[list[str]] | None:
    """The words of each simple command in the text, in order, quotes taken off; comments and empty lines left out.

    How the commands are joined is not told. None when the text holds anything that is not in the rules above.
    """
    if _CONTROL.search(text):
        return None
    commands: list[list[str]] = [[]]
    at = 0
    while at < len(text):
        if found := _PASSED_OVER.match(text, at):
            at = found.end()
        elif found := _SEPARATOR.match(text, at):
            if not commands[-1] and found.group() != "\n":
                return None  # `| x`, `x ||| y`, `;;`
            commands.append([])
            at = found.end()
        elif commands[-1] and (found := _NOT.match(text, at)):
            commands[-1].append(found.group())
            at = found.end()
        elif (read := _word(text, at)) is not None:
            word, at = read
            commands[-1].append(word)
        else:
            return None
    return [words for words in commands if words]


def _word(text: str, at: int) -> tuple[str, int] | None:
    """The word that begins here and where it ends; None when it cannot be read."""
    parts: list[str] = []
    begin = at
    while at < len(text):
        if found := _PLAIN.match(text, at):
            parts.append(found.group())
        elif found := _SINGLE.match(text, at):
            parts.append(found.group(1))
        elif found := _DOUBLE.match(text, at):
            parts.append(_IN_DOUBLE.sub(lambda escape: escape.group(1).strip("\n"), found.group(1)))
        elif found := _ESCAPED.match(text, at):
            parts.append(found.group(1))
        elif text.startswith("\\\n", at):  # a line that goes on within a word
            at += 2
            continue
        else:
            break
        at = found.end()
    return ("".join(parts), at) if at > begin else None
