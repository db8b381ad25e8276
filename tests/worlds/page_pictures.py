"""What do the pages look like? Each of them at the width of a phone and of a desk, light and dark, as PNG files.

    python -m tests.worlds.page_pictures build/pictures      # `make pictures`

Those below `shown` are cut to what a screen shows at once: they are those of docs/pictures.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.worlds.browser_tab import CHROMIUM, OPTIONS, tab
from tests.worlds.every_page import SCHEMES, WIDTHS, Tour, every_page

SHOWN = {  # name -> page, width, scheme; how high it is [px], and what it begins with
    "inbox-desk": ("inbox", "desk", "light", 620, "header"),
    "gate-desk": ("gate", "desk", "light", 700, "#since"),
    "gate-phone": ("gate", "phone", "dark", 844, "header"),
}


def pictures(into: Path) -> None:
    """Make them."""
    (into / "shown").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, every_page(Path(place)) as (page, tour), sync_playwright() as made:
        browser = made.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        with tab(browser, page) as first:
            for width, scheme in itertools.product(WIDTHS, SCHEMES):
                for name in tour.shows(first, width, scheme):
                    tour.seen.screenshot(path=into / f"{name}-{width}-{scheme}.png", full_page=True)
                    _cut(tour, into, (name, width, scheme))
        browser.close()


def _cut(tour: Tour, into: Path, what: tuple[str, str, str]) -> None:
    for shown, (*of, high, begins) in SHOWN.items():
        if tuple(of) == what:
            tour.seen.set_viewport_size({"width": WIDTHS[what[1]], "height": high})
            tour.seen.evaluate("begins => document.querySelector(begins).scrollIntoView({behavior: 'instant'})", begins)
            tour.seen.screenshot(path=into / "shown" / f"{shown}.png")


if __name__ == "__main__":
    if CHROMIUM is None:
        sys.exit("no pictures: chromium not found")
    pictures(Path(sys.argv[1]))
