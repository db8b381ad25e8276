"""What has changed in the configuration since before? Two snapshots compared, field by field. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

# what AWS counts and dates by itself
NOISE = (
    "ItemCount",
    "TableSizeBytes",
    "storedBytes",
    "StateUpdatedTimestamp",
    "StateReason",
    "StateReasonData",
    "StateTransitionedTimestamp",
    "StateValue",
    "LastDecreaseDateTime",
    "LastIncreaseDateTime",
)


def changes(before: Mapping[str, object], after: Mapping[str, object]) -> list[tuple[str, str, str, str]]:
    """(resource, field, before, after), sorted; a resource that came or went has the field "the resource"."""
    found: list[tuple[str, str, str, str]] = []
    for arn in sorted({*before, *after}):
        if arn not in before or arn not in after:
            was_there = arn in before
            found.append((arn, "the resource", "there" if was_there else "not there", "gone" if was_there else "there"))
            continue
        old, new = dict(_fields(before[arn], "")), dict(_fields(after[arn], ""))
        found += [
            (arn, field, old.get(field, "not set"), new.get(field, "not set"))
            for field in sorted({*old, *new})
            if old.get(field) != new.get(field)
        ]
    return found


def _fields(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in NOISE:
                yield from _fields(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _fields(inner, f"{path}[{number}]")
    else:
        yield path, str(value)
