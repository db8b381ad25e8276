"""Where does a script of Python get the marks that show how far it came? No line of it changes its number.

Rules:
- The mark of the end is made when the last statement has ended, or has left with a `SystemExit` of 0, so that
  `sys.exit(main())` may be it: an exception, `os._exit` and another program in its place (`os.execv`) make none,
  whatever `atexit` and `sys.excepthook` do then.
- Where that statement is an expression or a `raise` on lines of its own, it is put into a `try`, and makes a mark of
  its own when it begins; behind any other one the mark stands as it is.
- The text is only looked at: what is wrong with it is said by the program that runs it.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Sequence


def marked_python(text: str, begun: str, ended: str) -> tuple[str, Sequence[int]]:
    """A script of Python with the statements that make its marks, and the index of its last statement's line, if known.

    No line changes its number. A text that is no Python, as far as is known here, gets the mark of the end behind it.

    Args:
        begun: makes the mark that the last statement was begun, where that is known.
        ended: makes the mark of the end.
    """
    lines = text.split("\n")
    last = _last_statement(text)
    if isinstance(last, ast.Expr | ast.Raise) and last.col_offset == 0 and "\r" not in text:
        lines[last.lineno - 1] = f"try: {begun}; {lines[last.lineno - 1]}"
        code = "__import__('sys').exc_info()[1].code"
        return "\n".join([*lines, "", f"except SystemExit: {code} or {ended}; raise", f"else: {ended}"]), (
            last.lineno - 1,
        )
    return f"{text}\n\n{ended}", ()  # behind an empty line: a backslash at the end goes on to none of ours


def _last_statement(text: str) -> ast.stmt | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the script is warned of is said when it runs
        try:
            body = ast.parse(text).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None  # the program that runs it says so, or knows more of Python than this one
    return body[-1] if body else None
