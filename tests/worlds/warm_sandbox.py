"""Sandbox servers without the start of Python: forks of one process that has imported all that a server does.

Each is a process of its own, detached and with the environment of whoever asked, as the real one is: only its imports
are there already, and what libraries are remembered to answer (`remembered.py`). Tests of starting itself have the
real one.

    with warm_servers():
        control.start(place)             # here, and in what is forked from here
    with real_servers(): ...             # inside of it
"""

from __future__ import annotations

import gc
import json
import os
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from workflow.sandbox import control

ROOT = Path(__file__).parents[2]
REAL = control.begin
USED = ("cloudformation", "cloudwatch", "dynamodb", "iam", "kms", "lambda", "logs", "s3", "sns", "sts")
LONGEST = 1 << 17  # [bytes] of a message: an environment
HANDLES: set[int] = set()  # by which a server is asked for: a fork that closes all others keeps these


@contextmanager
def warm_servers() -> Iterator[None]:
    """In this process and its forks, until here is left."""
    mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", "tests.worlds.warm_sandbox", str(its.fileno())]
    how: dict[str, Any] = {"stdin": subprocess.DEVNULL, "cwd": ROOT, "pass_fds": (its.fileno(),)}
    how["start_new_session"] = True  # Ctrl-C is for the tests
    with mine, subprocess.Popen(command, **how) as process:
        its.close()

        def begin(state_dir: Path, ready: int, log: int) -> None:
            asked = json.dumps([str(state_dir), dict(os.environ)])
            try:
                socket.send_fds(mine, [asked.encode("utf-8", "surrogateescape")], [ready, log])
            except BrokenPipeError:  # the warmed process was ended from outside: a server of its own then
                REAL(state_dir, ready, log)

        HANDLES.add(mine.fileno())
        owner = os.getpid()
        try:
            with patch.object(control, "begin", begin):
                yield
        finally:
            if os.getpid() != owner:  # a fork of a test, on the way out through what its parent goes on with
                os._exit(70)
            HANDLES.discard(mine.fileno())
            mine.shutdown(socket.SHUT_RDWR)  # for forks, too, that a failed test has left behind
            process.wait()


@contextmanager
def real_servers() -> Iterator[None]:
    with patch.object(control, "begin", REAL):
        yield


def main(handle: int) -> None:
    """Fork a server for each message, until nobody is left who could send one."""
    warmed = False
    with socket.socket(fileno=handle) as asked, ExitStack() as while_it_lives:
        while True:
            said, handles, _, _ = socket.recv_fds(asked, LONGEST, 2)
            if not said:
                return
            if not warmed:  # most of the tests' workers never come to this
                _warm(while_it_lives)
                warmed = True
            fork = os.fork()
            if fork == 0:
                asked.close()
                _become(said, *handles)
            os.waitpid(fork, 0)  # the server has detached itself
            for each in handles:
                os.close(each)


def _warm(while_it_lives: ExitStack) -> None:
    import moto.kms.utils
    from moto.backends import get_backend
    from moto.moto_server.werkzeug_app import create_backend_app

    from tests.worlds.large_pages import lie_in_large_pages
    from tests.worlds.remembered import answers_remembered
    from workflow.sandbox import serving
    from workflow.sandbox.inside import inside_client

    while_it_lives.enter_context(answers_remembered())
    moto.kms.utils.rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert serving
    for service in USED:
        get_backend(service)
        create_backend_app(service)
        inside_client("us-east-1", service)
    gc.collect()
    gc.freeze()
    lie_in_large_pages()


def _become(said: bytes, ready: int, log: int) -> None:
    """The server; it ends here."""
    from workflow.sandbox import server

    code = 70
    try:
        state_dir, given = json.loads(said.decode("utf-8", "surrogateescape"))
        os.environ.clear()
        os.environ.update(given)
        os.setsid()
        os.chdir("/")
        for stream in (sys.stdout.fileno(), sys.stderr.fileno()):
            os.dup2(log, stream)
        os.close(log)
        code = server.main([state_dir, "--ready-fd", str(ready)])
    except BaseException:  # noqa: BLE001 - into server.log; nothing of the warmed process may go on in the fork
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(int(sys.argv[1]))
