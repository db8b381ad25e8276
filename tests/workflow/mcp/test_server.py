"""The server over standard input and output and over HTTP, by the SDK's own client: an agent works, people approve."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="not run: the extra mcp is not installed")

import anyio
from mcp.client import Client
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS

from tests.worlds.agent_clients import TRANSPORTS, Connects, call
from tests.worlds.agent_world import AgentWorld
from tests.worlds.browser_person import SomebodyAtABrowser
from tests.worlds.browser_tab import CHROMIUM
from tests.worlds.command_world import CommandWorld
from tests.worlds.journals import journal_events
from tests.worlds.screen import Screen
from tests.worlds.served_page import served
from tests.worlds.workspaces import git

pytestmark = pytest.mark.slow
TASKS = 10
RUNBOOK = "# Shed\n\n" + "".join(f"- [ ] {number}. Step {number}\n" for number in range(1, TASKS + 1))
BY_PASSKEY = "default: {operator_may_approve: true, presence: signed, passkeys: passkeys}\n"
POLICY = "default: {operator_may_approve: true}\n"  # so that Ada may approve alone in both runs
TOOLS = ["plan", "questions", "status", "task", "review", "log", "audit", "wait"]
BAD_PROMPTS: list[tuple[str, dict[str, str] | None, str]] = [
    ("work_through_a_runbook", None, "the prompt work_through_a_runbook needs target"),
    ("work_through_a_runbook", {"target": " "}, "needs target: expected the path of a runbook, seen none"),
    ("work_through_a_runbook", {"target": "a.md", "more": "x"}, "has no argument more: expected target"),
    ("work", {"target": "a.md"}, "there is no prompt 'work': expected work_through_a_runbook"),
]
WORK = ["start", "drive", "answer", "hand_in", "take_back", "note"]


async def work(client: Client, root: Path, number: int) -> dict[str, Any]:
    (root / f"step-{number}.txt").write_text(f"{number}\n")
    return await call(client, "hand_in", paths=[f"step-{number}.txt"])


Approves = Callable[[AgentWorld, dict[str, Any], int], None]


def at_a_terminal(world: AgentWorld, told: dict[str, Any], number: int) -> None:
    """Whoever reads the command types it into a terminal; every third time into one of its own."""
    if number % 3 == 1:
        words = str(told["approve"][0]).partition("   #")[0].split()
        assert Screen(world.root, *words[1:]).ended() == 0
    else:
        world.approves(at_terminal=True)


async def ten_tasks(world: AgentWorld, connects: Connects, approves: Approves) -> None:
    """The server ends and is started again while the gate of task 4 waits, and between tasks 8 and 9."""
    async with connects(world.root) as client:
        assert (await call(client, "start", target="shed.md"))["status"] == "to-do"
        for number in (1, 2, 3):
            await one_task(client, world, number, approves)
        await work(client, world.root, 4)
    async with connects(world.root) as client:
        assert (await call(client, "task"))["status"] == "waiting-for-approval"
        await gate(client, world, 4, approves)
        for number in (5, 6, 7, 8):
            await one_task(client, world, number, approves)
    async with connects(world.root) as client:
        for number in (9, 10):
            await one_task(client, world, number, approves)
        assert (await call(client, "task", run=world.journal.parent.name))["status"] == "over"


async def one_task(client: Client, world: AgentWorld, number: int, approves: Approves) -> None:
    await work(client, world.root, number)
    await gate(client, world, number, approves)


async def gate(client: Client, world: AgentWorld, number: int, approves: Approves) -> None:
    told = await call(client, "task")
    assert told["status"] == "waiting-for-approval", told
    await anyio.to_thread.run_sync(approves, world, told, number)
    assert (await call(client, "wait", seconds=20))["status"] == "as-asked"
    assert (await call(client, "drive"))["status"] == ("over" if number == TASKS else "to-do")


def test_an_agent_takes_ten_tasks_through_and_the_journal_is_as_by_the_command_line(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, runbook=RUNBOOK, policy=POLICY)
    anyio.run(ten_tasks, world, TRANSPORTS["stdio"], at_a_terminal)
    is_as_by_the_command_line(world, tmp_path)


@pytest.mark.skipif(CHROMIUM is None, reason="not run: chromium not found")
def test_over_http_a_person_opens_the_same_ten_gates_in_a_browser_with_a_passkey(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, runbook=RUNBOOK, policy=BY_PASSKEY, files={"passkeys": ""})
    with served(world.root) as page, SomebodyAtABrowser(page, world.root) as bob:

        def approves(_world: AgentWorld, told: dict[str, Any], _number: int) -> None:
            bob.approves(str(told["page"]))

        anyio.run(ten_tasks, world, TRANSPORTS["http"], approves)
    assert {each["by"]["git"] for each in world.opened()} == {"Bob <bob@example.com>"}
    assert "presence" not in world.unprovable()
    is_as_by_the_command_line(world, tmp_path)


def is_as_by_the_command_line(world: AgentWorld, tmp_path: Path) -> None:
    assert world.findings() == []
    assert len(world.opened()) == TASKS
    (tmp_path / "by-hand").mkdir()
    plain = by_command(tmp_path / "by-hand")
    assert shape(world.journal) == shape(plain.journal)
    assert commits(world) == commits(plain)


def commits(world: AgentWorld) -> str:
    """What the run's commits are called and touch."""
    told = git(world.root, "log", "--name-only", "--format=%s", "--grep=Phasegate-Run:")
    return told.replace(world.journal.parent.name, "RUN")


