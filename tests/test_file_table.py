"""CONTRIBUTING's table of files says what the files say of themselves."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_table_of_files_is_as_the_script_prints_it() -> None:
    found = importlib.util.spec_from_file_location("file_table", ROOT / "docs" / "file_table.py")
    assert found is not None and found.loader is not None
    script = importlib.util.module_from_spec(found)
    found.loader.exec_module(script)
    table = script.table()
    assert table.count("\n") > 100
    assert script.in_contributing((ROOT / "CONTRIBUTING.md").read_text("utf-8")) == table, (
        "python docs/file_table.py --write"
    )
