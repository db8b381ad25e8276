"""Does an access pattern of the contract work? Its key condition, executed on the probe items of its table.

Rules:
- A pattern that names no key condition, in the contract or in a file of stage 01 or 02, is "not-checked".
- What the contract cannot serve fails: an index that is not there, a condition on what is no key, an attribute that
  nobody has, a key that the templates make differently.
- A pattern passes on items alone that it found: every probe item that it is about, with the attributes that it needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from phases.contract.access_patterns import (
    PLACE,
    Condition,
    Named,
    PatternFault,
    Words,
    fits_template,
    name_pattern,
)
from phases.contract.model import Table
from phases.stage_06.live.live_schema import table_id
from phases.stage_06.live.pattern_files import FILES, pattern_key
from phases.stage_06.live.probe import Probe
from phases.stage_06.live.probe_items import Item, ProbeItem
from phases.step import Check
from state.evidence import Verdict

NAMELESS = f"names no key condition, and no file of stages 01 and 02 does (looked for {', '.join(FILES)})"


def pattern_checks(table: Table, said: Mapping[str, Words], probe: Probe | None) -> Iterator[Check]:
    """A check for each access pattern of the table.

    Args:
        said: what the files say of patterns, by `pattern_key`.
        probe: with its items in the table; None where the table differs from the contract and nothing was put.
    """
    for name in table.satisfies:
        words = said.get(pattern_key(name)) or Words(name, name, table.path)
        try:
            named = name_pattern(table, words)
        except PatternFault as fault:
            yield _check(table, name, "a key condition that the contract serves", str(fault), "fail", words.where)
            continue
        if named is None:
            yield _check(table, name, "a key condition", NAMELESS, "not-checked", words.where)
        elif probe is None:
            yield _check(table, name, str(named), "not tried: the table differs from the contract", "fail", words.where)
        else:
            seen, good = _executed(named, probe)
            yield _check(table, name, str(named), seen, "pass" if good else "fail", words.where)


def _check(table: Table, name: str, expected: str, seen: str, verdict: Verdict, where: str) -> Check:
    return Check(f"{table.name}: {name}", expected, seen, verdict, where, (table_id(table.name),))


def _executed(named: Named, probe: Probe) -> tuple[str, bool]:
    """What came of it, and whether that is good."""
    about = [each for each in probe.items if _is_about(named, each, probe)]
    if not about:
        return "no entity's item has such a key", False
    for each in about:
        if why := _why_not_found(named, each, probe):
            return why, False
    if lacking := _in_none_of(about, named.returns):
        return f"no item that it finds has {', '.join(lacking)}", False
    return f"found {', '.join(each.label.strip() or 'the item' for each in about)}", True


def _in_none_of(items: Sequence[ProbeItem], attributes: Sequence[str]) -> list[str]:
    """Those of the attributes that no item has."""
    return [name for name in attributes if all(name not in each.item for each in items)]


def _why_not_found(named: Named, each: ProbeItem, probe: Probe) -> str:
    """Why the pattern's query does not give the item as it is to be; "" where it does."""
    found = _found(named, each, probe)
    if found is None:
        return f"the item{each.label} was not found"
    lacking = [name for name in named.returns if name in each.item and name not in found]
    return f"the item{each.label} was found without {', '.join(lacking)}" if lacking else ""


def _is_about(named: Named, each: ProbeItem, probe: Probe) -> bool:
    """Whether the pattern is to find this item: its entity, its keys, and what the condition says of them."""
    if named.entity is not None and each.entity != named.entity:
        return False
    if named.index is not None and not each.is_in(named.index):
        return False
    conditions = (*named.pks, *named.sks)
    return all(_holds(condition, template_of(condition.attribute, each, probe.table)) for condition in conditions)


def template_of(attribute: str, each: ProbeItem, table: Table) -> str | None:
    """The template that makes this attribute of the item; None for a column's own value, of which there is no form."""
    if each.entity is None:
        return None
    templates = {table.pk.name: each.entity.pk_template}
    if table.sk:
        templates[table.sk.name] = each.entity.sk_template
    return templates.get(attribute)


def _holds(condition: Condition, template: str | None) -> bool:
    if condition.value is None or template is None:
        return True
    return fits_template(template, condition.operator, condition.value)


def _found(named: Named, each: ProbeItem, probe: Probe) -> Item | None:
    """The item as the pattern's query finds it."""
    names: dict[str, str] = {}
    values: Item = {}
    parts: list[str] = []
    for number, condition in enumerate((*named.pks, *named.sks)):
        part, more = _part(condition, f"k{number}", each, probe)
        names[f"#k{number}"] = condition.attribute
        values |= more
        parts.append(part)
    found = probe.query(" AND ".join(parts), names, values, named.index)
    return next((item for item in found if probe.of(item) is each), None)


def _part(condition: Condition, place: str, each: ProbeItem, probe: Probe) -> tuple[str, Item]:
    """One part of the key condition; bounds are the item's own value, which is in both ends."""
    key, value, own = f"#{place}", f":{place}", each.item[condition.attribute]
    match condition.operator:
        case "BETWEEN":
            return f"{key} BETWEEN {value} AND {value}b", {value: own, f"{value}b": own}
        case "begins_with":
            template = template_of(condition.attribute, each, probe.table)
            return f"begins_with({key}, {value})", {value: _beginning(condition, template, own)}
        case "<" | "<=":
            return f"{key} <= {value}", {value: own}
        case ">" | ">=":
            return f"{key} >= {value}", {value: own}
        case _:
            return f"{key} = {value}", {value: own}


def _beginning(condition: Condition, template: str | None, own: dict[str, object]) -> dict[str, object]:
    """What the sort key is asked to begin with: the condition's text, as far as the template has it fixed."""
    if condition.value is None or template is None or "S" not in own:
        return own
    fixed, wanted = PLACE.split(template)[0], PLACE.split(condition.value)[0]
    return {"S": min(fixed, wanted, key=len)} if min(fixed, wanted, key=len) else own
