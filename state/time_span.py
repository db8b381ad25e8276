"""How long is a span of time, in a few words for a person?"""

from __future__ import annotations

from datetime import timedelta


def span(time: timedelta) -> str:
    """`41 s`, `1 min 54 s`, `12 min`, `3 h 20 min`, `2 d 3 h`"""
    seconds = max(round(time.total_seconds()), 0)
    minutes, rest = divmod(seconds, 60)
    if not minutes:
        return f"{seconds} s"
    if minutes < 10:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    if minutes < 120:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    days, rest = divmod(hours, 24)
    return f"{days} d {rest} h" if rest else f"{days} d"
