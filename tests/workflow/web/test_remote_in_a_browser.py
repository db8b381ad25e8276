"""A gate that another clone holds, decided on a phone: over a bare remote, with Chromium's virtual authenticator."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

from tests.worlds.approval_world import Keys
from tests.worlds.browser_person import enrols
from tests.worlds.browser_tab import CHROMIUM, VirtualAuthenticator, tab
from tests.worlds.every_page import SCHEMES, WIDTHS
from tests.worlds.served_page import free_port, served
from tests.worlds.two_people import TwoPeople
from tests.worlds.workspaces import git
from workflow.audit import audit_workspace

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="not run: chromium not found")]
POLICY = """default: {signed: true, operator_may_approve: false, passkeys: passkeys}
runners: runners
meeting: {lease: 1s}
"""


def clean(seen: Tab, name: str) -> None:
    """Nothing is found on this page by axe-core, light and dark; pictures go where PICTURES says."""
    for scheme in SCHEMES:
        seen.emulate_media(color_scheme=scheme)
        told = Axe().run(seen).response
        assert told["passes"] and [each["id"] for each in told["violations"]] == [], name
        if into := os.environ.get("PICTURES"):
            for width, wide in WIDTHS.items():
                seen.set_viewport_size({"width": wide, "height": 844})
                seen.screenshot(path=Path(into) / f"{name}-{width}-{scheme}.png", full_page=True)
            seen.set_viewport_size({"width": WIDTHS["phone"], "height": 844})


def test_a_gate_at_a_remote_is_approved_and_rejected_on_a_phone(tmp_path: Path, keys: Keys, browser: Browser) -> None:
    world, port = TwoPeople(tmp_path, keys, policy=POLICY), free_port()
    with served(world.bob.root, port=port) as page, tab(browser, page, width=390) as seen:
        seen.get_by_text("Nothing waits there.").wait_for()
        theirs = VirtualAuthenticator(seen)
        enrols(seen, page, "Bob")
        (held,) = theirs.holds()
    world.bob.git("commit", "-qam", "Bob's passkey")
    world.bob.git("push", "-q", "origin", "main")
    world.ada.git("pull", "-q", "--ff-only", "origin", "main")
    run = world.waits()
    with served(world.bob.root, port=port) as page, tab(browser, page, width=390) as seen:
        VirtualAuthenticator(seen).takes(held)
        seen.get_by_role("link", name="Build it").wait_for()  # the remote answered, and the page looked again
        clean(seen, "inbox-remote")
        seen.get_by_role("link", name="Build it").click()
        seen.get_by_role("heading", name="Your verdict").wait_for()
        clean(seen, "gate-remote")
        seen.get_by_role("checkbox").check()
        seen.get_by_role("button", name="Approve with a passkey").click()
        seen.get_by_role("status").filter(has_text="pushed to remote origin").wait_for()
        world.ada("resume", code=3)
        assert "Approved-by: Bob <bob@example.com>" in git(world.origin, "log", "-1", "--format=%B", f"phasegate/{run}")

        world.ada("done", "--no-files")
        seen.goto(f"{page.here}/there/bob/{run}")
        seen.get_by_label("Why it goes back to work").fill("Not on a Friday:\nask again on Monday.")
        seen.get_by_role("button", name="Reject, and sign it with a passkey").click()
        seen.get_by_role("heading", name="Sign a rejection").wait_for()
        clean(seen, "rejection")
        seen.get_by_role("button", name="Reject with a passkey").click()
        seen.get_by_role("status").filter(has_text="is rejected, signed and pushed").wait_for()
        assert "rejected by Bob <bob@example.com>: Not on a Friday" in world.ada("resume", code=3)

        world.ada("done", "--no-files")
        seen.goto(f"{page.here}/there/bob/{run}")
        seen.get_by_role("checkbox").check()
        seen.get_by_role("button", name="Approve with a passkey").click()
        seen.get_by_role("status").filter(has_text="pushed to remote origin").wait_for()
        assert "complete" in world.ada("resume")
    git(tmp_path, "clone", "-q", "--bare", "-b", f"phasegate/{run}", f"file://{world.origin}", "third.git")
    (audit,) = audit_workspace(tmp_path / "third.git", None)
    assert [each.message for each in audit.findings] == []
    assert "unsigned-rejection" not in [each.code for each in audit.unprovable]
