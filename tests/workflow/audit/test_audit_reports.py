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

from gates.policy import GatePolicy
from tests.worlds.forger import Forger
from workflow.audit import RunAudit
from workflow.audit.drawing import shares, states_svg, timeline, totals
from workflow.audit.findings import CODES, LIMITS, Finding, Unprovable
from workflow.audit.html_report import html_page
from workflow.audit.tables import COLUMNS, csv_text, text_lines
from workflow.audit.words import duration
from workflow.audit.workspace_audit import audit_workspace
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
        r"Ada <ada@example.com> \(prompt\) [0-9a-f]{7}, 6 files  1.1 Choose a colour",
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
    for sign in "=+-@＝＋－＠":
        wide = replace(audit, tasks=[replace(evil, title=f"{sign}SUM(A1)")])
        assert f"'{sign}SUM(A1)" in csv_text([wide])
    lines = text_lines(audit)
    assert "\x1b" not in "".join(lines)
    assert [line for line in lines if "\n" in line or line == "findings: none"] == []


def test_a_directory_beside_the_runs_is_none_and_one_that_lost_its_journal_is(complete: Forger) -> None:
    complete.commit("Notes", *_kept(complete, ".phasegate/extra/notes.txt"))
    assert [audit.run for audit in audit_workspace(complete.root, None)] == [complete.run_id]
    complete.commit("Lost", *_kept(complete, ".phasegate/odd/runbook.md", ".phasegate/hut-20260102-030405/notes.txt"))
    found = {audit.run: [each.code for each in audit.findings] for audit in audit_workspace(complete.root, None)}
    lost = ["journal-missing"]
    assert found == {complete.run_id: [], "odd": lost, "hut-20260102-030405": lost}


def _kept(forger: Forger, *paths: str) -> tuple[str, ...]:
    for path in paths:
        forger.write(path, b"mine\n")
    return paths


