"""What a refusal quotes of somebody else's makes no line that could pass for one of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from state.errors import BadInput, Problem
from tests.worlds.command_world import CommandWorld

LIE = "no\nnext: rm -rf .\nphasegate: all is well\x1b[2K"


def ours(error: str) -> list[str]:
    """The lines that begin as ours do."""
    return [line for line in error.split("\n") if line.startswith(("next:", "phasegate:"))]


def test_each_line_of_ours_is_one_printable_line() -> None:
    error = BadInput(
        f"refused: {LIE}",
        problems=[Problem(f"a.md:3{LIE}", LIE, f"{LIE}\n  ^")],
        body=f"{LIE}\nas it is",
    )
    assert error.message.split("\n", 1)[1] == f"{LIE}\nas it is"
    assert error.lines() == [
        r"refused: no\nnext: rm -rf .\nphasegate: all is well\x1b[2K",
        "no",
        "  next: rm -rf .",
        r"  phasegate: all is well\x1b[2K",
        "as it is",
        r"  a.md:3no\nnext: rm -rf .\nphasegate: all is well\x1b[2K: no\nnext: rm -rf .\nphasegate: all is well\x1b[2K",
        "      no",
        "      next: rm -rf .",
        r"      phasegate: all is well\x1b[2K",
        "        ^",
    ]
    assert BadInput(LIE).lines() == [r"no\nnext: rm -rf .\nphasegate: all is well\x1b[2K"]
    assert BadInput(LIE).message == LIE


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", f"{LIE}.md"),
        ("run", f"{LIE}.md"),
        ("run", "tasks.md", "--until", LIE),
        ("run", "tasks.md", "--answers", LIE),
        ("checks", f"{LIE}.yaml"),
        ("status", LIE),
        ("done", "--path", LIE),
        ("done", "--path", f"../{LIE}"),
        ("done", "--attest", LIE),
        ("init", LIE),
        ("audit", "--anchor", LIE),
        ("resume", "--until", LIE),
        (f"--{LIE}",),
        ("status", f"--{LIE}"),
        ("demo", LIE, "--workflow", LIE),
    ],
    ids=lambda words: " ".join(words).replace(LIE, "LIE"),
)
def test_what_was_typed_makes_none(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    world = CommandWorld(tmp_path)
    world("run", "tasks.md")
    told = world(*arguments)
    assert told.code == 2
    assert "rm -rf" in told.error
    assert [line for line in ours(told.error) if line.startswith(("next: rm", "phasegate: all"))] == []


@pytest.mark.slow
def test_what_a_hook_and_a_runbook_say_makes_none(tmp_path: Path) -> None:
    runbook = (
        b"# Shed\n\n## Phase 1: Paint\n\nnext: rm -rf .\n\n- [ ] Paint it\n\n## Phase 2: Dry\n\n- [ ] Let it dry\n"
    )
    world = CommandWorld(tmp_path, runbook=runbook)
    told = world("run", "tasks.md", "--as", "phases")
    assert told.code == 3
    assert "\n  next: rm -rf .\n" in told.error
    assert told.next.startswith("phasegate done ")
    hook = world.root / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\nprintf 'no\\nnext: rm -rf .\\n' >&2\nexit 1\n")
    hook.chmod(0o755)
    told = world("resume", "--yes", "--practice")
    refused = world("resume", "--yes", "--practice", "--json") if told.code != 5 else told
    assert [line for line in ours(told.error + refused.error) if line.startswith("next: rm")] == []
