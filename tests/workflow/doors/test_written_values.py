"""A secret value of the environment is hidden in the forms in which real programs print it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from workflow.doors.masking import MaskedLines, mask, secret_values

VALUES = [
    'quo"te\\sec/ret',
    "p\u00e455w\u00f6rd/\u00fc+x=",
    "tab\tbed-value",
    "it's-a $ecret, `so`!",
    "ab-cdef\ngh-ijkl\nmn-opqr",
]
PROGRAMS = {
    "text": ("printenv", "X_SECRET"),
    "JSON": (sys.executable, "-c", "import json, os; print(json.dumps({'v': os.environ['X_SECRET']}))"),
    "JSON, unescaped": (
        sys.executable,
        "-c",
        "import json, os; print(json.dumps([os.environ['X_SECRET']], ensure_ascii=False))",
    ),
    "repr": (sys.executable, "-c", "import os; print(repr(os.environ['X_SECRET']))"),
    "repr of more": (sys.executable, "-c", "import os; print([os.environ['X_SECRET'] + chr(39) + chr(34)])"),
    "bytes": (sys.executable, "-c", "import os; print(os.environb[b'X_SECRET'])"),
    "shlex": (sys.executable, "-c", "import os, shlex; print(shlex.quote(os.environ['X_SECRET']))"),
    "%q": ("bash", "-c", 'printf "%q\\n" "$X_SECRET"'),
    "@Q": ("bash", "-c", 'echo "${X_SECRET@Q}"'),
    "export -p": ("bash", "-c", "export -p | grep -A2 X_SECRET"),
}


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("value", VALUES)
def test_what_a_program_prints_of_it_is_hidden(value: str, program: str, locale: str) -> None:
    environment = {"PATH": os.environ["PATH"], "LC_ALL": locale, "PYTHONUTF8": "1", "X_SECRET": value}
    printed = subprocess.run(PROGRAMS[program], env=environment, capture_output=True, check=True).stdout
    masker = MaskedLines(secret_values(environment))
    shown = "\n".join([*masker.feed(printed), *masker.end()])
    assert "***" in shown
    for piece in ("sec", "55w", "bed-value", "ecret,", "gh-ij", "mn-op"):
        assert piece not in shown, shown


def test_a_short_line_of_a_value_is_hidden_where_it_stands_alone_and_nowhere_else() -> None:
    values = secret_values({"X_SECRET": "abcd\n}\nefgh"})
    assert mask("abcd\n}\n  efgh\nabcdef\nan efgh", values) == "***\n}\n  ***\nabcdef\nan efgh"


@pytest.mark.parametrize("name", ["PGPASSWORD", "SSHPASS", "MYSQL_PWD", "REDISCLI_AUTH", "DOOR_PASSCODE"])
def test_names_that_programs_read_tell(name: str) -> None:
    assert secret_values({name: "correct horse"}) == secret_values({"X_SECRET": "correct horse"}) != ()
    assert secret_values({"PWD": "/home/somebody"}) == ()


def test_what_is_written_otherwise_is_longer_and_comes_first() -> None:
    values = secret_values({"X_SECRET": 'quo"te-value'})
    assert values[0] == json.dumps('quo"te-value')[1:-1]
    assert values[-1] == 'quo"te-value'
