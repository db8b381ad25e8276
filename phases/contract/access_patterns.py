"""Which key condition does an access pattern name? From its words in the contract and in a file of stage 01 or 02.

    | Pattern | Entity | Index          | Key condition                                  | Returns              |
    | AP3     | ORDER  | table          | CustomerId = CUSTOMER#{id} and begins_with(Record, ORDER#) | OrderTotal |
    | AP4     | ORDER  | OrdersByStatus | OrderStatus = :status and OrderedAt BETWEEN :low AND :high | OrderTotal |

Rules:
- Pure: words in, a `Named` pattern out, or what is wrong with it. Nothing is guessed: a pattern that names no index, no
  key and no condition is None, and nobody calls it checked.
- The words are read as those that know them write them: a table's, an index's, an attribute's and an entity's name
  count where they stand whole; what comes behind "filter" or "then" is no key condition any more.
- A name that the contract does not have is wrong where a column is there for it (index, entity, returns).
- `:x`, `{x}` and `?` stand for any value; other text must be what the key's template makes: `CUSTOMER#{id}`, or a value
  such as `CUSTOMER#17` (`fits_template`).
- A key of several attributes is asked as DynamoDB takes it: all of a partition key by equality, a sort key from the
  left without a gap, a range on the last of them alone.
  Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from phases.contract.model import Entity, Index, Key, Table

# what a column for a table or an index holds beside names
_GENERIC = frozenset(
    {"table", "tables", "base", "main", "primary", "index", "indexes", "gsi", "key", "via", "and", "or", "on", "the"}
    | {"none", "n/a", "-"}
)
PLACE = re.compile(r"\$?\{+[^{}]*\}+|<[^<>]*>")  # what a key template, or a condition's value, leaves open
_ANY = re.compile(r"^(:\w+|\?|<[^>]*>|\.\.\.|\{[^{}]*\}|)$")
_VALUE = r"(?P<value>\"[^\"]*\"|'[^']*'|(?:\$?\{[^{}]*\}|<[^<>]*>|[^\s,;|)&])+)"
_COMPARED = r"\s*(?P<op><=|>=|==|=|<|>)\s*" + _VALUE
_NO_CONDITION = re.compile(r"\b(filter\w*|then)\b", re.IGNORECASE)
_SPLIT = re.compile(r"[\s,/()`+;→]+")


@dataclass(frozen=True, slots=True)
class Words:
    """What is said about one pattern.

    Attributes:
        name: as `satisfies` has it.
        text: everything that is said, in one line.
        index, entity, condition, returns: what the columns for them say; None without such a column.
        where: `file:line`, or the contract's own path.
    """

    name: str
    text: str
    where: str
    index: str | None = None
    entity: str | None = None
    condition: str | None = None
    returns: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One part of a key condition; `value` is None for any value."""

    attribute: str
    operator: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Named:
    """A pattern with its key condition.

    Attributes:
        index: the index that it reads through, None for the table itself.
        pks, sks: the conditions on the keys of that, in the keys' order; without `sks` any sort key will do.
        entity: the entity that it is about, None where it may be any.
        returns: attributes that it needs.
    """

    words: Words
    index: Index | None
    pks: tuple[Condition, ...]
    sks: tuple[Condition, ...] = ()
    entity: Entity | None = None
    returns: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        through = self.index.name if self.index else "the table"
        parts = [self.entity.name] if self.entity else []
        parts += [f"through {through} by {' and '.join(map(_shown, (*self.pks, *self.sks)))}"]
        return " ".join(parts) + (f", with {', '.join(self.returns)}" if self.returns else "")


class PatternFault(Exception):
    """What the pattern names is not in the contract, or cannot be a key condition there."""


def name_pattern(table: Table, words: Words) -> Named | None:
    """The pattern's key condition on this table; None when it names nothing that the table has.

    Raises PatternFault when it names something that the contract does not have, or that is no key condition.
    """
    conditions = _conditions(table, _NO_CONDITION.split(words.condition or words.text)[0])
    index = _index(table, words)
    entity = _entity(table, words)
    if index is None and words.index is None:  # which is said of the table itself, too
        index = _served_by(table, conditions) if conditions else _named_keys(table, words.text)
        if index is None and entity is None and not conditions:
            return None
    of = index or table
    through = index.name if index else "the table"
    _refuse_foreign(conditions, of, through)
    _refuse_gap(conditions, of.sks, through)
    return Named(
        words,
        index,
        tuple(conditions.get(key.name) or Condition(key.name, "=", None) for key in of.pks),
        tuple(conditions[key.name] for key in of.sks if key.name in conditions),
        entity,
        _returns(table, words),
    )


def _tokens(text: str) -> list[str]:
    return [token for token in _SPLIT.split(text) if token]


def _conditions(table: Table, text: str) -> dict[str, Condition]:
    """Every condition on an attribute of the table, by the attribute."""
    found: dict[str, Condition] = {}
    names = {key.name for key in table.key_attributes()} | {each.name for each in table.attributes}
    for name in names:
        word = rf"(?<![\w.-])`?{re.escape(name)}`?"
        if begins := re.search(rf"begins_with\(\s*{word}\s*,\s*{_VALUE}\s*\)?", text, re.IGNORECASE):
            found[name] = Condition(name, "begins_with", _value(begins["value"]))
        elif re.search(rf"{word}\s+between\b", text, re.IGNORECASE):
            found[name] = Condition(name, "BETWEEN", None)
        elif compared := re.search(word + _COMPARED, text):
            found[name] = Condition(name, compared["op"].replace("==", "="), _value(compared["value"]))
    return found


