"""Is a text of YAML that was read before taken apart again? Its values and problems are each reader's own."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from phases.documents import yaml_document
from phases.documents.yaml_document import YamlDocument
from state.errors import BadInput, Problem


def refused(problems: Sequence[Problem]) -> BadInput:
    return BadInput("; ".join(f"{each.where} {each.message}" for each in problems))


@pytest.fixture
def composed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that are taken apart."""
    texts: list[str] = []

    class Counting(yaml_document._Loader):
        def __init__(self, text: str) -> None:
            texts.append(text)
            super().__init__(text)

    monkeypatch.setattr(yaml_document, "_Loader", Counting)
    yaml_document._nodes.cache_clear()
    return texts


def test_the_same_text_is_taken_apart_once_and_its_values_are_each_readers_own(composed: list[str]) -> None:
    first = YamlDocument(b"a: {b: [1, yes]}\n", "one.yaml", refused)
    first.value["a"]["b"].append("more")
    second = YamlDocument(b"a: {b: [1, yes]}\n", "two.yaml", refused)
    assert second.value == {"a": {"b": [1, True]}}
    assert (second.place(("a", "b", 1)), second.written) == (
        "two.yaml:1:12",
        {("a", "b", 0): "1", ("a", "b", 1): "yes"},
    )
    assert composed == ["a: {b: [1, yes]}\n"]
    assert YamlDocument(b"a: {b: [2]}\n", "two.yaml", refused).value == {"a": {"b": [2]}}
    assert len(composed) == 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a: 1\nb: [\n", "two.yaml:3:1 not YAML: expected the node content, but found '<stream end>'"),
        (b'a: 1\nb: "\\UFFFFFFFF"\n', "two.yaml:2:7 not YAML: Python int too large to convert to C int"),
        (b"a: 1\nb: *c\n", "two.yaml:2:4 not YAML: found undefined alias 'c'; a value that begins with * needs quotes"),
    ],
)
def test_a_text_that_is_no_yaml_is_refused_by_its_place_each_time(data: bytes, said: str) -> None:
    for name in ("one.yaml", "two.yaml"):
        with pytest.raises(BadInput) as refusal:
            YamlDocument(data, name, refused)
    assert said in str(refusal.value)
