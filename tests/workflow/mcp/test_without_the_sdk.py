"""Without the extra the server is refused with what installs it; the entry for a client needs nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from state.extras import install_extra
from workflow.cli.main import run


def test_a_missing_extra_is_refused_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver", None)
    monkeypatch.delitem(sys.modules, "workflow.mcp.server", raising=False)
    assert run(["-C", str(tmp_path), "mcp"]) == 2
    told = capsys.readouterr().err
    assert "the agents' server needs the Python SDK of MCP" in told
    assert f"next: {install_extra('mcp')}\n" in told


def test_the_entry_for_a_client_names_the_command_and_the_directory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["-C", str(tmp_path), "mcp", "--print-config"]) == 0
    entry = json.loads(capsys.readouterr().out)["mcpServers"]["phasegate"]
    assert entry["args"] == ["-C", str(tmp_path), "mcp"]
    assert Path(entry["command"]).name
