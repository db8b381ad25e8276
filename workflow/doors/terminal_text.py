"""How is a line that a command printed read, once the control of a terminal is out of it?

Rules:
- Control sequences go whole: ESC with its intermediates and its final, CSI, the strings OSC, DCS, SOS, PM and APC with
  what they hold; and C1 in both encodings, as a character of UTF-8 and as a byte alone (a surrogate, here).
- A string of C1 that does not end in its line loses its beginning only: in an older encoding that byte is a letter.
- Backspace, carriage return and bytes that are no UTF-8 stand between characters that belong together on one reading
  and not on another. `lines` are what is kept: a line each for what a carriage return parts, with what is left when
  each backspace is taken at its word. `readings` are the other ways to read it, for the masker to look at.
"""

from __future__ import annotations

from typing import NamedTuple

from state.late_pattern import late

BAD = "\ufffd"  # shown for a byte that is no UTF-8
# Source: ECMA-48, 5.3 to 5.6 (elements of control functions, control strings); ESC, CAN and SUB end a string as in
# https://vt100.net/emu/dec_ansi_parser, BEL one of OSC as in xterm's ctlseqs
_IGNORED = late(r"[\x00-\x06\x0b-\x0c\x0e-\x17\x19\x1c-\x1f\x7f]")  # within a sequence, too; not TAB, LF, BS, CR, BEL


def _either(code: int) -> str:
    return f"[{chr(code)}{chr(0xDC00 + code)}]"


_ST = rf"(?:\x1b\\|{_either(0x9C)})"
_SEQUENCE = late(
    rf"(?:\x1b\[|{_either(0x9B)})[0-?\x07\x08]*[ -/\x07\x08]*[@-~]"
    rf"|\x1b\][^\x07\x18\x1a\x1b\x9c\udc9c]*(?:\x07|{_ST})?"
    rf"|\x1b[PX^_][^\x18\x1a\x1b\x9c\udc9c]*{_ST}?"
    rf"|{_either(0x9D)}[^\x07\x18\x1a\x1b\x9c\udc9c]*(?:\x07|{_ST})"
    rf"|(?:{'|'.join(map(_either, (0x90, 0x98, 0x9E, 0x9F)))})[^\x18\x1a\x1b\x9c\udc9c]*{_ST}"
    r"|\x1b[ -/]*[0-~]"
)
_LEFT = late(r"[\x07\x18\x1a\x1b\x80-\x9f]")  # what begins no sequence
_BAD = late("[\udc80-\udcff]")
_ODD = late("[\x00-\x08\x0b-\x1f\x7f-\x9f\udc80-\udcff]")


class Read(NamedTuple):
    """A line as it is kept, in one or more, and the other ways to read it."""

    lines: tuple[str, ...]
    readings: tuple[str, ...] = ()


def read(line: str) -> Read:
    """The line without control, in all its readings; bytes that are no UTF-8 came as surrogates (`surrogateescape`)."""
    if not _ODD.search(line):
        return Read((line,))
    line = _LEFT.sub("", _SEQUENCE.sub("", _IGNORED.sub("", line)))
    parts = line.rstrip("\r").split("\r")
    lines = tuple(_BAD.sub(BAD, _over("", part)) for part in parts)
    whole = _BAD.sub("", line)
    screen = ""
    for part in whole.split("\r"):
        screen = _over(screen, part)
    dropped = whole.replace("\r", "").replace("\b", "")
    apart = whole.replace("\r", "")
    found = dict.fromkeys((dropped, screen, _over("", apart)))
    return Read(lines, tuple(each for each in found if (each,) != lines))


def _over(below: str, text: str) -> str:
    """What is seen when this is written from the first column on over that."""
    if not below and "\b" not in text:
        return text
    signs, at = list(below), 0
    for sign in text:
        if sign == "\b":
            at = max(at - 1, 0)
            continue
        signs[at : at + 1] = [sign]
        at += 1
    return "".join(signs)
