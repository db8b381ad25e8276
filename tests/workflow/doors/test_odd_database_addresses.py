"""Odd addresses of a database: whatever is typed behind `--db` is one, or a refusal that leaves no file behind."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("dbos")

from state.errors import BadInput
from workflow.doors.queue_database import database

NO_FILE = (
    "sqlite://", "sqlite:///", "sqlite:////", "sqlite:///.", "sqlite:///..", "sqlite:///./", "sqlite:///dir",
    "sqlite:///dir/", "sqlite:///:memory:", "sqlite:///world.db?x=1", "sqlite:///file:w.db?mode=ro", "sqlite:///a#b",
    "sqlite:///a%20b", "sqlite:///a\x00b", "sqlite:///a\nb", "sqlite://host/w.db", "sqlite:world.db", "sqlite:/w.db",
    "SQLITE:///w.db", "sqlite3:///w.db", "sqlite+pysqlite:///w.db", "sqlite:///no/such/dir/w.db", "", " ", "://", ":",
)  # fmt: skip
NO_SERVER = (
    "postgresql:", "postgresql://", "postgres://h/n", "postgresql://h:port/n", "postgresql://h:99999999/n", "mysql://h/n",
    "postgresql://127.0.0.1:1/n", "postgresql://me:hunter2@127.0.0.1:1/n", "postgresql://127.0.0.1:1/n?no_such=1",
    "postgresql://[::1/n", "postgresql://%zz@127.0.0.1:1/n", "postgresql+asyncpg://127.0.0.1:1/n", "file:///etc/passwd",
)  # fmt: skip


@pytest.mark.parametrize("address", [*NO_FILE, *NO_SERVER], ids=ascii)
def test_what_is_no_database_is_refused_and_leaves_nothing(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dir").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput) as refused, database(address, tmp_path / "unused"):
        pass
    assert refused.value.exit_code == 2 and "--db " in refused.value.message
    assert "hunter2" not in f"{refused.value.message} {refused.value.next_command}"
    assert ("createdb" in refused.value.next_command) <= address.startswith("postgresql")
    assert [each.name for each in tmp_path.rglob("*")] == ["dir"]


def test_a_plain_file_is_taken(tmp_path: Path) -> None:
    with database(f"sqlite:///{tmp_path}/world.db", tmp_path / "unused") as address:
        assert address == f"sqlite:///{tmp_path}/world.db"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["world.db", "world.db.lock"]
