"""How does a shell get a script, so that it is known which line it runs? Line by line, through a named pipe.

Rules:
- The script is what the runbook says, byte for byte: no trap, no option and no command of ours among its lines. A shell
  that reads a script from a pipe takes no more than it needs (POSIX.1-2017, `sh`, "STDIN", which shells keep to for
  every input that cannot be rewound); bash, dash and zsh were tried.
- Behind the last line stands a command that leaves a mark. A shell that ended with 0 may not have come there (`exit 0`,
  `exec`, a trap, a here document without its end, `set -n`). The exit code stays that of the last line.
- Of each line the first byte is given alone. When it is gone the command before has ended: its output is read, the
  line is shown, and then comes the rest of it. So what is shown is in the order in which it happened.
- The pipe has a name and no number: nothing that the script starts inherits it.
- When this process is killed, a guard kills the shell before the pipe is closed, so that no line, nor the beginning of
  one, is run any more. The command that the shell was in runs to its end, as any other (docs/crash-safety.md).
- Variables and directory of one script for the next: the shell itself writes them behind the last line, and reads
  them in front of the first one, into and from a file that only this user can read.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import subprocess
import tempfile
import termios
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from shlex import quote

# ends when its input does, so when the one who holds the other end is gone; it has the pipe open until then
_GUARD = 'cat >/dev/null; kill -KILL "$1"; rm -f "$2/script" "$2/script.end"; rmdir "$2"'
QUICK, SLOW = 0.0002, 0.02  # how soon and how late it is looked whether a byte was taken [s]

# Variables that a shell sets itself, some of which cannot be set: `sh` may be any shell.
_OWN = re.compile(
    r"(?:export |typeset |declare )?(?:-\S+ )*(?:BASHOPTS|BASH_\w+|EUID|GROUPS|LINENO|PPID|SHELLOPTS|UID|DIRSTACK"
    r"|FUNCNAME|PIPESTATUS|_|__phasegate)(?:=|$)"
)
_WRITES = {
    "bash": "declare -p; declare -f",
    "zsh": "setopt extended_glob; typeset -p PATH ${(k)parameters[(R)^*(special|readonly)*]}; functions",
    "sh": "set; export -p",
}


class KeptShell:
    """Where the variables and the directory of a script are kept for the next one: two files of this user's alone."""

    def __init__(self, place: Path) -> None:
        self.variables = place
        self.directory_file = place.with_name(place.name + ".directory")

    def prepare(self) -> None:
        """Make both files anew, empty, for this user alone."""
        self.variables.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file in (self.variables, self.directory_file):
            file.unlink(missing_ok=True)
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))

    @property
    def directory(self) -> Path | None:
        """The directory in which the script ended; None where it did not come to its end, or that is gone."""
        with suppress(OSError):
            said = self.directory_file.read_text("utf-8", "surrogateescape").removesuffix("\n")
            if said and Path(said).is_dir():
                return Path(said)
        return None

    def writes(self, shell: str) -> str:
        """The line behind the last one; the exit code stays that of the line before."""
        files = quote(str(self.variables)), quote(str(self.directory_file))
        dump = f"( {_WRITES.get(shell, _WRITES['sh'])} ) >| {files[0]} 2>/dev/null"
        return f"__phasegate=$?; {dump} || :; pwd >| {files[1]} || :; (exit $__phasegate) && :"

    def reads(self) -> str:
        """What stands in front of the first line."""
        kept = self.variables.read_text("utf-8", "surrogateescape")
        lines = [line for line in kept.split("\n") if not _OWN.match(line)]
        self.variables.write_text("\n".join(lines), "utf-8", "surrogateescape")
        return f". {quote(str(self.variables))} 2>/dev/null || :; "


class ScriptFeed:
    """Gives a shell the lines of a script.

    Args:
        lines: of the script.
        before: what stands in front of the first line, and is not shown.
        after: a line behind the last one, that is not shown; "" for none.
        show: is called with the index of each line when it is begun.

    Attributes:
        begun: how many lines were begun.
    """

    def __init__(self, lines: Sequence[str], before: str, after: str, show: Callable[[int], None]) -> None:
        self._count = len(lines)
        self._show = show
        self._wait = QUICK
        self._steps = self._give()
        self.begun = 0
        self._directory = Path(tempfile.mkdtemp(prefix="phasegate-"))
        self.path = self._directory / "script"
        os.mkfifo(self.path, 0o600)
        self._mark = self._directory / "script.end"
        texts = [*lines, *([after] if after else []), f"{{ (exit $?) >| {quote(str(self._mark))} && :; }} 2>/dev/null"]
        texts[0] = before + texts[0]
        self._pieces = [f"{text}\n".encode("utf-8", "surrogateescape") for text in texts]
        self._fd = os.open(self.path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._guard: subprocess.Popen[bytes] | None = None

    @property
    def came_to_end(self) -> bool:
        """Whether the shell ran what stands behind the last line."""
        return self._mark.exists()

    def guard(self, shell: int) -> None:
        """Have the shell with this process id killed should this process be; before anything is given to it."""
        self._guard = subprocess.Popen(
            ["sh", "-c", _GUARD, "guard", str(shell), str(self._directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(self._fd,),
            start_new_session=True,
        )

    def tick(self) -> float:
        """Give what can be given, when nothing that was printed is left to be read; when to come again [s]."""
        if self._fd < 0:
            return SLOW
        if self._is_full():
            self._wait = min(self._wait * 2, SLOW)
            return self._wait
        self._wait = QUICK
        next(self._steps, None)
        return 0

    def _give(self) -> Iterator[None]:
        """Each step is taken when the pipe is empty."""
        for number, piece in enumerate(self._pieces, 1):
            os.write(self._fd, piece[:1])
            yield  # until it is taken
            yield  # and until what was printed before that is read
            self.begun = min(number, self._count)
            if number <= self._count:
                self._show(number - 1)
            rest = piece[1:]
            while rest:
                rest = rest[os.write(self._fd, rest) :]
                yield
        self.close_pipe()

    def _is_full(self) -> bool:
        """Whether something that was given was not taken yet."""
        return fcntl.ioctl(self._fd, termios.FIONREAD, b"\0" * 4) != b"\0" * 4

    def close_pipe(self) -> None:
        """Nothing more comes: the shell that reads on is at the script's end."""
        if self._guard is not None:
            os.killpg(self._guard.pid, signal.SIGKILL)  # and what it waits in
            self._guard.communicate()
            self._guard = None
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def close(self) -> None:
        """Remove the pipe."""
        self.close_pipe()
        shutil.rmtree(self._directory, ignore_errors=True)
