"""What in a command has somebody to fill in? Placeholders in every form, and variables that nothing in the block sets.

Rules (grammar 2):
- `[environment]`, `<STACK>`, `{{ name }}`, `{NAME}`, `%NAME%`, `YOUR_BUCKET`, `XXXX`, `YYYY-MM-DD` and a lone `...`
  are placeholders.
- `$X` and `${X}` are, unless the block sets X to something else than itself, or a default stands in the braces. Whether
  the environment sets it is asked where the command is run (`state.model.Command.unfilled`).
- A class of signs in a test or a glob (`*.[ch]`, `[Mm]akefile`), an extra (`uvicorn[standard]`), a redirection
  (`<in >out`) and what stands in single quotes as another program's variable (`awk '{print $NF}'`) are none.
"""

from __future__ import annotations

import re

_FORMS_1 = re.compile(
    r"(?<![.\]\[$])\[(?!(?:\w-\w)+\])[A-Za-z][\w -]*\](?!\])"  # deploy/[environment]; not a range, not JMESPath
    r"|(?<!<)<[A-Za-z][^<>\n|&;]*>"  # <STACK>
    r"|\$\{[A-Za-z_]\w*\}"  # ${VAR}
)
_ASSIGNED_1 = r"(?m)^\s*(?:export\s+|local\s+|readonly\s+)?([A-Za-z_]\w*)="

_FORMS = (
    r"(?P<square>(?<![.\]\[$*?])\[(?!(?:\w-\w)+\])[A-Za-z][\w .:/|-]*\](?!\]))"
    r"|(?P<angle>(?<!<)<(?P<inner>[A-Za-z](?:[^<>\n|&;$\"'`]*[^<>\n|&;$\"'`\s])?)>)(?P<behind>\w?)"
    r"|\{\{\s*(?!json\b|range\b|end\b|if\b)[A-Za-z_][\w -]*\}\}"
    r"|(?<![\w$@{]){[A-Z][A-Z0-9_]+}"
    r"|(?<![\w%])%[A-Z][A-Z_]{2,}%"
    r"|\b(?:YOUR|Your|your)[-_][A-Za-z][\w-]*"
    r"|\b[Xx]{4,}\b|\bYYYY[-/.]?MM[-/.]?DD\b"
    r"|(?<!\S)(?:\.\.\.|…)(?!\S)"
)
_PYTHON_FORMS = (
    r"(?<=[\"'/:=])<[A-Za-z][\w -]*>(?=[\"'/:.])"
    r"|\b(?:YOUR|Your|your)[-_][A-Za-z][\w-]*|\b[Xx]{4,}\b|\bYYYY[-/.]?MM[-/.]?DD\b"
)
_SIGNS = ("[", "<", "{", "%", "...", "…", "YOUR", "Your", "your", "xxxx", "XXXX", "YYYY")  # one is in every form
_VARIABLE = r"(?<!\\)\$(?:(?P<name>[A-Za-z_]\w*)|\{(?P<braced>[A-Za-z_]\w*)(?P<more>[^{}]*)\})"
_SETS = (
    r"(?:^|[;&|(\s])(?:(?:export|local|readonly|declare|typeset)\s+(?:-\w+\s+)*)?([A-Za-z_]\w*)\+?="
    r"|\bfor\s+([A-Za-z_]\w*)\s+in\b"
    r"|\bselect\s+([A-Za-z_]\w*)\s+in\b"
    r"|\b(?:mapfile|readarray)\s+(?:-\w+\s+)*([A-Za-z_]\w*)"
    r"|\$\{([A-Za-z_]\w*):?="
)
_READ = r"\bread\s+((?:-\w+\s+(?:\"[^\"]*\"\s+|'[^']*'\s+)?)*+)((?:[A-Za-z_]\w*+[ \t]*+)++)"
_SINGLE_QUOTED = r"'[^']*'"
_LITERAL_HEREDOC = r"<<-?\s*(?:'(\w+)'|\"(\w+)\")"
_EXTRAS = r"\b(?:pip3?|pipx|uv|uvx|poetry|pdm|conda)\b"
_SHORT = 3  # letters: `[Mm]akefile` is a class of signs, `[environment]s` is none


