"""How many columns of a terminal does a text take? Letters of East Asian scripts take two each."""

from __future__ import annotations


def columns(text: str) -> int:
    """The most that a terminal may take for it: some draw the parts of an emoji or of a flag one by one."""
    return len(text) if text.isascii() else sum(map(_of_sign, text))


def _of_sign(sign: str) -> int:
    from rich.cells import cell_len

    return 2 if "\U0001f1e6" <= sign <= "\U0001f1ff" or "\U0001f3fb" <= sign <= "\U0001f3ff" else cell_len(sign)
