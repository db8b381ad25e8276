"""Three repositories in which every kind of page of `phasegate serve` can be looked at, as people would have them.

with every_page(place) as (page, tour), tab(browser, page) as first:
    for name in tour.shows(first, "desk", "dark"):
        ...                                       # in `tour.seen`
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page as Tab

from tests.worlds.agent_world import AgentWorld
from tests.worlds.approval_world import BOB, EVE
from tests.worlds.served_page import ServedPage, free_port, served
from tests.worlds.soft_authenticator import Authenticator
from tests.worlds.workspaces import git
from workflow.web.address import rp_id_of

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
WIDTHS = {"phone": 390, "desk": 1280}
ELSEWHERE = "https://gates.example.com"
BEFORE = '''"""What an order costs."""


def price(cents, discount):
    return cents - discount


def shipping(cents):
    """Nothing from 50.00 on."""
    return 0 if cents >= 5000 else 490
'''
AFTER = BEFORE.replace(
    "    return cents - discount\n",
    '    """In cents. A discount never makes it less than nothing, whatever the campaign was meant to say."""\n'
    "    return max(cents - discount, 0)\n",
).replace("490", "450")
TEST = """from price import price


def test_a_discount_never_makes_it_less_than_nothing():
    assert price(500, 900) == 0
"""
DISCOUNT = """# Discounts

- [ ] 1. Cap the discount

  A discount of more than the price made orders with a negative total. Nothing else may change its price.

- [ ] 2. Tell the shops
"""
CUT_OVER = "# Cut over\n\n## T-24h\n- [ ] Freeze announced\n- [ ] Stack is up\n\n## T-0\n- [ ] Switched\n"
KEYS = "# Rotate keys\n\n- [ ] 1. Make a new key\n- [ ] 2. Retire the old one\n"


@dataclass
class Tour:
    """Where the pages are, by name. `seen`: the tab that shows one; what it complains about is the page's own."""

    page: ServedPage
    places: dict[str, str]
    seen: Tab = field(init=False)

    def shows(self, first: Tab, width: str, scheme: Scheme) -> Iterator[str]:
        """Every page, at this width, light or dark; those last that only a form or a lost cookie leads to."""
        context, self.seen = first.context, first.context.new_page()
        self.seen.set_viewport_size({"width": WIDTHS[width], "height": 844})
        self.seen.emulate_media(color_scheme=scheme)
        for name, place in self.places.items():
            self._opens(place)
            yield name
        self._opens(self.places["gate"])
        with self.seen.expect_navigation():
            self.seen.evaluate("document.querySelector(`form[action$='/approve']`).submit()")  # with no box ticked
        yield "refused"
        held = context.cookies()
        context.clear_cookies()
        self._opens("/")
        yield "closed"
        context.add_cookies(held)  # type: ignore[arg-type]
        self.seen.close()

    def _opens(self, place: str) -> None:
        self.seen.goto(self.page.here + place)
        self.seen.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")


@contextmanager
def every_page(place: Path, *, origin: str = "") -> Iterator[tuple[ServedPage, Tour]]:
    """The repositories, served; `origin`: behind TLS, where people sign in."""
    port = free_port()
    here = origin or f"http://localhost:{port}"
    shop, billing, keys = _shop(place), _billing(place), _keys(place, here)
    with served(shop.root, billing.root, keys.root, port=port, origin=origin) as page:
        of_shop, of_billing, of_keys = (f"/r/{each.name}/{each.journal.parent.name}" for each in (shop, billing, keys))
        yield (
            page,
            Tour(
                page,
                {
                    "inbox": "/",
                    "gate": f"{of_shop}/gate",
                    "gate-boxes": f"{of_billing}/gate",
                    "gate-passkey": f"{of_keys}/gate",
                    "run": of_shop,
                    "run-weaker": of_keys,
                    "policy": f"{of_keys}/policy",
                    "audit": f"{of_shop}/audit",
                    "people": "/people",
                    "missing": "/r/shop/nothing",
                },
            ),
        )


def _shop(place: Path) -> AgentWorld:
    """The work came back once, and was approved by Ada once, before it became what waits now."""
    policy = "default: {presence: any, approvers: 2}\n"
    made = AgentWorld(place, runbook=DISCOUNT, policy=policy, files={"price.py": BEFORE}, name="shop")
    made.starts()
    made.works("price.py", AFTER.replace("450", "490"))
    made.rejects(at_terminal=True)
    made.drives()
    (made.root / "test_price.py").write_text(TEST)
    made.hands_in("price.py", "test_price.py")
    made.approves(at_terminal=True)
    (made.root / "price.py").write_text(AFTER)
    made.drives()
    (made.root / "old.sh").write_text("#!/bin/sh\necho nothing\n")
    (made.root / "old.sh").chmod(0o755)
    made.hands_in("price.py", "test_price.py", "old.sh")
    return made


def _billing(place: Path) -> AgentWorld:
    policy = "default: {presence: any, expires: 4h}\n"
    made = AgentWorld(place, runbook=CUT_OVER, policy=policy, name="billing")
    made.starts()
    made.hands_in(boxes=("1=yes", "2=yes"))
    return made


def _keys(place: Path, here: str) -> AgentWorld:
    """Bob's passkey counts; Eve's would, once Bob has said so."""
    bob, eve = (Authenticator(who, origin=here, rp_id=rp_id_of(here)) for who in (BOB, EVE))
    policy = "default: {presence: signed, passkeys: passkeys}\n"
    made = AgentWorld(place, runbook=KEYS, policy=policy, files={"passkeys": bob.line}, name="keys")
    made.starts()
    made.works("key.pub", "ssh-ed25519 AAAA...\n")
    (made.root / "passkeys").write_text(bob.line + eve.line)
    git(made.root, "commit", "-qam", "Eve, too")
    return made
