"""Passkeys in Debian's Chromium with its virtual authenticators: enrolled, used, refused where they are not theirs."""

from __future__ import annotations

import json
import subprocess
from base64 import b64decode
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

from state.passkey_signature import from_base64url
from tests.worlds.agent_world import AgentWorld
from tests.worlds.browser_person import enrols as written_down
from tests.worlds.browser_tab import CHROMIUM, VirtualAuthenticator, elsewhere, tab
from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.served_page import ServedPage, served
from tests.worlds.workspaces import git, workspace
from workflow.audit import audit_workspace

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="not run: chromium not found")]
TWO = "default: {presence: signed, approvers: 2, passkeys: passkeys}\n"
SAID = "region: eu-west-1\nproject: shop\nenvironment: test\nalarm-address: ops@example.com\nstack-name: shop\n"
DEPLOYS = """
default: {passkeys: passkeys}
gates:
  - {gate: "3.1", workflow: stage-06, signed: true}
"""
ONE = TWO.replace("approvers: 2, ", "")


def world_of(tmp_path: Path, policy: str) -> AgentWorld:
    return AgentWorld(tmp_path, policy=policy, files={"passkeys": ""})


def enrols(seen: Tab, page: ServedPage, name: str) -> VirtualAuthenticator:
    """Somebody comes with an authenticator of their own, and has it written down."""
    theirs = VirtualAuthenticator(seen)
    written_down(seen, page, name)
    return theirs


def works(world: AgentWorld) -> str:
    """An agent hands in; the address of the gate."""
    git(world.root, "commit", "-qam", "passkeys")
    world.starts()
    world.works("one.txt")
    return f"/r/shed/{world.journal.parent.name}/gate"


def approves(seen: Tab) -> None:
    seen.get_by_role("checkbox").check()
    seen.get_by_role("button", name="Approve with a passkey").click()


def test_two_people_enrol_and_open_a_gate_with_an_authenticator_each(tmp_path: Path, browser: Browser) -> None:
    world = world_of(tmp_path, TWO)
    with served(world.root) as page, tab(browser, page) as seen:
        bob = enrols(seen, page, "Bob")
        bobs = bob.holds()
        bob.goes()
        eve = enrols(seen, page, "Eve")
        gate = works(world)
        seen.goto(page.here + gate)
        approves(seen)
        seen.get_by_role("status").filter(has_text="more approvals are needed").wait_for()
        seen.goto(page.here + gate)  # the same authenticator once more is not asked for
        asked = seen.get_by_role("button", name="Approve with a passkey").get_attribute("data-options") or ""
        allowed = [each["id"] for each in json.loads(asked)["allowCredentials"]]
        assert [from_base64url(each) for each in allowed] == [b64decode(bobs[0]["credentialId"])]
        eve.goes()
        bob = VirtualAuthenticator(seen)
        bob.takes(bobs[0])
        seen.goto(page.here + gate)
        approves(seen)
        seen.get_by_role("status").filter(has_text="task 1 is approved").wait_for()
    given = world.events("approved")
    assert [(each["by"]["git"], each["admits"]) for each in given] == [
        ("Eve <eve@example.com>", False),
        ("Bob <bob@example.com>", True),
    ]
    world.drives()
    subprocess.run(["git", "clone", "-q", "--bare", world.root, tmp_path / "bare.git"], check=True)
    (audit,) = audit_workspace(tmp_path / "bare.git", None)
    assert [each.message for each in audit.findings] == []
    assert "presence" not in [each.code for each in audit.unprovable]


