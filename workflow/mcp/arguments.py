"""Are these arguments a tool's? Unknown ones, missing ones and those of another kind are refused before it is called.

Rules:
- Nothing is passed over: a misspelt argument would otherwise be one that was never given.
- A text is no longer than an argument of the command line.
- The refusal has `message`, with each argument and what was expected and seen, and in `next` the call with what was
  right in it. No argument is taken for another: it is said which may be meant.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from state.errors import BadInput, Problem
from state.json_values import Json
from state.longest_text import why_no_text
from state.nearest import hint, nearest
from workflow.mcp.answer import Answer, refused

Schema = Mapping[str, object]  # of JSON Schema, for one argument
Errors = Sequence[Mapping[str, object]]  # as pydantic has them: `loc`, `msg`, `type`, `input`
_FILLED_IN: Mapping[str, Json] = {"target": "FILE", "text": "TEXT", "answers": {"NAME": "ANSWER"}}
_SEEN = 80  # characters of a value in a message


def no_such_tool(name: str, tools: Sequence[str]) -> Answer:
    """The refusal of a tool that is none."""
    known = ", ".join(tools)
    error = BadInput(f"{name[:_SEEN]!r} is no tool{hint(name[:_SEEN], tools)}", problems=[Problem("tools", known)])
    return {**refused(error), "next": [{"tool": nearest(name[:_SEEN], tools) or "status", "arguments": {}, "why": ""}]}


def unsound(given: Mapping[str, object], known: Sequence[str]) -> list[Problem]:
    """The arguments that the tool does not have, and the texts in others that are none."""
    unknown = [each for each in given if each not in known]
    problems = [Problem(each[:_SEEN], f"is no argument of this tool{hint(each[:_SEEN], known)}") for each in unknown]
    for name in known:
        problems += [Problem(name, why) for text in _texts(given.get(name)) if (why := why_no_text(text))]
    return problems


def of_another_kind(errors: Errors) -> list[Problem]:
    """What is wrong with each argument that is missing, or of another kind than the tool's."""
    return [Problem(_place(each), _what(each)) for each in errors]


def refusal(
    tool: str,
    given: Mapping[str, object],
    known: Mapping[str, Schema],
    required: Sequence[str],
    problems: Sequence[Problem],
) -> Answer:
    """What is answered instead of calling the tool; `known`: its arguments by name, each with its schema."""
    error = BadInput(f"{tool} was not called: its arguments are {', '.join(known)}", problems=problems)
    wrong = {problem.where.partition(".")[0] for problem in problems}
    right = {name: value for name, value in given.items() if name in known and name not in wrong}
    for name, value in given.items():
        meant = "" if name in known else nearest(name[:_SEEN], [*known])
        if meant and meant not in given and not any(map(why_no_text, _texts(value))):
            right[meant] = value
    for name, value in given.items():
        if isinstance(value, str) and _is_list(known.get(name, {})) and not why_no_text(value):
            right[name] = [value]
    filled: dict[str, object] = {name: _FILLED_IN[name] for name in required if name not in right}
    step: Json = {"tool": tool, "arguments": {**right, **filled}, "why": "if that is what you mean"}  # type: ignore[dict-item]
    return {**refused(error), "next": [step]}


def _is_list(schema: Schema) -> bool:
    """Whether an argument is a list; a single text is not taken for one, but shown as one."""
    kinds = schema.get("anyOf", [schema])
    return isinstance(kinds, list) and any(each.get("type") == "array" for each in kinds)


def _texts(value: object) -> Iterator[str]:
    """Every text in a value of JSON, names in it, too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from (str(name), *_texts(each))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _place(error: Mapping[str, object]) -> str:
    loc = error["loc"]
    return ".".join(str(part)[:_SEEN] for part in loc) if isinstance(loc, tuple) else str(loc)


def _what(error: Mapping[str, object]) -> str:
    if error["type"] == "missing":
        return "is missing"
    expected = str(error["msg"]).replace("Input should be", "expected")
    seen = json.dumps(error["input"], ensure_ascii=True, default=str)
    known = re.findall(r"'([^']*)'", expected) if error["type"] == "literal_error" else []
    meant = hint(str(error["input"])[:_SEEN], known)
    return f"{expected}, seen {seen if len(seen) <= _SEEN else seen[:_SEEN] + '...'}{meant}"
