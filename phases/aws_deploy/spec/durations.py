"""How long is `15m`? The durations of deployment.yaml: a whole number of s, m, h or d."""

from __future__ import annotations

from datetime import timedelta

PATTERN = r"^[0-9]{1,5}[smhd]$"
UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def length(duration: str) -> timedelta:
    """`15m` as a timedelta. Raises ValueError or KeyError for what PATTERN does not match."""
    return int(duration[:-1]) * UNITS[duration[-1]]


def words_for(span: timedelta) -> str:
    """How long it was, in its two largest units: `24 h 3 min`, `2 s`."""
    left, parts = max(0, round(span.total_seconds())), []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        number, left = divmod(left, size)
        parts.append((number, unit))
    while len(parts) > 1 and not parts[0][0]:
        parts.pop(0)
    return " ".join(f"{number} {unit}" for at, (number, unit) in enumerate(parts[:2]) if number or not at)