def by_command(place: Path) -> AgentWorld:
    """The same runbook, with the work handed in by `phasegate done`."""
    plain = AgentWorld(place, runbook=RUNBOOK, policy=POLICY)
    typed = CommandWorld.__new__(CommandWorld)
    typed.root = plain.root
    typed("run", "shed.md")
    for number in range(1, TASKS + 1):
        (plain.root / f"step-{number}.txt").write_text(f"{number}\n")
        assert typed("done", "--path", f"step-{number}.txt").code == 0
        digest = json.loads(typed("status", "--json").out)["waiting_for"]["digest"]
        assert typed("approve", "--digest", digest).code == 0
        typed("resume")
    return plain


def shape(journal: Path) -> list[tuple[str, str]]:
    events = journal_events(journal)
    return [(each["type"], each.get("task", "")) for each in events]


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("version", ["2025-06-18", "2025-11-25", "2026-07-28"])
def test_older_and_newer_clients_have_the_same_tools_texts_and_answers(
    version: str, transport: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, mode = AgentWorld(tmp_path), version
    if version < "2026":  # those shake hands; the client's own default is the newest of them
        mode = "legacy"
        monkeypatch.setattr("mcp.client.session.LATEST_HANDSHAKE_VERSION", version)

    async def looks() -> None:
        async with TRANSPORTS[transport](world.root, mode) as client:
            assert client.session.protocol_version == version
            assert sorted(tool.name for tool in (await client.list_tools()).tools) == sorted([*TOOLS, *WORK])
            run = (await call(client, "start", target="shed.md"))["run"]
            told = await work(client, world.root, 1)
            assert told["status"] == "waiting-for-approval"
            assert (await call(client, "wait", seconds=0))["digest"] == told["digest"]
            assert f"Digest {told['digest']}" in (await call(client, "review"))["page"]
            text = str(await client.read_resource(f"run://{run}/runbook"))
            assert "Choose a colour" in text
            assert run in str(await client.read_resource("runs://all"))
            assert "Choose a colour" in str(await client.read_resource(f"run://{run}/page"))
            assert "hand_in" in str(await client.get_prompt("work_through_a_runbook", {"target": "shed.md"}))
            for name, given, why in BAD_PROMPTS:
                with pytest.raises(MCPError) as refused:
                    await client.get_prompt(name, given)
                assert (refused.value.error.code, why in refused.value.error.message) == (INVALID_PARAMS, True)

    anyio.run(looks)
    assert world.events("handed-in")[0]["by"]["git"] == "agent: scripted 1.0"
