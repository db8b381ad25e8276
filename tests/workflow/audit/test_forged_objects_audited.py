"""The audit believes no object, no commit-graph and no file `shallow`: each object it rests on is hashed by itself.

Each test forges what lies in its own repository: the guard is ours, and git has none here.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import zlib
from hashlib import sha1
from pathlib import Path
from unittest import mock

import pytest

from tests.worlds.command_world import CommandWorld
from workflow.audit import audit_workspace
from workflow.doors.git.history import History
from workflow.doors.git.object_store import GitRepository

pytestmark = pytest.mark.slow

ROBOT = {"GIT_AUTHOR_NAME": "Robot", "GIT_AUTHOR_EMAIL": "robot@example.com"}


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    """One task is committed, with a file that was handed in, under a policy; another commit came behind it."""
    world = CommandWorld(tmp_path, runbook=b"# Shed\n\n- [ ] 1. Paint\n- [ ] 2. Dry\n- [ ] 3. Look\n")
    (world.root / "phasegate.yaml").write_text("default: {operator_may_approve: true}\n")
    world.git("add", "-A")
    world.git("commit", "-qm", "Policy")
    assert world("run", "tasks.md").code == 3
    hand_in(world, "sub/wall")
    approve(world)
    (world.root / "other").write_text("1\n")
    world.git("add", "other")
    world.git("commit", "-qm", "Other work", "--", "other")
    return world


def hand_in(world: CommandWorld, path: str) -> None:
    (world.root / path).parent.mkdir(exist_ok=True)
    (world.root / path).write_text("blue\n")
    with mock.patch.dict(os.environ, ROBOT):
        assert world("done", "--path", path).code == 0


def approve(world: CommandWorld) -> None:
    digest = json.loads(world("status", "--json").out)["waiting_for"]["digest"]
    assert world("approve", "--digest", digest).code == 0
    assert world("resume").code == 3


def forge(world: CommandWorld, id_: str, kind: str, data: bytes) -> None:
    file = world.root / ".git" / "objects" / id_[:2] / id_[2:]
    file.unlink()
    file.write_bytes(zlib.compress(f"{kind} {len(data)}\0".encode() + data))


def stored(world: CommandWorld, id_: str) -> tuple[str, bytes]:
    data = zlib.decompress((world.root / ".git" / "objects" / id_[:2] / id_[2:]).read_bytes())
    head, _, content = data.partition(b"\0")
    return head.split(b" ")[0].decode(), content


def findings(world: CommandWorld) -> list[str]:
    told = world("audit", "--json")
    (run,) = json.loads(told.out)["runs"]
    assert told.code == (1 if run["findings"] else 0)
    return [each["code"] for each in run["findings"]]


JOURNAL = "the first file of the journal"
BLOBS = ["HEAD:tasks.md", "HEAD:phasegate.yaml", "HEAD:sub/wall", "HEAD~2:tasks.md", JOURNAL]


@pytest.mark.parametrize("name", BLOBS)
def test_a_forged_blob_is_a_finding(world: CommandWorld, name: str) -> None:
    assert findings(world) == []
    journal = f"HEAD:.phasegate/{world.run_id}/journal.jsonl"
    id_ = world.git("rev-parse", name.replace(JOURNAL, journal)).strip()
    kind, data = stored(world, id_)
    forge(world, id_, kind, data[:-2] + bytes([data[-2] ^ 1]) + data[-1:])
    told = world("audit")
    assert told.code in (1, 2)
    assert id_ in told.out + told.error
    assert "object-differs" in told.out or told.next == "git fsck"


TREES = ["HEAD^{tree}", "HEAD~1^{tree}", "HEAD~1:.phasegate", "HEAD~1:sub", "HEAD~2^{tree}"]


@pytest.mark.parametrize("name", TREES)
def test_a_forged_tree_is_a_finding(world: CommandWorld, name: str) -> None:
    id_ = world.git("rev-parse", name).strip()
    kind, data = stored(world, id_)
    end = data.index(b"\0")
    forge(world, id_, kind, data[: end - 1] + bytes([data[end - 1] ^ 1]) + data[end:])
    told = world("audit")
    assert told.code in (1, 2)
    assert id_ in told.out + told.error
    assert "object-differs" in told.out or told.next == "git fsck"


@pytest.mark.parametrize("name", ["HEAD", "HEAD~1", "HEAD~2"])
def test_a_forged_commit_is_a_finding(world: CommandWorld, name: str) -> None:
    id_ = world.git("rev-parse", name).strip()
    kind, data = stored(world, id_)
    forge(world, id_, kind, data.replace(b"Ada <", b"Eve <"))
    told = world("audit")
    assert told.code in (1, 2)
    assert id_ in told.out + told.error
    assert "object-differs" in told.out or told.next == "git fsck"


def test_a_gate_does_not_open_on_a_forged_policy_and_nothing_changes(world: CommandWorld) -> None:
    id_ = world.git("rev-parse", "HEAD:phasegate.yaml").strip()
    forge(world, id_, "blob", b"default: {operator_may_approve: false}\n")
    before, head = world.journal.read_bytes(), world.git("rev-parse", "HEAD")
    (world.root / "roof").write_text("red\n")
    with mock.patch.dict(os.environ, ROBOT):
        told = world("done", "--path", "roof")
    assert (told.code, told.next) == (2, "git fsck")
    assert id_ in told.error
    assert "expected" in told.error
    assert (world.journal.read_bytes(), world.git("rev-parse", "HEAD")) == (before, head)


def hidden(world: CommandWorld) -> str:
    """The journal is dropped and put back by two commits; the one before them."""
    before = world.git("rev-parse", "HEAD").strip()
    journal = f".phasegate/{world.run_id}/journal.jsonl"
    world.git("rm", "-q", "--cached", journal)
    world.git("commit", "-qm", "Drop")
    world.git("add", journal)
    world.git("commit", "-qm", "Put back")
    return before


def test_a_commit_graph_hides_nothing(world: CommandWorld) -> None:
    before = hidden(world)
    wanted = findings(world)
    assert "journal-missing" in wanted
    world.git("commit-graph", "write", "--reachable")
    graph = world.root / ".git" / "objects" / "info" / "commit-graph"
    data = bytearray(graph.read_bytes())
    graph.chmod(0o644)
    chunks = dict[bytes, int]()
    for number in range(data[6]):
        at = 8 + 12 * number
        chunks[bytes(data[at : at + 4])] = struct.unpack(">Q", data[at + 4 : at + 12])[0]
    names = [world.git("rev-parse", "HEAD").strip(), before]
    ids = chunks[b"OIDL"]
    count = struct.unpack(">L", data[chunks[b"OIDF"] + 1020 : chunks[b"OIDF"] + 1024])[0]
    places = [[data[ids + 20 * n : ids + 20 * n + 20].hex() for n in range(count)].index(name) for name in names]
    at = chunks[b"CDAT"] + 36 * places[0] + 20
    data[at : at + 4] = struct.pack(">L", places[1])
    data[-20:] = sha1(bytes(data[:-20]), usedforsecurity=False).digest()
    graph.write_bytes(data)
    assert world.git("log", "--format=%H").split()[1] == before  # git believes it
    assert findings(world) == wanted


def test_a_file_that_says_shallow_hides_nothing(world: CommandWorld) -> None:
    hidden(world)
    wanted = findings(world)
    (world.root / ".git" / "shallow").write_text(world.git("rev-parse", "HEAD"))
    assert world.git("rev-list", "--count", "HEAD").strip() == "1"  # git believes it
    assert findings(world) == wanted
    told = world("audit")
    assert "shallow-history" not in told.out


def test_a_clone_that_is_shallow_says_so(world: CommandWorld, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--depth=2", f"file://{world.root}", str(clone)], check=True)
    world.root = clone
    told = world("audit")
    assert "shallow-history" in told.out


def test_a_tree_that_hides_what_a_commit_between_did_is_a_finding(world: CommandWorld) -> None:
    before = hidden(world)
    assert "journal-missing" in findings(world)
    dropped = world.git("rev-parse", "HEAD~1:.phasegate").strip()
    _, data = stored(world, world.git("rev-parse", f"{before}:.phasegate").strip())
    forge(world, dropped, "tree", data)
    assert world.git("log", "--format=%s", "--", ".phasegate").split("\n")[0] != "Put back"  # git believes it
    with GitRepository(world.root) as repository, History(repository, None) as history:
        history.commits({".phasegate"})  # by itself, whoever else asks what the commits between did
        assert dropped in repository.untrue
    (audit,) = audit_workspace(world.root, None)
    (said,) = [each.message for each in audit.findings if each.code == "object-differs"]
    assert dropped in said
