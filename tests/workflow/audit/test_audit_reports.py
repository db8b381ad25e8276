"""What people get: lines, JSON, CSV, a page; and nothing in them steers a terminal, a spreadsheet or a browser."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.workflow.audit.forger import Forger
from workflow.audit.drawing import duration, states_svg, timeline_svg
from workflow.audit.findings import CODES, LIMITS, Finding, Unprovable
from workflow.audit.html_report import html_page
from workflow.audit.tables import COLUMNS, csv_text, text_lines
from workflow.cli.main import run

DOCS = (Path(__file__).parents[3] / "docs" / "audit.md").read_text("utf-8")
EVIL = "<script>alert('\"&\x1b[31m')</script>"


@pytest.mark.parametrize("code", [*CODES, *LIMITS])
def test_every_code_is_documented_with_what_to_do(code: str) -> None:
    (row,) = re.findall(rf"(?m)^\| `{code}` \| (.+) \| (.+) \|$", DOCS)
    assert all(len(cell) > 10 for cell in row)


def test_a_code_that_is_not_documented_cannot_be_said() -> None:
    with pytest.raises(ValueError, match="'odd' is not a code"):
        Finding("odd", "")
    with pytest.raises(ValueError, match="'odd' is not a code"):
        Unprovable("odd", "")


def test_a_sound_run_ends_with_0_and_a_line_a_task(complete: Forger, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-C", str(complete.root), "audit"]) == 0
    lines = capsys.readouterr().out.splitlines()
    tip = complete.made()[-1].sha[:10]
    assert lines[0] == f"{complete.run_id}: complete, 3 of 3 done, 3 commits, tip {tip}"
    assert re.fullmatch(
        rf"  {complete.made()[0].sha[:10]}  \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d  Ada <ada@example.com>, approved by "
        r"Ada <ada@example.com> \(prompt\) [0-9a-f]{7}, 5 files  1.1 Choose a colour",
        lines[1],
    )
    assert "findings: none" in lines
    assert "cannot prove:" in lines


def test_a_finding_ends_with_1_and_its_code(complete: Forger, capsys: pytest.CaptureFixture[str]) -> None:
    complete.replace("tasks.md", b"walls", b"roof")
    assert run(["-C", str(complete.root), "audit", complete.run_id]) == 1
    out = capsys.readouterr().out
    assert (
        "findings: 1\n  runbook-edited: tasks.md:10 in the working tree: expected '  - [x] 2.1 Paint the walls'" in out
    )


def test_json_has_the_documented_fields_and_no_others(complete: Forger, capsys: pytest.CaptureFixture[str]) -> None:
    complete.replace("tasks.md", b"walls", b"roof")
    assert run(["-C", str(complete.root), "audit", "--json"]) == 1
    body = json.loads(capsys.readouterr().out)
    said = DOCS.split("## JSON")[1].split("```")[1]
    documented = json.loads(said)

    def shape(value: object) -> object:
        if isinstance(value, dict):
            return {name: shape(each) for name, each in value.items()}
        return [shape(value[0])] if isinstance(value, list) and value else None

    assert shape(body) == shape(documented)


def test_csv_has_a_row_for_each_task_and_finding(complete: Forger, capsys: pytest.CaptureFixture[str]) -> None:
    complete.replace("tasks.md", b"walls", b"roof")
    assert run(["-C", str(complete.root), "audit", "--csv"]) == 1
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert tuple(rows[0]) == COLUMNS
    assert [(row["kind"], row["task"], row["code"]) for row in rows] == [
        ("task", "t1_1", ""),
        ("task", "t1_2", ""),
        ("task", "t2_1", ""),
        ("finding", "", "runbook-edited"),
    ]


def test_only_one_form_at_a_time(complete: Forger, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-C", str(complete.root), "audit", "--json", "--csv"]) == 2
    assert "--json and --csv cannot both be given" in capsys.readouterr().err


def test_no_cell_is_a_formula_and_no_line_steers_a_terminal(complete: Forger) -> None:
    audit = complete.audit()
    evil = replace(audit.tasks[0], title=f"=1+1{EVIL}", author="@SUM(A1)")
    audit = replace(audit, tasks=[evil], findings=[Finding("extra-file", f"-2{EVIL}\nfindings: none")])
    table = csv_text([audit])
    assert "\x1b" not in table
    cells = [cell for row in csv.reader(table.splitlines()) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "@", "-", "+"))]
    assert "'=1+1" in table
    lines = text_lines(audit)
    assert "\x1b" not in "".join(lines)
    assert [line for line in lines if "\n" in line or line == "findings: none"] == []


class Page(HTMLParser):
    """Tags that are opened and never closed, and every attribute that could load something."""

    VOID = ("meta", "br", "rect", "path")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID or (tag == "rect" and self.get_starttag_text()[-2:] != "/>"):  # type: ignore[index]
            self.open.append(tag)
        self.loads += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "srcset", "onload", "data")]
        self.loads += [tag] if tag in ("script", "link", "iframe", "object", "img") else []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_needs_nothing_else_and_escapes_everything(complete: Forger, tmp_path: Path) -> None:
    complete.replace("tasks.md", b"walls", b"roof")
    assert run(["-C", str(complete.root), "audit", "--html", str(tmp_path / "audit.html")]) == 1
    plain = (tmp_path / "audit.html").read_text("utf-8")
    audit = complete.audit()
    task = replace(audit.tasks[0], title=EVIL, author=EVIL, approved_by=(EVIL,), commit=EVIL, digest=EVIL, status=EVIL)
    evil = replace(
        audit, run=EVIL, workflow=EVIL, runbook=EVIL, state=EVIL, tip=EVIL, tasks=[task], git_sequence=[EVIL]
    )
    evil = replace(evil, journal_sequence=[EVIL], findings=[Finding("extra-file", EVIL, EVIL, EVIL)])
    evil = replace(evil, unprovable=[Unprovable("superseded", EVIL)])
    for text in (plain, html_page([evil])):
        page = Page()
        page.feed(text)
        page.close()
        assert page.open == []
        assert page.loads == []
        assert "url(" not in text
        assert "@import" not in text
        assert "http" not in text.replace("http-equiv", "")
        assert "default-src 'none'" in text
    assert "runbook-edited" in plain
    assert "width=device-width" in plain
    assert "prefers-color-scheme:dark" in plain


def test_the_timeline_draws_each_phase_to_scale(complete: Forger) -> None:
    drawn = ElementTree.fromstring(timeline_svg(complete.audit()))
    rects = drawn.findall("rect")
    assert [rect.get("class") for rect in rects] == ["working", "waiting", "committing"] * 3
    spans = complete.audit().spans
    wide = [float(rect.get("width") or 0) for rect in rects]
    seconds = [(span.end - span.start).total_seconds() for span in spans if span.end]
    assert [round(width / wide[0], 1) for width in wide] == [round(each / seconds[0], 1) for each in seconds]
    assert (rects[0].findtext("title") or "").startswith("1.1 Choose a colour: working, attempt 1, ")


def test_the_states_show_the_path_taken_and_where_the_run_stands(halfway: Forger) -> None:
    drawn = ElementTree.fromstring(states_svg(halfway.audit()))
    assert [rect.get("class") for rect in drawn.findall("rect")] == [
        "state taken",
        "state taken",
        "state here",
        "state ahead",
        "state ahead",
    ]
    assert [path.get("class") for path in drawn.findall("path")] == [
        "edge taken",
        "edge taken",
        "edge ahead",
        "edge ahead",
    ]


def test_a_run_that_only_began_has_drawings_too(complete: Forger) -> None:
    audit = replace(complete.audit(), spans=[], state="aborted")
    assert timeline_svg(audit) == ""
    assert "aborted" in states_svg(audit)
    assert "attempt sent back" in states_svg(replace(audit, tasks=[replace(audit.tasks[0], attempt=2)]))
    html_page([audit])


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.34, "0.3 s"), (65, "1 min 5 s"), (3600, "1 h 0 min"), (90000, "1 d 1 h"), (12, "12 s")]
)
def test_durations_are_told_in_two_units(seconds: float, told: str) -> None:
    assert duration(timedelta(seconds=seconds)) == told
