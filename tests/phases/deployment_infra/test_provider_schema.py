"""What does the module's reader make of a package of bindings? A wheel made here, in the form of those on PyPI."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from phases.deployment_infra.answers import values_of
from tests.worlds.provider_schema import FOLDER, schema_tools
from tests.worlds.rendered_module import EXAMPLE

HEAD = """
class {name} extends cdktn.Terraform{kind} {{
    constructor(scope, id, config) {{
        super(scope, id, {{ terraformResourceType: '{type}',
            providerVersion: '6.62.0' }});
{made}
    }}
{members}
    synthesizeHclAttributes() {{
        const attrs = {{
{inputs}        }};
    }}
}}
exports.{name} = {name};
"""
INPUT = """            {name}: {{
                value: {value},
                isBlock: {block},
                type: "{kind}",
                storageClassType: "{stored}",
            }},
"""
ALIAS = INPUT.format(name="alias", value="f(this._alias)", block="false", kind="simple", stored="string")
PROVIDER = HEAD.format(name="AwsProvider", kind="Provider", type="aws", made="", members="", inputs=ALIAS)
GATE = HEAD.format(
    name="AwsGate",
    kind="Resource",
    type="aws_gate",
    made="""        // keys - computed: true, optional: false, required: false
        this._keys = new AwsGate.KeysPropertyList(this, "keys", true);
        // hinge - computed: false, optional: true, required: false
        this._hinge = new AwsGate.HingePropertyOutputReference(this, "hinge");
        // rules - computed: true, optional: true, required: false
        this._rules = new AwsGate.KeysPropertyList(this, "rules", false);
        // bolt - computed: false, optional: false, required: true
        this._bolt = new AwsGate.HingePropertyList(this, "bolt", false);""",
    members="""    resetWidth() {
    }
    resetHinge() {
    }
    resetRules() {
    }
    resetTags() {
    }
    // arn - computed: true, optional: false, required: false
    get arn() {
        return this.getStringAttribute('arn');
    }
    // ports - computed: true, optional: false, required: false
    get ports() {
        return cdktn.Fn.tolist(this.getNumberListAttribute('ports'));
    }""",
    inputs="".join(
        INPUT.format(name=name, value=value, block=block, kind=kind, stored=stored)
        for name, value, block, kind, stored in [
            ("width", "cdktn.numberToHclTerraform(this._width)", "false", "simple", "number"),
            ("name", "cdktn.stringToHclTerraform(this._name)", "false", "simple", "string"),
            ("tags", "cdktn.hashMapperHcl(cdktn.stringToHclTerraform)(this._tags)", "false", "map", "stringMap"),
            (
                "hinge",
                "gateHingePropertyToHclTerraform(this._hinge.internalValue)",
                "true",
                "list",
                "G.HingePropertyList",
            ),
            (
                "bolt",
                "m(gateHingePropertyToHclTerraform, true)(this._bolt.internalValue)",
                "true",
                "set",
                "HingePropertyList",
            ),
            ("rules", "m(gateHingePropertyToHclTerraform, false)(this._rules)", "true", "list", "HingePropertyList"),
        ]
    ),
)
HINGE = (
    """function gateHingePropertyToHclTerraform(struct) {
    const attrs = {
"""
    + INPUT.format(name="oiled", value="f(struct.oiled)", block="false", kind="set", stored="stringList")
    + """    };
}
    class KeysPropertyOutputReference extends cdktn.ComplexObject {
        // id - computed: true, optional: false, required: false
        get id() {
            return this.getStringAttribute('id');
        }
    }
    _b = JSII_RTTI_SYMBOL_1;
    class HingePropertyOutputReference extends cdktn.ComplexObject {
        get oiled() {
        }
    }
    _c = JSII_RTTI_SYMBOL_1;
"""
)
DATA = HEAD.format(name="DataAwsGate", kind="DataSource", type="aws_gate", made="", members="", inputs="")


@pytest.fixture
def known(tmp_path: Path) -> Iterator[ModuleType]:
    with schema_tools(tmp_path / "tools", values_of(EXAMPLE)) as (provider_schema, _):
        yield provider_schema


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:gz") as files:
        for name, text in [
            ("provider/aws-provider.js", PROVIDER),
            ("gates/aws-gate.js", GATE + HINGE),
            ("gates/data-aws-gate.js", DATA),
        ]:
            entry = tarfile.TarInfo(f"package/lib/{name}")
            entry.size = len(text.encode())
            files.addfile(entry, io.BytesIO(text.encode()))
    made = tmp_path / "bindings-1.0-py3-none-any.whl"
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("bindings/_jsii/aws@1.0.jsii.tgz", inner.getvalue())
    return made


def test_arguments_blocks_and_what_is_computed_are_read(known: ModuleType, wheel: Path) -> None:
    schema = known.schema_of(wheel, ["aws_gate", "data.aws_gate"])
    assert (schema["provider_version"], schema["made_from"]) == ("6.62.0", "bindings-1.0-py3-none-any")
    schemas = schema["provider_schemas"][known.ADDRESS]
    assert schemas["provider"]["block"]["attributes"] == {}  # alias is of the language
    assert list(schemas["data_source_schemas"]) == ["aws_gate"]
    block = schemas["resource_schemas"]["aws_gate"]["block"]
    given = {"optional": True, "computed": True}
    oiled = ["set", "string"]
    assert block["attributes"] == {
        "name": {"type": "string", "required": True},
        "width": {"type": "number", **given},
        "tags": {"type": ["map", "string"], **given},
        "rules": {"type": ["list", ["object", {"oiled": oiled}]], **given},
        "keys": {"type": ["set", ["object", {"id": "string"}]], "computed": True},
        "arn": {"type": "string", "computed": True},
        "ports": {"type": ["set", "number"], "computed": True},
    }
    inner = {"attributes": {"oiled": {"type": oiled, "required": True}}, "block_types": {}}
    assert block["block_types"] == {
        "hinge": {"nesting_mode": "list", "block": inner, "max_items": 1},
        "bolt": {"nesting_mode": "set", "block": inner, "min_items": 1},
    }


def test_a_type_that_the_bindings_do_not_have_is_refused_by_its_name(known: ModuleType, wheel: Path) -> None:
    with pytest.raises(known.NotInTheBindings, match=re.escape("does not have aws_door, data.aws_door")):
        known.schema_of(wheel, ["aws_gate", "aws_door", "data.aws_door"])


def test_the_types_of_the_files_are_named_once(known: ModuleType) -> None:
    texts = ['resource "aws_b" "x" {\n}\ndata "aws_a" "y" {\n}', 'resource "aws_b" "z" {}\n# resource "aws_c" "no"\n']
    assert known.types_used(texts) == ["aws_b", "data.aws_a"]


@pytest.mark.slow
def test_without_terraform_nothing_is_validated_and_said_so(tmp_path: Path) -> None:
    with schema_tools(tmp_path, values_of(EXAMPLE)):
        pass
    command = [sys.executable, "-B", str(tmp_path / FOLDER / "validate.py")]
    done = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (3, "not run: terraform not found\n", "")
