"""How are classes of fields defined where a command's start counts? As ever, and without compiling what nobody uses.

    from state.cheap_classes import NamedTuple, dataclass   # `field` and `replace` as ever from dataclasses

Rules:
- For type checkers both are the standard ones, and instances are the same to whoever uses them.
- Of a dataclass `__init__` is compiled with its first instance, `__eq__` and `__hash__` with the first comparison. It
  must have slots. What is not used here is refused: keyword-only fields, `InitVar`, `order`.
- The annotations of a named tuple stay texts: `typing.NamedTuple` compiles each of them.

Why: docs/decisions/0018-classes-that-are-cheap-to-define.md.
"""

from __future__ import annotations

import dataclasses
from collections import namedtuple
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, FrozenInstanceError
from typing import TYPE_CHECKING, Any

_Fields = Mapping[str, "Field[Any]"]


def _defined(*, frozen: bool = False, slots: bool, eq: bool = True) -> Callable[[type], type]:
    assert slots, "a class without slots is the standard decorator's"

    def define(cls: type) -> type:
        inherited, own = _inherited_fields(cls), _own_fields(cls)
        fields = inherited | own
        body = {name: value for name, value in cls.__dict__.items() if name not in own and name not in _OF_INSTANCES}
        return type(cls)(
            cls.__name__,
            cls.__bases__,
            {
                **_METHODS,
                **(_FROZEN if frozen else {}),
                **(_compared(frozen=frozen) if eq else {}),
                **body,
                "__qualname__": cls.__qualname__,
                "__slots__": tuple(name for name in own if name not in inherited),
                "__match_args__": tuple(name for name, each in fields.items() if each.init),
                "__dataclass_fields__": fields,
            },
        )

    return define


_OF_INSTANCES = ("__dict__", "__weakref__")  # what a class without slots has for them


def _compared(*, frozen: bool) -> Mapping[str, object]:
    """What instances are compared by; those that can change have no hash."""
    return {"__eq__": _first_eq, "__hash__": _first_hash if frozen else None}


def _inherited_fields(cls: type) -> dict[str, Field[Any]]:
    fields: dict[str, Field[Any]] = {}
    for base in reversed(cls.__mro__[1:]):
        fields |= base.__dict__.get("__dataclass_fields__", {})
    return fields


def _own_fields(cls: type) -> dict[str, Field[Any]]:
    """The fields that the class itself has, beside those of its bases."""
    kinds = cls.__annotations__.items()  # of this class alone; texts, as every module has its annotations
    return {name: _field(cls, name) for name, kind in kinds if not kind.startswith("ClassVar")}


def _field(cls: type, name: str) -> Field[Any]:
    given = cls.__dict__.get(name, MISSING)
    found: Field[Any] = given if isinstance(given, Field) else dataclasses.field(default=given)
    found.name = name
    found._field_type = dataclasses._FIELD  # type: ignore[attr-defined]  # else `asdict` and `fields` pass it over
    return found


def _fields(cls: type) -> _Fields:
    fields: _Fields = getattr(cls, "__dataclass_fields__")  # noqa: B009 - a plain subclass has those of its base
    return fields


def _compiled(cls: type, name: str, head: str, lines: list[str], known: dict[str, Any]) -> Callable[..., Any]:
    """The method, which the class has from now on."""
    made: dict[str, Callable[..., Any]] = {}
    exec(f"def {name}({head}):\n " + "\n ".join(lines or ["pass"]), known, made)
    method = made[name]
    method.__qualname__ = f"{cls.__qualname__}.{name}"
    setattr(cls, name, method)
    return method


def _first_init(self: object, *values: object, **named: object) -> None:
    """The `__init__` of a class without any instance."""
    cls = type(self)
    parameters, lines = ["self"], []
    known: dict[str, Any] = {"_missing": MISSING}
    is_frozen = cls.__setattr__ is not object.__setattr__
    for name, field in _fields(cls).items():
        value, default = _value_and_default(name, field, known)
        if field.init:
            parameters.append(f"{name}={default}" if default else name)
        if is_frozen:  # its slots are set past `__setattr__`
            known[f"_set_{name}"] = getattr(cls, name).__set__
            lines.append(f"_set_{name}(self, {value})")
        else:
            lines.append(f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    _compiled(cls, "__init__", ", ".join(parameters), lines, known)(self, *values, **named)


def _value_and_default(name: str, field: Field[Any], known: dict[str, Any]) -> tuple[str, str]:
    """What `__init__` sets a field to, and the default of its parameter ("" for none), as texts of a program.

    What these name is put among what is known.
    """
    if field.default_factory is not MISSING:
        made = f"_made_{name}"
        known[made] = field.default_factory
        return (f"{made}() if {name} is _missing else {name}" if field.init else f"{made}()"), "_missing"
    if field.default is not MISSING:
        default = f"_default_{name}"
        known[default] = field.default
        return (name if field.init else default), default
    return name, ""


def _first_eq(self: object, other: object) -> bool:
    cls = type(self)
    names = [name for name, field in _fields(cls).items() if field.compare]
    mine, theirs = _tuple("self", names), _tuple("other", names)
    lines = [f"return {mine} == {theirs} if other.__class__ is self.__class__ else NotImplemented"]
    equal: bool = _compiled(cls, "__eq__", "self, other", lines, {})(self, other)
    return equal


def _first_hash(self: object) -> int:
    cls = type(self)
    fields = _fields(cls).items()
    names = [name for name, field in fields if (field.compare if field.hash is None else field.hash)]
    number: int = _compiled(cls, "__hash__", "self", [f"return hash({_tuple('self', names)})"], {})(self)
    return number


def _tuple(owner: str, names: list[str]) -> str:
    return f"({''.join(f'{owner}.{name},' for name in names)})"


def _repr(self: object) -> str:
    shown = (f"{name}={getattr(self, name)!r}" for name, field in _fields(type(self)).items() if field.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse_to_set(_self: object, name: str, _value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _getstate(self: object) -> list[object]:
    return [getattr(self, name) for name in _fields(type(self))]


def _setstate(self: object, state: list[object]) -> None:
    for name, value in zip(_fields(type(self)), state, strict=True):
        object.__setattr__(self, name, value)


_METHODS: Mapping[str, object] = {
    "__init__": _first_init,
    "__repr__": _repr,
    "__getstate__": _getstate,
    "__setstate__": _setstate,
}
_FROZEN: Mapping[str, object] = {"__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete}


class _OfNamedTuples(type):
    """Makes a named tuple of a class body."""

    def __new__(cls, name: str, _bases: tuple[type, ...], body: dict[str, Any]) -> Any:
        fields = tuple(body["__annotations__"])
        defaults = [body[field] for field in fields if field in body]
        made = namedtuple(name, fields, defaults=defaults, module=body["__module__"])  # type: ignore[misc]
        for key, value in body.items():
            if key not in fields and key != "__module__":
                setattr(made, key, value)
        return made


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from typing import NamedTuple as NamedTuple
else:
    dataclass = _defined
    NamedTuple = type.__new__(_OfNamedTuples, "NamedTuple", (), {})