def test_the_page_is_named_on_one_line(complete: Forger, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "two\nnext: lines.html"
    assert run(["-C", str(complete.root), "audit", "--html", str(place)]) == 0
    assert place.exists()
    assert "\nnext:" not in capsys.readouterr().err


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
    task = replace(task, refusals=(EVIL,), via=EVIL, policy=GatePolicy(who=(EVIL,)).recorded())
    evil = replace(
        audit, run=EVIL, workflow=EVIL, runbook=EVIL, state=EVIL, tip=EVIL, tasks=[task], git_sequence=[EVIL]
    )
    evil = replace(evil, journal_sequence=[EVIL, EVIL], findings=[Finding("extra-file", EVIL, EVIL, EVIL)])
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


def test_what_was_found_stands_in_front(complete: Forger) -> None:
    complete.replace("tasks.md", b"walls", b"roof")
    page = html_page([complete.audit()])
    places = [page.index(f"<h2>{name}</h2>") for name in ("Findings", "Tasks", "Time", "States")]
    assert places == sorted(places)
    assert page.index("1 finding</strong>") < places[0]
    complete.replace("tasks.md", b"roof", b"walls")
    assert "<strong>Nothing found</strong>" in html_page([complete.audit()])


def test_the_page_tells_who_signed_what_was_asked_and_why_a_task_came_back(complete: Forger) -> None:
    audit = complete.audit()
    policy = GatePolicy(2, ("bob@x.org",), False, timedelta(minutes=90), True, True).recorded()
    first = replace(audit.tasks[0], signed=True, policy=policy, refusals=["attempt 1 rejected by Ada: too <dear>"])
    page = html_page([replace(audit, tasks=[first, *audit.tasks[1:]], journal_sequence=["t1_1"])])
    assert "2 approvers of bob@x.org, not the operator; signed; within 1 h 30 min; or the policy itself, when" in page
    assert "(prompt, signed)" in page
    assert "<dd>1 of 3 approved tasks</dd>" in page
    assert "attempt 1 rejected by Ada: too &lt;dear&gt;" in page
    assert "git alone tells: t1_1 → t1_2 → t2_1<br>the journal tells: t1_1</p>" in page
    assert "1 approver; within 24 h" in page
    assert "signed)" not in html_page([audit])


def rects(drawn: ElementTree.Element) -> list[ElementTree.Element]:
    return drawn.findall(".//rect")


def test_the_timeline_draws_each_phase_to_scale(complete: Forger) -> None:
    drawn = ElementTree.fromstring(timeline(complete.audit()))
    spans = complete.audit().spans
    assert sorted(rect.get("class") or "" for rect in rects(drawn)) == sorted(span.phase for span in spans)
    wide = {(rect.get("x"), rect.get("class")): float(rect.get("width") or 0) for rect in rects(drawn)}
    seconds = {span.start: (span.end - span.start).total_seconds() for span in spans if span.end}
    begin, whole = spans[0].start, (spans[-1].end or spans[-1].start) - spans[0].start
    for span in spans:
        x = f"{(span.start - begin) / whole * 1000:.1f}"
        assert wide[x, span.phase] == pytest.approx(seconds[span.start] / whole.total_seconds() * 1000, abs=0.1)
    told = [each.text for each in drawn.iter() if each.get("class") == "told small soft"]
    assert told[0] == "at work 3.0 s, waiting for approval 6.0 s, committing 2.0 s"


def test_a_task_that_was_sent_back_and_one_that_waits_are_told_so(complete: Forger) -> None:
    audit = complete.audit()
    first, second, *rest = audit.spans
    hour = timedelta(hours=1)
    sent_back = replace(second, end=second.start + hour, ended_by="rejected")
    again = [replace(each, start=each.start + hour, end=each.end + hour if each.end else None) for each in rest]
    waits = replace(again[-1], phase="waiting", end=None)
    page = timeline(replace(audit, spans=[first, sent_back, *again[:-1], waits]))
    marks = [rect for rect in rects(ElementTree.fromstring(page)) if rect.get("class") == "back"]
    assert [mark.findtext("title") for mark in marks] == ["attempt 1: rejected"]
    assert "waiting for approval 1 h, committing 2.0 s, sent back once" in page
    assert "waiting for approval now" in page
    narrow = [float(rect.get("width") or 0) for rect in rects(ElementTree.fromstring(page))]
    assert min(narrow) == 4  # seconds beside an hour can still be seen
    ends = [float(rect.get("x") or 0) + float(rect.get("width") or 0) for rect in rects(ElementTree.fromstring(page))]
    assert max(ends) <= 1000.1


def test_time_at_work_stands_against_time_waiting(complete: Forger) -> None:
    drawn = ElementTree.fromstring(shares(complete.audit().spans))
    spent = totals(complete.audit().spans)
    whole = sum(spent.values(), timedelta())
    assert [rect.get("class") for rect in rects(drawn)] == ["working", "waiting", "committing"]
    assert [float(rect.get("width") or 0) for rect in rects(drawn)] == pytest.approx(
        [time / whole * 1000 for time in spent.values()], abs=0.1
    )
    assert shares([]) == ""


def kinds(audit: RunAudit) -> list[tuple[str, str]]:
    """Each state of the drawing, and how it is drawn."""
    drawn = ElementTree.fromstring(states_svg(audit))
    names = [text.text or "" for text in drawn.findall("text") if not text.get("class")]
    return list(zip(names, [(rect.get("class") or "").split()[1] for rect in rects(drawn)], strict=True))


def edges(audit: RunAudit) -> list[str]:
    return [(path.get("class") or "").split()[1] for path in ElementTree.fromstring(states_svg(audit)).findall("path")]


def test_the_states_show_the_path_taken_and_where_the_run_stands(halfway: Forger) -> None:
    assert [kind for _, kind in kinds(halfway.audit())] == ["taken", "taken", "here", "ahead", "ahead"]
    assert edges(halfway.audit()) == ["taken", "taken", "ahead", "ahead"]


def test_the_states_show_what_came_back_and_where_something_was_found(complete: Forger) -> None:
    audit = complete.audit()
    first = replace(audit.tasks[0], refusals=["attempt 1 failed", "attempt 2 voided"])
    audit = replace(audit, tasks=[first, *audit.tasks[1:]], findings=[Finding("extra-file", "", "t1_2")])
    assert [kind for _, kind in kinds(audit)] == ["taken", "taken", "wrong", "taken", "taken"]
    assert edges(audit).count("back") == 1
    assert ">2 ×</text>" in states_svg(audit)


@pytest.mark.parametrize("begun", [0, 1, 2, 3])
def test_a_run_that_ended_otherwise_ends_where_it_stood(complete: Forger, begun: int) -> None:
    audit = complete.audit()
    tasks = [replace(task, status="done", attempt=1) for task in audit.tasks[:begun]]
    tasks += [replace(task, status="pending", attempt=0) for task in audit.tasks[begun:]]
    drawn = kinds(replace(audit, tasks=tasks, state="rolled_back", spans=[]))
    assert [name for name, _ in drawn].index("rolled back") == begun + 1
    assert drawn[begun + 1] == ("rolled back", "here")
    assert {kind for _, kind in drawn[begun + 2 :]} == {"ahead"}
    assert edges(replace(audit, tasks=tasks, state="rolled_back"))[begun] == "taken" if begun else True


def test_a_run_that_only_began_has_a_page_too(complete: Forger) -> None:
    tasks = [replace(task, status="pending", attempt=0) for task in complete.audit().tasks]
    audit = replace(complete.audit(), spans=[], state="ready", tasks=tasks)
    assert timeline(audit) == ""
    assert kinds(audit)[0] == ("ready", "here")
    assert "<h2>Time</h2>" not in html_page([audit])


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.034, "34 ms"), (1.34, "1.3 s"), (65, "1 min 5 s"), (3600, "1 h"), (90000, "1 d 1 h"), (12, "12 s")],
)
def test_durations_are_told_in_two_units(seconds: float, told: str) -> None:
    assert duration(timedelta(seconds=seconds)) == told
