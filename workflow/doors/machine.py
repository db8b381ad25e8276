"""What does this machine have that a run needs? Python, git, packages, programs, disk. It looks, and starts git alone.

Rules:
- A program is looked up, never started: `git --version` is the one exception, since its version decides.
- What only some runs use is a warning where it is missing, with the runs that use it.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from state.errors import WorkspaceRefused
from state.extras import install_extra
from workflow.doors.git.process import OLDEST, GitProcess
from workflow.views.doctor import Looked

AREA = "machine"
PYTHON = (3, 11)
INSTALL = "pipx install --force .   # in phasegate's clone"  # README, "Install"
# extra -> what uses it; as pyproject.toml has them
EXTRAS = {
    "sandbox": "`--sandbox` and `demo`",
    "infra": "`deployment-infra`",
    "web": "`serve`",
    "mcp": "`mcp`",
    "fleet": "`worker --db`",
}
# program -> (what uses it, where it comes from)
OPTIONAL = {
    "ssh-keygen": ("signed approvals", "apt-get install openssh-client"),
    "aws": ("runbooks whose commands call it", "pipx install awscli"),
    "sh": ("commands of a task", "apt-get install dash"),
    "bash": ("fences of bash", "apt-get install bash"),
    "zsh": ("fences of zsh", "apt-get install zsh"),
    "python3": ("fences of Python", "apt-get install python3"),
}
ROOM = 100 << 20  # [bytes] less is too little for a run's journal, git's objects and a sandbox
# Source: README, "When to use it, and when not"; types as /proc/mounts has them, see filesystems(5)
NETWORK = re.compile(r"nfs4?|cifs|smb3|smbfs|9p|afs|ncpfs|ceph|glusterfs|fuse\.(sshfs|s3fs|rclone|gcsfuse)")
MOUNTS = Path("/proc/mounts")


def look_at_machine(directory: Path) -> Iterator[Looked]:
    """Each thing that was looked at, on the disk where the directory is."""
    yield _python(sys.version_info[:3])
    yield _git(directory)
    yield from _packages()
    yield from _extras()
    yield from _programs(os.environ)
    yield from _disk(directory)


def _python(version: tuple[int, ...]) -> Looked:
    seen = ".".join(map(str, version))
    if version < PYTHON:
        expected = ".".join(map(str, PYTHON))
        return Looked(
            AREA,
            "python",
            "fail",
            f"{seen}: expected {expected} or newer",
            f"pipx install --python {expected} .   # in phasegate's clone",
        )
    return Looked(AREA, "python", "ok", seen)


def _git(directory: Path) -> Looked:
    expected = ".".join(map(str, OLDEST))
    try:
        return Looked(AREA, "git", "ok", ".".join(map(str, GitProcess(directory).version)))
    except WorkspaceRefused as error:
        return Looked(AREA, "git", "fail", f"{error.message} (expected {expected} or newer)", "apt-get install git")


def _packages() -> Iterator[Looked]:
    """phasegate's own dependencies, as its installation names them."""
    try:
        wanted = metadata.requires("phasegate") or []
    except metadata.PackageNotFoundError:
        yield Looked(AREA, "installation", "fail", "phasegate is not installed here, it only lies here", INSTALL)
        return
    names = [_named(each) for each in wanted if "extra ==" not in each]
    versions = {name: _version(name) for name in names}
    missing = [name for name, version in versions.items() if version is None]
    if missing:
        yield Looked(AREA, "packages", "fail", f"not there: {', '.join(missing)}", INSTALL)
    else:
        yield Looked(AREA, "packages", "ok", f"{len(names)}, all there")
    lint = versions.get("cfn-lint")
    if lint is not None:
        yield Looked(AREA, "cfn-lint", "ok", lint)


def _extras() -> Iterator[Looked]:
    """What each extra needs, as the installation names it; where it is not there, that stops what uses it alone."""
    try:
        wanted = metadata.requires("phasegate") or []
    except metadata.PackageNotFoundError:
        return  # told above
    for extra, use in EXTRAS.items():
        names = [_named(each) for each in wanted if re.search(rf"""extra == ["']{extra}["']""", each)]
        missing = [name for name in names if _version(name) is None]
        if missing:
            seen = f"not there: {', '.join(missing)}; used by {use}"
            yield Looked(AREA, f"extra {extra}", "warn", seen, install_extra(extra))
        else:
            yield Looked(AREA, f"extra {extra}", "ok", ", ".join(f"{name} {_version(name)}" for name in names))


def _named(requirement: str) -> str:
    """The package of a requirement: `moto` of `moto[server]>=5.2.5`."""
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0]


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _programs(environment: Mapping[str, str]) -> Iterator[Looked]:
    for name, (use, source) in OPTIONAL.items():
        found = shutil.which(name, path=environment.get("PATH"))
        if found:
            yield Looked(AREA, name, "ok", found)
        else:
            yield Looked(AREA, name, "warn", f"not on PATH; used by {use}", source)
    if not environment.get("EDITOR"):
        seen = "not set, and `next:` lines name it"
        yield Looked(AREA, "$EDITOR", "warn", seen, "export EDITOR=vi")


def _disk(directory: Path) -> Iterator[Looked]:
    if not os.access(directory, os.W_OK):
        yield Looked(AREA, "disk", "fail", f"{directory} is not yours to write", f"ls -ld {directory}")
        return
    free = shutil.disk_usage(directory).free
    if free < ROOM:
        yield Looked(AREA, "disk", "fail", f"{free >> 20} MiB are free, expected {ROOM >> 20} or more", "df -h .")
    else:
        yield Looked(AREA, "disk", "ok", f"{free >> 30} GiB free" if free >> 30 else f"{free >> 20} MiB free")
    kind = file_system(directory, MOUNTS)
    if NETWORK.fullmatch(kind):
        seen = f"{kind}, over a network: locks and syncs are not tested there"
        yield Looked(AREA, "file system", "warn", seen, "df -T .   # a clone on a disk of this machine is safe")


def file_system(directory: Path, mounts: Path) -> str:
    """The type of the file system that the directory is on; "" where the system does not say. See proc(5)."""
    try:
        lines = mounts.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    there = directory.resolve()
    found, kind = Path(), ""
    for line in lines:
        words = line.split(" ")
        place = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), words[1]))
        if there.is_relative_to(place) and len(place.parts) >= len(found.parts):
            found, kind = place, words[2]
    return kind
