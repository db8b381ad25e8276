"""Every page by axe-core, in Debian's Chromium: at a phone's width and a desk's, light and dark, nothing is found."""

from __future__ import annotations

import itertools
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

from tests.worlds.browser_tab import CHROMIUM, tab
from tests.worlds.every_page import ELSEWHERE, SCHEMES, WIDTHS, every_page

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="not run: chromium not found")]


def found(seen: Tab, name: str) -> list[str]:
    """What axe-core finds on this page: the rule, and where. It is put into a page once."""
    if seen.evaluate("typeof axe") == "undefined":
        seen.evaluate(Axe().axe_script)
    told = seen.evaluate("axe.run({resultTypes: ['violations']})")
    assert told["passes"], name  # it looked
    return [
        f"{name}: {each['id']}: {node['target']}: {node['failureSummary']}"
        for each in told["violations"]
        for node in each["nodes"]
    ]


def found_everywhere(seen: Tab, name: str) -> list[str]:
    """The same page at each width and in each scheme: it has one text and one style for all."""
    faults = []
    for width, scheme in itertools.product(WIDTHS, SCHEMES):
        seen.set_viewport_size({"width": WIDTHS[width], "height": 844})
        seen.emulate_media(color_scheme=scheme)
        faults += found(seen, f"{name} ({width}, {scheme})")
    return faults


def test_nothing_is_found_on_any_page(tmp_path: Path, browser: Browser) -> None:
    with every_page(tmp_path) as (page, tour), tab(browser, page) as first:
        faults = [fault for name in tour.shows(first, "phone", "light") for fault in found_everywhere(tour.seen, name)]
    assert faults == []


def test_nothing_is_found_where_people_sign_in_and_are_invited(tmp_path: Path, browser: Browser) -> None:
    with every_page(tmp_path, origin=ELSEWHERE) as (page, _tour):
        seen = browser.new_page()
        seen.goto(page.here)
        seen.get_by_role("button", name="Sign in with a passkey").wait_for()
        assert found_everywhere(seen, "sign in") == []
        seen.goto(page.here + urlsplit(page.link).path)
        seen.wait_for_url(f"{page.here}/")
        seen.goto(f"{page.here}/people")
        seen.get_by_role("button", name="Make a link").first.wait_for()
        assert found_everywhere(seen, "people, behind TLS") == []
        seen.close()


def test_what_is_wrong_with_a_page_is_found(browser: Browser) -> None:
    seen = browser.new_page()
    seen.set_content("<title>x</title><p style='color: #aaa; background: #fff'>faint</p><img src='x.png'>")
    told = {each.split(": ")[1] for each in found(seen, "bad")}
    seen.close()
    assert {"color-contrast", "image-alt", "html-has-lang"} <= told


def test_what_is_wrong_at_one_width_or_in_one_scheme_is_found(browser: Browser) -> None:
    seen = browser.new_page()
    seen.set_content(
        "<!doctype html><html lang=en><title>x</title><meta name=viewport content='width=device-width'>"
        "<style>p {color: #000; background: #fff}"
        "@media (prefers-color-scheme: dark) and (min-width: 600px) {p {color: #aaa}}</style><main><h1>x</h1><p>faint"
    )
    told = [each.split(": ")[:2] for each in found_everywhere(seen, "bad")]
    seen.close()
    assert told == [["bad (desk, dark)", "color-contrast"]]
