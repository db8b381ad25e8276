"""The door to commands: how is one run, watched and ended?

Rules:
- `sh -c` in a session and process group of its own: it has no terminal to ask at, its input is empty, and Ctrl-C
  reaches it through us only. SIGTERM, then SIGKILL, to the whole group when we are interrupted or its time is over.
- It is over when its shell has ended: what it left in the background is neither waited for nor ended.
- `kill -9` of phasegate leaves the command running; whoever resumes must look (docs/crash-safety.md).
- Output is read as it comes, masked (`workflow/doors/masking.py`) and kept up to LIMIT characters: head and tail.
- In a sandbox run every variable of AWS's is taken away and the sandbox's are put in: `aws` and the SDKs in a command
  talk to the account on this machine. A command that names another endpoint or another file of credentials itself is
  beyond this door.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import IO, cast

from phases.step import CommandResult
from state.errors import StepFailed
from workflow.doors.aws.client import SANDBOX_REGION
from workflow.doors.git.command import LOCAL_VARIABLES
from workflow.doors.masking import MaskedLines, mask, secret_values

LIMIT = 65_536  # characters of output that are kept
GRACE = 5.0  # between SIGTERM and SIGKILL [s]
_LOOK = 0.1  # how often a command that is silent is looked after [s]
_PIPE = 65_536  # what a pipe holds [bytes]. Source: pipe(7), "Pipe capacity"
_TAIL = 20  # lines of output in the message of a command that did not end


def own_environment(extra: Mapping[str, str]) -> Mapping[str, str]:
    """The environment that phasegate itself was given, and `extra`."""
    return {**os.environ, **extra}


class CommandDoor:
    """Runs commands.

    Args:
        environment: what a command gets, made anew for each from what the step adds.
        grace: how long a command that is ended has for clearing up [s].
    """

    def __init__(
        self, environment: Callable[[Mapping[str, str]], Mapping[str, str]] = own_environment, *, grace: float = GRACE
    ) -> None:
        self._environment = environment
        self._grace = grace

    def run(
        self,
        command: str,
        *,
        directory: Path,
        timeout: float,
        extra: Mapping[str, str],
        show: Callable[[str], None],
    ) -> CommandResult:
        """Run it to its end; `show` gets each line of output, masked, as soon as it is whole.

        Raises StepFailed when it cannot be started, or has not ended within `timeout` [s]: it is ended then.
        """
        given = self._environment(extra)
        environment = {name: value for name, value in given.items() if name not in LOCAL_VARIABLES}
        values = secret_values(environment)
        said = mask(command, values)
        output, lines = _Kept(), MaskedLines(values)
        began = time.monotonic()
        process = _start(command, said, directory, environment)
        pipe = cast("IO[bytes]", process.stdout)
        try:
            for data in _reads(process, pipe, began + timeout):
                for line in lines.feed(data):
                    output.add(line)
                    show(line)
            exit_code = process.wait(max(began + timeout - time.monotonic(), 0))
        except (subprocess.TimeoutExpired, TimeoutError) as error:
            self._end(process)
            for line in lines.end():
                output.add(line)
            raise StepFailed(
                f"`{said}` had not ended after {timeout:g} s and was ended" + output.last(_TAIL),
                next_command="phasegate resume   # after running it by hand, to see what it waits for",
            ) from error
        except BaseException:
            self._end(process)
            raise
        finally:
            pipe.close()
        for line in lines.end():
            output.add(line)
            show(line)
        return CommandResult(said, exit_code, output.text(), round(time.monotonic() - began, 3))

    def mask(self, text: str) -> str:
        """The text as command output would be shown: without the secrets that have a shape or stand in a variable."""
        return mask(text, self._own_secrets)

    @cached_property
    def _own_secrets(self) -> tuple[str, ...]:
        """Of this process's environment, which nothing changes: reading it costs more than masking a short text."""
        return secret_values(os.environ)

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """End the whole group; at once when we are interrupted again meanwhile."""
        try:
            _signal(process, signal.SIGTERM)
            until = time.monotonic() + self._grace
            while _signal(process, 0) and time.monotonic() < until:
                try:
                    process.wait(0.02)  # a shell that has ended and was not waited for counts as one of the group
                except subprocess.TimeoutExpired:
                    continue
                time.sleep(0.02)
        finally:
            _signal(process, signal.SIGKILL)
            process.wait()


def sandbox_environment(endpoint_url: str, extra: Mapping[str, str]) -> dict[str, str]:
    """Our own environment with nothing of AWS's in it but the sandbox: no profile, no credentials, no proxy to it.

    Of what `extra` says of AWS the region alone counts: which account a sandbox run talks to is no step's to say.
    """
    given = own_environment(extra)
    kept = {name: value for name, value in given.items() if not name.startswith("AWS_")}
    regions = {name: extra.get(name, SANDBOX_REGION) for name in ("AWS_REGION", "AWS_DEFAULT_REGION")}
    direct = ",".join(filter(None, (given.get("no_proxy") or given.get("NO_PROXY"), "127.0.0.1,localhost")))
    return {
        **kept,
        **regions,
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": direct,
        "no_proxy": direct,
    }


def _start(command: str, said: str, directory: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            ["sh", "-c", command],
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:  # no sh, too long, a NUL in it
        raise StepFailed(
            f"`{said}` could not be started: {error}", next_command="phasegate resume   # when it can be started"
        ) from error


def _reads(process: subprocess.Popen[bytes], pipe: IO[bytes], until: float) -> Iterator[bytes]:
    """What comes out, until nothing more can come or the shell has ended. Raises TimeoutError."""
    after = 0  # bytes read since the shell has ended: it can have left a full pipe, the rest is of its children
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while after < _PIPE:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            over = process.poll() is not None
            if selector.select(0 if over else min(left, _LOOK)):
                data = os.read(pipe.fileno(), _PIPE)
                if not data:
                    return
                after += len(data) if over else 0
                yield data
            elif over:
                return


def _signal(process: subprocess.Popen[bytes], number: int) -> bool:
    """Send a signal to the command's whole group; returns whether there still is one."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):  # macOS says the second of a group of zombies
        return False
    return True


class _Kept:
    """The head and the tail of an output of any length."""

    def __init__(self) -> None:
        self._head: list[str] = []
        self._tail: deque[str] = deque()
        self._room = LIMIT // 2
        self._in_tail = 0
        self._cut = 0

    def add(self, line: str) -> None:
        size = len(line) + 1
        if not self._tail and size <= self._room:
            self._head.append(line)
            self._room -= size
            return
        self._tail.append(line)
        self._in_tail += size
        while self._in_tail > LIMIT // 2:
            self._in_tail -= len(self._tail.popleft()) + 1
            self._cut += 1

    def text(self) -> str:
        cut = [f"[... {self._cut:,} lines cut ...]"] * bool(self._cut)
        return "\n".join([*self._head, *cut, *self._tail])

    def last(self, count: int) -> str:
        lines = [*self._head, *self._tail][-count:]
        return "".join(f"\n  {line}" for line in lines)
