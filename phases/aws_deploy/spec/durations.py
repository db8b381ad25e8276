"""How long is `15m`? The durations of deployment.yaml: a whole number of s, m, h or d."""

from __future__ import annotations

from datetime import timedelta

PATTERN = r"^[0-9]{1,5}[smhd]$"
UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def length(duration: str) -> timedelta:
    """`15m` as a timedelta. Raises ValueError or KeyError for what PATTERN does not match."""
    return int(duration[:-1]) * UNITS[duration[-1]]
