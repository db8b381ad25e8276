"""Which file answers which question? CONTRIBUTING's table of files, as the files' own first lines say it.

    python docs/file_table.py            # prints the table
    python docs/file_table.py --write    # puts it into CONTRIBUTING.md, between its two marks

Needs nothing but Python. `tests/test_file_table.py` holds the table in CONTRIBUTING.md equal.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
BEGIN, END = "<!-- files: python docs/file_table.py --write -->\n", "<!-- end of the files -->\n"
LAYERS = ("state", "gates", "phases", "workflow")
# rooms whose files are listed one by one; of the others the room's own first line is enough to know where to look
OPEN = (
    "state",
    "gates",
    "phases",
    "phases/checks",
    "phases/manual",
    "workflow",
    "workflow/engine",
    "workflow/runs",
    "workflow/service",
    "workflow/views",
    "workflow/policy",
    "workflow/doors",
)


def first_line(path: Path) -> str:
    """The first line of a module's docstring. Raises ValueError when it has none."""
    said = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    if not said:
        raise ValueError(f"{path.relative_to(ROOT)} does not say which question it answers")
    return said.split("\n", 1)[0].replace("|", "\\|")


def rooms() -> Iterator[str]:
    """The directories of the product that are packages, the layers in order, each room before what is in it."""
    for layer in LAYERS:
        yield from sorted(path.parent.relative_to(ROOT).as_posix() for path in (ROOT / layer).rglob("__init__.py"))


def table() -> str:
    """The table in Markdown."""
    lines = ["| file | answers |", "|---|---|"]
    for room in rooms():
        lines.append(f"| `{room}/` | {first_line(ROOT / room / '__init__.py')} |")
        for path in sorted((ROOT / room).glob("*.py")) if room in OPEN else ():
            if path.name != "__init__.py":
                lines.append(f"| `{room}/{path.name}` | {first_line(path)} |")
    return "\n".join(lines) + "\n"


def in_contributing(text: str) -> str:
    """The table between the marks. Raises ValueError when they are not there."""
    _before, begin, rest = text.partition(BEGIN)
    found, end, _after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"CONTRIBUTING.md has no {BEGIN.strip()} with {END.strip()} behind it")
    return found


def main(arguments: list[str]) -> None:
    if arguments == ["--write"]:
        text = CONTRIBUTING.read_text("utf-8")
        CONTRIBUTING.write_text(text.replace(BEGIN + in_contributing(text) + END, BEGIN + table() + END), "utf-8")
    else:
        sys.stdout.write(table())


if __name__ == "__main__":
    main(sys.argv[1:])
