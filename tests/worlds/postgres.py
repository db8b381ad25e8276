"""A cluster of PostgreSQL of the test's own, on a unix socket in a directory; "not run" where it is not installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    here = shutil.which("initdb")
    return Path(here).resolve().parent if here else found[-1].parent if found else None


class Postgres:
    """The running cluster."""

    def __init__(self, binaries: Path, place: Path) -> None:
        self._binaries, self._place, self._data = binaries, place, place / "data"

    def run(self, program: str, *words: str) -> str:
        # it refuses to run as root
        user = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"] if os.geteuid() == 0 else []
        done = subprocess.run(
            [*user, str(self._binaries / program), *words], capture_output=True, text=True, cwd=self._place
        )
        assert done.returncode == 0, f"{program} {words}: {done.stdout}{done.stderr}"
        return done.stdout

    def begin(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self._place, "nobody", "nogroup")
        self.run("initdb", "-D", str(self._data), "-U", "fleet", "-A", "trust", "--no-sync")
        settings = f"-k {self._place} -c listen_addresses= -c fsync=off"
        self.run("pg_ctl", "-D", str(self._data), "-w", "-o", settings, "-l", str(self._place / "log"), "start")

    def end(self) -> None:
        self.run("pg_ctl", "-D", str(self._data), "-w", "-m", "immediate", "stop")

    def sql(self, *statements: str) -> str:
        words = [word for each in statements for word in ("-c", each)]
        return self.run("psql", "-h", str(self._place), "-U", "fleet", "-At", "-d", "postgres", *words)

    @property
    def address(self) -> str:
        return f"postgresql://fleet@/fleet?host={self._place}"


@contextmanager
def postgres(place: Path) -> Iterator[Postgres]:
    """A cluster with an empty database `fleet`."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("not run: PostgreSQL's initdb is not installed here")
    place.mkdir()
    found = Postgres(binaries, place)
    found.begin()
    try:
        found.sql("CREATE DATABASE fleet")
        yield found
    finally:
        found.end()
