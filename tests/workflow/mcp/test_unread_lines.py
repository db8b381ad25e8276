"""A line on standard input that is no message is answered, by its id where it has one, so that no client waits."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="not run: the extra mcp is not installed")

from mcp.types import jsonrpc_message_adapter
from pydantic import ValidationError

from tests.worlds.agent_world import AgentWorld
from tests.worlds.workspaces import PHASEGATE, environment
from workflow.mcp.unread import answer_to

HALF = '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"note","arguments":{"text":"\\ud800"}}}'
DEEP = '{"jsonrpc":"2.0","method":"ping","params":{"id":7,"a":' + "[" * 3000 + "]" * 3000 + '},"id":"deep"}'
LINES: dict[str, tuple[str, object, int]] = {
    "half of a surrogate pair": (HALF, 2, -32600),
    "deep nesting": (DEEP, "deep", -32600),
    "no JSON": ("nonsense", None, -32700),
    "half of a message": ('{"jsonrpc":"2.0","id":5,"method":"ping"', None, -32700),
    "an open text": ('{"jsonrpc":"2.0","id":5,"method":"' + '\\"' * 100_000, None, -32700),
    "more behind a message": ('x {"jsonrpc":"2.0","id":5,"method":"ping"}', None, -32700),
    "an id that is no text": ('{"jsonrpc":"2.0","id":"\\ud800","method":"ping"}', None, -32700),
    "a batch": ('[{"jsonrpc":"2.0","id":1,"method":"ping"}]', None, -32600),
    "a number": ("3", None, -32600),
    "no method": ('{"jsonrpc":"2.0","id":4}', 4, -32600),
    "another protocol": ('{"jsonrpc":"1.0","id":4,"method":"ping"}', 4, -32600),
}


def unread(line: str) -> ValidationError:
    with pytest.raises(ValidationError) as found:
        jsonrpc_message_adapter.validate_json(line, by_name=False)
    return found.value


@pytest.mark.parametrize("name", LINES)
def test_what_cannot_be_read_has_an_error_with_the_id_that_can(name: str) -> None:
    line, known, code = LINES[name]
    answer = answer_to(unread(line))
    assert answer is not None
    assert (answer.id, answer.error.code) == (known, code)
    assert len(answer.error.message) < 200


@pytest.mark.parametrize("line", ["", "  ", '{"jsonrpc":"2.0","id":"a","result":3}', '{"id":1,"error":{}}'])
def test_an_empty_line_and_an_answer_of_the_clients_have_none(line: str) -> None:
    assert answer_to(unread(line)) is None


class Line:
    """A client that writes lines as they are, and reads the next one."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def says(self, text: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()

    def asks(self, text: str) -> dict[str, Any]:
        self.says(text)
        assert self._process.stdout
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    words = [PHASEGATE, "-C", str(AgentWorld(tmp_path).root), "mcp"]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(words, env=environment(), **pipes) as process:
        yield Line(process)


@pytest.mark.slow
def test_the_server_answers_each_and_goes_on_and_says_its_version(line: Line) -> None:
    about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}}
    begun = line.asks(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": about}))
    assert begun["result"]["serverInfo"]["version"] == metadata.version("phasegate")
    line.says('{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
    for text, known, code in LINES.values():
        told = line.asks(text)
        assert (told["id"], told["error"]["code"]) == (known, code)
    assert line.asks('{"jsonrpc":"2.0","id":9,"method":"ping"}') == {"jsonrpc": "2.0", "id": 9, "result": {}}
