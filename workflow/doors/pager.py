"""How is a long page shown? In the person's pager, as git does it; whole on the screen where there is none.

Rules:
- The pager is `PHASEGATE_PAGER`, else `PAGER`, else `less`; empty or `cat` is none. Without `LESS` in the environment
  less ends by itself at a short text and leaves the page on the screen (`FRX`, as git sets it), and says its keys.
- Source: git's core.pager, https://git-scm.com/docs/git-config#Documentation/git-config.txt-corepager.
- A pager that cannot be started, or fails, costs nothing: the page is written to the screen.
- Ctrl-C ends the pager and pauses, as everywhere: less itself would take it for the end of a search.
- Ctrl-Z stops pager and phasegate together, and so does a signal from outside (`stops.py`). less with LESSSECURE would
  not stop: it ignores SIGTSTP then, and would go on reading the shell's keys. Source: less 590, its secure mode.
- `s` shows more at a question of ours, and asks for the name of a log file in less: there it does nothing, where less
  takes that from a file (from 582 on) and the person has no keys of their own. Source: less(1), lesskey(1).
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from workflow.doors.stops import modes_put_back, suspendable

ENDS_WITHIN = 1.0  # [s] that a pager has to put the terminal back and end
_LESS = "FRXPs {}"  # as lesskey(1) and less(1), "PROMPTS": ?e is whether the end is shown, and a : what else
_LESS_KEYS = Path(__file__).with_name("less.keys")
_OWN_KEYS = (".lesskey", ".config/lesskey", ".less")  # where less looks for those of the person, below the home
_KEYS = (  # the longest that fits: less cuts off the beginning of what does not
    r"?eb\: back:space\: more, b\: back., q\: on to the question",
    r"?eb\: back:space\: more, b\: back., q\: go on",
    r"q\: go on",
)


def show(text: str, *, lines: int, height: int) -> None:
    """Show it at the terminal: in the pager when it has more lines than the terminal is high.

    Args:
        text: with its control sequences for colour, if any.
        lines: that it takes on the screen.
        height: of the terminal [lines].
    """
    if lines < height or not _paged(text):
        sys.stderr.write(text)
        sys.stderr.flush()


def pager() -> list[str]:
    """The pager's command in words; empty where there is none."""
    wanted = os.environ.get("PHASEGATE_PAGER", os.environ.get("PAGER", "less"))
    try:
        words = shlex.split(wanted)
    except ValueError:  # a quote that is left open
        return []
    return words if words and words != ["cat"] and shutil.which(words[0]) else []


def less_options(columns: int) -> str:
    """The options of less at a terminal of this width [columns]: its prompt fits into one line."""
    fitting = (keys for keys in _KEYS if len(_before_the_end(keys)) + 2 <= columns)
    return _LESS.format(next(fitting, _KEYS[-1]))


def _before_the_end(keys: str) -> str:
    """What less shows for them until the end is shown, which is the longest."""
    return re.sub(r"\?e.*?(?<!\\):(.*?)(?<!\\)\.", r"\1", keys).replace("\\", "")


def _less_keys() -> dict[str, str]:
    """The variable that takes `s` off less; none where the person's own keys would be lost by it."""
    settings = os.environ.get("XDG_CONFIG_HOME")
    places = [*(Path.home() / name for name in _OWN_KEYS), *([Path(settings, "lesskey")] if settings else [])]
    return {} if any(map(os.path.exists, places)) else {"LESSKEYIN": str(_LESS_KEYS)}


def _paged(text: str) -> bool:
    words = pager()
    if not words:
        return False
    environment = {**_less_keys(), "LESS": less_options(shutil.get_terminal_size().columns), **os.environ}
    try:
        with (
            modes_put_back(),
            suspendable() as has_terminal,
            subprocess.Popen(words, stdin=subprocess.PIPE, stdout=sys.stderr, env=environment) as process,
        ):
            has_terminal(process)
            try:
                process.communicate(text.encode("utf-8", "backslashreplace"))
            except KeyboardInterrupt:
                _end(process)
                raise
    except (OSError, subprocess.SubprocessError):
        return False
    return process.returncode == 0


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the pager; one that will not is killed."""
    process.terminate()
    try:
        process.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
