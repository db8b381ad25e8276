"""What is read without places is what PyYAML reads, and where that may be another value PyYAML is asked."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from phases.stage_06.template import template_yaml
from phases.stage_06.template.plain_values import DEEPEST, NotPlain, plain_values
from phases.stage_06.template.template import LAYERS, build_template, load_template, render
from tests.worlds.contract_builder import index, read, table

PIECES = [*"ab01.-:,~?|>'\"#%@\\ \n", "\n  ", "\n- ", "{", "}", "[", "]", ": ", "!", "!Ref ", "!GetAtt a.b", "!!str "]
PIECES += ["&a ", "*a", "<<: ", "yes", "null", "0x1", "1_0", "1e3", "1.0", "2012-10-17", "=", "---\n", "...\n"]
SAMPLE = read(table(gsis=[index("One"), index("Two")]))


def plain(data: bytes) -> object:
    return plain_values(data, template_yaml._loader(), template_yaml._long_form)


def by_pyyaml(data: bytes) -> object:
    return yaml.load(data, Loader=template_yaml._loader())


def test_a_template_of_ours_is_read_without_places() -> None:
    for layer in LAYERS:
        data = render(SAMPLE, upto=layer)
        assert plain(data) == build_template(SAMPLE, upto=layer)
        assert repr(plain(data)) == repr(by_pyyaml(data))


@settings(max_examples=500)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_what_is_read_without_places_is_what_pyyaml_reads(text: str) -> None:
    data = text.encode()
    try:
        found = plain(data)
    except NotPlain:
        return
    except ValueError:  # of a word that looks like a number
        with pytest.raises(ValueError):
            by_pyyaml(data)
        return
    assert repr(found) == repr(by_pyyaml(data))  # `repr` tells 1 from true


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: &x 1\nb: *x", {"a": 1, "b": 1}),
        ("a: &x {c: 1}\nb: {<<: *x}", {"a": {"c": 1}, "b": {"c": 1}}),
        ("<<: {c: 1}", {"c": 1}),
        ("a: !!str 1", {"a": "1"}),
        ("a: ! 1", {"a": 1}),
        ("!!str a: 1", {"a": 1}),
    ],
)
def test_what_only_pyyaml_can_say_is_asked_of_it(text: str, value: object) -> None:
    with pytest.raises(NotPlain):
        plain(text.encode())
    assert load_template(text.encode()) == value


@pytest.mark.parametrize(
    "text", ["", "a: b: c", "a: 1\n---\nb: 2", "[a]: 1", "a: *x", "a: !!python/name:os.system x", "a: \x01", "{a: 1"]
)
def test_what_is_no_template_is_refused_by_pyyaml_with_its_place(text: str) -> None:
    with pytest.raises(NotPlain):
        plain(text.encode())


def test_what_is_nested_deeper_than_any_template_is_not_read_here() -> None:
    assert plain(b"[" * DEEPEST + b"]" * DEEPEST) is not None
    with pytest.raises(NotPlain):
        plain(b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1))
