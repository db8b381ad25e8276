"""Does the Markdown rendering keep its promises for hostile cells, fences and verdicts?"""

from __future__ import annotations

import pytest

from phases.documents.markdown import bullets, checks_table, code, code_block, code_blocks, document, table, verdict
from phases.step import Check


def check(name: str, verdict_: str = "pass", where: str = "") -> Check:
    return Check(name, "yes", "yes", verdict_, where)  # type: ignore[arg-type]


def test_pipes_and_line_breaks_stay_inside_their_cell() -> None:
    text = table(("Name", "Reason"), [("a|b", "first\n  second"), ("`c|d`", "<none>")])

    assert text.splitlines() == [
        "| Name | Reason |",
        "| --- | --- |",
        "| a\\|b | first<br>second |",
        "| `c\\|d` | &lt;none> |",
    ]


def test_a_placeholder_in_a_code_span_stays_as_written() -> None:
    assert "`<name>`" in table(("A",), [("`<name>`",)])


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="a row of 1 cells below 2 headers"):
        table(("A", "B"), [("only one",)])


def test_nothing_to_show_is_said() -> None:
    assert table(("A",), []) == "(none)"
    assert bullets([]) == "(none)"
    assert verdict(()) == "Nothing was checked."


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Users", "`Users`"), ("a`b", "``a`b``"), ("`a", "`` `a ``"), ("", "-"), ("a\nb", "`a b`")],
)
def test_code_spans_survive_backticks(text: str, expected: str) -> None:
    assert code(text) == expected


def test_a_fence_is_longer_than_the_fences_inside() -> None:
    assert code_block("```\nx\n```\n", "md") == "````md\n```\nx\n```\n````"


def test_blocks_are_found_again_by_their_language() -> None:
    inner = "```python\nno\n```"
    text = document("T", code_block("a = 1", "python"), code_block(inner, "md"), code_block("b = 2", "python"))

    assert code_blocks(text, "python") == ["a = 1\n", "b = 2\n"]
    assert code_blocks(text, "md") == [inner + "\n"]


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["pass"], "The check passed."),
        (["pass", "pass"], "All 2 checks passed."),
        (["pass", "not-checked", "note"], "1 of 3 checks passed, none failed (1 not checked, 1 note)."),
        (["pass", "attested"], "1 of 2 checks passed, none failed (1 attested)."),
        (["pass", "fail"], "**1 of 2 checks failed**: c1."),
    ],
)
def test_the_verdict_never_hides_what_was_not_checked(verdicts: list[str], expected: str) -> None:
    assert verdict([check(f"c{at}", said) for at, said in enumerate(verdicts)]) == expected


def test_where_is_a_column_only_when_somebody_says_where() -> None:
    assert "Where" not in checks_table([check("a")])
    assert checks_table([check("a"), check("b", "fail", "$.tables[0]")]).splitlines()[-1] == (
        "| b | yes | yes | **FAIL** | $.tables[0] |"
    )


def test_a_document_has_one_title_and_one_final_newline() -> None:
    assert document("T", "first\n", "", "second\n\n") == "# T\n\nfirst\n\nsecond\n"
