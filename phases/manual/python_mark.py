"""Where does a script of Python get the mark that shows how far it came? No line of it changes its number.

Rules:
- In front of its last statement where that is an expression or a `raise` on lines of its own, so that
  `sys.exit(main())` may end it; behind it else.
- The text is only looked at: what is wrong with it is said by the program that runs it.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Sequence


def marked_python(text: str, mark: str) -> tuple[str, Sequence[int]]:
    """A script of Python with the statement `mark` in it, and the index of the line that it has to come to, if known.

    No line changes its number. A text that is no Python, as far as is known here, gets the mark behind it.
    """
    lines = text.split("\n")
    last = _last_statement(text)
    if isinstance(last, ast.Expr | ast.Raise) and last.col_offset == 0 and "\r" not in text:
        lines[last.lineno - 1] = f"{mark}; {lines[last.lineno - 1]}"
        return "\n".join(lines), (last.lineno - 1,)
    return f"{text}\n\n{mark}", ()  # behind an empty line: a backslash at the end goes on to none of ours


def _last_statement(text: str) -> ast.stmt | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the script is warned of is said when it runs
        try:
            body = ast.parse(text).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None  # the program that runs it says so, or knows more of Python than this one
    return body[-1] if body else None
