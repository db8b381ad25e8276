"""The closed door: who is not let in, and what is not taken. Each row is refused, and nothing is recorded."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest

from state.longest_text import LONGEST
from tests.worlds.agent_world import AgentWorld
from tests.worlds.journals import journal_bytes
from tests.worlds.page_world import HERE, PORT, Answer, Page
from workflow.web.guard import HEADERS, LARGEST_BODY

pytestmark = pytest.mark.slow
OPEN = "default: {presence: any}\n"


@pytest.fixture
def world(tmp_path: Path) -> AgentWorld:
    made = AgentWorld(tmp_path, policy=OPEN)
    made.starts()
    made.works("one.txt")
    return made


def approval(page: Page) -> dict[str, str]:
    return {**page.get(page.gate()).fields("approve"), "confirmed": "yes"}


def posted(**headers: str) -> Callable[[Page], Answer]:
    """An approval that is right but for its headers."""
    return lambda page: page.post(f"{page.run()}/approve", approval(page), **headers)


def changed(change: Callable[[dict[str, str]], dict[str, str] | bytes]) -> Callable[[Page], Answer]:
    """An approval whose form is another one."""
    return lambda page: page.post(f"{page.run()}/approve", change(approval(page)))


def without_cookie(page: Page) -> Answer:
    form, address = approval(page), f"{page.run()}/approve"
    page.cookie = ""
    return page.post(address, form)


def token_of_another(page: Page) -> Answer:
    other = approval(page)["token"]
    page.enters()
    return page.post(f"{page.run()}/approve", {**approval(page), "token": other})


def asked_of(method: str, **headers: str) -> Callable[[Page], Answer]:
    return lambda page: page.asks(
        method, f"{page.run()}/approve", b"", {"origin": HERE, "content_length": "0", **headers}
    )


def a_page(path: str, **headers: str) -> Callable[[Page], Answer]:
    return lambda page: page.get(path, **headers)


def of_the_run(end: str) -> Callable[[Page], Answer]:
    return lambda page: page.get(page.run() + end)


CLOSED: dict[str, tuple[Callable[[Page], Answer], int, str]] = {
    "a foreign Host": (a_page("/", host=f"evil.example:{PORT}"), 421, "the Host is 'evil.example:8471'"),
    "the address by number": (a_page("/", host=f"127.0.0.1:{PORT}"), 421, "expected localhost:8471"),
    "another port": (a_page("/", host="localhost:80"), 421, "the Host is"),
    "no Host": (a_page("/", host=""), 421, "the Host is ''"),
    "a foreign Host with a verdict": (posted(host="evil.example"), 421, "the Host is"),
    "a foreign Origin": (posted(origin="https://evil.example"), 403, "the Origin is 'https://evil.example'"),
    "the Origin of another port": (posted(origin="http://localhost:9999"), 403, "the Origin is"),
    "a null Origin": (posted(origin="null"), 403, "the Origin is 'null'"),
    "no Origin": (posted(origin=""), 403, "no Origin says"),
    "a foreign Origin that only reads": (a_page("/", origin="https://evil.example"), 403, "the Origin is"),
    "a page of the same host, another site": (posted(sec_fetch_site="same-site"), 403, "no Origin says"),
    "a cookie without a token": (changed(lambda form: {**form, "token": ""}), 403, "no token of this session"),
    "another token": (changed(lambda form: {**form, "token": "x" * 43}), 403, "no token of this session"),
    "the token of another session": (token_of_another, 403, "no token of this session"),
    "a token without a cookie": (without_cookie, 401, "this browser has no session here"),
    "no cookie": (lambda page: page.get("/", cookie="phasegate-8471=x"), 401, "no session here"),
    "another cookie's name": (
        lambda page: page.get("/", cookie=page.cookie.replace("8471", "8472")),
        401,
        "no session",
    ),
    "a body that is too large": (
        changed(lambda form: urlencode({**form, "comment": "x" * LARGEST_BODY}).encode()),
        413,
        "at most",
    ),
    "a body that says it is smaller": (
        lambda page: page.post(
            f"{page.run()}/approve", {**approval(page), "comment": "x" * LARGEST_BODY}, content_length="10"
        ),
        413,
        "expected at most 65,536 bytes",
    ),
    "a body of no length": (posted(content_length=""), 413, "expected a form with its length"),
    "a length that is no number": (posted(content_length="+5"), 413, "expected a form with its length"),
    "a text that is too long": (
        changed(lambda form: {**form, "comment": "x" * (LONGEST + 1)}),
        413,
        "the comment is too long: expected at most 4,096 characters, seen 4,097",
    ),
    "another kind of body": (posted(content_type="multipart/form-data; boundary=x"), 415, "expected a form"),
    "JSON": (posted(content_type="application/json"), 415, "expected a form"),
    "no kind of body": (posted(content_type=""), 415, "expected a form"),
    "a field twice": (
        changed(lambda form: urlencode([*form.items(), ("digest", "0" * 64)]).encode()),
        400,
        "there twice",
    ),
    "too many fields": (
        changed(lambda form: urlencode({f"f{n}": "" for n in range(700)}).encode()),
        400,
        "cannot be read",
    ),
    "no form at all": (changed(lambda form: b"\xff\xfe"), 400, "the form cannot be read"),
    "half a character": (changed(lambda form: urlencode(form).encode() + b"&comment=%ed%a0%80"), 400, "cannot be read"),
    "a null character": (changed(lambda form: {**form, "comment": "a\0b"}), 400, "what is no text"),
    "the box is not ticked": (changed(lambda form: {**form, "confirmed": ""}), 409, "nothing was approved"),
    "no digest": (changed(lambda form: {**form, "digest": ""}), 409, "expected the 64 that stood"),
    "the beginning of the digest": (
        changed(lambda form: {**form, "digest": form["digest"][:7]}),
        409,
        "has 7 characters, expected the 64 that stood on the page",
    ),
    "all of the digest but one": (
        changed(lambda form: {**form, "digest": form["digest"][:63]}),
        409,
        "has 63 characters",
    ),
    "another digest": (changed(lambda form: {**form, "digest": "0" * 64}), 409, "the approval names"),
    "an approval by GET": (asked_of("GET"), 405, ""),
    "an approval by PUT": (asked_of("PUT"), 405, ""),
    "a verdict that is none": (
        lambda page: page.post(f"{page.run()}/abort", {**approval(page), "reason": "x"}),
        404,
        "no page has this address",
    ),
    "a run that is none": (a_page("/r/shed/shed-20260102-030405/gate"), 404, "no page has this address"),
    "the beginning of a run's name": (lambda page: page.get(page.run()[:-3] + "/gate"), 404, "no page has"),
    "a repository that is none": (a_page("/r/elsewhere/x"), 404, "no page has this address"),
    "a run above": (a_page("/r/shed/../gate"), 404, "no page has this address"),
    "a run above, in one word": (a_page("/r/shed/..%2f..%2fetc/gate"), 404, "no page has this address"),
    "a path as a run": (a_page("/r/shed//etc/passwd"), 404, "no page has this address"),
    "a style sheet above": (a_page("/static/../server.py"), 404, ""),
    "a file of the templates": (a_page("/static/base.html"), 404, "no such file"),
    "a link that is none": (a_page("/open/" + "x" * 43), 401, "used already, or is too old"),
    "events without a cookie": (lambda page: page.get("/live?since=x", cookie="a=b"), 401, "no session here"),
    "events of a run that is none": (a_page("/r/shed/x/live?since=x"), 404, "no page has this address"),
}


@pytest.mark.parametrize("name", CLOSED)
def test_it_is_closed(name: str, world: AgentWorld) -> None:
    ask, status, said = CLOSED[name]
    page = Page(world.root)
    page.enters()
    before = journal_bytes(world.journal)
    told = ask(page)
    assert (told.status, said in told.said()) == (status, True), told.text
    assert journal_bytes(world.journal) == before
    assert page.faults == []


def test_the_same_approval_with_everything_in_its_place_is_taken(world: AgentWorld) -> None:
    page = Page(world.root)
    page.enters()
    told = posted()(page)
    assert (told.status, told.location) == (303, page.run())
    assert len(world.opened()) == 1


def test_an_approval_that_is_sent_twice_counts_once(world: AgentWorld) -> None:
    page = Page(world.root)
    page.enters()
    form, address = approval(page), f"{page.run()}/approve"
    assert page.post(address, form).status == 303
    again = page.post(address, form)
    assert again.status == 409
    assert "waits for no verdict: it is approved" in again.said()
    assert len(world.events("approved")) == 1


def test_a_link_is_good_once(world: AgentWorld) -> None:
    page = Page(world.root)
    link = f"/open/{page.site.door.link()}"
    assert page.asks("HEAD", link, b"", {}).status == 401  # whoever only looks at an address uses nothing up
    first = page.get(link)
    assert (first.status, first.headers["refresh"]) == (200, "0; url=/")
    again = page.get(link)
    assert (again.status, "set-cookie" in again.headers) == (401, False)


def test_the_cookie_is_no_scripts_and_no_other_sites(world: AgentWorld) -> None:
    page = Page(world.root)
    said = page.enters().headers["set-cookie"].lower()
    assert {"httponly", "samesite=strict", "path=/"} <= {each.strip() for each in said.split(";")}
    assert "secure" not in said
    behind = Page(world.root, origin="https://gates.example.com")
    assert "secure" in behind.enters().headers["set-cookie"].lower()


def test_behind_a_proxy_both_names_are_let_in_and_no_third(world: AgentWorld) -> None:
    page = Page(world.root, origin="https://gates.example.com")
    page.enters()
    assert [page.get("/", host=each).status for each in ("gates.example.com", f"localhost:{PORT}", "example.com")] == [
        200,
        200,
        421,
    ]
    form = approval(page)
    where = f"{page.run()}/approve"
    assert page.post(where, form, origin="https://example.com").status == 403
    assert page.post(where, form, origin="https://gates.example.com", host="gates.example.com").status == 303


@pytest.mark.parametrize("path", ["/", "/people", "/static/style.css", "/open/x", "/nowhere"])
def test_every_answer_says_what_a_browser_may_do_with_it(path: str, world: AgentWorld) -> None:
    page = Page(world.root)
    page.enters()
    told = page.get(path)
    assert {name: told.headers[name] for name in HEADERS} == HEADERS
    policy = told.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert re.findall(r"https?:", policy) == []


def test_a_fault_of_ours_is_told_as_one_and_without_a_traceback(
    world: AgentWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Page(world.root)
    page.enters()
    address = page.gate()

    def breaks(*_given: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr("workflow.web.pages.gate_of", breaks)
    told = page.get(address)
    assert (told.status, "a fault of phasegate itself; nothing was decided" in told.said()) == (500, True)
    assert "secret" not in told.text
    assert [str(each) for each in page.faults] == ["secret inside"]


def test_verdicts_come_at_the_pace_of_a_person(world: AgentWorld) -> None:
    page = Page(world.root)
    page.enters()
    form, address = page.get(page.run()).fields("note"), f"{page.run()}/note"
    page.site.verdicts._most = 2
    told = [page.post(address, {**form, "text": f"{number}"}).status for number in range(3)]
    assert told == [303, 303, 429]
    assert len(world.events("noted")) == 2
