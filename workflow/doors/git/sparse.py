"""Which paths could not be committed because a sparse checkout leaves them out? git itself is asked.

Rules:
- `git rm --dry-run` on a scratch index passes over exactly what `git add` would refuse, in cone mode or not, for files
  that need not exist. Nothing of the repository is touched. (`git sparse-checkout check-rules` needs git 2.41.)
- Such a path is refused, not committed with `--sparse`: the next command of a person that looks at the patterns would
  take the run's files out of the working tree.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Collection, Sequence
from pathlib import Path, PurePosixPath

from workflow.doors.git.process import GitProcess, literal


def left_out(git: GitProcess, git_dir: Path, prefix: str, paths: Collection[str]) -> list[str]:
    """Those of the workspace's paths that are outside of the sparse checkout; none where there is no such checkout.

    `prefix` is the workspace's path in the repository, "" or `sub/dir/`.
    """
    if not (git_dir / "info" / "sparse-checkout").is_file() or not _is_set(git, "core.sparseCheckout"):
        return []
    some_id = git.read("hash-object", "--stdin", stdin=b"").text.strip()
    import tempfile  # here: few commands come to it, and it takes as long as six modules of ours

    with tempfile.TemporaryDirectory() as scratch:
        index = str(Path(scratch) / "index")
        entries = b"".join(os.fsencode(f"100644 {some_id}\t{prefix}{path}") + b"\0" for path in paths)
        git.read("update-index", "-z", "--index-info", stdin=entries, GIT_INDEX_FILE=index)
        asked = ("rm", "--cached", "--force", "--dry-run", "--ignore-unmatch", *literal(paths))
        said = os.fsdecode(git.try_read(*asked, GIT_INDEX_FILE=index).out)
    inside = {line.removeprefix("rm '").removesuffix("'") for line in said.split("\n")}
    return [path for path in paths if f"{prefix}{path}" not in inside]


def command_to_add(git: GitProcess, paths: Sequence[str]) -> str:
    """The `git sparse-checkout add ...` after which these paths, which were left out, are inside."""
    cone = _is_set(git, "core.sparseCheckoutCone")
    wanted = dict.fromkeys(_directory(path) if cone or "/" in path else path for path in paths)
    return "git sparse-checkout add " + " ".join(shlex.quote(each if cone else f"/{each}") for each in wanted)


def _directory(path: str) -> str:
    """The directory that brings a path in; all of a repository's runs are brought in at once."""
    parts = PurePosixPath(path).parts
    return parts[0] if parts[0] == ".phasegate" else str(PurePosixPath(*parts[:-1]))


def _is_set(git: GitProcess, name: str) -> bool:
    return git.try_read("config", "--type=bool", "--get", name).text.strip() == "true"
