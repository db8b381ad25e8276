"""Is a runbook written in UTF-16 or UTF-32? Then it is refused by that name: a tick replaces one byte.

PowerShell 5 writes UTF-16 with `>` and `Out-File`; editors on Windows call it "Unicode".
"""

from __future__ import annotations

import codecs

from state.errors import BadInput, Problem
from state.path_word import path_word

_MARKS = (  # the longer ones first: the mark of UTF-32 LE begins with that of UTF-16 LE
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_LOOKED_AT = 4096  # bytes: a runbook's beginning has letters and line ends


def refuse_other_encodings(data: bytes, path: str) -> None:
    """Raise BadInput for a runbook in UTF-16 or UTF-32, with the command that writes it as UTF-8."""
    seen = _encoding(data)
    if not seen:
        return
    mark = any(data.startswith(mark) for mark, _name in _MARKS)
    how = f"iconv -f {seen if mark else _without_mark(data, seen)} -t UTF-8 {path_word(path)}"
    raise BadInput(
        f"{path} is written in {seen}, expected UTF-8",
        problems=[Problem(f"{path}:1:1", f"other-encoding: {seen}{' by its byte order mark' if mark else ''}")],
        next_command=f"{how} > runbook.utf8 && mv runbook.utf8 {path_word(path)}",
    )


def _encoding(data: bytes) -> str:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    begin = data[:_LOOKED_AT]
    zeros = begin.count(0)
    if not zeros or zeros * 10 < len(begin) * 4:  # ASCII in UTF-16 is one half zeros, in UTF-32 three quarters
        return ""
    return "UTF-32" if zeros * 10 > len(begin) * 6 else "UTF-16"


def _without_mark(data: bytes, seen: str) -> str:
    return f"{seen}{'BE' if data[0] == 0 else 'LE'}"
