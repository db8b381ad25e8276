"""A number of things is said by `state/counted.py`, so that one thing is never "1 files". Read from the sources."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from state.counted import counted
from tests.worlds.sources import ROOT, modules

# What follows a number that may be 1; not sizes in bytes and characters, which are written with a format of their own.
NOUNS = re.compile(
    r"^ (?:more |other |new |revoked |projected |DynamoDB )?(?:files|commits|tasks|lines|runs|checks|problems|tables"
    r"|states|resources|entries|events|alarms|indexes|items|approvals|findings|boxes|paths|answers|questions|commands|days"
    r"|attributes|stacks|keys|branches|approvers|warnings|metrics|steps|attempts|objects|criteria)\b"
)
# a constant that begins so stands behind a value, or begins a text: to parse every file takes more than a second
MAYBE = re.compile(rb"[}\"']" + NOUNS.pattern.removeprefix("^").encode())
OF_MANY = re.compile(r"(?:\bof|\bof the|\bat most|\bmore than|\bAll) $")  # "1 of 1 checks"
PLAIN = {  # place -> why a number stands there that is not counted
    ("phases/stage_06/template/template.py", "len(contract.tables)"): "bytes of templates that are deployed",
    ("workflow/runs/find_run.py", "len(unfinished)"): "said of two and more only",
    ("workflow/runs/find_run.py", "len(found)"): "said of two and more only",
    ("workflow/service/looked_in_vain.py", "number"): "the value of an option; `runs` is a verb there",
    ("phases/stage_06/output_validation.py", "len(checks) or 'some'"): "said of checks as a whole",
}


def uncounted(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Where an f-string has a value before the plural of a noun: line and value."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.JoinedStr):
            continue
        for before, value, after in zip([None, *node.values], node.values, node.values[1:], strict=False):
            if not (isinstance(value, ast.FormattedValue) and isinstance(after, ast.Constant)):
                continue
            led = before.value if isinstance(before, ast.Constant) else ""
            if NOUNS.match(str(after.value)) and not OF_MANY.search(str(led)) and _is_number(value.value):
                yield value.lineno, ast.unparse(value.value)


def _is_number(value: ast.expr) -> bool:
    """Whether the value looks like a number: a call of len or sum, or a name of one."""
    match value:
        case ast.Call(func=ast.Name(id="len" | "sum")) | ast.BinOp() | ast.BoolOp():
            return True
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in ("number", "count", "found", "total", "days", "metrics", "steps", "files", "commits", "seen")
        case _:
            return False


def test_no_number_stands_before_a_plural_by_itself() -> None:
    found = {
        (path.relative_to(ROOT).as_posix(), value): f"{path.relative_to(ROOT)}:{line}: {value}"
        for path in modules(ROOT).values()
        if "sandbox/cloudformation" not in path.as_posix()  # AWS's own words
        if MAYBE.search(source := path.read_bytes())
        for line, value in uncounted(ast.parse(source))
    }
    assert [told for place, told in found.items() if place not in PLAIN] == []
    assert set(PLAIN) <= set(found)


@pytest.mark.parametrize(
    ("source", "is_wrong"),
    [
        ("f'{len(files)} files changed'", True),
        ("f'with {len(files)} more lines'", True),
        ("f'{count} metrics'", True),
        ("f'{count}' ' metrics'", True),
        ("f'{sum(x for x in y)} indexes'", True),
        ("f'{failed} of {len(checks)} checks failed'", False),
        ("f'at most {count} indexes'", False),
        ("f'{name} files a report'", False),
        ("f'{counted(len(files), \"file\")} changed'", False),
    ],
)
def test_what_is_wrong_is_seen(source: str, is_wrong: bool) -> None:
    assert bool(list(uncounted(ast.parse(source)))) == is_wrong
    assert MAYBE.search(source.encode()) or not is_wrong


def test_one_thing_is_one() -> None:
    assert [counted(number, "file") for number in (0, 1, 2)] == ["0 files", "1 file", "2 files"]
    assert [counted(number, "index", "indexes") for number in (1, 2)] == ["1 index", "2 indexes"]
