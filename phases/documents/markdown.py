"""How does a fact become Markdown that reads the same in a terminal, in a diff and rendered?

Rules:
- Every function returns text without a final newline; join blocks with `document`.
- Cells are Markdown: write `code(name)` for names, plain words otherwise. Pipes, line breaks and `<` are made safe.
- Nothing is padded to a column's width: one longer name must not change the lines of the other rows in a diff.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from state.evidence import Verdict
from state.late_pattern import late
from state.printable import printable, printable_line

if TYPE_CHECKING:
    from phases.step import Check

FAILED = "**FAIL**"  # how a failed check stands in a table

_VERDICT = {
    "pass": "pass",
    "derived": "derived",
    "fail": FAILED,
    "note": "note",
    "not-checked": "not checked",
    "attested": "attested",
}
_MARKUP = late(r"[<>\[\]`*_~\\&|#]|^[-+=]|^\s|\s$")
_ADDRESS = late(r" <[^\s<>@]+@[^\s<>@]+>")  # an autolink: it reads as it is written
_CODE_SPAN = late(r"(`+[^`]+`+)")


def document(title: str, *blocks: str) -> str:
    """A whole file: the title, then the blocks that are not empty, a blank line between them, one final newline."""
    return "\n\n".join((f"# {title}", *(block.strip("\n") for block in blocks if block.strip()))) + "\n"


def table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; a cell is anything with a `str`. Without rows it is the word `(none)`.

    Raises ValueError when a row is not as long as the header: it would be cut silently when rendered.
    """
    lines = [_row(headers), "|" + " --- |" * len(headers)]
    for row in rows:
        if len(row) != len(headers):
            raise ValueError(f"a row of {len(row)} cells below {len(headers)} headers: {row!r}")
        lines.append(_row(row))
    return "\n".join(lines) if len(lines) > 2 else "(none)"


def bullets(lines: Iterable[str]) -> str:
    """A list; `(none)` when there is nothing to list."""
    return "\n".join(f"- {line}" for line in lines) or "(none)"


def code(text: object) -> str:
    """An inline code span that survives backticks in the text; `-` for an empty text, which has no code span."""
    said = str(text).replace("\n", " ")
    if not said:
        return "-"
    fence = "`" * (_longest_run(said) + 1)
    pad = " " if said.startswith("`") or said.endswith("`") else ""
    return f"{fence}{pad}{said}{pad}{fence}"


def inline(text: object) -> str:
    """Words of somebody else inside of a line: as they are where Markdown shows them so, else as `code`.

    Nothing of them is hidden, ends the line or begins a block; characters that are not seen as themselves are escaped.
    """
    said = printable_line(str(text))
    return code(said) if _MARKUP.search(_ADDRESS.sub("", said)) else said


def quote(text: str) -> str:
    """A text of somebody else as a block quote, whatever blocks and headings it holds."""
    return "\n".join(f"> {line}" if line else ">" for line in printable(text).strip("\n").split("\n"))


def code_block(text: str, language: str = "") -> str:
    """A fenced block; the fence is longer than any run of backticks inside."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{language}\n{text.rstrip(chr(10))}\n{fence}"


def code_blocks(text: str, language: str) -> list[str]:
    """What stands in the fenced blocks of this language, without the fences, in order."""
    found = re.findall(r"^(`{3,})(\S*)\n(.*?)^\1$", text, re.MULTILINE | re.DOTALL)
    return [body for _, said, body in found if said == language]


def verdict(checks: Sequence[Check]) -> str:
    """One sentence: `All 12 checks passed.`, or how many of them failed and which; notes and gaps are never hidden."""
    if not checks:
        return "Nothing was checked."
    failed = [check.name for check in checks if check.verdict == "fail"]
    passed = sum(check.verdict == "pass" for check in checks)
    aside = _aside(checks)
    if failed:
        return f"**{len(failed)} of {len(checks)} checks failed**: {', '.join(failed)}{aside}."
    if passed < len(checks):
        return f"{passed} of {len(checks)} checks passed, none failed{aside}."
    return "The check passed." if passed == 1 else f"All {passed} checks passed."


def _aside(checks: Sequence[Check]) -> str:
    """` (4 derived, 2 attested, 1 not checked, 3 notes)`: what neither passed nor failed."""
    count = Counter(check.verdict for check in checks)
    notes = "note" if count["note"] == 1 else "notes"
    words: dict[Verdict, str] = {
        "derived": "derived",
        "attested": "attested",
        "not-checked": "not checked",
        "note": notes,
    }
    asides = [f"{count[verdict]} {word}" for verdict, word in words.items() if count[verdict]]
    return f" ({', '.join(asides)})" if asides else ""


def checks_table(checks: Sequence[Check]) -> str:
    """The checks in their order; the column `Where` is left out when no check says where."""
    if not any(check.where for check in checks):
        rows = [(check.name, check.expected, check.seen, _VERDICT[check.verdict]) for check in checks]
        return table(("Check", "Expected", "Seen", "Verdict"), rows)
    return table(
        ("Check", "Expected", "Seen", "Verdict", "Where"),
        [(check.name, check.expected, check.seen, _VERDICT[check.verdict], check.where) for check in checks],
    )


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(_cell(str(cell)) for cell in cells) + " |"


def _cell(text: str) -> str:
    safe = "".join(
        part if at % 2 else re.sub("<(?!br>)", "&lt;", part) for at, part in enumerate(_CODE_SPAN.split(text.strip()))
    )
    return re.sub(r"\s*\n\s*", "<br>", safe.replace("|", "\\|"))


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
