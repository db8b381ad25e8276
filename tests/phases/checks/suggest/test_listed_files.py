"""Files that a list names are there; what is done with them, and what stands in them, is left."""

from __future__ import annotations

import pytest

from tests.worlds.checklists import suggested


def path_for(heading: str, item: str, parent: str = "") -> str:
    lines = [f"- [ ] {parent}", f"  - [ ] {item}"] if parent else [f"- [ ] {item}"]
    found = suggested(f"# Deployment\n\n## {heading}\n\n" + "\n".join(lines))
    files = [each.entry["file"] for each in found.proposals if item in each.item.text and "file" in each.entry]
    return str(files[0]["path"]) if files and isinstance(files[0], dict) else ""


@pytest.mark.parametrize(
    ("heading", "parent", "item", "path"),
    [
        ("Files ready for deployment", "", "`Procfile` - Gunicorn configuration", "Procfile"),
        ("Project structure", "`static/` - the site", "`static/js/main.js`", "static/js/main.js"),
        ("Now", "Deployment files created:", "`/shop.json` (service configuration)", "shop.json"),
        ("Now", "Put certificates in `nginx/ssl/` directory", "`dhparam.pem`", "nginx/ssl/dhparam.pem"),
        ("Now", "", "Deployment script created: `/infra/deploy.sh`", "infra/deploy.sh"),
        ("Now", "", "Verify `vercel.json` is in project root", "vercel.json"),
        ("Now", "", "`talosconfig` file generated", "talosconfig"),
        ("Documentation files", "", "**CONTRIBUTING.md** - rules for everybody", "CONTRIBUTING.md"),
        ("Documentation files", "", "docs/prices.md (list of prices)", "docs/prices.md"),
    ],
)
def test_a_file_of_a_list_is_there(heading: str, parent: str, item: str, path: str) -> None:
    assert path_for(heading, item, parent) == path


@pytest.mark.parametrize(
    ("heading", "parent", "item"),
    [
        ("Files to update", "", "`Procfile` - Gunicorn configuration"),
        ("Modified files", "", "`shop/app.py`"),
        ("Files ready for deployment", "", "`shop/app.py` - updated with the new prices"),
        ("Files ready for deployment", "", "`templates/` - all templates"),
        ("Files ready for deployment", "", "`runtime.txt` - version specified"),
        ("Files on the server", "", "`/etc/nginx/nginx.conf`"),
        ("Configuration files", "", "`/sitemap.xml`"),
        ("Now", "", "Run script: `deploy.sh`"),
        ("Now", "", "Build script: `deploy.sh`"),
        ("Now", "", "Deployment script reviewed: `/infra/deploy.sh`"),
        ("Database migrations to run", "", "`db/001_orders.sql`"),
        ("Project structure", "", "Node.js - the back end"),
        ("Project structure", "", "**CONTRIBUTING.md** - all steps"),
        ("Files to review", "", "**CONTRIBUTING.md** - rules for everybody"),
    ],
)
def test_what_is_done_with_files_or_stands_in_them_is_left(heading: str, parent: str, item: str) -> None:
    assert path_for(heading, item, parent) == ""
