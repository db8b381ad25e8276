"""How is a fence read as one script? Its lines as a person would paste them, and where each of them stands.

Rules:
- What runs it is named by its info string (`phases/manual/interpreters.py`); one without a language is a shell's when
  its first line looks like a command. A fence of comments alone is none.
- Indentation that all lines share is taken off. Everything else stays as written: comments, blank lines, heredocs.
- In a session (prompts with output between them) prompts are taken off, and lines of output are no part of the script;
  what a command goes on with (a heredoc, an open quote, a continued line) is. `>>>` is a session of Python: it is none.
- `<!-- phasegate: same-shell -->` between the fence before and this one: the variables and the directory go on.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from phases.manual.interpreters import SESSIONS, Interpreter, interpreter_of, plain_language
from phases.manual.shell_lines import ShellLines, without_comments
from state.model import Command
from workflow.runbook.lines import CODE, FENCE, HEADING, Lines
from workflow.runbook.placeholders import assigned, blanks, placeholders, python_blanks
from workflow.runbook.programs import is_command_line

# `$ `, `% `, `(venv) $ `, `ada@host:~/shop$ `, `[ada@host shop]$ `
_PROMPT = re.compile(
    r"[ \t]*(?:\([^()\n]{1,40}\) ?)?(?:\[?[\w.-]{1,40}@[\w.-]{1,80}[: ]?[^\s$%\]]{0,80}\]? ?)?[$%] (?=\S)"
)
_MORE = re.compile(r"[ \t]*> ?")
_BARE = "sh"  # what runs a fence without a language, and tells it from inline code
_COMMENT = re.compile(r"^[ \t]*#.*[$\[<{%.…YXyx]", re.MULTILINE)  # with a sign that placeholders have
_SAME_SHELL = re.compile(r"<!--\s*phasegate:\s*same-shell\s*-->")

Body = list[tuple[int, str]]  # index and text of each line


def fence_script(lines: Lines, opening: int) -> Command | None:
    """The script of the fence that opens on the line with this index; None where it is not run by anything known."""
    info = lines.fences[opening]
    interpreter = interpreter_of(info)
    if interpreter is None:
        return None
    body = _lines_to_run(lines, opening, interpreter)
    if not body:
        return None
    text = textwrap.dedent("\n".join(text.rstrip() for _index, text in body))
    rows = [index + 1 for index, _text in body]
    follow = rows == list(range(rows[0], rows[0] + len(rows)))
    same_shell = _goes_on(lines, opening)
    before = _fences_before(lines, opening) if same_shell and interpreter.is_shell else []
    open_, places = _to_fill_in(text, before, is_shell=interpreter.is_shell)
    return Command(text, rows[0], info or _BARE, open_, same_shell, () if follow else tuple(rows), places)


def _lines_to_run(lines: Lines, opening: int, interpreter: Interpreter) -> Body:
    """The lines that would be pasted, without blank ones around them; none of a fence that is no script."""
    info, body = lines.fences[opening], fence_body(lines, opening)
    first = next((text.strip() for _index, text in body if not _says_nothing(text)), "")
    if not first or (not info and not is_command_line(first)):
        return []
    if not interpreter.is_shell:
        return [] if first.startswith(">>>") else _without_blank_ends(body)
    return _without_blank_ends(_without_output(body) if _is_session(body, first, info) else body)


def _without_blank_ends(body: Body) -> Body:
    said = [number for number, (_index, text) in enumerate(body) if text.strip()]
    return body[said[0] : said[-1] + 1] if said else []


def _to_fill_in(
    text: str, before: Sequence[str], *, is_shell: bool
) -> tuple[tuple[str, ...], tuple[tuple[int, str], ...]]:
    """The placeholders of a script, and every place of one; `before`: the fences whose variables it has, too."""
    code = text
    if _COMMENT.search(text):  # "# see [the wiki]" has nothing to fill in
        code = "\n".join(without_comments(text.split("\n")))
    if is_shell:
        return placeholders(code, assigned("\n".join([*before, text]))), blanks(code)
    places = python_blanks(code)
    return tuple(dict.fromkeys(written for _at, written in places)), places


def fence_body(lines: Lines, opening: int) -> Body:
    """The lines between the fence's two runs."""
    last = lines.fence_ends[opening]
    body = [(index, lines.text[index]) for index in range(opening + 1, last + 1)]
    if body and not body[-1][1].strip().strip("`~"):
        del body[-1]  # the closing run; a fence that ends with the file has none
    return body


def _says_nothing(text: str) -> bool:
    return not text.strip() or text.lstrip().startswith("#")


def _is_session(body: Body, first: str, info: str) -> bool:
    """Whether prompts stand in it: from the first command on, or, where it is called a session, anywhere."""
    if _PROMPT.match(first):
        return True
    return plain_language(info) in SESSIONS and any(_PROMPT.match(text) for _index, text in body)


def _without_output(body: Body) -> Body:
    kept: Body = []
    reader, whole = ShellLines(), True
    for index, text in body:
        if not whole:
            text = _MORE.sub("", text, count=1)
        elif prompt := _PROMPT.match(text):
            text = text[prompt.end() :]
        else:
            continue
        kept.append((index, text))
        whole = reader.is_whole_after(text)
    return kept


def _goes_on(lines: Lines, opening: int) -> bool:
    """Whether the fence is said to go on in the shell of the one before, in the lines between them."""
    for index in range(opening - 1, -1, -1):
        if lines.kinds[index] in (HEADING, FENCE, CODE):
            return False
        if "phasegate" in lines.text[index] and _SAME_SHELL.search(lines.text[index]):
            return True
    return False


def _fences_before(lines: Lines, opening: int) -> list[str]:
    """What stands in the fences whose shell this one goes on in, the nearest first."""
    found: list[str] = []
    while _goes_on(lines, opening) and (before := [each for each in lines.fences if each < opening]):
        opening = max(before)
        found.append("\n".join(text for _index, text in fence_body(lines, opening)))
    return found
