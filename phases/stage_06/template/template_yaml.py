"""How is a template written so that it reads well, and read back exactly?

Rules:
- Stable: the order is that of the data, short mappings go on one line, intrinsic functions have their short form.
- A string is written plain only when no YAML reader could take it for anything else; else in double quotes.
- `load_template(write(template)) == template` for every template that `phases/stage_06/template/template.py` builds.
- Written by hand rather than by PyYAML's emitter: comments stand where they explain, and 500 tables take a second.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, cast

from phases.stage_06.paths import TEMPLATE
from state.errors import BadInput
from state.path_word import path_word

if TYPE_CHECKING:
    from phases.stage_06.template.template_shape import Resource, Template

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*(?:::[A-Za-z0-9]+)*")
_NOT_STRINGS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
_ONE_LINE = 100  # [characters] longest mapping or list that goes on one line


def write_template(template: Template, *, header: str, comments: Mapping[str, str]) -> bytes:
    """The template as YAML.

    Args:
        template: plain data, intrinsic functions in the long form (`{"Ref": "AlarmTopic"}`).
        header: comment at the top.
        comments: by section name or resource type; printed before the section, or before the type's first resource.
    """
    lines = list(_comment(header, ""))
    for section, content in template.items():
        lines += ["", *_comment(comments.get(section, ""), "")]
        lines += (
            _resources(template["Resources"], comments) if section == "Resources" else _member(section, content, "")
        )
    return ("\n".join(lines) + "\n").encode()


def minified(template: Mapping[str, object]) -> str:
    """The template as JSON on one line: what fits best into CloudFormation's 51,200 bytes."""
    return json.dumps(template, separators=(",", ":"), ensure_ascii=False)


def load_template(data: bytes, *, path: str = TEMPLATE) -> Template:
    """Read a CloudFormation template in YAML or JSON back into plain data, short forms in the long form.

    Raises BadInput, with line and column, when it is neither, or not a mapping.
    """
    import yaml

    try:
        template: object = _values(data)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise BadInput(
            f"{path}{where} is not YAML: {getattr(error, 'problem', None) or error}",
            next_command=f"git restore {path_word(path)}",
        ) from error
    if not isinstance(template, dict):
        raise BadInput(
            f"{path} is not a template: expected a mapping, seen {type(template).__name__}",
            next_command=f"git restore {path_word(path)}",
        )
    return cast("Template", template)


def _values(data: bytes) -> object:
    """Raises YAMLError where it is none. Places are kept only where something is to be told of one."""
    import yaml

    from phases.stage_06.template.plain_values import NotPlain, plain_values

    try:
        return plain_values(data, _loader(), _long_form)
    except NotPlain:
        return yaml.load(data, Loader=_loader())


def _long_form(function: str, argument: object) -> dict[str, object]:
    """What the short form of a function (`!Ref x`) stands for."""
    if function == "GetAtt" and isinstance(argument, str):
        argument = argument.split(".", 1)
    return {function if function in ("Ref", "Condition") else f"Fn::{function}": argument}


def _resources(resources: Mapping[str, Resource], comments: Mapping[str, str]) -> Iterator[str]:
    """The section of the resources, an empty line before each."""
    yield "Resources:"
    seen = ""
    for name, resource in resources.items():
        yield ""
        if resource["Type"] != seen:
            seen = resource["Type"]
            yield from _comment(comments.get(seen, ""), "  ")
        yield from _member(name, resource, "  ")


def _comment(text: str, indent: str) -> Iterator[str]:
    for line in text.splitlines():
        yield f"{indent}# {line}".rstrip()


def _member(key: str, value: object, indent: str) -> Iterator[str]:
    """`key: value`, on one line where that reads well."""
    name = _scalar(key)
    short = _short(value)
    if short is not None:
        yield f"{indent}{name}: {short}"
        return
    text = value.get("Fn::Sub") if isinstance(value, dict) and len(value) == 1 else None
    if isinstance(text, str):
        yield f"{indent}{name}: !Sub |-"
        yield from (f"{indent}  {line}" for line in text.split("\n"))
        return
    yield f"{indent}{name}:"
    yield from _block(value, indent + "  ")


def _block(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from _member(key, entry, indent)
        return
    for entry in value:
        short = _short(entry)
        if short is not None:
            yield f"{indent}- {short}"
            continue
        lines = list(_block(entry, indent + "  "))
        yield f"{indent}- {lines[0].lstrip()}"
        yield from lines[1:]


def _short(value: object) -> str | None:
    """The value on one line, or None when it needs several."""
    if not isinstance(value, dict | list):
        return _scalar(value)
    if isinstance(value, dict) and len(value) == 1:
        text = _intrinsic(*next(iter(value.items())))
        if text is not None or "Fn::Sub" in value:
            return text
    parts = _short_parts(list(value.values()) if isinstance(value, dict) else value)
    if parts is None:
        return None
    text = _short_mapping(value, parts) if isinstance(value, dict) else f"[{', '.join(parts)}]"
    return text if len(text) <= _ONE_LINE else None


def _short_parts(entries: list[object]) -> list[str] | None:
    """Each entry on one line, or None when one needs several, or there are too many to be read at a glance."""
    if len(entries) > 4 or any(isinstance(each, dict | list) and not _is_intrinsic(each) for each in entries):
        return None
    parts = [part for each in entries if (part := _short(each)) is not None]
    return parts if len(parts) == len(entries) else None


def _short_mapping(keys: Iterable[object], parts: list[str]) -> str:
    text = ", ".join(f"{_scalar(key)}: {part}" for key, part in zip(keys, parts, strict=True))
    return f"{{ {text} }}" if text else "{}"


def _is_intrinsic(value: object) -> bool:
    return isinstance(value, dict) and len(value) == 1 and _intrinsic(*next(iter(value.items()))) is not None


def _intrinsic(function: str, argument: Any) -> str | None:
    if function == "Ref":
        return f"!Ref {_scalar(argument)}"
    if function == "Fn::GetAtt":
        return f"!GetAtt {'.'.join(argument)}"
    if function == "Fn::Sub" and "\n" not in argument:
        return f"!Sub {_scalar(argument)}"
    if function in ("Fn::Not", "Fn::Equals"):
        return f"!{function[4:]} {_short(argument)}"
    return None


def _scalar(value: object) -> str:
    return _text(value) if isinstance(value, str) else json.dumps(value)


@lru_cache(maxsize=1 << 14)
def _text(value: str) -> str:
    """A string; of five hundred tables most say the same few."""
    if _PLAIN.fullmatch(value) and value.lower() not in _NOT_STRINGS:
        return value
    if value.isprintable():
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f'"{"".join(map(_escaped, value))}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08x}"


@cache
def _loader() -> Any:
    """A safe loader that knows the short forms and leaves dates as text, as CloudFormation does."""
    import yaml

    # libyaml's scanner where PyYAML was built with it: ten times as fast.
    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]  # chosen at run time
        yaml_implicit_resolvers = {  # noqa: RUF012  # PyYAML reads it as a class attribute
            first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
            for first, resolvers in base.yaml_implicit_resolvers.items()
        }

    def long_form(loader: Any, suffix: str, node: Any) -> dict[str, object]:
        value: object
        if isinstance(node, yaml.ScalarNode):
            value = loader.construct_scalar(node)
        elif isinstance(node, yaml.SequenceNode):
            value = loader.construct_sequence(node, deep=True)
        else:
            value = loader.construct_mapping(node, deep=True)
        return _long_form(suffix, value)

    Loader.add_multi_constructor("!", long_form)
    return Loader
