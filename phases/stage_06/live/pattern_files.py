"""What did stages 01 and 02 leave about an access pattern? The rows of their files, by the pattern's name.

Rules:
- Looked for in this order, the first file that names a pattern counts: `FILES`. JSON is a list of objects (or an object
  with one under `accessPatterns` or `access_patterns`), Markdown any table whose first column is called Pattern or
  Access pattern (Id, #, AP, too).
- `AP7`, `7`, `#7` and `Pattern 7` are one name.
- A file that is not there, or has no such table, says nothing; it is not an error of the deployment.

Source of the Markdown files' names: the published prompts of stages 01 and 02 of the migration workshop
(https://github.com/aws-samples/aws-dynamodb-examples, workshops/modernizer).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping

from phases.contract.access_patterns import Words

DATA_MODEL = "artifacts/stage-02/dynamodb_data_model.md"
FILES = (
    "artifacts/stage-02/accessPatterns.json",
    "artifacts/stage-02-a/accessPatterns.json",
    DATA_MODEL,
    "artifacts/stage-02-a/dynamodb_data_model.md",
    "artifacts/stage-01/01_6_access_patterns.md",
    "artifacts/stage-01/01_1_API_access_patterns.md",
)
_COLUMNS = {  # a field of `Words` -> its column's heading; "Tables/Indexes" is one for an index, "Table" is none
    "entity": re.compile(r"^(entity|item)"),
    "index": re.compile(r"index|^through"),
    "condition": re.compile(r"^(key )?condition|^keys"),
    "returns": re.compile(r"^(return|attributes|needs)"),
}
_NAME = re.compile(r"^(access )?pattern\b|^(id|#|ap|name)$")
_CELL = re.compile(r"(?<!\\)\|")


def pattern_words(read: Callable[[str], bytes | None]) -> dict[str, Words]:
    """What is said of each pattern, by `pattern_key` of its name. `read` gives a file's bytes or None."""
    found: dict[str, Words] = {}
    for path in FILES:
        data = read(path)
        if data is None:
            continue
        rows = _of_json(path, data) if path.endswith(".json") else _of_markdown(path, data.decode("utf-8", "replace"))
        for words in rows:
            found.setdefault(pattern_key(words.name), words)
    return found


def pattern_key(name: str) -> str:
    """What one pattern is known by, however it is written."""
    plain = re.sub(r"[^a-z0-9]+", " ", name.lower()).strip()
    return re.sub(r"^(access pattern|pattern|ap) ?(?=\d)", "", plain)


def _of_json(path: str, data: bytes) -> Iterator[Words]:
    try:
        document = json.loads(data)
    except ValueError:
        return
    if isinstance(document, Mapping):
        document = document.get("accessPatterns") or document.get("access_patterns") or []
    for number, entry in enumerate(document if isinstance(document, list) else []):
        if isinstance(entry, Mapping):
            cells = {str(name).lower().replace("_", " "): _text(value) for name, value in entry.items()}
            yield from _words(cells, f"{path}[{number}]")


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _of_markdown(path: str, text: str) -> Iterator[Words]:
    headings: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.lstrip().startswith("|"):
            headings = []
            continue
        cells = [cell.strip().replace("\\|", "|") for cell in _CELL.split(line.strip().strip("|"))]
        if not headings:
            headings = [cell.strip("* ").lower() for cell in cells]
        elif not all(set(cell) <= set(":- ") for cell in cells):
            yield from _words(dict(zip(headings, cells, strict=False)), f"{path}:{number}")


def _words(cells: Mapping[str, str], where: str) -> Iterator[Words]:
    """One row, where it is about a pattern: its first column says so."""
    named = [cell for heading, cell in cells.items() if _NAME.match(heading)]
    if not named or not named[0]:
        return
    columns = {
        field: next((cell for heading, cell in cells.items() if called.search(heading)), None)
        for field, called in _COLUMNS.items()
    }
    text = " | ".join(cells.values())
    yield Words(named[0].strip("*` "), text, where, **{name: _plain(cell) for name, cell in columns.items()})


def _plain(cell: str | None) -> str | None:
    return None if cell is None else cell.replace("`", "").replace("*", "").strip()
