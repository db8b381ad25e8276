"""Is the template that is read back the one that was written, whatever the names?"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from phases.contract.reader import read_contract
from phases.stage_06.template.template import LAYERS, build_template, load_template, minified, render
from state.errors import BadInput
from tests.worlds.contract_builder import attribute, index, read, table
from workflow.sandbox.cloudformation import template as sandbox_template

ROOT = Path(__file__).parents[4]
SAMPLE = read_contract((ROOT / "artifacts/stage-02/migrationContract.json").read_bytes(), path="sample")

ODD_NAMES = [
    *("no", "Null", "1e5", "0x1F", "~", "- a", "a: b", "#x", "a #b", "{a}", "[a]", "*a", "&a", "!Ref a", "%a", "@a"),
    *(
        "'a'",
        '"a"',
        "a\\b",
        "a\nb",
        "\ttab",
        " lead",
        "trail ",
        "größe",
        "名前",
        "😀",
        "\u2028",
        "\x7f",
        "\x85",
        "\ufeff",
    ),
    *("=", "<<", "2024-01-01", "12:30:45", ".inf", "${AWS::Region}", "a" * 255),
]


@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_reads_back_as_it_was_built(layer: str) -> None:
    assert load_template(render(SAMPLE, upto=layer)) == build_template(SAMPLE, upto=layer)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_an_attribute_of_any_name_reads_back(name: str) -> None:
    contract = read(table(pk=name, attributes=[attribute(name), *table()["attributes"][1:]]))
    assert load_template(render(contract)) == build_template(contract)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
@pytest.mark.slow
def test_any_text_reads_back(name: str) -> None:
    contract = read(table(gsis=[index(projection="INCLUDE", projected_attributes=[f"x{name}"])]))
    assert load_template(render(contract, upto="1.3")) == build_template(contract, upto="1.3")


def test_both_parsers_of_cloudformation_templates_agree() -> None:
    text = render(SAMPLE).decode()
    assert sandbox_template.parse(text).resources.keys() == load_template(text.encode())["Resources"].keys()
    assert sandbox_template.parse(minified(build_template(SAMPLE))).outputs == load_template(text.encode())["Outputs"]


def test_the_file_says_where_it_comes_from_and_why_things_are_as_they_are() -> None:
    text = render(SAMPLE).decode()
    assert SAMPLE.sha256 in text.split("\n\n")[0]
    for comment in ("Retain and deletion protection", "Not encrypted with alias/aws/sns", "missing data is good news"):
        assert comment in text
    assert "Retain" not in render(SAMPLE, upto="1.3").decode()


def test_the_file_is_written_for_readers() -> None:
    text = render(SAMPLE).decode()
    assert "- { AttributeName: CustomerId, AttributeType: S }" in text
    assert "AlarmActions: [!Ref AlarmTopic]" in text
    assert "Value: !GetAtt ProductsTable.StreamArn" in text
    assert '["AWS/DynamoDB", "ReadThrottleEvents", "TableName", "Customers"],' in text
    assert not [line for line in text.splitlines() if line != line.rstrip()]
    assert "Fn::" not in text


def test_an_edit_of_one_index_changes_its_own_lines_only() -> None:
    before = render(read(table(gsis=[index("One"), index("Two")]))).decode().splitlines()
    after = render(read(table(gsis=[index("One"), index("Two", projection="KEYS_ONLY")]))).decode().splitlines()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new and "SHA-256" not in old]
    assert changed == [
        ("          Projection: { ProjectionType: ALL }", "          Projection: { ProjectionType: KEYS_ONLY }")
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"a: b: c", "t.yaml:1:5 is not YAML"), (b"- a", "expected a mapping, seen list"), (b"", "seen NoneType")],
)
def test_a_file_that_is_no_template_is_refused_with_its_place(data: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=r"^t\.yaml") as refused:
        load_template(data, path="t.yaml")
    assert said in refused.value.message
    assert refused.value.next_command == "git restore t.yaml"


def test_no_tag_can_make_the_reader_build_objects() -> None:
    with pytest.raises(BadInput):
        load_template(b"a: !!python/object/apply:os.getcwd []")


def test_dates_stay_text() -> None:
    assert load_template(b"Version: 2012-10-17\nA: !Sub x") == {"Version": "2012-10-17", "A": {"Fn::Sub": "x"}}
    assert yaml.safe_load("Version: 2012-10-17") != {"Version": "2012-10-17"}
