"""The door to commands: how is one run, watched and ended?

Rules:
- `sh -c`, or the interpreter of a script (`scripts.py`), in a session and process group of its own: it has no terminal
  to ask at, its input is empty, and Ctrl-C reaches it through us only. SIGTERM, then SIGKILL, to the whole group when
  we are interrupted or its time is over.
- It is over when its shell has ended: what it left in the background is neither waited for nor ended.
- `kill -9` of phasegate leaves the command running; whoever resumes must look (docs/crash-safety.md).
- Output is read as it comes, masked (`workflow/doors/masking.py`) and kept up to LIMIT characters: head and tail.
- In a sandbox run every variable of AWS's is taken away and the sandbox's are put in: `aws` and the SDKs in a command
  talk to the account on this machine. A command that names another endpoint or another file of credentials itself is
  beyond this door.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from phases.step import CommandResult
from state.errors import StepFailed
from workflow.doors.git.command import LOCAL_VARIABLES

if TYPE_CHECKING:  # made with every run's doors, and most orders run nothing
    from phases.manual.scripts import Script, ScriptResult
    from workflow.doors.kept_output import KeptOutput
    from workflow.doors.masking import MaskedLines
    from workflow.doors.script_feed import ScriptFeed
    from workflow.doors.scripts import ReadyScript

GRACE = 5.0  # between SIGTERM and SIGKILL [s]
_LOOK = 0.1  # how often a command that is silent is looked after [s]
_PIPE = 65_536  # what a pipe holds [bytes]. Source: pipe(7), "Pipe capacity"
_FLOOD = 1_048_576  # what a child left in the background may print before the script goes on [bytes]
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
        from workflow.doors.kept_output import KeptOutput
        from workflow.doors.masking import MaskedLines, mask, secret_values

        environment = self._cleared(extra)
        values = secret_values(environment)
        said, kept = mask(command, values), KeptOutput()
        process = _start(["sh", "-c", command], said, directory, environment)
        exit_code, seconds = self._watch(process, said, timeout, MaskedLines(values), kept, show)
        return CommandResult(said, exit_code, kept.text(), seconds)

    def run_script(
        self,
        script: Script,
        *,
        directory: Path,
        shells: Path,
        timeout: float,
        show: Callable[[str], None],
        echo: Callable[[str], None],
    ) -> ScriptResult:
        """Run a script to its end; `echo` gets each of its lines, masked, when it is begun, `show` what it prints.

        `shells`: the directory in which the variables of one script are kept for the next.

        Raises StepFailed as `run`, and when the shell in which it goes on was not kept.
        """
        from workflow.doors.kept_output import KeptOutput
        from workflow.doors.masking import MaskedLines, mask, secret_values
        from workflow.doors.scripts import ReadyScript

        environment = self._cleared({})
        values = secret_values(environment, script.stand_for)
        said = mask(script.text, values).split("\n", 1)[0]
        program = script.interpreter.found(environment)
        if program is None:
            raise StepFailed(
                f"{script.interpreter.name} is not found on PATH", next_command="phasegate resume   # when it is there"
            )
        kept = KeptOutput()

        def begin(line: str) -> None:
            kept.add(line)
            echo(line)

        try:
            ready = ReadyScript(script, program, directory, shells, lambda text: mask(text, values), begin)
        except OSError as error:  # no room for a pipe, or for what is kept
            raise _not_started(said, error) from error
        try:
            process = _start(ready.arguments, said, ready.directory, environment, ready.stdin)
            exit_code, seconds = self._watch(process, said, timeout, MaskedLines(values), kept, show, ready)
            return ready.result(exit_code, kept.text(), seconds)
        finally:
            ready.close()

    def _cleared(self, extra: Mapping[str, str]) -> dict[str, str]:
        """The environment of a command."""
        return {name: value for name, value in self._environment(extra).items() if name not in LOCAL_VARIABLES}

    def _watch(
        self,
        process: subprocess.Popen[bytes],
        said: str,
        timeout: float,
        lines: MaskedLines,
        output: KeptOutput,
        show: Callable[[str], None],
        script: ReadyScript | None = None,
    ) -> tuple[int, float]:
        """Read it to its end: its exit code, and how long it took [s]. Raises as `run`."""
        began = time.monotonic()
        pipe = cast("IO[bytes]", process.stdout)

        def take(line: str) -> None:
            line = script.plain(line) if script is not None else line
            output.add(line)
            show(line)

        try:
            if script is not None:
                _guard(script, process, said)
            for data in _reads(process, pipe, began + timeout, script.feed if script is not None else None):
                for line in lines.feed(data):
                    take(line)
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
            take(line)
        return exit_code, round(time.monotonic() - began, 3)

    def mask(self, text: str) -> str:
        """The text as command output would be shown: without the secrets that have a shape or stand in a variable."""
        from workflow.doors.masking import mask

        return mask(text, self._own_secrets)

    @cached_property
    def _own_secrets(self) -> tuple[str, ...]:
        """Of this process's environment, which nothing changes: reading it costs more than masking a short text."""
        from workflow.doors.masking import secret_values

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
    from workflow.doors.aws.client import SANDBOX_REGION

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


def _start(
    arguments: Sequence[str],
    said: str,
    directory: Path,
    environment: Mapping[str, str],
    stdin: int | IO[bytes] = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            arguments,
            cwd=directory,
            env=environment,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:  # no sh, too long, a NUL in it
        raise _not_started(said, error) from error


def _guard(script: ReadyScript, process: subprocess.Popen[bytes], said: str) -> None:
    try:
        script.started(process.pid)
    except OSError as error:
        raise _not_started(said, error) from error


def _not_started(said: str, error: Exception) -> StepFailed:
    next_command = "phasegate resume   # when it can be started"
    return StepFailed(f"`{said}` could not be started: {error}", next_command=next_command)


def _reads(process: subprocess.Popen[bytes], pipe: IO[bytes], until: float, feed: ScriptFeed | None) -> Iterator[bytes]:
    """What comes out, until nothing more can come or the shell has ended. Raises TimeoutError.

    `feed` gives the shell its script meanwhile: a line when all that was printed before is read.
    """
    after = 0  # bytes read since the shell has ended: it can have left a full pipe, the rest is of its children
    pause, since = _LOOK if feed is None else 0, 0
    import selectors

    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while after < _PIPE:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            over = process.poll() is not None
            printed = selector.select(0 if over else min(left, pause))
            if printed:
                data = os.read(pipe.fileno(), _PIPE)
                if not data:
                    return
                after += len(data) if over else 0
                since += len(data)
                yield data
            elif over:
                return
            if feed is not None and not over and (not printed or since > _FLOOD):
                pause, since = feed.tick(), 0


def _signal(process: subprocess.Popen[bytes], number: int) -> bool:
    """Send a signal to the command's whole group; returns whether there still is one."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):  # macOS says the second of a group of zombies
        return False
    return True
