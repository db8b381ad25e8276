"""Which database queues for workers? Its address judged before anything is made, and the database reached.

Rules:
- SQLite is for one process (`flock` of a file beside the database's): an address that is no plain file makes none.
- A password in an address is never shown.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path

from state.errors import BadInput, RunHeld
from state.extras import install_extra

FORMS = "sqlite:///FILE or postgresql://USER@HOST/NAME"


def file_of(address: str) -> Path | None:
    """The file of an SQLite database; None for another one."""
    return Path(address.removeprefix("sqlite:///")) if address.startswith("sqlite:///") else None


@contextmanager
def database(given: str, default: Path) -> Iterator[str]:
    """The address of the database, reached and, an SQLite file, this process's alone; `sqlite`: the `default` file.

    Raises BadInput for one that is none, cannot be reached, or without the extra; RunHeld where another process has the
    file.
    """
    try:
        import dbos  # noqa: F401
        from sqlalchemy import create_engine, text
        from sqlalchemy.exc import ArgumentError, SQLAlchemyError
    except ImportError as error:
        raise BadInput(f"--db needs DBOS: {error}", next_command=install_extra("fleet")) from error
    address = f"sqlite:///{default}" if given == "sqlite" else given
    scheme, _, rest = address.partition("://")
    if scheme == "postgresql":
        address = f"postgresql+psycopg://{rest}"
    if scheme not in ("sqlite", "postgresql", "postgresql+psycopg") or not rest:
        raise BadInput(f"--db {_shown(given)}: expected {FORMS}", next_command="phasegate worker --db sqlite:///FILE")
    file = file_of(address)
    if scheme == "sqlite" and (why := _why_no_file(rest)):
        raise BadInput(f"--db {_shown(given)}: {why}", next_command="phasegate worker --db sqlite:///FILE")
    with _alone(file) if file is not None else nullcontext():
        try:
            engine = create_engine(address, connect_args={} if file is not None else {"connect_timeout": 5})
            with engine.connect() as connection:
                connection.execute(text("SELECT 1" if file is None else "SELECT count(*) FROM sqlite_master"))
            engine.dispose()
        except (ArgumentError, SQLAlchemyError, ValueError, TypeError) as error:
            said = str(getattr(error, "orig", None) or error).strip().splitlines()
            make = "" if file is not None else "\n      createdb NAME   # makes one that PostgreSQL does not have yet"
            raise BadInput(
                f"--db {_shown(given)}: the database is not reached: {said[0][:200] if said else type(error).__name__}",
                next_command=f"phasegate worker   # without --db: by the refs alone{make}",
            ) from error
        yield address


def _why_no_file(rest: str) -> str:
    """Why what stands behind `sqlite://` is no file, looked at before one is made; "" where it is one."""
    if not rest.startswith("/"):
        return f"expected {FORMS}: three slashes, then the file"
    path = rest[1:]
    if not path or path.endswith("/") or path in (".", "..", ":memory:") or Path(path).is_dir():
        return f"expected a file behind sqlite:///, seen {path!r}"
    if odd := sorted({sign for sign in path if sign in "?#%" or not sign.isprintable()}):
        return f"expected the path of a file, without {odd[0]!r} in it"
    return ""


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """In the block no other process works by this file. Raises BadInput, RunHeld."""
    with ExitStack() as opened:
        try:
            held = opened.enter_context(Path(f"{file}.lock").open("w"))
        except (OSError, ValueError) as error:
            raise BadInput(
                f"--db sqlite:///{file}: {getattr(error, 'strerror', None) or error}",
                next_command="phasegate worker --db sqlite:///FILE",
            ) from error
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunHeld(
                f"another process works by {file}: SQLite is for one",
                next_command="phasegate worker --db postgresql://USER@HOST/NAME   # for several; or without --db",
            ) from error
        yield


def _shown(address: str) -> str:
    """The address without its password."""
    scheme, mark, rest = address.partition("://")
    who, at, where = rest.rpartition("@")
    return repr(f"{scheme}{mark}{who.partition(':')[0]}{at}{where}"[:200])
