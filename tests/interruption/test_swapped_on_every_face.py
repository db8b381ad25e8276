"""A file that is swapped while it is read is refused, and no fault, by `done`, `approve`, `--answers`, MCP, and page.

When it is there again the run goes on from where it was: nothing was approved or committed over it.
"""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.worlds.agent_world import CLIENT, AgentWorld
from tests.worlds.command_world import CommandWorld
from tests.worlds.page_world import Page
from tests.worlds.swapped_files import BECOMES, swapped

RUNBOOK = b"# Shed\n\n- [ ] 1. Checkpoint - ensure all tests pass\n- [ ] 2. Paint\n"
FILES = ("tasks.md", ".phasegate/RUN/journal.jsonl", ".phasegate/RUN/runbook.md", "phasegate.yaml", "paint.txt")
POLICY = "default: {operator_may_approve: true, presence: any}\n"


@pytest.fixture(scope="module")
def working(tmp_path_factory: pytest.TempPathFactory) -> CommandWorld:
    """A run with a policy that waits for work, of which a file is there."""
    world = CommandWorld(tmp_path_factory.mktemp("working"))
    (world.root / "phasegate.yaml").write_text(POLICY)
    world.git("add", "phasegate.yaml")
    world.git("commit", "-q", "-m", "A policy")
    assert world("run", "tasks.md").code == 3
    (world.root / "paint.txt").write_text("green\n")
    (world.root / "answers.yaml").write_text("{}\n")
    return world


@pytest.fixture(scope="module")
def waiting(working: CommandWorld, tmp_path_factory: pytest.TempPathFactory) -> CommandWorld:
    """The same, at the gate."""
    world = copied(working, tmp_path_factory.mktemp("waiting"))
    assert world("done", "--path", "paint.txt").code == 0
    return world


def copied(world: CommandWorld, place: Path) -> CommandWorld:
    other = copy.copy(world)
    other.root = place / "repo"
    shutil.copytree(world.root, other.root, symlinks=True)
    return other


def digest(world: CommandWorld) -> str:
    return str(json.loads(world("status", "--json").out)["waiting_for"]["digest"])


@pytest.mark.parametrize("becomes", BECOMES)
@pytest.mark.parametrize(
    ("file", "verb"),
    [
        *((file, ("done", "--path", "paint.txt")) for file in FILES),
        *((file, ("done", "--path", "paint.txt", "--answers", "answers.yaml")) for file in ("answers.yaml", *FILES)),
        *((file, ("resume", "--answers", "answers.yaml")) for file in ("answers.yaml", FILES[1])),
    ],
    ids=lambda value: " ".join(value[::2]) if isinstance(value, tuple) else value,
)
def test_no_hand_in_calls_it_a_fault(
    working: CommandWorld,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    verb: tuple[str, ...],
    becomes: str,
) -> None:
    world = copied(working, tmp_path)
    monkeypatch.chdir(world.root)
    with swapped(world.root / file.replace("RUN", world.run_id), becomes) as swap:
        told = world(*verb)
    assert swap.happened
    assert "a fault of phasegate" not in told.error
    assert told.code in (0, 1, 2, 3, 5), told.error
    assert world("done", "--path", "paint.txt").code == (2 if (told.code, verb[0]) == (0, "done") else 0)
    assert world("approve", "--digest", digest(world)).code == 0


@pytest.mark.parametrize("becomes", BECOMES)
@pytest.mark.parametrize("file", FILES)
def test_no_approval_calls_it_a_fault(waiting: CommandWorld, tmp_path: Path, file: str, becomes: str) -> None:
    """A file that cannot be read is none that could be approved, but for those that nobody has to read."""
    world = copied(waiting, tmp_path)
    shown = digest(world)
    with swapped(world.root / file.replace("RUN", world.run_id), becomes) as swap:
        told = world("approve", "--digest", shown)
    assert "a fault of phasegate" not in told.error
    assert told.code in (0, 1, 2, 3, 5), told.error
    if swap.happened and file in ("paint.txt", "tasks.md"):
        assert told.code == 2
    assert world.subjects() == ["A policy"]
    assert world("status").code == 0


@pytest.fixture(scope="module")
def agents(tmp_path_factory: pytest.TempPathFactory) -> AgentWorld:
    world = AgentWorld(tmp_path_factory.mktemp("agents"), policy=POLICY)
    world.starts()
    (world.root / "paint.txt").write_text("green\n")
    return world


LOOKS: dict[str, Callable[[AgentWorld], object]] = {
    "status": lambda world: world.tools.status(None),
    "task": lambda world: world.tools.task(None),
    "hand in": lambda world: world.hands_in("paint.txt"),
    "drive": lambda world: world.drives(),
    "note": lambda world: world.tools.note(CLIENT, None, "a remark"),
}


@pytest.mark.parametrize("becomes", BECOMES)
@pytest.mark.parametrize("file", ["shed.md", *FILES[1:]])
@pytest.mark.parametrize("tool", LOOKS)
def test_no_tool_of_an_agent_falls(agents: AgentWorld, tmp_path: Path, tool: str, file: str, becomes: str) -> None:
    world = copy.copy(agents)
    world.root = tmp_path / "shed"
    shutil.copytree(agents.root, world.root, symlinks=True)
    world.tools = type(agents.tools)(world.root)
    run = next((world.root / ".phasegate").glob("*/")).name
    with swapped(world.root / file.replace("RUN", run), becomes):
        told = LOOKS[tool](world)
    assert isinstance(told, dict)
    assert "fault" not in str(told.get("message", "")), told
    assert isinstance(world.tools.status(None), dict)
    assert world.commits() == []


@pytest.mark.parametrize("becomes", BECOMES)
@pytest.mark.parametrize("file", FILES)
def test_no_page_falls(waiting: CommandWorld, tmp_path: Path, file: str, becomes: str) -> None:
    world = copied(waiting, tmp_path)
    page = Page(world.root)
    page.enters()
    gate, run = page.get(page.gate()), page.run()
    target = world.root / file.replace("RUN", world.run_id)
    for address in ("/", run, f"{run}/gate", f"{run}/policy", f"{run}/audit"):
        with swapped(target, becomes):
            told = page.get(address)
        assert told.status in (200, 303, 404, 409), (address, told.text)
    with swapped(target, becomes):
        said = page.says("approve", gate, confirmed="yes")
    assert said.status in (200, 303, 403, 404, 409), said.text
    assert page.faults == []
    assert world.subjects() == ["A policy"]
    assert page.get(run).status == 200
