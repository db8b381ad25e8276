"""Which dialect is this contract in? The older one (a bare list) is brought into the current form, for reading only.

The older dialect, as stage 02's first data models wrote it:

    [{"table": "Users", "type": "Table", "pk": "id", "sk": null,
      "attributes": {"id": {"type": "S", "source_table": "users", "source_column": "id"}},
      "gsis": [{"name": "ByEmail", "pk": "email"}], ...},
     {"table": "Users", "type": "GSI", "name": "ByCity", "pk": "city", "attributes": {...}, ...}]

Rules:
- The file is never rewritten; `origins` remembers where everything really stands, so that messages point there.
- A "GSI" entry names its index in `index_name` or `name` and its table in `table`. Without such a name, `table` is
  the index's name and the table is the only one with the same `source_table`; if that is not exactly one, it is
  refused rather than guessed.
- How a value is joined or calculated is not read from this dialect: its joins have another form, and deployment
  does not use them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from phases.documents.json_document import Location, WrongJson, json_path, shown

_MAPPING_DETAILS = ("join", "calculation", "transformation")
_INDEX_FIELDS = {"index_name", "pk", "sk", "projection", "projected_attributes"}
# what a "GSI" entry says of its table, of where it comes from, and of which index it is
_ENTRY_ONLY = {"table", "type", "name", "source_table", "attributes", "satisfies", "estimated_item_size_bytes"}


@dataclass(slots=True)
class CurrentForm:
    """A document in the current form.

    Attributes:
        document: `{"tables": [...]}`, or whatever it was when it is neither dialect.
        origins: locations in `document` -> JSON paths in the file, where the two differ.
        faults, notes: what the older dialect itself refuses or remarks, located in `document`.
    """

    document: object
    origins: dict[Location, str] = field(default_factory=dict)
    faults: list[WrongJson] = field(default_factory=list)
    notes: list[WrongJson] = field(default_factory=list)


def current_form(document: object) -> CurrentForm:
    """The document in the current form; the same document when it is in it already."""
    if not isinstance(document, list):
        return CurrentForm(document)
    tables: list[object] = []
    form = CurrentForm({"tables": tables}, notes=[((), "written in the older dialect (a bare list); read as it is")])
    form.origins[("tables",)] = "$"
    for number, entry in enumerate(document):
        if not (isinstance(entry, dict) and entry.get("type") == "GSI"):
            here: Location = ("tables", len(tables))
            form.origins[here] = json_path((number,))
            tables.append(_table(entry, here, form) if isinstance(entry, dict) else entry)
    for number, entry in enumerate(document):
        if isinstance(entry, dict) and entry.get("type") == "GSI":
            _index_entry(entry, json_path((number,)), tables, form)
    return form


def _table(entry: dict[str, object], here: Location, form: CurrentForm) -> dict[str, object]:
    table = dict(entry)
    if table.get("type") == "Table":
        table["type"] = "multi-entity" if table.get("entities") else "single-entity"
    attributes = table.get("attributes")
    if isinstance(attributes, dict):
        table["attributes"] = _attributes(attributes, (*here, "attributes"), f"{form.origins[here]}.attributes", form)
    if "gsis" in table and table["gsis"] is None:
        table["gsis"] = []
    gsis = table.get("gsis")
    if isinstance(gsis, list):
        table["gsis"] = [
            _index(index, (*here, "gsis", number), f"{form.origins[here]}.gsis[{number}]", form)
            if isinstance(index, dict)
            else index
            for number, index in enumerate(gsis)
        ]
    return table


def _attributes(
    mapping: dict[str, object], here: Location, origin: str, form: CurrentForm, first: int = 0
) -> list[object]:
    """`{"id": {...}}` as `[{"name": "id", ...}]`; `first` is the place of its first entry in the table's list."""
    listed: list[object] = []
    for number, (name, declared) in enumerate(mapping.items(), start=first):
        form.origins[(*here, number)] = origin + json_path((name,)).removeprefix("$")
        if isinstance(declared, dict):
            kept = {key: value for key, value in declared.items() if key not in _MAPPING_DETAILS}
            listed.append({**kept, "name": name})
        else:
            listed.append(declared)
    return listed