def placeholders_1(text: str, assigned: frozenset[str]) -> tuple[str, ...]:
    """Grammar 1: what is to be filled in, as written, each once; `assigned` are the variables that the block sets."""
    found = [match[0] for match in _FORMS_1.finditer(text)]
    return tuple(dict.fromkeys(each for each in found if each[2:-1] not in assigned or not each.startswith("$")))


def assigned_1(block: str) -> frozenset[str]:
    """Grammar 1: the variables that a block sets."""
    return frozenset(re.findall(_ASSIGNED_1, block))


def placeholders(text: str, assigned: frozenset[str]) -> tuple[str, ...]:
    """What is to be filled in, as written, each once; `assigned` are the variables that the block sets."""
    found = dict(blanks(text))
    if "$" in text:
        open_ = _without_literal_heredocs(text) if "<<" in text else text
        open_ = re.sub(_SINGLE_QUOTED, _blanks, open_) if "'" in open_ else open_
        for match in re.finditer(_VARIABLE, open_):
            name = match["name"] or match["braced"]
            if name not in assigned and not re.match(r":?[-=+]", match["more"] or ""):
                found.setdefault(match.start(), match[0])
    return tuple(dict.fromkeys(each for _at, each in sorted(found.items())))


def blanks(text: str) -> tuple[tuple[int, str], ...]:
    """Where placeholders stand that are no variables: index of the first sign of each, and as it is written."""
    if not any(sign in text for sign in _SIGNS):
        return ()
    found = ((match.start(), _form(match, text)) for match in re.finditer(_FORMS, text))
    return tuple((at, form) for at, form in found if form)


def python_blanks(text: str) -> tuple[tuple[int, str], ...]:
    """As `blanks`, in a script of Python: brackets and braces are the language's own there."""
    return tuple((match.start(), match[0]) for match in re.finditer(_PYTHON_FORMS, text))


def assigned(block: str) -> frozenset[str]:
    """The variables that a block of commands sets, by itself or by `for` and `read`."""
    if "$" not in block:
        return frozenset()  # nothing asks for them
    names = {name for match in re.findall(_SETS, block) for name in match if name}
    if "read" in block:
        names.update(name for _options, after in re.findall(_READ, block) for name in after.split())
    return frozenset(name for name in names if not _is_first_set_from_itself(name, block))


def _is_first_set_from_itself(name: str, block: str) -> bool:
    """Whether its first value is the one that it has: `REPLICAS=$REPLICAS` sets nothing that was not set."""
    first = re.search(rf"\b{name}\+?=(.*)", block)
    return first is not None and re.match(rf"[\"']?\$(?:{name}\b|{{{name}}})", first[1]) is not None


def _form(match: re.Match[str], text: str) -> str:
    """The placeholder of a match, or "" when it only looks like one."""
    seen = match[0]
    if match["square"]:
        return "" if len(seen) == len("[]") + 1 or _is_glob(match, text) or _is_extra(match, text) else seen
    if match["angle"]:
        if match["behind"] and (" " in match["inner"] or text[: match.start()].endswith(" ")):
            return ""  # `sort <in>out`
        return match["angle"]
    return seen


def _is_glob(match: re.Match[str], text: str) -> bool:
    """Whether it is a set of signs in a wildcard or a pattern, by what follows it."""
    after, inner = text[match.end() : match.end() + 1], match[0][1:-1]
    return after in ("*", "?", "+") or ((after.isalnum() or after == "_") and len(inner) <= _SHORT)


def _is_extra(match: re.Match[str], text: str) -> bool:
    """Whether it names the extras of a package that is installed."""
    return match.start() > 0 and text[match.start() - 1].isalnum() and re.search(_EXTRAS, text) is not None


def _blanks(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _without_literal_heredocs(text: str) -> str:
    """The text with blanks for heredocs whose word is quoted: nothing in them is a variable of the shell."""
    lines, until = [], ""
    for line in text.split("\n"):
        if until:
            until = "" if line.strip() == until else until
            lines.append(" " * len(line))
            continue
        lines.append(line)
        if match := re.search(_LITERAL_HEREDOC, line):
            until = match[1] or match[2]
    return "\n".join(lines)
