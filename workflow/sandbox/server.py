"""How does the sandbox live on after the command that started it? A process of its own, on loopback.

    python -m workflow.sandbox.server STATE_DIR [--ready-fd N]

STATE_DIR (mode 0700) holds:

    server.json     {"pid", "port", "started_at", "token", "account"}, while it runs
    port            on which it listens, and its successors (see `kept_port`)
    server.lock     held while it runs, by the kernel: it is free the moment the process is gone
    snapshot.bin    the account (see `snapshot`)
    server.log      what it said

Rules:
- Bound to 127.0.0.1; nothing of the caller's AWS configuration is used.
- SIGTERM and SIGINT save and end it. So does half an hour without a request; a STATE_DIR that has gone ends it
  without saving.
- With `--ready-fd` it detaches itself from its parent and writes server.json's content to that descriptor when
  it answers, or `{"error": ...}` when it cannot.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from state.errors import PhasegateError
from state.extras import install_extra
from workflow.sandbox.errors import SandboxRefused

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "sandbox",
    "AWS_SECRET_ACCESS_KEY": "sandbox",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; the exit status."""
    parser = argparse.ArgumentParser(prog="workflow.sandbox.server")
    parser.add_argument("state_dir", type=Path)
    parser.add_argument("--ready-fd", type=int)
    options = parser.parse_args(arguments)
    if options.ready_fd is not None and os.fork() > 0:
        # The parent has nothing to wait for but this: the server belongs to nobody and leaves no zombie.
        return 0
    os.umask(0o077)
    for name in [name for name in os.environ if name.startswith(("AWS_", "MOTO_"))]:
        del os.environ[name]
    os.environ.update(CREDENTIALS)
    try:
        _serve(options.state_dir.resolve(), options.ready_fd)
    except PhasegateError as error:
        _announce(options.ready_fd, {"error": error.message, "next_command": error.next_command})
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def _serve(state_dir: Path, ready_fd: int | None) -> None:
    try:
        from workflow.sandbox.serving import serve
    except ImportError as error:
        raise SandboxRefused(
            f"the sandbox needs moto's server and cloudpickle: {error}",
            next_command=install_extra("sandbox"),
        ) from error
    serve(state_dir, lambda info: _announce(ready_fd, info))


def _announce(descriptor: int | None, document: dict[str, Any]) -> None:
    if descriptor is not None:
        os.write(descriptor, json.dumps(document).encode())
        os.close(descriptor)


if __name__ == "__main__":
    sys.exit(main())
