"""The AWS command line without the start of Python: forks of one process that has imported it, by its own interpreter.

    with warm_aws(place) as path:
        subprocess.run(["sh", "deploy.sh"], env={"PATH": f"{path}:{os.environ['PATH']}", ...})

What is called `aws` there is a script; the fork takes from it what a command is started with, as `forked_shell` does:
its words, directory, environment and three streams. Where nobody can tell which Python the installed one runs on, it is
the installed one itself.

This file is run by that Python, too, which has nothing of ours: only the standard library is imported at its top.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def warm_aws(place: Path) -> Iterator[Path]:
    """A directory for PATH, as long as it is used."""
    from tests.worlds.forked_shell import SCRIPT

    python = _its_python()
    if python is None:
        yield place
        return
    asked, answered, script = place / "asked", place / "answered", place / "aws"
    os.mkfifo(asked)
    os.mkfifo(answered)
    script.write_text(SCRIPT.format(asked=shlex.quote(str(asked)), answered=shlex.quote(str(answered))))
    script.chmod(0o755)
    with subprocess.Popen([python, __file__, str(place)], stdin=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            yield place
        finally:
            process.terminate()


def _its_python() -> str | None:
    """What runs the installed `aws`, by its first line: that of this Python's home, else that of PATH."""
    for found in (Path(sys.base_prefix, "bin/aws"), Path(shutil.which("aws") or os.devnull)):
        first = found.read_bytes().partition(b"\n")[0].decode("utf-8", "replace") if found.is_file() else ""
        if first.startswith("#!/") and Path(first[2:]).name.startswith("python") and Path(first[2:]).is_file():
            return first[2:]
    return None


def main(place: Path) -> None:
    """Answer one call after the other, until SIGTERM."""
    import awscli.clidriver  # type: ignore[import-not-found,unused-ignore]

    _remember_descriptions()
    awscli.clidriver.create_clidriver()  # for what it imports
    requests = os.open(place / "asked", os.O_RDWR)  # by whom it can be read while nobody asks
    while True:
        for process in os.read(requests, 100).split():
            fork = os.fork()
            if fork == 0:
                _become(Path("/proc", process.decode()), place / "aws", awscli.clidriver.main)
            code = os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1])
            (place / "answered").write_text(f"{code if code >= 0 else 128 - code}\n")


def _remember_descriptions() -> None:
    """One loader for all forks, which has read what every command asks for, and the larger services' descriptions."""
    import botocore.loaders  # type: ignore[import-not-found,unused-ignore]
    import botocore.session  # type: ignore[import-not-found,unused-ignore]

    loader = botocore.loaders.create_loader(os.environ["AWS_DATA_PATH"])  # awscli set it at its import
    for kind in ("service-2", "paginators-1"):
        loader.list_available_services(kind)
    for name in ("endpoints", "partitions", "_retry", "sdk-default-configuration"):
        loader.load_data(name)
    for service in ("cloudfront", "cloudwatch", "ecr", "ecs"):
        loader.load_service_model(service, "service-2")
        loader.load_service_model(service, "endpoint-rule-set-1")
    botocore.session.create_loader = lambda _path=None: loader


def _become(started: Path, script: Path, run: object) -> None:
    """The command, with what this process was started with; it ends here."""
    code = 70
    try:
        words = [os.fsdecode(word) for word in (started / "cmdline").read_bytes().split(b"\0")[:-1]]
        given = [item.partition(b"=") for item in (started / "environ").read_bytes().split(b"\0")[:-1]]
        modes = {3: os.O_RDONLY, 1: os.O_WRONLY | os.O_APPEND, 2: os.O_WRONLY | os.O_APPEND}
        streams = [os.open(started / "fd" / str(handle), how) for handle, how in modes.items()]
        for handle, stream in enumerate(streams):
            os.dup2(stream, handle)
        os.chdir((started / "cwd").readlink())
        own = os.environ["AWS_DATA_PATH"]  # where awscli said at its import that its data is
        os.environ.clear()
        os.environ.update({os.fsdecode(name): os.fsdecode(value) for name, _, value in given})
        os.environ["AWS_DATA_PATH"] = own
        sys.argv = ["aws", *words[words.index(str(script)) + 1 :]]
        assert callable(run)
        code = run()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1 if end.code else 0
    except BaseException:  # noqa: BLE001 - whatever it is, nothing of the server's may go on in the fork
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
