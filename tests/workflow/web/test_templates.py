"""The templates have one way to print a value, and pages load nothing from elsewhere. Read from the sources."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from workflow.service.served import page_address as address
from workflow.web import paper
from workflow.web.pages import NOBODY
from workflow.web.paper import page

WEB = Path(paper.__file__).parent
TEMPLATES = sorted((WEB / "templates").glob("*.html"))
FILTERS = {"join", "length", "minute", "second", "span"}  # none of them makes Markup, or takes escapes away


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_way_around_quoting_and_loads_nothing_from_elsewhere(path: Path) -> None:
    text = path.read_text()
    printed = re.findall(r"\{[{%].*?[}%]\}", text)
    assert {name for each in printed for name in re.findall(r"\|\s*(\w+)", each)} <= FILTERS
    assert not re.search(r"autoescape|\bsafe\b|Markup|include|import", "".join(printed))
    assert not re.search(r"(?i)https?://|//[a-z]|style=|<style|\son\w+=|javascript:", text)
    assert re.findall(r"<script(?![^>]* src=\"/static/)", text) == []
    values = re.findall(r"=([^\s>]*\{\{)", re.sub(r"\{%.*?%\}", "", text))
    assert [each for each in values if not each.startswith('"')] == []  # attributes are quoted


def test_every_form_brings_the_token_along_and_keeps_nothing_that_was_typed() -> None:
    for path in TEMPLATES:
        for form in re.findall(r"<form.*?</form>", path.read_text(), re.DOTALL):
            assert 'method="post"' in form
            token = "challenge" if 'action="/sign-in"' in form else "token"  # who signs in has no session yet
            assert f'<input type="hidden" name="{token}" value="{{{{ {token} }}}}">' in form
            assert 'autocomplete="off"' in form  # a browser that comes back would tick the box of another digest


def test_no_source_of_the_page_makes_markup() -> None:
    for path in WEB.glob("*.py"):
        assert not re.search(r"Markup\(|\.from_string|HTMLResponse\(f?\"", path.read_text())


def test_the_style_sheet_and_the_script_name_no_other_place() -> None:
    for path in (WEB / "static").iterdir():
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|url\(|@import|innerHTML|eval", text), path.name


def test_what_is_printed_is_printable_and_quoted_whatever_it_is() -> None:
    text = page("refused", {**NOBODY, "lines": ["<b>&\u202e\x1b\"'"], "commands": [], "back": "/", "where": ""})
    assert "&lt;b&gt;&amp;\\u202e\\x1b&#34;&#39;" in text
    assert paper._shown(Markup("<b>")) == "<b>"


def test_a_name_that_is_not_given_is_a_fault() -> None:
    with pytest.raises(UndefinedError):
        page("closed", NOBODY)


def test_an_address_quotes_what_is_in_it() -> None:
    assert address("a/b", "run ?#%", "gate") == "/r/a%2Fb/run%20%3F%23%25/gate"


def test_times_are_said_as_elsewhere() -> None:
    at = datetime(2026, 1, 2, 3, 4, 59, tzinfo=UTC)
    assert paper._minute(at) == "2026-01-02 03:04 UTC"
    assert paper._second(at) == "2026-01-02 03:04:59 UTC"
    assert paper._span(timedelta(minutes=200)) == "3 h 20 min"
