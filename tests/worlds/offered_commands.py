"""Which commands does a module offer to be typed next? Read from its syntax tree, `X` for what comes in."""

from __future__ import annotations

import ast
from collections.abc import Iterator

NAMES = {"command", "mend", "SIGN_IN", "_BY_CODE", "_BY_EXCEPTION", "IN_PROGRESS", "WHO_AM_I"}  # hold commands, too


def text_of(node: ast.expr) -> str:
    """What is written, `X` for what comes in; both sides of an `if`, one below the other."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(map(text_of, values))
        case ast.BinOp(left=left, right=right):
            return text_of(left) + text_of(right)
        case ast.IfExp(body=body, orelse=other):
            return f"{text_of(body)}\n{text_of(other)}"
        case _:
            return "X"


def offered(tree: ast.AST) -> Iterator[ast.expr]:
    """What is offered: as `next_command`, in a variable of that meaning, or as the third of what a look yields."""
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="next_command", value=value):
                yield value
            case ast.Yield(value=ast.Tuple(elts=[_, _, command])):
                yield command
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict() as table) if name in NAMES:
                yield from last_of_each(table)
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in NAMES:
                yield value
            case ast.Assign(targets=[ast.Tuple(elts=[*_, ast.Name(id=name)])], value=ast.Tuple(elts=[*_, value])) if (
                name in NAMES
            ):
                yield value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Dict() as table) if name in NAMES:
                yield from last_of_each(table)


def last_of_each(table: ast.Dict) -> Iterator[ast.expr]:
    """The commands of a table of (..., words, command), also of those that several keys share."""
    for node in ast.walk(table):
        match node:
            case ast.Tuple(elts=[*_, ast.Constant(value=str(words)) | ast.Name(id=words), command]) if " " in words or (
                words.startswith("_")
            ):
                yield command
