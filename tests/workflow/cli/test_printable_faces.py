"""Does anything of a stranger's runbook, names or words steer the terminal of whoever looks at a run?"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld

UNSEEN = "\x1b]0;owned\x07\u202egnp\u2066\u200b\ufeff\U000e0041"
SHOWN = r"\x1b]0;owned\x07\u202egnp\u2066\u200b\ufeff\U000e0041"
RUNBOOK = f"# Shed {UNSEEN}\n\n- [ ] 1. Paint {UNSEEN}\n  - `echo {UNSEEN}`\n- [ ] 2. Dry\n- [] odd {UNSEEN}\n".encode()
NAME = "file\u202e\u200b.txt"

pytestmark = pytest.mark.slow


def clean(text: str) -> bool:
    return all(sign.isprintable() or sign in "\n\t" for sign in text)


def test_no_command_writes_what_steers_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = CommandWorld(tmp_path, runbook=RUNBOOK)
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Rob\u202eot")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "robot@example.com")
    said = {"plan": world("plan", "tasks.md"), "run": world("run", "tasks.md")}
    (world.root / NAME).write_text("x\n")
    said["done"] = world("done", "--path", NAME)
    assert said["done"].code == 0, said["done"].error
    said["note"] = world("note", f"look {UNSEEN}\nnext: rm -rf .")
    monkeypatch.delenv("GIT_AUTHOR_NAME")
    monkeypatch.delenv("GIT_AUTHOR_EMAIL")
    said["reject"] = world("reject", "--reason", f"no {UNSEEN}\n### Checks (2)\n- pass: all")
    said["again"] = world("done", "--path", NAME)
    page = world("status", "--review")
    said["page"] = page
    said |= {verb: world(verb) for verb in ("status", "log", "audit")}
    said["unknown"] = world("log", f"no-such-run{UNSEEN}")
    said["option"] = world(f"--{UNSEEN}")
    for name, told in said.items():
        assert clean(told.out), name
        assert clean(told.error), name
    for name in ("plan", "status", "log", "page"):
        assert SHOWN in said[name].out, name
    assert r"- `file\u202e\u200b.txt`" in page.out
    assert "\n### Checks (2)" not in page.out
    assert "> ### Checks (2)" in page.out
    assert r"\nnext: rm -rf ." in said["log"].out
    exact = json.loads(world("plan", "tasks.md", "--json").out)
    assert exact["tasks"][0]["title"] == f"Paint {UNSEEN}"


def test_commit_and_working_log_get_no_control_signs(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=RUNBOOK)
    told = world("run", "tasks.md", "--sandbox", "--yes", "--practice", "--until", "1")
    assert told.code == 0, told.error
    git = ["git", "-C", str(world.root)]
    message = subprocess.run([*git, "log", "-1", "--format=%B"], check=True, capture_output=True).stdout.decode()
    assert clean(message)
    assert r"\u202egnp" in message
    (log,) = (world.root / "artifacts").rglob("*log.md")
    assert clean(log.read_text("utf-8"))
    assert SHOWN in log.read_text("utf-8")
    assert world("audit").code == 0
