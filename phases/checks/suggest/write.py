"""How are proposals written? As a checks file with remarks, which `phasegate checks` takes as it is, and as data.

Rules:
- A check with an open question stands there as a remark: nothing enters the file while something is asked. What was
  answered (`--var`) is filled in, in a command quoted as one word.
- Each check says above it which words it rests on, where they stand, and what it does not prove.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from shlex import quote

import yaml

from phases.checks.placeholders import with_texts
from phases.checks.suggest.checklist import ListedItem
from phases.checks.suggest.proposal import Proposal, Suggestions
from state.counted import counted
from state.json_values import Json
from state.printable import printable_line

_PLACEHOLDER = re.compile(r"(?<!\{)\{([a-z][a-z0-9-]*)\}(?!\})")
_LONGEST = 200  # characters of quoted words


def checks_file(found: Suggestions) -> str:
    """The file, its remarks among it."""
    return "\n".join(_lines(found)) + "\n"


def as_json(found: Suggestions) -> dict[str, Json]:
    """`{file, proposals: [...], questions: [...], without: [...]}`; docs/json.md."""
    entries = _entries(found)
    proposals: list[Json] = [
        {
            "line": each.item.line,
            "item": each.item.text,
            "rule": each.kind,
            "rests_on": [{"words": words.text, "where": words.where, "line": words.line} for words in each.rests_on],
            "asks": _open(each, found),
            "does_not_prove": each.unproved,
            "check": entry,
        }
        for each, entry in zip(found.proposals, entries, strict=True)
    ]
    questions: list[Json] = [
        {"name": name, "question": text, "answer": found.known.get(name)} for name, text in found.questions.items()
    ]
    without: list[Json] = [{"line": each.item.line, "item": each.item.text, "why": each.why} for each in found.others]
    return {"file": found.path, "proposals": proposals, "questions": questions, "without": without}


def _lines(found: Suggestions) -> Iterator[str]:
    count, total = len(found.proposals), len(found.proposals) + len(found.others)
    yield f"# Proposed for {printable_line(found.path)}: {counted(count, 'check')} for {counted(total, 'item')}."
    yield "# Each rests on the words that it quotes. Read it, edit it, then commit it; a person answers the other"
    " items."
    unanswered = {name: text for name, text in found.questions.items() if name not in found.known}
    if unanswered:
        yield "#"
        yield "# Open questions, each once; a check that needs one stands below as a remark until it is answered:"
        yield from (f"#   --var {name}=...   {printable_line(text)}" for name, text in unanswered.items())
    yield ""
    live = [not _open(each, found) for each in found.proposals]
    yield "checks:" if any(live) else "checks: []   # write [] away where a remark below becomes a check"
    for each, entry, is_live in zip(found.proposals, _entries(found), live, strict=True):
        yield from ("", *_about(each, found), *_written(entry, is_live=is_live))
    yield ""
    yield "# Without a proposal, so a person's to answer:"
    for other in found.others:
        yield f"#   line {other.item.line}: {_quoted(other.item.text)}: {other.why}"


def _about(each: Proposal, found: Suggestions) -> Iterator[str]:
    for words in each.rests_on:
        yield f"  # line {words.line}, {words.where}: {_quoted(words.text)}"
    yield f"  # proves: {printable_line(each.unproved)}"
    if names := _open(each, found):
        yield f"  # asks: {', '.join(str(name) for name in names)}"


def _written(entry: Json, *, is_live: bool) -> Iterator[str]:
    text = yaml.safe_dump([entry], sort_keys=False, allow_unicode=True, width=1000)
    for line in text.splitlines():
        yield f"  {line}" if is_live else f"  # {line}"


def _quoted(text: str) -> str:
    line = printable_line(" ".join(text.split()))
    return json.dumps(line if len(line) <= _LONGEST else f"{line[:_LONGEST]}...", ensure_ascii=False)


def _open(each: Proposal, found: Suggestions) -> list[Json]:
    return [name for name in each.asks if name not in found.known]


def _entries(found: Suggestions) -> list[dict[str, Json]]:
    """The checks as a file has them: with an id, a name, and what they answer."""
    ids: set[str] = set()
    names: set[str] = set()
    return [_entry(each, found.known, ids, names) for each in found.proposals]


def _entry(each: Proposal, known: Mapping[str, str], ids: set[str], names: set[str]) -> dict[str, Json]:
    name = _own(printable_line(" ".join(each.item.text.split()))[:120], f" (line {each.item.line})", names)
    slug = re.sub(r"[^a-z0-9]+", "-", each.item.text.lower()).strip("-")[:48].strip("-")
    slug = slug if slug[:1].isalpha() else f"item-{slug}".rstrip("-")
    given = _filled(dict(each.entry), known)
    return {"id": _own(slug, f"-{each.item.line}", ids), "name": name, **given, **_tie(each.item)}


def _own(text: str, more: str, taken: set[str]) -> str:
    text = f"{text}{more}" if text in taken else text
    taken.add(text)
    return text


def _tie(item: ListedItem) -> dict[str, Json]:
    tie: dict[str, Json] = {}
    if item.criterion:
        tie["criterion"] = item.criterion
    if item.tie_line:
        tie["line"] = item.tie_line
    if item.tasks:
        tie["tasks"] = list(item.tasks)
    return tie


def _filled(entry: dict[str, Json], known: Mapping[str, str]) -> dict[str, Json]:
    """With what is known filled in: quoted in a command, as it is elsewhere."""
    quoted = {name: quote(value) for name, value in known.items()}
    filled_in: dict[str, Json] = {}
    for name, value in entry.items():
        values = quoted if name in ("command", "tool") else known
        filled_in[name] = with_texts(value, lambda text, values=values: _fill(text, values))  # type: ignore[misc]
    return filled_in


def _fill(text: str, values: Mapping[str, str]) -> str:
    """The placeholders that are known, and no others; braces of a value are its own, those of the text stay."""
    own = {name: _PLACEHOLDER.sub(r"{{\1}}", value) for name, value in values.items()}
    return _PLACEHOLDER.sub(lambda found: own.get(found[1], found[0]), text)
