"""How does every git process begin? One argument prefix and one environment, whoever starts it.

Rules:
- Of the GIT_* variables those come along that say who acts and how (`KEPT`). All others are left behind: inside a hook
  or an outer git command they tie git to the repository whose hook it is, or change what our arguments mean.
- Reading starts none of the programs that a repository's configuration can name (`READING`), takes no optional lock,
  and does not follow replace refs or grafts; parents are read from commits, never from a commit-graph, which is a file
  that nothing compares with them. The clean filters of `.gitattributes` run where files of the working tree
  are looked at, since only they know what a commit would hold; what only looks (`looking_only`) does not look at those.
- Trailers are read as phasegate writes them, whatever separators and keys a repository is configured with.
- A revision stands before `--` (or where no file can be meant): a file may be called `HEAD`, or as a branch is.
- A bare repository inside of another one's working tree is none: a clone can bring any directory that looks like one.
- `looking_only` lets git fetch nothing: the objects that a partial clone left out come by a program that it names.

Source: git-config(1), git(1) ("Environment Variables"), `git rev-parse --local-env-vars`; of what git 2.39 can start,
`core.pager` and `pager.*` are off by `-P`, `diff.external` and `textconv` by the options of `git diff`,
`log.showSignature` by `-c`; aliases never take the place of a command; `core.sshCommand`, `credential.helper`,
`core.askPass`, `core.gitProxy` and `remote.*.uploadpack` take part in a fetch only, `core.alternateRefsCommand` in a
fetch and a push, `uploadpack.packObjectsHook` is not taken from a repository's configuration.
"""

from __future__ import annotations

import os
import re
from errno import ELOOP
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from workflow.trailers import APPROVAL, APPROVER, END, RUN, TASK

# The repository that git works in, as `git rev-parse --local-env-vars` has it; for commands of a task, which may want
# every other variable of ours.
LOCAL_VARIABLES = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
)
# Who acts, whose configuration, and how the network is reached; git's own tests' and traces' switches.
KEPT = (
    r"GIT_(AUTHOR|COMMITTER)_(NAME|EMAIL|DATE)"
    r"|GIT_CONFIG_(GLOBAL|SYSTEM|NOSYSTEM|COUNT|PARAMETERS|KEY_\d+|VALUE_\d+)"
    r"|GIT_(SSH|SSH_COMMAND|SSH_VARIANT|ASKPASS|ALLOW_PROTOCOL|PROTOCOL_FROM_USER|PROXY_COMMAND|EXEC_PATH)"
    r"|GIT_(SSL|HTTP|PROXY_SSL|TRACE|TRACE2|TEST|PYTHON)(_\w+)?"
    r"|GIT_(DEFAULT_HASH|TEMPLATE_DIR|DISCOVERY_ACROSS_FILESYSTEM)"
)
# what changed is told by content, whatever the configuration says of a file's size and times (git-config(1))
SEEING = ("-c", "core.checkStat=default", "-c", "core.trustctime=true")
READING = (
    "-P",
    "--no-optional-locks",
    "--no-replace-objects",
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "log.showSignature=false"),
    *("-c", "core.commitGraph=false"),
    *SEEING,
    *("-c", "trailer.separators=:"),
    *(word for name in (RUN, TASK, APPROVAL, END, APPROVER) for word in ("-c", f"trailer.{name}.key={name}")),
)


def reading(workspace: Path, *arguments: str) -> list[str]:
    """`git ...` for a command that changes nothing, to be started in the workspace."""
    bare = "all" if is_bare(workspace) else "explicit"
    return ["git", *READING, "-c", f"safe.bareRepository={bare}", *arguments]


def reading_untold(*arguments: str) -> list[str]:
    """`git ...` for what looks at no repository: trailers as git takes them where nobody told it phasegate's names."""
    return ["git", "-P", "-c", "trailer.separators=:", *arguments]


def writing(*arguments: str) -> list[str]:
    """`git ...` for a command that changes the repository: hooks, filters and signing are the person's own and run.

    Started only where `reading` was before, which refuses a repository that a clone has brought.
    """
    return ["git", "-P", *SEEING, *arguments]


def environment(*, looking_only: bool = False) -> dict[str, str]:
    """The environment for a git process whose output we parse: English, no questions, no outer repository.

    With `looking_only` git fetches nothing: what is missing is reported as missing.
    """
    outer = set(outer_variables())
    kept = {name: value for name, value in os.environ.items() if name not in outer}
    closed = {"GIT_ALLOW_PROTOCOL": ""} if looking_only else {}
    kept["GIT_GRAFT_FILE"] = f"{os.devnull}/none"  # as replace refs, grafts are another history than the stored one
    return {**kept, "LC_ALL": "C", "LANGUAGE": "C", "GIT_TERMINAL_PROMPT": "0", **closed}


def outer_variables() -> list[str]:
    """The names of those GIT_* variables of ours that no git process is given."""
    return [name for name in os.environ if name.startswith("GIT_") and not re.fullmatch(KEPT, name)]


def is_git_dir(place: Path | str) -> bool:
    """Whether a directory looks like git's own. Source: gitrepository-layout(5)."""
    return is_file(f"{place}/HEAD") and S_ISDIR(_mode(f"{place}/objects")) and S_ISDIR(_mode(f"{place}/refs"))


def is_file(name: str) -> bool:
    """As `Path.is_file`, of a name that is a string: three times as fast, and every command comes by here."""
    return S_ISREG(_mode(name))


def _mode(name: str) -> int:
    """The mode of what has this name; 0 where nothing can have it. Raises OSError where it cannot be looked at."""
    try:
        return os.stat(name).st_mode  # noqa: PTH116
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return 0
    except OSError as error:
        if error.errno != ELOOP:
            raise
        return 0


def top_above(place: Path) -> Path | None:
    """The nearest directory with a `.git`, from this absolute one upwards, without git; None where none has one."""
    return next((each for each in (place, *place.parents) if (each / ".git").exists()), None)


def is_bare(place: Path) -> bool:
    """Whether this is a bare repository of its own: one that lies in no working tree."""
    place = place.absolute()
    return is_git_dir(place) and top_above(place) is None