def _value(text: str) -> str | None:
    """The text with every open place as `{}`: `USER#<id>`, `USER#${id}` and `USER#{id}` are one."""
    plain = text.strip("\"'`")
    return None if _ANY.match(plain) else PLACE.sub("{}", plain)


def fits_template(template: str, operator: str, value: str) -> bool:
    """Whether a condition with this value can be about keys that the template makes."""
    fixed = PLACE.split(template)
    if operator == "begins_with":
        wanted = PLACE.split(value)[0]
        return fixed[0].startswith(wanted) or bool(len(fixed) > 1 and fixed[0] and wanted.startswith(fixed[0]))
    if operator != "=":
        return True
    if PLACE.search(value):
        return PLACE.split(value) == fixed
    return re.fullmatch(".+".join(map(re.escape, fixed)), value, re.DOTALL) is not None


def _index(table: Table, words: Words) -> Index | None:
    """The index that is named; None for the table itself, or where none is."""
    names = {index.name: index for index in table.indexes}
    tokens = _tokens(words.text if words.index is None else words.index)
    found = next((names[bare] for token in tokens if (bare := token.strip(":.")) in names), None)
    if found is not None or words.index is None:
        return found
    for token in tokens:
        if token.lower() not in _GENERIC and token != table.name:
            raise PatternFault(f"names {token}, which is no index of {table.name}")
    return None


def _entity(table: Table, words: Words) -> Entity | None:
    names = {entity.name: entity for entity in table.entities}
    if words.entity is not None and words.entity.strip(" `-"):
        said = words.entity.strip(" `")
        if names and said not in names:
            raise PatternFault(f"names {said}, which is no entity of {table.name}")
        return names.get(said)
    named = {token for token in _tokens(words.text) if token in names}
    return names[named.pop()] if len(named) == 1 else None


def _served_by(table: Table, conditions: dict[str, Condition]) -> Index | None:
    """The first index whose partition key has conditions, one that has all of them first; None for the table itself.

    Raises PatternFault when nothing has a whole partition key among them.
    """
    holders: tuple[Table | Index, ...] = (table, *table.indexes)
    able = [each for each in holders if _names(each.pks) <= conditions.keys()]
    whole = [each for each in able if conditions.keys() <= _names((*each.pks, *each.sks))]
    if not able:
        raise PatternFault(f"has no condition on a partition key: {', '.join(conditions)}")
    chosen = (whole or able)[0]
    return chosen if isinstance(chosen, Index) else None


def _names(keys: tuple[Key, ...]) -> set[str]:
    return {key.name for key in keys}


def _named_keys(table: Table, text: str) -> Index | None:
    """The index whose partition key is named as a word, whatever its case ("by e-mail" is not Email; "by email" is).

    A text that names the table's own partition key is about the table: an index is returned for an index only.
    """
    words = {word.strip("`.,:;()").lower() for word in text.split()}
    return next((each for each in table.indexes if all(key.name.lower() in words for key in each.pks)), None)


def _refuse_foreign(conditions: dict[str, Condition], of: Table | Index, through: str) -> None:
    """Raise PatternFault on a condition on what is no key, and where a partition key is not given whole."""
    keys = [key.name for key in (*of.pks, *of.sks)]
    foreign = [name for name in conditions if name not in keys]
    if foreign:
        raise PatternFault(f"has a condition on {foreign[0]}, which is no key of {through} ({', '.join(keys)})")
    for key in of.pks if conditions else ():
        if key.name not in conditions or conditions[key.name].operator != "=":
            part = "a part of " if len(of.pks) > 1 else ""
            raise PatternFault(f"has no {key.name} = ..., {part}the partition key of {through}")


def _refuse_gap(conditions: dict[str, Condition], sks: tuple[Key, ...], through: str) -> None:
    """Raise PatternFault unless the sort key is read from the left, by equality up to the last attribute."""
    asked = [place for place, key in enumerate(sks) if key.name in conditions]
    for key in sks[: max(asked, default=0)]:
        if key.name not in conditions or conditions[key.name].operator != "=":
            order = ", ".join(each.name for each in sks)
            last = sks[asked[-1]].name
            raise PatternFault(f"has {last} without {key.name} = ... before it: {through} is sorted by {order}")


def _returns(table: Table, words: Words) -> tuple[str, ...]:
    said = [token for token in _tokens(words.returns or "") if token.lower() not in ("all", "-")]
    declared = {each.name for each in table.attributes}
    for name in said:
        if name not in declared:
            raise PatternFault(f"returns {name}, which no entity of {table.name} has")
    return tuple(said)


def _shown(condition: Condition) -> str:
    value = condition.value or f":{condition.attribute}"
    match condition.operator:
        case "BETWEEN":
            return f"{condition.attribute} BETWEEN :low AND :high"
        case "begins_with":
            return f"begins_with({condition.attribute}, {value})"
        case operator:
            return f"{condition.attribute} {operator} {value}"