def _index(index: dict[str, object], here: Location, origin: str, form: CurrentForm) -> dict[str, object]:
    form.origins[here] = origin
    if "index_name" in index or "name" not in index:
        return index
    form.origins[(*here, "index_name")] = f"{origin}.name"
    return {"index_name": index["name"], **{key: value for key, value in index.items() if key != "name"}}


def _index_entry(entry: dict[str, object], origin: str, tables: list[object], form: CurrentForm) -> None:
    """Add what a `type: "GSI"` entry says to its table."""
    by = "table" if "index_name" in entry or "name" in entry else "source_table"
    bases = _tables_with(by, entry.get(by), tables)
    if len(bases) != 1:
        place: Location = ("tables", len(tables), origin)
        form.origins[place] = f"{origin}.{by}"
        form.faults.append((place, f"expected exactly one table with {by} {shown(entry.get(by))}, seen {len(bases)}"))
        return
    number, table = bases[0]
    index = {key: value for key, value in entry.items() if key not in _ENTRY_ONLY}
    index["index_name"] = entry.get("index_name", entry.get("name", entry.get("table")))
    gsis = table.setdefault("gsis", [])
    if not isinstance(gsis, list):
        return
    same = next((at for at, other in enumerate(gsis) if _same_index(index, other)), None)
    if same is not None:
        _add_details(index, origin, gsis[same], ("tables", number, "gsis", same), form)
        return
    here: Location = ("tables", number, "gsis", len(gsis))
    form.origins[here] = origin
    form.notes.append((here, f"read as index {shown(index['index_name'])} of table {shown(table.get('table'))}"))
    gsis.append(index)
    _add_declarations(entry, origin, table, ("tables", number, "attributes"), form)


def _tables_with(field: str, value: object, tables: list[object]) -> list[tuple[int, dict[str, object]]]:
    """The tables in whose field the value stands, with their numbers."""
    readable = [(number, table) for number, table in enumerate(tables) if isinstance(table, dict)]
    return [(number, table) for number, table in readable if table.get(field) == value]


def _add_details(
    told: dict[str, object], origin: str, index: dict[str, object], here: Location, form: CurrentForm
) -> None:
    """An index that is told twice: what only the entry says of it is judged as the index's."""
    for name in told.keys() - index.keys() - _INDEX_FIELDS:
        index[name] = told[name]
        form.origins[(*here, name)] = origin + json_path((name,)).removeprefix("$")


def _same_index(index: dict[str, object], other: object) -> bool:
    if not isinstance(other, dict):
        return False
    return all(index.get(key) == other.get(key) for key in ("index_name", "pk", "sk"))


def _add_declarations(
    entry: dict[str, object], origin: str, table: dict[str, object], here: Location, form: CurrentForm
) -> None:
    """The index entry's attributes and access patterns join the table's, but for what is there already."""
    attributes, declared = table.get("attributes"), entry.get("attributes")
    if isinstance(attributes, list) and isinstance(declared, dict):
        new = _not_among(attributes, declared)
        attributes += _attributes(new, here, f"{origin}.attributes", form, first=len(attributes))
    satisfies, more = table.get("satisfies"), entry.get("satisfies")
    if isinstance(satisfies, list) and isinstance(more, list):
        table["satisfies"] = satisfies + [name for name in more if name not in satisfies]


def _not_among(attributes: list[object], declared: dict[str, object]) -> dict[str, object]:
    """The declarations whose name and type are not among the attributes."""
    there = {(each.get("name"), _hashable(each.get("type"))) for each in attributes if isinstance(each, dict)}
    return {
        name: value
        for name, value in declared.items()
        if not isinstance(value, dict) or (name, _hashable(value.get("type"))) not in there
    }


def _hashable(value: object) -> object:
    return value if isinstance(value, str) else None
