"""Has the contract the right shape? Stage 02's schema as pydantic models, refusals in our words.

Source: the contract schema that stage 02 publishes (JSON Schema draft-07, `tables[].attributes[].join` and so on).

Rules:
- Strict: "5" is not a number and 1 is not true.
- Unknown fields are allowed, as in the schema; `phases/contract/rules.py` remarks on them.
- Which fields a kind of join or calculation needs is a table here (`NEEDED`), checked by the rules.
- `attributes` is required by the schema for every table, but its own descriptions say "for single-entity tables";
  the rules ask for `entities` or `attributes` as the table's type says.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from phases.contract.model import AttributeType, Projection
from phases.documents.json_document import Location, WrongJson, shown

# Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html
MAX_KEY_ATTRIBUTES = 4  # of an index's partition key, and of its sort key

Text = Annotated[str, StringConstraints(min_length=1)]


def _columns(value: object) -> tuple[str, ...]:
    columns = [value] if isinstance(value, str) else value
    if not (isinstance(columns, list) and columns and all(isinstance(name, str) and name for name in columns)):
        raise PydanticCustomError("columns", "expected a column name or a list of column names")
    return tuple(columns)


def _table_key(value: object) -> object:
    if isinstance(value, list):
        raise PydanticCustomError(
            "table_key", "expected one attribute's name (a table's key has one; only an index's may be a list)"
        )
    return value


def _index_key(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and len(value) > MAX_KEY_ATTRIBUTES:
        raise PydanticCustomError("index_key", "expected at most {most} attributes", {"most": MAX_KEY_ATTRIBUTES})
    names = value if isinstance(value, list) else [value]
    if not (names and all(isinstance(name, str) and name for name in names)):
        raise PydanticCustomError(
            "index_key", "expected an attribute's name, or a list of 1 to {most}", {"most": MAX_KEY_ATTRIBUTES}
        )
    return tuple(names)


def _above_zero(value: float) -> float:
    if value <= 0:
        raise PydanticCustomError("size", "expected a number of bytes above 0")
    return value


IndexKey = Annotated[tuple[str, ...], BeforeValidator(_index_key)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class ChainLink(_Part):
    target_table: str
    join_condition: str
    select_column: str


class Construction(_Part):
    type: Literal["array", "object"]
    select_columns: dict[str, str]
    limit: float | None = None
    order_by: str | None = None


class Join(_Part):
    type: Literal[
        "self-join", "foreign-key", "multi-column", "conditional", "chain", "lookup-table", "json-construction"
    ]
    target_table: str | None = None
    join_alias: str | None = None
    join_condition: str | None = None
    join_conditions: list[str] | None = None
    select_column: str | None = None
    null_value: str | None = None
    condition: str | None = None
    else_value: str | None = None
    chain_separator: str | None = None
    joins: list[ChainLink] | None = None
    construction: Construction | None = None


class Case(_Part):
    when: str
    then: str


class Calculation(_Part):
    type: Literal["aggregate", "case", "concat", "date-math"]
    target_table: str | None = None
    join_condition: str | None = None
    operation: Literal["SUM", "COUNT", "AVG", "MIN", "MAX"] | None = None
    select_column: str | None = None
    cases: list[Case] | None = None
    else_: str | None = Field(default=None, alias="else")


class Transformation(_Part):
    type: Literal["date-format", "string-format", "number-format", "json-parse"]
    format: str | None = None
    source_format: str | None = None


class AttributeShape(_Part):
    name: Text
    type: AttributeType
    source_table: Text
    source_column: Annotated[tuple[str, ...], BeforeValidator(_columns)]
    join: Join | None = None
    calculation: Calculation | None = None
    transformation: Transformation | None = None
    denormalized: bool = False
    justification: str = ""


class IndexShape(_Part):
    index_name: str
    pk: IndexKey
    sk: IndexKey | None = None
    projection: Projection = "ALL"
    projected_attributes: list[Text] = []


class EntityShape(_Part):
    entity_type: Text
    source_table: Text
    pk_template: str
    sk_template: str
    attributes: list[AttributeShape]


class TableShape(_Part):
    table: str
    type: Literal["single-entity", "multi-entity"]
    source_table: Text
    pk: Annotated[Text, BeforeValidator(_table_key)]
    sk: Annotated[Text | None, BeforeValidator(_table_key)] = None
    gsis: list[IndexShape] = []
    entities: list[EntityShape] = []
    attributes: list[AttributeShape] = []
    satisfies: list[Text]
    estimated_item_size_bytes: Annotated[float, Field(allow_inf_nan=False), AfterValidator(_above_zero)]


class ContractShape(_Part):
    tables: Annotated[list[TableShape], Field(min_length=1)]


# What each kind needs beside `type`: (field of the attribute, kind) -> fields.
NEEDED: dict[tuple[str, str], tuple[str, ...]] = {
    ("join", "self-join"): ("join_alias", "join_condition", "select_column"),
    ("join", "foreign-key"): ("target_table", "join_condition", "select_column"),
    ("join", "multi-column"): ("target_table", "join_conditions", "select_column"),
    ("join", "conditional"): ("condition", "target_table", "join_condition", "select_column", "else_value"),
    ("join", "chain"): ("joins",),
    ("join", "lookup-table"): ("target_table", "join_condition", "select_column"),
    ("join", "json-construction"): ("target_table", "join_condition", "construction"),
    ("calculation", "aggregate"): ("target_table", "join_condition", "operation", "select_column"),
    ("calculation", "case"): ("cases",),
}

_EXPECTED = {
    "string_type": "a string",
    "string_too_short": "text of at least one character",
    "list_type": "a list",
    "too_short": "at least one entry",
    "model_type": "an object",
    "dict_type": "an object",
    "bool_type": "true or false",
    "float_type": "a number",
    "finite_number": "a finite number",
}


def check_shape(document: object) -> tuple[ContractShape | None, list[WrongJson]]:
    """The document as models, or None and every place where its shape is wrong."""
    try:
        return ContractShape.model_validate(document), []
    except ValidationError as refused:
        return None, [_finding(error) for error in refused.errors(include_url=False)]


def _finding(error: ErrorDetails) -> WrongJson:
    location: Location = error["loc"]
    kind = error["type"]
    if kind == "missing":
        return location, "missing; the field is required"
    if kind == "literal_error":
        expected = f"one of {error['ctx']['expected']}"
    elif kind in _EXPECTED:
        expected = _EXPECTED[kind]
    else:
        return location, f"{error['msg']}, seen {shown(error['input'])}"
    return location, f"expected {expected}, seen {shown(error['input'])}"
