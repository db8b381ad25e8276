"""The page of a gate, by the SDK's own client: one that opens addresses is asked once, and decides nothing by that."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest

pytest.importorskip("mcp", reason="not run: the extra mcp is not installed")

import anyio
from mcp.client import Client
from mcp.types import ElicitRequestURLParams, ElicitResult, ErrorData

from tests.worlds.agent_clients import ME, TRANSPORTS, call
from tests.worlds.agent_world import AgentWorld
from tests.worlds.served_page import served
from workflow.mcp import opening
from workflow.mcp.server import server
from workflow.mcp.updates import Updates

pytestmark = pytest.mark.slow
LEGACY, MODERN = "legacy", "2026-07-28"  # the SDK's legacy client speaks 2025-11-25


class Opens:
    """A client's person: what they were asked to open, and what they say."""

    def __init__(self, action: Literal["accept", "decline", "cancel"] = "accept") -> None:
        self.action, self.asked = action, list[Any]()

    async def __call__(self, _context: object, params: Any) -> ElicitResult:
        self.asked.append(params)
        return ElicitResult(action=self.action)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("mode", [LEGACY, MODERN])
def test_who_opens_addresses_is_asked_once_a_gate_and_everybody_has_the_same_answer(
    mode: str, transport: str, tmp_path: Path
) -> None:
    able = Opens()

    async def works(world: AgentWorld, opens: Opens | None) -> list[dict[str, Any]]:
        async with TRANSPORTS[transport](world.root, mode, opens) as client:
            await call(client, "start", target="shed.md")
            (world.root / "one.txt").write_text("one\n")
            first = [await call(client, "hand_in", paths=["one.txt"])]
            first += [await call(client, "wait", seconds=0) for _ in range(3)]
            await anyio.to_thread.run_sync(lambda: world.rejects(at_terminal=True))
            await call(client, "drive")
            (world.root / "one.txt").write_text("another\n")
            second = [await call(client, "hand_in", paths=["one.txt"])]
            return [*first, *second, *[await call(client, "wait", seconds=0) for _ in range(2)]]

    told = {}
    for name, opens in (("able", able), ("unable", None)):
        (tmp_path / name).mkdir()
        world = AgentWorld(tmp_path / name)
        with served(world.root):
            told[name] = anyio.run(works, world, opens)
        assert world.opened() == []
    pages = [told["able"][0]["page"], told["able"][-1]["page"]]
    assert [(type(each), each.url) for each in able.asked] == [(ElicitRequestURLParams, each) for each in pages]
    assert "Choose a colour" in able.asked[0].message
    assert {each["status"] for each in told["able"]} == {"waiting-for-approval"}
    assert [sorted(each) for each in told["able"]] == [sorted(each) for each in told["unable"]]


@pytest.mark.parametrize("mode", [LEGACY, MODERN])
@pytest.mark.parametrize("action", ["accept", "decline", "cancel"])
def test_what_the_person_says_to_opening_it_decides_nothing(
    action: Literal["accept", "decline", "cancel"], mode: str, tmp_path: Path
) -> None:
    told, opens = _at_a_gate(tmp_path, mode, Opens(action))
    assert (told["status"], len(opens.asked)) == ("waiting-for-approval", 1)


@pytest.mark.parametrize("mode", [LEGACY, MODERN])
def test_where_no_page_is_served_nobody_is_asked(mode: str, tmp_path: Path) -> None:
    told, opens = _at_a_gate(tmp_path, mode, Opens(), served_at=None)
    assert (told["page"], opens.asked) == (None, [])


def test_an_older_client_that_never_answers_or_refuses_has_its_answer_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Never(Opens):
        async def __call__(self, _context: object, params: Any) -> ElicitResult:
            self.asked.append(params)
            await anyio.sleep_forever()
            raise AssertionError

    class Cannot(Opens):
        async def __call__(self, _context: object, params: Any) -> Any:
            self.asked.append(params)
            return ErrorData(code=-32600, message="no")

    monkeypatch.setattr(opening, "PATIENCE", 0.05)
    for name, opens in (("never", Never()), ("cannot", Cannot())):
        (tmp_path / name).mkdir()
        told, asked = _at_a_gate(tmp_path / name, LEGACY, opens)
        assert (told["status"], len(asked.asked)) == ("waiting-for-approval", 1)


def _at_a_gate(
    tmp_path: Path, mode: str, opens: Opens, served_at: str | None = "http://localhost:1/r/shed/RUN/gate"
) -> tuple[dict[str, Any], Opens]:
    """What `wait` says in this process, where the page of the gate is served at this address."""
    world = AgentWorld(tmp_path)
    world.starts()
    world.works("one.txt")

    async def waits() -> dict[str, Any]:
        made = server(world.root, Updates(world.root))
        async with Client(made, client_info=ME, mode=mode, elicitation_callback=opens) as client:
            return await call(client, "wait", seconds=0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("workflow.service.stands.gate_served", lambda *_given: served_at or "")
        told = anyio.run(waits)
    assert world.opened() == []
    return told, opens
