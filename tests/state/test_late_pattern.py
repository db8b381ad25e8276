"""A pattern at the top of a module is compiled at its first use, and is then what `re.compile` gives."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from state.late_pattern import late


def test_it_is_compiled_once_at_its_first_use(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    real = re.compile

    def counted(text: str, flags: int = 0) -> re.Pattern[str]:
        compiled.append(text)
        return real(text, flags)

    monkeypatch.setattr(re, "compile", counted)
    pattern = late(r"(?P<word>A)+", re.I)
    assert compiled == []
    assert pattern.fullmatch("aA") is not None
    assert pattern.sub("b", "xay") == "xby"
    assert (pattern.pattern, pattern.groups, dict(pattern.groupindex)) == (r"(?P<word>A)+", 1, {"word": 1})
    assert [each.group() for each in pattern.finditer("a-aa")] == ["a", "aa"]
    assert compiled == [r"(?P<word>A)+"]


def test_of_bytes_and_one_that_is_none() -> None:
    assert late(rb"\d").search(b"a1") is not None
    with pytest.raises(re.error):
        late("(").match("")
    with pytest.raises(AttributeError, match="matches"):
        late("a").matches  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.slow
def test_every_late_pattern_of_the_product_is_sound() -> None:
    """Unsound ones would be told where they are used only, so each is used here once."""
    code = (
        "import importlib, pkgutil, gates, phases, state, workflow\n"
        "from state import late_pattern\n"
        "made = []\n"
        "init = late_pattern._Late.__init__\n"
        "late_pattern._Late.__init__ = lambda self, *given: (made.append(self), init(self, *given))[0]\n"
        "for top in (state, gates, phases, workflow):\n"
        "    for each in pkgutil.walk_packages(top.__path__, top.__name__ + '.'):\n"
        "        if not each.name.endswith('__main__'):\n"
        "            importlib.import_module(each.name)\n"
        "print(sum(pattern.groups >= 0 for pattern in made))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 40
