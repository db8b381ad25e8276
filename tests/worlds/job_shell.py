"""A shell with job control, as small as can be: runs one command in the foreground, says how it left the terminal
when it was stopped, and has it go on. A session's own leader cannot be stopped, so that a test needs this between.

    python tests/worlds/job_shell.py COMMAND ...    # prints `job PID`, `stopped canonical=True echo=True`, `ended CODE`
"""

from __future__ import annotations

import os
import signal
import sys
import termios


def main(command: list[str]) -> None:
    """Run it until it ends."""
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execvp(command[0], command)
    os.write(1, f"job {job}\r\n".encode())
    while True:
        _, status = os.waitpid(job, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            os.write(1, f"ended {os.waitstatus_to_exitcode(status)}\r\n".encode())
            return
        os.tcsetpgrp(0, os.getpgrp())
        modes = termios.tcgetattr(0)[3]
        told = f"stopped canonical={bool(modes & termios.ICANON)} echo={bool(modes & termios.ECHO)}"
        os.write(1, f"\r\n{told}\r\n".encode())
        os.tcsetpgrp(0, job)
        os.killpg(job, signal.SIGCONT)


if __name__ == "__main__":
    main(sys.argv[1:])
