"""Which commands does a piece of a runbook show? From fences and inline code, with their placeholders.

Rules:
- A fence is read as commands when its language is a shell's, or when it has none and its first line looks like one.
  What stands under "Expected output" is none.
- A fence is one script, and so one command (`fence_script.py`). By grammar 1 it is cut into its commands: comments are
  left out; continuations, heredocs, open quotes and compound commands stay together.
- A placeholder is something that a person has to fill in (`placeholders.py`).
- Inline code is a command when its first word is a program's (`programs.py`): `lofts -> owners` is none.
"""

from __future__ import annotations

import re

from state.model import Command
from workflow.runbook.comments import CODE_SPAN
from workflow.runbook.fence_script import Body, fence_body, fence_script
from workflow.runbook.grammar import Grammar
from workflow.runbook.lines import Lines
from workflow.runbook.placeholders import assigned, assigned_1, blanks, placeholders, placeholders_1
from workflow.runbook.programs import is_command

_SHELLS = frozenset({"bash", "sh", "shell", "zsh", "console", "terminal", "shell-session", "shellsession"})
_LOOKS_LIKE = re.compile(r"(?:\$ )?(?:\./|[a-z][\w.+-]*[ \t]+[\w./$\"'<\[-]|[A-Za-z_]\w*=\$\()")
_OUTPUT = r"(?i)expected (?:output|result)|(?:example|sample) output|^output\b|^returns\b"
_HEREDOC = r"<<-?\s*[\"']?([A-Za-z_]\w*)[\"']?"
_OPENS = r"^\s*(?:if|for|while|until|case)\b|\b(?:do|then)\s+(?:if|for|while|until|case)\b|\{\s*$"
_CLOSES = r"(?:^|;)\s*(?:fi|done|esac)\b|^\s*\}"


def inline_commands(text: str, line: int, grammar: Grammar) -> tuple[Command, ...]:
    """Commands among the inline code of one text that stands on `line` (from 1)."""
    # between single backticks stands every second piece; longer runs need a look at their lengths
    spans = [match[2] for match in CODE_SPAN.finditer(text)] if "``" in text else text.split("`")[1:-1:2]
    found = []
    for span in spans:
        code = span.strip()
        if grammar.strict_commands:
            if is_command(code):
                code = code.removeprefix("$ ")
                found.append(Command(code, line, "", placeholders(code, assigned(code)), blanks=blanks(code)))
        elif _LOOKS_LIKE.match(code):
            code = code.removeprefix("$ ")
            found.append(Command(code, line, "", placeholders_1(code, frozenset())))
    return tuple(found)


def fence_commands(lines: Lines, opening: int, label: str) -> tuple[Command, ...]:
    """Commands of the fence that opens on the line with this index; `label` is the text that stands before it."""
    if re.search(_OUTPUT, label):
        return ()
    if lines.grammar.one_script:
        script = fence_script(lines, opening)
        return (script,) if script else ()
    return _commands_1(lines, opening)


def _commands_1(lines: Lines, opening: int) -> tuple[Command, ...]:
    """The commands that grammar 1 cuts a fence into."""
    language = lines.fences[opening].strip("{}.").lower()
    body = fence_body(lines, opening)
    if not (language in _SHELLS if language else _LOOKS_LIKE.match(_first_command(body))):
        return ()
    if any(text.lstrip().startswith("$ ") for _index, text in body):  # a session: the rest is output
        body = _session(body)
    block = "\n".join(text for _index, text in body)
    names, info = assigned_1(block), lines.fences[opening]
    return tuple(Command(text, line, info, placeholders_1(text, names)) for line, text in _split(body))


def _first_command(body: Body) -> str:
    """Its first line that is no comment; "" for none."""
    return next((text.strip() for _index, text in body if text.strip() and not text.strip().startswith("#")), "")


def _session(body: list[tuple[int, str]]) -> list[tuple[int, str]]:
    kept, going_on = [], False
    for index, text in body:
        if text.lstrip().startswith("$ "):
            kept.append((index, text.lstrip()[2:]))
            going_on = text.endswith("\\")
        elif going_on:
            kept.append((index, text))
            going_on = text.endswith("\\")
    return kept


def _split(body: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """One entry a command, with the line (from 1) where it starts."""
    commands: list[tuple[int, str]] = []
    held: list[str] = []
    start = depth = 0
    until = quote = ""
    for index, text in body:
        bare = text.strip()
        if not held:
            if not bare or bare.startswith("#"):
                continue
            start = index + 1
        held.append(text)
        if until:
            until = "" if bare == until else until
        elif not (held[1:] and not quote and bare.startswith("#")):
            quote = _open_quote(text, quote)
            if not quote:
                heredoc = re.search(_HEREDOC, text)
                until = heredoc[1] if heredoc and "<<<" not in text else ""
                depth += bool(re.search(_OPENS, text)) - len(re.findall(_CLOSES, text))
        goes_on = bare.endswith(("\\", "&&", "||", "|"))
        if not (until or quote or goes_on) and depth <= 0:
            commands.append((start, _dedent(held)))
            held, depth = [], 0
    if held:
        commands.append((start, _dedent(held)))
    return commands


def _open_quote(text: str, quote: str) -> str:
    """The quotation mark that is still open at the end of the line, given the one open at its beginning."""
    if not quote and '"' not in text and "'" not in text:
        return ""
    escaped = False
    previous = " "
    for sign in text:
        if escaped:
            escaped = False
        elif sign == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "#" and previous.isspace():
            break
        previous = sign
    return quote


def _dedent(held: list[str]) -> str:
    margin = len(held[0]) - len(held[0].lstrip())
    return "\n".join(text[min(margin, len(text) - len(text.lstrip())) :].rstrip() for text in held)
