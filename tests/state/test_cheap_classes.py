"""Classes that are cheap to define are the standard ones to whoever uses them."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, replace
from typing import Any, ClassVar, NamedTuple

import pytest

from state import cheap_classes


def both(define: Callable[[Any, Any], type]) -> list[type]:
    """The class by the standard makers, and by the cheap ones."""
    return [define(dataclass, NamedTuple), define(cheap_classes.dataclass, cheap_classes.NamedTuple)]


def event(maker: Any, _tuple: Any) -> type:
    @maker(frozen=True, slots=True)
    class Base:
        """A base."""

        kind: ClassVar[str] = "base"

        seq: int
        hidden: list[int] = field(repr=False)

    @maker(frozen=True, slots=True)
    class Event(Base):
        """An event."""

        kind: ClassVar[str] = "event"

        name: str
        why: str = "none"
        more: dict[str, int] = field(default_factory=dict, hash=False)
        looks: object = field(default=None, compare=False)

        @property
        def loud(self) -> str:
            return self.name.upper()

    return Event


STANDARD, CHEAP = both(event)


def seen(make: Callable[[], object]) -> object:
    """What it gives, or the kind of error that it raises."""
    try:
        return make()
    except Exception as error:  # noqa: BLE001 - which one is compared
        return type(error)


ACTS: dict[str, Callable[[Any], object]] = {
    "positional": lambda c: repr(c(1, [2], "a")),
    "named": lambda c: repr(c(seq=1, hidden=[2], name="a", why="b", more={"c": 3})),
    "too few": lambda c: c(1, [2]),
    "too many": lambda c: c(1, [2], "a", "b", {}, None, 7),
    "unknown name": lambda c: c(1, [2], "a", unknown=1),
    "a default that is made is made each time": lambda c: c(1, [2], "a").more is c(1, [2], "a").more,
    "equal": lambda c: c(1, (2,), "a") == c(1, (2,), "a"),
    "not equal": lambda c: c(1, (2,), "a") == c(1, (2,), "b"),
    "equal but for what is not compared": lambda c: c(1, (2,), "a", looks=1) == c(1, (2,), "a", looks=2),
    "not equal in what is not hashed": lambda c: c(1, (2,), "a", more={"b": 1}) == c(1, (2,), "a"),
    "another class": lambda c: c(1, (2,), "a") == (1, (2,), "a", "none", {}, None),
    "hash": lambda c: hash(c(1, (2,), "a", more={"b": 1})) == hash(c(1, (2,), "a", looks=3)),
    "hash of what has none": lambda c: hash(c(1, [2], "a")),
    "set": lambda c: setattr(c(1, [2], "a"), "name", "b"),
    "delete": lambda c: delattr(c(1, [2], "a"), "name"),
    "replace": lambda c: repr(replace(c(1, [2], "a"), name="b")),
    "asdict": lambda c: asdict(c(1, [2], "a")),
    "fields": lambda c: [(each.name, each.init, each.repr, each.compare, each.hash) for each in fields(c)],
    "is one": dataclasses.is_dataclass,
    "class variable": lambda c: (c.kind, c(1, [2], "a").kind),
    "match": lambda c: c.__match_args__,
    "slots": lambda c: (c.__slots__, hasattr(c(1, [2], "a"), "__dict__")),
    "names": lambda c: (c.__name__, c.__qualname__, c.__module__, c.__doc__),
    "copy": lambda c: repr(copy.copy(c(1, [2], "a"))),
    "deepcopy": lambda c: repr(copy.deepcopy(c(1, [2], "a"))),
    "property": lambda c: c(1, [2], "a").loud,
}


@pytest.mark.parametrize("act", ACTS)
def test_a_cheap_dataclass_does_as_the_standard_one(act: str) -> None:
    assert seen(lambda: ACTS[act](CHEAP)) == seen(lambda: ACTS[act](STANDARD))


def test_the_first_instance_of_a_base_leaves_those_below_alone() -> None:
    fresh = event(cheap_classes.dataclass, None)
    fresh.__mro__[1](1, [2])
    assert repr(fresh(1, [2], "a")) == repr(STANDARD(1, [2], "a"))


def test_what_is_no_field_is_not_set_either() -> None:
    with pytest.raises(FrozenInstanceError, match="other"):
        CHEAP(1, (2,), "a").other = "b"


def test_it_stays_frozen_when_its_methods_have_been_compiled() -> None:
    made = CHEAP(1, (2,), "a")
    assert made == CHEAP(1, (2,), "a")
    hash(made)
    with pytest.raises(FrozenInstanceError):
        made.name = "b"


def mutable(maker: Any, _tuple: Any) -> type:
    @maker(slots=True)
    class State:
        name: str
        seen: list[str] = field(default_factory=list)
        _hidden: dict[str, int] = field(default_factory=dict, init=False, repr=False, compare=False)

        def __post_init__(self) -> None:
            self.seen.append(self.name)

    return State


def test_one_that_changes_does_as_the_standard_one() -> None:
    for made in (cls("a") for cls in both(mutable)):
        made.name = "b"
        made._hidden["c"] = 1
        assert repr(made).endswith("State(name='b', seen=['a'])")
        assert seen(lambda made=made: hash(made)) is TypeError
        assert copy.copy(made) == made


def by_identity(maker: Any, _tuple: Any) -> type:
    @maker(slots=True, eq=False)
    class Lines:
        text: str

    return Lines


def test_one_that_is_compared_by_identity_does_as_the_standard_one() -> None:
    for cls in both(by_identity):
        made = cls("a")
        assert made == made
        assert made != cls("a")
        assert hash(made) == object.__hash__(made)


def row(_maker: Any, tuple_: Any) -> type:
    class Row(tuple_):  # type: ignore[misc]
        """A row."""

        line: int
        text: str = "none"

        @property
        def loud(self) -> str:
            return self.text.upper()

    return Row


def test_a_cheap_named_tuple_does_as_the_standard_one() -> None:
    for cls in both(row):
        assert repr(cls(1)) == "Row(line=1, text='none')"
        assert cls(line=1, text="a") == (1, "a")
        assert cls(1)._replace(text="b").loud == "B"
        assert (cls._fields, cls._field_defaults) == (("line", "text"), {"text": "none"})
        assert (cls.__doc__, cls.__module__, cls.__qualname__) == ("A row.", __name__, "row.<locals>.Row")
        assert seen(lambda cls=cls: cls()) is TypeError
        assert isinstance(cls(1), tuple)


def test_those_of_a_plan_and_of_a_journal_can_be_pickled() -> None:
    from state.evidence import Artifact
    from state.model import Box

    for value in (Artifact("a.txt", "0" * 64, 1), Box(1, 2, "x", "0" * 64)):
        assert copy.deepcopy(value) == value
    assert pickle.loads(pickle.dumps(Box(1, 2, "x", "0" * 64))) == Box(1, 2, "x", "0" * 64)
