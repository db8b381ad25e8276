"""Do the guide's TypeScript programs type-check and run, against a moto server, for every key shape?"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import boto3
import pytest

from phases.stage_06.chapters.example_items import example
from phases.stage_06.chapters.typescript_example import typescript_program
from tests.worlds.deployed_world import REGION
from tests.worlds.example_programs import KEY_SHAPES, create, expected_lines

# Where `npm install @aws-sdk/client-dynamodb @aws-sdk/lib-dynamodb tsx typescript @types/node` was run.
NODE_PROJECT = Path(os.environ.get("PHASEGATE_NODE_PROJECT", "none"))


@pytest.mark.slow
@pytest.mark.skipif(
    not (NODE_PROJECT / "node_modules" / "tsx").is_dir() or shutil.which("npx") is None,
    reason="needs node, and PHASEGATE_NODE_PROJECT with the packages",
)
def test_the_typescript_programs_type_check_run_and_leave_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        port = server.get_host_and_port()[1]
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "phasegate")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "sandbox")
        dynamodb = boto3.Session().client("dynamodb", region_name=REGION)
        folder = NODE_PROJECT / "phasegate-examples"
        folder.mkdir(exist_ok=True)
        for shape in KEY_SHAPES:
            create(dynamodb, shape)
            program = typescript_program(example(shape), region=REGION, variable="A_TABLE")
            (folder / f"{shape.name}.mts").write_text(program)
        files = [f"{folder.name}/{shape.name}.mts" for shape in KEY_SHAPES]
        strict = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--skipLibCheck"]

        checked = _npx("tsc", *strict, "--types", "node", *files)
        printed = {shape.name: _npx("tsx", file) for shape, file in zip(KEY_SHAPES, files, strict=True)}

        assert checked.returncode == 0, checked.stdout
        for shape in KEY_SHAPES:
            done = printed[shape.name]
            assert done.stdout.splitlines() == expected_lines(shape, new="43"), done.stderr
            assert dynamodb.scan(TableName=shape.name)["Count"] == 0
    finally:
        server.stop()


def _npx(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["npx", *words], cwd=NODE_PROJECT, capture_output=True, text=True)
