"""A run in the sandbox has one door: its clients are made once, and find a server that took another one's place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.workspaces import workspace
from workflow.sandbox import control
from workflow.service.doors import sandbox_aws
from workflow.service.workspace import sandbox_directory


@pytest.mark.slow
def test_the_door_is_the_same_and_finds_the_server_that_took_the_others_place(tmp_path: Path) -> None:
    with workspace(tmp_path / "shop") as place:
        connect = sandbox_aws(place)
        first = connect()
        assert connect() is first
        control.stop(sandbox_directory(place))
        assert connect().call("sts", "get_caller_identity")["Account"] == "123456789012"
