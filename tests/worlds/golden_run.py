"""One golden run, unpacked: a repository with a run in it, the command line on it, and what both say.

    with GoldenRun(root).here() as run:
        run.does({"type": ["approve", "--digest", "{digest}"], "who": "Bob <bob@example.com>"})

Rules:
- Nothing depends on today: the time is a function of the journal (a second for each line that it has), so are nonces;
  git's dates, user and host are fixed, and no configuration of this machine is read.
- What a person does is a step: `write` (path to text), `chmod` or `remove` (path), `type` (a command line) and `who`.
  `{digest}` is what waits for approval, `{root}` the repository, `{keys}` the directory with the throw-away keys.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import subprocess
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from tests.worlds.journals import journal_bytes, line_count
from workflow.cli.main import run as command_line
from workflow.doors.clock import SystemClock
from workflow.service import this_process

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ADA = "Ada <ada@example.com>"  # the repository's own identity
FIXED = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z",
    "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
    "GIT_TEST_FSYNC": "0",
    "LOGNAME": "ada",
    "LC_ALL": "C.UTF-8",
}
Step = Mapping[str, Any]


class Typed(NamedTuple):
    """What a command said: exit code, standard output, standard error."""

    code: int
    out: str
    error: str

    @property
    def next(self) -> str | None:
        """The first command after `next:`, without the remark behind it."""
        found = re.search(r"^next: (.*?)(?:   #.*|, then: .*|, or: .*| && phasegate .*)?$", self.error, re.MULTILINE)
        return found[1] if found else None


class GoldenRun:
    """See the module. `later` is how long after the last event everything happens that is done now [s]."""

    def __init__(self, root: Path, *, later: int = 0, keys: Path | None = None) -> None:
        self.root = root
        self.later = timedelta(seconds=later)
        self._keys = keys

    @contextmanager
    def here(self) -> Iterator[GoldenRun]:
        """Time, chance, user, host and environment as golden runs have them."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | FIXED
        with ExitStack() as fixed:
            fixed.enter_context(patch.dict(os.environ, environment, clear=True))
            fixed.enter_context(patch.object(SystemClock, "now", lambda _clock: self._now()))
            fixed.enter_context(patch.object(SystemClock, "nonce", lambda _clock: self._nonce()))
            fixed.enter_context(patch.object(this_process, "_host", lambda: "here"))
            fixed.enter_context(patch.object(os, "fsync", lambda _handle: None))
            try:
                yield self
            finally:
                if (self.root / ".git/phasegate/sandbox").exists():
                    self.type("sandbox", "stop", "--forget")

    def _lines(self) -> int:
        return line_count(self.root)

    def _now(self) -> datetime:
        return AT + self.later + timedelta(seconds=self._lines())

    def _nonce(self) -> str:
        return hashlib.sha256(f"nonce {self._lines()}".encode()).hexdigest()[:32]

    @property
    def journal(self) -> Path:
        (path,) = self.root.glob(".phasegate/*/journal.jsonl")
        return path

    # What is done

    def does(self, step: Step) -> Typed | None:
        """Take one step; None when no phasegate command is part of it."""
        for path, text in step.get("write", {}).items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text, "utf-8")
        if "chmod" in step:
            (self.root / step["chmod"]).chmod(0o755)
        if "remove" in step:
            (self.root / step["remove"]).unlink()
        return self.type(*step["type"], who=step.get("who", ADA)) if "type" in step else None

    def type(self, *words: str, who: str = ADA) -> Typed:
        """Type a command as somebody, without a terminal."""
        name, _, email = who.rstrip(">").partition(" <")
        given = [self._filled_in(word) for word in words]
        somebody = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": email} if who != ADA else {}
        with (
            patch.dict(os.environ, somebody),
            contextlib.redirect_stdout(io.StringIO()) as out,
            contextlib.redirect_stderr(io.StringIO()) as error,
        ):
            code = command_line(["-C", str(self.root), *given])
        assert "a fault of phasegate itself" not in error.getvalue(), error.getvalue()
        return Typed(code, out.getvalue(), error.getvalue())

    def _filled_in(self, word: str) -> str:
        if "{digest}" in word:
            word = word.replace("{digest}", self.status()["waiting_for"]["digest"])
        return word.replace("{root}", str(self.root)).replace("{keys}", str(self._keys))

    def git(self, *words: str) -> str:
        command = ["git", "-C", str(self.root), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    # What is said

    def status(self) -> dict[str, Any]:
        shown: dict[str, Any] = json.loads(self.type("status", "--json").out)
        return shown

    def says(self) -> dict[str, Any]:
        """What `status` and `audit` say, the audit without its messages: a code says what a finding is."""
        audited = self.type("audit", "--json")
        (run,) = json.loads(audited.out)["runs"]
        for found in (*run["findings"], *run["unprovable"]):
            del found["message"]
        return {"status": self.status(), "audit_exit": audited.code, "audit": run}

    def whole_journal(self) -> bytes:
        """What stands in all files of the journal."""
        return journal_bytes(self.journal)

    def events(self) -> list[dict[str, Any]]:
        """The journal's lines; a torn last one is none."""
        lines = self.whole_journal().split(b"\n")[:-1]
        return [json.loads(line) for line in lines]

    def history(self) -> dict[str, Any]:
        """What git has: the run's commits, files at the tip, the log's headings, and what is dirty."""
        form = "%s%x00%an <%ae>%x00%(trailers:only,unfold)%x01"
        told = self.git("log", "--reverse", "--topo-order", f"--format={form}", "HEAD").split("\x01\n")[:-1]
        commits = [dict(zip(("subject", "author", "trailers"), each.split("\0"), strict=True)) for each in told]
        listed = self.git("ls-tree", "-r", "-z", "HEAD").split("\0")[:-1]
        return {
            "commits": [each | {"trailers": each["trailers"].splitlines()} for each in commits],
            "files": {path: mode_and_id for mode_and_id, path in (line.split("\t", 1) for line in listed)},
            "log": [line for path in sorted(self.root.glob("artifacts/*/working_log.md")) for line in headings(path)],
            "dirty": self.git("status", "--porcelain").splitlines(),
        }


def headings(path: Path) -> list[str]:
    """The headings of a working log: an entry each."""
    return [line for line in path.read_text("utf-8").splitlines() if line.startswith("#")]


def pack(root: Path, archive: Path, *, leave: Sequence[str] = ()) -> None:
    """The repository with its work tree and its .git as one archive, the same for the same files."""
    import gzip

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        entry.mtime = int(AT.timestamp())
        entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
        return entry

    paths = sorted(path for path in root.rglob("*") if not any(path.is_relative_to(root / each) for each in leave))
    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", 9, raw, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as tar,
    ):
        for path in paths:
            tar.add(path, str(path.relative_to(root)), recursive=False, filter=plain)


def unpack(archive: Path, root: Path) -> Path:
    """The repository as it was packed."""
    root.mkdir()
    with tarfile.open(archive) as tar:
        tar.extractall(root, filter="data")
    return root
