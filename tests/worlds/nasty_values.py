"""Words of YAML and of JSON that nobody thinks of, and how each is put at every place of a sound document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Place = tuple[str | int, ...]

DEEP = 100_000

# as they stand in a YAML file, in flow style
YAML_WORDS = {
    "a date that does not exist": "2026-02-30",
    "a date": "2026-02-03",
    "a time that does not exist": "2026-02-03T25:61:61Z",
    "no int": "!!int x",
    "an empty int": '!!int ""',
    "no float": "!!float x",
    "no bool": "!!bool x",
    "no date": "!!timestamp x",
    "no binary": "!!binary x",
    "no null": "!!null x",
    "a set": "!!set {a, b}",
    "pairs": "!!pairs [a: b]",
    "an ordered map": "!!omap [a: b]",
    "an object": "!!python/object:os.system {}",
    "a call": '!!python/object/apply:os.system ["true"]',
    "a tag of one's own": "!mine x",
    "5,000 digits": "9" * 5000,
    "400 digits": "9" * 400,
    "a negative number": "-1",
    "a huge float": "1.0e+999",
    "nan": ".nan",
    "infinity": "-.inf",
    "octal of 1.1": "010",
    "octal of 1.2": "0o17",
    "sexagesimal": "1:30",
    "sexagesimal float": "190:20:30.15",
    "underscores": "1_000",
    "binary": "0b101",
    "hexadecimal": "0xFF",
    "yes": "yes",
    "off": "off",
    "null": "~",
    "nothing": "",
    "an empty text": '""',
    "a control character": '"\\x00\\x1b[31m"',
    "half a surrogate pair": '"\\ud800"',
    "beyond Unicode": '"\\UFFFFFFFF"',
    "line ends": '"a\\nb\\r\\nc"',
    "a long text": "x" * 100_000,
    "a list": "[1, a, {}]",
    "a mapping": "{a: b}",
    "a number as a name": "{1: a}",
    "a list as a name": "{[a, b]: c}",
    "a name given twice": "{a: 1, a: 2}",
    "a merge": "{<<: {a: b}}",
    "an alias of nothing": "*nothing",
    "an anchor": "&here x",
    "an alias of itself": "&here [*here]",
    "aliases of aliases": "[&a [1, 1], &b [*a, *a], &c [*b, *b], [*c, *c]]",
    "deep lists": "[" * DEEP + "]" * DEEP,
    "deep mappings": "{a: " * DEEP + "}" * DEEP,
    "deep names": "{" * DEEP,
    "a field of a class": '"{title.__class__.__mro__}"',
    "a width": '"{title:>9999999999}"',
    "an index": '"{0}{id[0]!r}"',
    "open braces": '"{{{"',
    "a repetition": '"a{99999999999}"',
    "repeated repetitions": '"((a{1,900}){1,900}){1,900}"',
    "deep brackets": '"' + "(" * 900 + ")" * 900 + '"',
    "a pattern of nothing": '"[z-a]*?+"',
    "a deep expression": '"' + "(" * 2000 + "a" + ")" * 2000 + '"',
    "a long expression": '"a' + ".a" * 1500 + '"',
    "a deep literal": '"`' + "[" * 1500 + "]" * 1500 + '`"',
    "a literal of digits": '"`' + "9" * 4300 + '`"',
    "an index of digits": '"a[' + "9" * 4500 + ']"',
    "a slice by nothing": '"a[::0]"',
    "a literal nan": '"`NaN`"',
}

# as they stand in a JSON file
JSON_WORDS = {
    "5,000 digits": "9" * 5000,
    "a huge float": "1e999",
    "a large float": "1e308",
    "a negative number": "-1",
    "nan": "NaN",
    "infinity": "-Infinity",
    "octal": "010",
    "null": "null",
    "true": "true",
    "an empty text": '""',
    "a control character": '"\\u0000\\u001b[31m"',
    "a raw control character": '"\x01"',
    "half a surrogate pair": '"\\ud800"',
    "a long text": json.dumps("x" * 100_000),
    "an empty list": "[]",
    "a list": '[1, "a", {}]',
    "a mapping": '{"a": "b"}',
    "a name given twice": '{"a": 1, "a": 2}',
    "deep lists": "[" * DEEP + "]" * DEEP,
    "deep mappings": '{"a":' * DEEP + "1" + "}" * DEEP,
    "100 levels": "[" * 90 + "]" * 90,
    "a comment": "/* 1 */ 1",
    "a field of a class": '"{title.__class__}"',
}


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Every place in these values, the whole among them."""
    yield at
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, entry in entries:
        yield from places(entry, (*at, name))


def with_word(value: Any, place: Place, word: str) -> str:
    """The values as JSON, which YAML reads as well, with the word at that place, as it stands."""
    if not place:
        return word
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    texts = {
        name: with_word(entry, place[1:], word) if name == place[0] else json.dumps(entry) for name, entry in entries
    }
    if isinstance(value, list):
        return f"[{', '.join(texts.values())}]"
    return "{" + ", ".join(f"{json.dumps(name)}: {text}" for name, text in texts.items()) + "}"
