"""A secret is masked to its end, quotes and separators included, and never beyond the string that it stands in."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.worlds.secret_members import KEPT, MEMBERS, TAIL, WITHOUT
from tests.worlds.secret_samples import FORMS, HARMLESS, WORDED
from workflow.doors.masking import MASK, mask
from workflow.doors.secret_extent import String, closing, end_of_word, strings


@pytest.mark.parametrize("name", [name for name in WORDED if name not in WITHOUT])
def test_each_form_is_masked_to_the_end_of_a_secret_with_quotes_and_separators(name: str) -> None:
    texts = [text for form, text in MEMBERS if form == name]
    assert texts
    assert [text for text in texts if TAIL in mask(text)] == []
    assert [text for text in texts if mask(mask(text)) != mask(text)] == []


@pytest.mark.parametrize("name", [name for name in WORDED if name not in WITHOUT])
def test_each_form_is_masked_in_a_text_of_json_and_of_a_program(name: str) -> None:
    for text in (text for form, text in MEMBERS if form == name):
        item = {"note": text, "n": 1}
        line = mask(json.dumps(item))
        assert TAIL not in line, text
        assert json.loads(line)["n"] == 1
        assert TAIL not in mask(repr(item)), text
        assert ast.literal_eval(mask(repr(item)))["n"] == 1


@pytest.mark.parametrize("text", KEPT)
def test_what_goes_on_behind_a_secret_stays(text: str) -> None:
    assert mask(text) == KEPT[text]


@pytest.mark.parametrize(
    "item",
    [
        {"note": "token: ", "next": "value", "n": 1},
        {"a": "password=", "b": "cde, f"},
        {"cmd": "mysql -u root -pfoo", "b": 1},
        {"n": ".npmrc _auth=abc", "y": 1},
        {"s": "SharedAccessSignature=sr=x&sig=abc", "y": 1},
        {"x": "machine a login b password c", "y": 1},
        {"cookie": 'a=b"; x=1', "n": 2},
        {"password": 12, "token": None, "secrets": ["a"], "api_key": {"a": 1}},
        {"Authorization": [0], "cookie": {"a": "b=c"}},
        {"hook": 'https://hooks.slack.com/services/T0/B0/x"y\\', "n": 1},
        {"key": "-----BEGIN PRIVATE KEY-----\nabc", "n": 1},
        {"body": json.dumps({"body": json.dumps({"password": 'a"b', "cmd": "curl -u 'ada:it''s' x"})}), "n": 1},
    ],
)
@pytest.mark.parametrize("indent", [None, 1])
def test_a_line_of_json_is_one_still(item: dict[str, Any], indent: int | None) -> None:
    masked = json.loads(mask(json.dumps(item, indent=indent)))
    assert list(masked) == list(item)
    assert json.loads(f"[{mask(json.dumps(item))}, 1]")[1] == 1


PIECES = st.sampled_from(
    [
        *(text for text, _secret in FORMS.values()),
        *HARMLESS,
        *('"', "'", "\\", " ", ",", ":", "=", "}", "{", "\n", "\\n", "é", "***", "it's ", "name", "value", "password"),
        *("password=", "token: ", "Cookie: a=b", "password='a", "-u ada:", "_auth=", "-----BEGIN PRIVATE KEY-----\nx"),
    ]
)
TEXTS = st.tuples(st.lists(PIECES, max_size=4), st.sampled_from(["", " "])).map(lambda drawn: drawn[1].join(drawn[0]))
NAMES = (
    st.sampled_from(["password", "Authorization", "cookie", "auth", "name", "value", "key", "DB_TOKEN", "n"]) | TEXTS
)
LEAVES = TEXTS | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none()
ITEMS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=6,
)


def shape(item: Any) -> Any:
    """Of which objects and lists a document is made."""
    if isinstance(item, dict):
        return {f"{place}": shape(each) for place, each in enumerate(item.values())}
    return [shape(each) for each in item] if isinstance(item, list) else None


@pytest.mark.slow
@given(ITEMS, st.sampled_from([None, 1]), st.booleans(), st.sampled_from([None, (",", ":")]))
@example({"note": "token: ", "next": "v"}, None, True, None)
def test_every_document_of_json_is_one_still(
    item: Any, indent: int | None, ascii_: bool, separators: tuple[str, str] | None
) -> None:
    masked = mask(json.dumps(item, indent=indent, ensure_ascii=ascii_, separators=separators))
    read = json.loads(
        masked, object_pairs_hook=lambda pairs: {f"{place}": each for place, (_, each) in enumerate(pairs)}
    )
    assert shape(read) == shape(item)
    assert mask(masked) == masked


@pytest.mark.slow
@given(ITEMS)
def test_every_literal_of_a_program_is_one_still(item: Any) -> None:
    masked = mask(repr(item))
    ast.literal_eval(masked)
    assert mask(masked) == masked


@pytest.mark.slow
@given(TEXTS, st.sampled_from(["it's ", "INFO 5 ", "seen "]))
def test_json_behind_other_words_is_json_still(text: str, words: str) -> None:
    masked = mask(words + json.dumps({"a": text, "n": 1}))
    assert json.loads(masked[masked.index("{") :])["n"] == 1


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('a "b c" d', ["b c"]),
        (r'"a\"b" "c\\" d"', [r"a\"b", r"c\\"]),
        ("it's 'so' they don't", ["so"]),
        ("'it''s'", ["it''s"]),
        (r"'it\'s'", [r"it\'s"]),
        (r"'a\'", ["a\\"]),
        ('5" and 6"', []),
        (r"{\"a\": \"b\\\"c\"}", ["a", r"b\\\"c"]),
        ('"no end', []),
        ("f'a' E'b' x'c'", ["a", "b"]),
    ],
)
def test_the_strings_of_a_line(text: str, quoted: list[str]) -> None:
    found = strings(text)
    assert [text[each.start : each.stop] for each in found] == quoted
    assert all(text[each.begin : each.start] == each.quote == text[each.stop : each.end] for each in found)
    assert all(isinstance(each, String) for each in found)


def test_a_string_is_closed_by_a_quote_of_its_own_depth() -> None:
    assert closing(r"a\"b", 0, r"\"", 4) == 1
    assert closing(r"a\\\"b\"", 0, r"\"", 8) == 6
    assert closing('a" b', 0, r"\"", 4) == -1


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("ab,c d", 4),
        ("ab, c", 2),
        ("ab;User Id=x", 2),
        ("ab&x=1", 2),
        ("'a b'c d", 6),
        ('"a b", "c"', 5),
        (r"a\ b c", 4),
        ("ab) c", 2),
        ("a)b c", 3),
        ("{a;b}; c", 5),
        ("$$a b$$; c", 7),
        ("'a b", 4),
    ],
)
def test_where_a_word_ends(text: str, end: int) -> None:
    assert end_of_word(f"x: y.{text}", 5, len(text) + 5) == end + 5


def test_a_name_that_is_masked_leaves_the_mask_in_its_quotes() -> None:
    assert mask('password=\'a b\' password="a b" password=\\"a b\\"').count(MASK) == 3