def test_the_change_set_of_stage_06_is_read_and_approved_with_a_passkey(tmp_path: Path, browser: Browser) -> None:
    with workspace(tmp_path / "shop") as place:
        (place / "phasegate.yaml").write_text(DEPLOYS)
        (place / "passkeys").touch()
        git(place, "add", "phasegate.yaml", "passkeys")
        git(place, "commit", "-qm", "Who may deploy")
        with served(place) as page, tab(browser, page) as seen:
            enrols(seen, page, "Bob")
            git(place, "commit", "-qam", "Bob's passkey")
            assert phasegate(place, "run", "stage-06", "--sandbox", "--yes", "--until", "2.1").returncode == 0
            answers = tmp_path / "answers.yaml"
            answers.write_text(SAID)
            assert phasegate(place, "resume", "--answers", str(answers)).returncode == 3
            (run,) = (place / ".phasegate").glob("stage-06-*")
            seen.goto(f"{page.here}/r/shop/{run.name}/gate")
            seen.get_by_text("Approving this deploys it").first.wait_for()
            seen.get_by_text("| Add | `CustomersTable` | AWS::DynamoDB::Table |").first.wait_for()
            approves(seen)
            seen.get_by_role("status").filter(has_text="is approved").wait_for()
        assert phasegate(place, "resume", "--until", "3.1").returncode == 0
        assert git(place, "log", "-1", "--format=%s").startswith("stage-06 task 3.1: ")
        assert "Approved-by: Bob <bob@example.com>" in git(place, "log", "-1", "--format=%B")
        (audit,) = audit_workspace(place, None)
        assert [each.message for each in audit.findings] == []


def test_what_the_browser_or_the_gate_refuses_opens_nothing(tmp_path: Path, browser: Browser) -> None:
    world = world_of(tmp_path, ONE)
    with served(world.root) as page, tab(browser, page, refused=2) as seen:
        bob = enrols(seen, page, "Bob")
        gate = works(world)
        seen.goto(page.here + gate)
        bob.verifies(False)
        approves(seen)
        seen.get_by_role("alert").filter(has_text="NotAllowedError").wait_for()
        bob.verifies(True)
        for spoilt in ("challenge", "form"):
            seen.goto(page.here + gate)
            seen.evaluate(SPOIL[spoilt])
            approves(seen)
            seen.get_by_text("it signs another text than this approval").wait_for()
        bob.goes()
        VirtualAuthenticator(seen)  # which holds nothing
        seen.goto(page.here + gate)
        approves(seen)
        seen.get_by_role("alert").filter(has_text="NotAllowedError").wait_for()
    assert world.events("approved") == []


SPOIL = {
    "challenge": """() => {
        const button = document.querySelector("button[data-passkey]");
        button.dataset.options = JSON.stringify({...JSON.parse(button.dataset.options), challenge: "AAAA"});
    }""",
    "form": """() => {
        const real = navigator.credentials.get.bind(navigator.credentials);
        navigator.credentials.get = async ({ publicKey }) => {
            publicKey.challenge = new Uint8Array(32);
            return real({ publicKey });
        };
    }""",
}


def test_at_another_port_of_this_machine_the_same_passkey_is_not_asked_for_and_counts_nothing(
    tmp_path: Path, browser: Browser
) -> None:
    world = world_of(tmp_path, ONE)
    with served(world.root) as page, tab(browser, page) as seen:
        enrols(seen, page, "Bob")
        (line,) = (world.root / "passkeys").read_text().splitlines()
        elsewhere = json.loads(line)
        elsewhere["origins"] = ["http://localhost:1"]
        (world.root / "passkeys").write_text(json.dumps(elsewhere) + "\n")
        gate = works(world)
        seen.goto(page.here + gate)
        seen.get_by_text("No passkey whose approval would count now is enrolled at this address").wait_for()
        assert seen.get_by_role("button", name="Approve with a passkey").count() == 0
    assert world.events("approved") == []


def test_what_another_page_of_this_machine_had_signed_is_told_by_its_origin(tmp_path: Path, browser: Browser) -> None:
    world = world_of(tmp_path, ONE)
    place = tmp_path / "elsewhere"
    place.mkdir()
    (place / "index.html").write_text('<title>another page</title><link rel="icon" href="data:,">')
    with served(world.root) as page, tab(browser, page, refused=1) as seen, elsewhere(place) as there:
        enrols(seen, page, "Bob")
        gate = works(world)
        seen.goto(page.here + gate)
        options = seen.locator("button[data-passkey]").get_attribute("data-options")
        seen.goto(f"{there}/index.html")
        stolen = seen.evaluate(SIGNS, options)
        seen.goto(page.here + gate)
        seen.evaluate("brought => { document.querySelector('form input[name=credential]').value = brought; }", stolen)
        seen.get_by_role("checkbox").check()
        seen.evaluate("document.querySelector('form').submit()")
        seen.get_by_text(f"it was made on a page of '{there}', expected {page.here}").wait_for()
    assert world.events("approved") == []


SIGNS = """async (options) => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(options));
    return JSON.stringify((await navigator.credentials.get({ publicKey })).toJSON());
}"""
