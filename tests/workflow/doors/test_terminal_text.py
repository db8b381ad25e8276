"""No control of a terminal hides a secret: every kind of it, and the readings of what it moves over."""

from __future__ import annotations

import pytest

from workflow.doors.masking import LINE, MaskedLines
from workflow.doors.terminal_text import read

KEY = b"AKIA" + b"IOSFODNN7EXAMPLE"
# name -> bytes that are not seen in a terminal
CONTROL = {
    "SGR": b"\x1b[1m",
    "character set": b"\x1b(B",
    "save cursor": b"\x1b7",
    "keypad": b"\x1b=",
    "full reset": b"\x1bc",
    "a CSI with intermediates": b"\x1b[2 q",
    "a CSI with a control in it": b"\x1b[1\x00;\x7f2m",
    "OSC with BEL": b"\x1b]0;title\x07",
    "OSC with ST": b"\x1b]8;;http://x\x1b\\",
    "DCS": b"\x1bP1$r0m\x07\x1b\\",
    "SOS": b"\x1bXa\x1b\\",
    "PM": b"\x1b^a\x1b\\",
    "APC": b"\x1b_Ga=T\x1b\\",
    "CSI of C1": b"\x9b1m",
    "CSI of C1 in UTF-8": b"\xc2\x9b1m",
    "OSC of C1": b"\x9d0;title\x9c",
    "DCS of C1 in UTF-8": b"\xc2\x90a\xc2\x9c",
    "a string that CAN ends": b"\x1bPabc\x18",
    "index of C1": b"\xc2\x84",
    "index of C1, raw": b"\x84",
    "NUL and BEL": b"\x00\x07",
    "a byte that is no UTF-8": b"\xff",
    "CR": b"\r",
    "backspace": b"\x08",
    "a sign and a backspace": b"x\x08",
    "CR, a sign and a backspace": b"\rx\x08",
}


def lines_of(data: bytes) -> list[str]:
    masker = MaskedLines()
    return [*masker.feed(data), *masker.end()]


@pytest.mark.parametrize("name", CONTROL)
def test_what_is_not_seen_hides_no_key_and_no_name(name: str) -> None:
    control = CONTROL[name]
    shown = "\n".join(lines_of(b"id " + KEY[:8] + control + KEY[8:] + b" end\n"))
    assert (KEY[:8].decode() in shown, KEY[8:].decode() in shown) == (False, False)
    shown = "\n".join(lines_of(b"API_TO" + control + b"KEN=" + control + b"hunterSGR0\n"))
    assert "hunterSGR0" not in shown


def test_the_word_behind_what_a_terminal_ends_bold_with_is_masked() -> None:
    assert lines_of(b"\x1b[1mPassword:\x1b(B\x1b[m hunterSGR0\n") == ["Password: ***"]


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"\x1b[1mp\x1b[0mlain \x1b(Btext\x9b0m\xc2\x9bK\n", ["plain text"]),
        (b"10%\r20%\rdone\r\nnext\n", ["10%", "20%", "done", "next"]),
        (b"NA\x08AM\x08ME\x08E\n", ["NAME"]),
        (b"Z\xfcrich\n", ["Z\ufffdrich"]),
        (b"Z\xfcrich password=hunter2\n", ["Z\ufffdrich password=***"]),
        (b"\x90 of an older encoding\n", ["\ufffd of an older encoding"]),
        (b"password=\rsecret\n", ["password=***"]),
        (b"xxxxword=hunter2\rpass\n", ["password=***"]),
        (b"pass\xffword=a" + KEY + b"\rid " + KEY + b"\n", ["***"]),
    ],
)
def test_what_is_seen_is_what_is_kept_but_for_secrets(data: bytes, shown: list[str]) -> None:
    assert lines_of(data) == shown
    masker = MaskedLines()  # in any pieces
    assert [line for at in range(len(data)) for line in masker.feed(data[at : at + 1])] == shown


def test_an_endless_line_with_carriage_returns_comes_in_lines_and_nothing_of_it_is_cut() -> None:
    shown = lines_of(b"".join(b"%d of many\r" % number for number in range(LINE)))
    assert shown == [f"{number} of many" for number in range(LINE)]


def test_a_line_without_control_has_one_reading() -> None:
    assert read("plain zwölf\t") == (("plain zwölf\t",), ())
